"""What the package does, one file for each operation of DynamoDB; each operation is a plan.

`prepare_…` builds the parameters of a write, the same for a single call and for a transaction; the
plan of the same name sends them. No plan does I/O or reads a clock: both come from the caller.
"""

from __future__ import annotations

from dynamorm_py._lifecycle import ANY, AnyVersion, ExpectedVersion
from dynamorm_py._operations.aggregates import average, distinct, grouped, total, values
from dynamorm_py._operations.compare_table import Difference, compare_table
from dynamorm_py._operations.create_table import create_table, delete_table
from dynamorm_py._operations.delete_item import delete, prepare_delete
from dynamorm_py._operations.describe_table import DEFAULT_TIMEOUT, TableProgress, Waiting, describe_table
from dynamorm_py._operations.explanation import Explanation, Seen, explain
from dynamorm_py._operations.export_table import cloudformation, terraform
from dynamorm_py._operations.get_item import exists, get, get_or_none
from dynamorm_py._operations.leases import Lease, acquire_lease, refresh_lease, release_lease
from dynamorm_py._operations.migrate import ByKey, differing_keys, prepare_items, write_items
from dynamorm_py._operations.pages import PageRead, Read, check_number, count_all, read_page, take
from dynamorm_py._operations.policy import policy
from dynamorm_py._operations.put_item import create, prepare_create, prepare_put, put
from dynamorm_py._operations.query import prepare_query
from dynamorm_py._operations.scan import check_segments, prepare_scan
from dynamorm_py._operations.table_settings import Provisioned, TableSettings, checked_settings
from dynamorm_py._operations.update_item import prepare_update, update
from dynamorm_py._operations.update_table import drop_index, ensure_table
from dynamorm_py._operations.wait import wait

__all__ = [
    "ANY",
    "DEFAULT_TIMEOUT",
    "AnyVersion",
    "ByKey",
    "Difference",
    "ExpectedVersion",
    "Explanation",
    "Lease",
    "PageRead",
    "Provisioned",
    "Read",
    "Seen",
    "TableProgress",
    "TableSettings",
    "Waiting",
    "acquire_lease",
    "average",
    "check_number",
    "check_segments",
    "checked_settings",
    "cloudformation",
    "compare_table",
    "count_all",
    "create",
    "create_table",
    "delete",
    "delete_table",
    "describe_table",
    "differing_keys",
    "distinct",
    "drop_index",
    "ensure_table",
    "exists",
    "explain",
    "get",
    "get_or_none",
    "grouped",
    "policy",
    "prepare_create",
    "prepare_delete",
    "prepare_items",
    "prepare_put",
    "prepare_query",
    "prepare_scan",
    "prepare_update",
    "put",
    "read_page",
    "refresh_lease",
    "release_lease",
    "take",
    "terraform",
    "total",
    "update",
    "values",
    "wait",
    "write_items",
]
