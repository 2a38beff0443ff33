"""Names that no other test uses."""

from __future__ import annotations

import secrets


def unique_name() -> str:
    """Return a table name that no other test uses."""
    return f"test-{secrets.token_hex(8)}"
