"""What the package does, one file for each operation of DynamoDB; each operation is a plan.

`prepare_…` builds the parameters of a write, the same for a single call and for a transaction; the
plan of the same name sends them. No plan does I/O or reads a clock: both come from the caller.
"""

from __future__ import annotations

from dynamorm_py._lifecycle import ANY, AnyVersion, ExpectedVersion
from dynamorm_py._operations.create_table import create_table, delete_table, describe_table
from dynamorm_py._operations.delete_item import delete, prepare_delete
from dynamorm_py._operations.get_item import exists, get, get_or_none
from dynamorm_py._operations.put_item import create, prepare_create, prepare_put, put
from dynamorm_py._operations.reencrypt import Reencryption, reencrypt
from dynamorm_py._operations.update_item import prepare_update, update

__all__ = [
    "ANY",
    "AnyVersion",
    "ExpectedVersion",
    "Reencryption",
    "create",
    "create_table",
    "delete",
    "delete_table",
    "describe_table",
    "exists",
    "get",
    "get_or_none",
    "prepare_create",
    "prepare_delete",
    "prepare_put",
    "prepare_update",
    "put",
    "reencrypt",
    "update",
]
