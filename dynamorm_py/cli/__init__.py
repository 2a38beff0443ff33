"""The `dynamorm` command: documents, tables, cursors and items from a terminal.

`pip install "dynamorm-py[cli]"`. Exit codes: 0 fine; 1 what was asked about is wrong (a document, a
difference, a cursor, an item); 2 wrong usage; 3 DynamoDB refused or could not be reached.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command."""
    try:
        from dynamorm_py.cli._app import run  # noqa: PLC0415 -- typer and rich come with an extra
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("dynamorm_py"):
            raise
        sys.exit('the dynamorm command needs typer, rich and PyYAML: pip install "dynamorm-py[cli]"')
    run()
