"""What the package does, one file for each operation of DynamoDB; each operation is a plan.

The values of `writes` build the parameters of a write, the same for a single call, a batch and a
transaction; the plan of an operation sends them. No plan does I/O or reads a clock: both come from
the caller. An operation's file is loaded when it is first used, so a service starts with what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py._kernel.lazy import lazy
from dynamorm_py._kernel.types import ANY, AnyVersion, ExpectedVersion

if TYPE_CHECKING:
    from dynamorm_py._operations.aggregates import (
        average,
        distinct,
        extreme,
        grouped,
        number_in,
        place_in,
        total,
        values,
    )
    from dynamorm_py._operations.arguments import check_int
    from dynamorm_py._operations.bad_items import BadItem, OnError
    from dynamorm_py._operations.batch_get_item import FoundItems, batch_get, complete, prepare_batch_get
    from dynamorm_py._operations.batch_write_item import WriteBatch, batch_write, checked_batch_write
    from dynamorm_py._operations.bulk_load import (
        BulkPutOptions,
        LoadProgress,
        LoadSource,
        cancel_bulk_put,
        describe_bulk_put,
        import_table,
        start_bulk_put,
        wait_for_bulk_put,
    )
    from dynamorm_py._operations.chunking import require_iterable, require_keys
    from dynamorm_py._operations.compare_table import compare
    from dynamorm_py._operations.create_table import build_table, delete_table
    from dynamorm_py._operations.cursors import cursor_after, start_of
    from dynamorm_py._operations.delete_item import delete
    from dynamorm_py._operations.describe_table import DEFAULT_TIMEOUT, TableProgress, Waiting, table_description
    from dynamorm_py._operations.difference import Difference
    from dynamorm_py._operations.explanation import Explanation, explain
    from dynamorm_py._operations.export_table import cloudformation, terraform
    from dynamorm_py._operations.functions import require_plain, require_value
    from dynamorm_py._operations.get_item import exists, get, get_or_none
    from dynamorm_py._operations.lease_item import Lease, acquire_lease, refresh_lease, release_lease
    from dynamorm_py._operations.migrate import differing_keys, prepare_items, write_items
    from dynamorm_py._operations.pages import PageRead, Results, count_all, read_page, take
    from dynamorm_py._operations.patch import patch_actions
    from dynamorm_py._operations.policy import least_policy
    from dynamorm_py._operations.put_item import (
        PutRequest,
        create,
        prepare_create,
        prepare_put,
        prepare_replacement,
        put,
    )
    from dynamorm_py._operations.query_items import prepare_query
    from dynamorm_py._operations.read import Read, check_limit
    from dynamorm_py._operations.read_several import prepare_query_of_several, prepare_scan_of_several
    from dynamorm_py._operations.reencrypt import Reencryption, reencrypt_items
    from dynamorm_py._operations.retries import DEFAULT_RETRIES
    from dynamorm_py._operations.scan import check_segments, prepare_scan
    from dynamorm_py._operations.search_vectors import Match, Matches, prepare_search, search
    from dynamorm_py._operations.surplus import (
        no_attribute_of_query,
        no_verb,
        refuse_more,
        refuse_surplus,
        refuse_unnamed,
        unknown_arguments,
        unknown_options,
        unknown_paging,
    )
    from dynamorm_py._operations.table_settings import Provisioned, TableSettings, checked_settings
    from dynamorm_py._operations.transact_get_items import Get, prepare_transact_get, transact_get
    from dynamorm_py._operations.transact_write_items import prepare_transact_write, transact_write
    from dynamorm_py._operations.update_item import perform_update
    from dynamorm_py._operations.update_many import Updated, update_each
    from dynamorm_py._operations.update_table import drop_index, ensure_table
    from dynamorm_py._operations.wait import wait_until
    from dynamorm_py._operations.write_conditions import PreparedWrite
    from dynamorm_py._operations.write_explanation import WriteExplanation
    from dynamorm_py._operations.writes import BatchWrite, Check, Create, Delete, Put, Update, Write

__all__ = [
    "ANY",
    "DEFAULT_RETRIES",
    "DEFAULT_TIMEOUT",
    "AnyVersion",
    "BadItem",
    "BatchWrite",
    "BulkPutOptions",
    "Check",
    "Create",
    "Delete",
    "Difference",
    "ExpectedVersion",
    "Explanation",
    "FoundItems",
    "Get",
    "Lease",
    "LoadProgress",
    "LoadSource",
    "Match",
    "Matches",
    "OnError",
    "PageRead",
    "PreparedWrite",
    "Provisioned",
    "Put",
    "PutRequest",
    "Read",
    "Reencryption",
    "Results",
    "TableProgress",
    "TableSettings",
    "Update",
    "Updated",
    "Waiting",
    "Write",
    "WriteBatch",
    "WriteExplanation",
    "acquire_lease",
    "average",
    "batch_get",
    "batch_write",
    "build_table",
    "cancel_bulk_put",
    "check_int",
    "check_limit",
    "check_segments",
    "checked_batch_write",
    "checked_settings",
    "cloudformation",
    "compare",
    "complete",
    "count_all",
    "create",
    "cursor_after",
    "delete",
    "delete_table",
    "describe_bulk_put",
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
    "import_table",
    "least_policy",
    "no_attribute_of_query",
    "no_verb",
    "number_in",
    "patch_actions",
    "perform_update",
    "place_in",
    "prepare_batch_get",
    "prepare_create",
    "prepare_items",
    "prepare_put",
    "prepare_query",
    "prepare_query_of_several",
    "prepare_replacement",
    "prepare_scan",
    "prepare_scan_of_several",
    "prepare_search",
    "prepare_transact_get",
    "prepare_transact_write",
    "put",
    "read_page",
    "reencrypt_items",
    "refresh_lease",
    "refuse_more",
    "refuse_surplus",
    "refuse_unnamed",
    "release_lease",
    "require_iterable",
    "require_keys",
    "require_plain",
    "require_value",
    "search",
    "start_bulk_put",
    "start_of",
    "table_description",
    "take",
    "terraform",
    "total",
    "transact_get",
    "transact_write",
    "unknown_arguments",
    "unknown_options",
    "unknown_paging",
    "update_each",
    "values",
    "wait_for_bulk_put",
    "wait_until",
    "write_items",
]

_HOMES = {
    "aggregates": "average distinct extreme grouped number_in place_in total values",
    "arguments": "check_int",
    "functions": "require_plain require_value",
    "bad_items": "BadItem OnError",
    "batch_get_item": "FoundItems batch_get complete prepare_batch_get",
    "batch_write_item": "WriteBatch batch_write checked_batch_write",
    "chunking": "require_iterable require_keys",
    "surplus": (
        "no_attribute_of_query no_verb refuse_more refuse_surplus refuse_unnamed unknown_arguments unknown_options "
        "unknown_paging"
    ),
    "bulk_load": (
        "BulkPutOptions LoadProgress LoadSource cancel_bulk_put describe_bulk_put import_table start_bulk_put "
        "wait_for_bulk_put"
    ),
    "compare_table": "compare",
    "write_conditions": "PreparedWrite",
    "create_table": "build_table delete_table",
    "cursors": "cursor_after start_of",
    "delete_item": "delete",
    "describe_table": "DEFAULT_TIMEOUT TableProgress Waiting table_description",
    "difference": "Difference",
    "explanation": "Explanation explain",
    "write_explanation": "WriteExplanation",
    "export_table": "cloudformation terraform",
    "get_item": "exists get get_or_none",
    "lease_item": "Lease acquire_lease refresh_lease release_lease",
    "migrate": "differing_keys prepare_items write_items",
    "patch": "patch_actions",
    "pages": "PageRead Results count_all read_page take",
    "policy": "least_policy",
    "put_item": "PutRequest create prepare_create prepare_put prepare_replacement put",
    "query_items": "prepare_query",
    "read": "Read check_limit",
    "reencrypt": "Reencryption reencrypt_items",
    "retries": "DEFAULT_RETRIES",
    "scan": "check_segments prepare_scan",
    "read_several": "prepare_query_of_several prepare_scan_of_several",
    "search_vectors": "Match Matches prepare_search search",
    "table_settings": "Provisioned TableSettings checked_settings",
    "transact_get_items": "Get prepare_transact_get transact_get",
    "transact_write_items": "prepare_transact_write transact_write",
    "update_item": "perform_update",
    "update_many": "Updated update_each",
    "update_table": "drop_index ensure_table",
    "wait": "wait_until",
    "writes": "BatchWrite Check Create Delete Put Update Write",
}
if not TYPE_CHECKING:  # a checker that saw it would take every misspelt name
    __getattr__ = lazy(__name__, _HOMES)
