"""What the package does, one file for each operation of DynamoDB; each operation is a plan.

`prepare_…` builds the parameters of a write, the same for a single call and for a transaction; the
plan of the same name sends them. No plan does I/O or reads a clock: both come from the caller.
"""

from __future__ import annotations

from dynamorm_py._lifecycle import ANY, AnyVersion, ExpectedVersion
from dynamorm_py._operations.batch_get_item import FoundItems, batch_get, prepare_batch_get
from dynamorm_py._operations.batch_write_item import WriteBatch, batch_write, checked_batch_write
from dynamorm_py._operations.conditions import PreparedWrite
from dynamorm_py._operations.create_table import create_table, delete_table, describe_table
from dynamorm_py._operations.delete_item import delete, prepare_delete
from dynamorm_py._operations.get_item import exists, get, get_or_none
from dynamorm_py._operations.put_item import PutRequest, create, prepare_create, prepare_put, put
from dynamorm_py._operations.reencrypt import Reencryption, reencrypt
from dynamorm_py._operations.retries import DEFAULT_RETRIES, checked_count
from dynamorm_py._operations.transact_get_items import Get, prepare_transact_get, transact_get
from dynamorm_py._operations.transact_write_items import prepare_transact_write, transact_write
from dynamorm_py._operations.transactions import CancellationReason
from dynamorm_py._operations.update_item import prepare_update, update
from dynamorm_py._operations.update_many import Updated, update_many
from dynamorm_py._operations.writes import BatchWrite, Check, Create, Delete, Put, Update, Write

__all__ = [
    "ANY",
    "DEFAULT_RETRIES",
    "AnyVersion",
    "BatchWrite",
    "CancellationReason",
    "Check",
    "Create",
    "Delete",
    "ExpectedVersion",
    "FoundItems",
    "Get",
    "PreparedWrite",
    "Put",
    "PutRequest",
    "Reencryption",
    "Update",
    "Updated",
    "Write",
    "WriteBatch",
    "batch_get",
    "batch_write",
    "checked_batch_write",
    "checked_count",
    "create",
    "create_table",
    "delete",
    "delete_table",
    "describe_table",
    "exists",
    "get",
    "get_or_none",
    "prepare_batch_get",
    "prepare_create",
    "prepare_delete",
    "prepare_put",
    "prepare_transact_get",
    "prepare_transact_write",
    "prepare_update",
    "put",
    "reencrypt",
    "transact_get",
    "transact_write",
    "update",
    "update_many",
]
