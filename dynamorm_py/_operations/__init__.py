"""What the package does, one file for each operation of DynamoDB; each operation is a plan.

`prepare_…` builds the parameters of a write, the same for a single call and for a transaction; the
plan of the same name sends them. No plan does I/O or reads a clock: both come from the caller.
"""

from __future__ import annotations

from dynamorm_py._lifecycle import ANY, AnyVersion, ExpectedVersion
from dynamorm_py._operations.aggregates import average, distinct, extreme, grouped, number_in, place_in, total, values
from dynamorm_py._operations.batch_get_item import FoundItems, batch_get, prepare_batch_get
from dynamorm_py._operations.batch_write_item import WriteBatch, batch_write, checked_batch_write
from dynamorm_py._operations.compare_table import Difference, compare_table
from dynamorm_py._operations.conditions import PreparedWrite
from dynamorm_py._operations.create_table import create_table, delete_table
from dynamorm_py._operations.cursors import cursor_after, start_of
from dynamorm_py._operations.delete_item import delete
from dynamorm_py._operations.describe_table import DEFAULT_TIMEOUT, TableProgress, Waiting, describe_table
from dynamorm_py._operations.explanation import Explanation, explain
from dynamorm_py._operations.export_table import cloudformation, terraform
from dynamorm_py._operations.get_item import exists, get, get_or_none
from dynamorm_py._operations.leases import Lease, acquire_lease, refresh_lease, release_lease
from dynamorm_py._operations.migrate import ByKey, differing_keys, prepare_items, write_items
from dynamorm_py._operations.pages import PageRead, Taken, count_all, read_page, take
from dynamorm_py._operations.policy import policy
from dynamorm_py._operations.put_item import PutRequest, create, prepare_create, prepare_put, put
from dynamorm_py._operations.query import prepare_query
from dynamorm_py._operations.read import Read, check_number
from dynamorm_py._operations.reencrypt import Reencryption, reencrypt
from dynamorm_py._operations.retries import DEFAULT_RETRIES, checked_count
from dynamorm_py._operations.scan import check_segments, prepare_scan
from dynamorm_py._operations.table_settings import Provisioned, TableSettings, checked_settings
from dynamorm_py._operations.transact_get_items import Get, prepare_transact_get, transact_get
from dynamorm_py._operations.transact_write_items import prepare_transact_write, transact_write
from dynamorm_py._operations.transactions import CancellationReason
from dynamorm_py._operations.update_item import update
from dynamorm_py._operations.update_many import Updated, update_many
from dynamorm_py._operations.update_table import drop_index, ensure_table
from dynamorm_py._operations.wait import wait
from dynamorm_py._operations.writes import BatchWrite, Check, Create, Delete, Put, Update, Write

__all__ = [
    "ANY",
    "DEFAULT_RETRIES",
    "DEFAULT_TIMEOUT",
    "AnyVersion",
    "BatchWrite",
    "ByKey",
    "CancellationReason",
    "Check",
    "Create",
    "Delete",
    "Difference",
    "ExpectedVersion",
    "Explanation",
    "FoundItems",
    "Get",
    "Lease",
    "PageRead",
    "PreparedWrite",
    "Provisioned",
    "Put",
    "PutRequest",
    "Read",
    "Reencryption",
    "TableProgress",
    "TableSettings",
    "Taken",
    "Update",
    "Updated",
    "Waiting",
    "Write",
    "WriteBatch",
    "acquire_lease",
    "average",
    "batch_get",
    "batch_write",
    "check_number",
    "check_segments",
    "checked_batch_write",
    "checked_count",
    "checked_settings",
    "cloudformation",
    "compare_table",
    "count_all",
    "create",
    "create_table",
    "cursor_after",
    "delete",
    "delete_table",
    "describe_table",
    "differing_keys",
    "distinct",
    "drop_index",
    "ensure_table",
    "exists",
    "explain",
    "extreme",
    "get",
    "get_or_none",
    "grouped",
    "number_in",
    "place_in",
    "policy",
    "prepare_batch_get",
    "prepare_create",
    "prepare_items",
    "prepare_put",
    "prepare_query",
    "prepare_scan",
    "prepare_transact_get",
    "prepare_transact_write",
    "put",
    "read_page",
    "reencrypt",
    "refresh_lease",
    "release_lease",
    "start_of",
    "take",
    "terraform",
    "total",
    "transact_get",
    "transact_write",
    "update",
    "update_many",
    "values",
    "wait",
    "write_items",
]
