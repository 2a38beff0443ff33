"""`python -m dynamorm_py` is the `dynamorm` command."""

from __future__ import annotations

from dynamorm_py.cli import main

main()
