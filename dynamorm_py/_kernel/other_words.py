"""Words of other libraries, and misspelt ones, answered with ours: `Attr(x).gte(3)`, `users.save(user)`.

It makes texts only: callers raise the error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_COMPARED = {"eq": "==", "lt": "<", "lte": "<=", "le": "<=", "gt": ">", "gte": ">=", "ge": ">="}
_BEGINS = dict.fromkeys(("startswith", "starts_with", "beginswith", "prefix"), "write begins_with(...)")

OF_ATTR: Mapping[str, str] = {
    **{name: f"compare it, Attr(x) {operator} value" for name, operator in (_COMPARED | {"ne": "!="}).items()},
    **_BEGINS,
    **dict.fromkeys(("in_", "isin", "one_of", "any_of"), "write is_in([...])"),
    **dict.fromkeys(("is_null", "isnull", "is_none", "is_"), "write Attr(x) == None"),
    **dict.fromkeys(("does_not_exist", "attribute_not_exists", "missing"), "write not_exists()"),
    **dict.fromkeys(("attribute_exists", "is_not_null", "is_not", "is_set"), "write exists()"),
    **dict.fromkeys(("not_contains", "does_not_contain"), "write ~Attr(x).contains(...)"),
    **dict.fromkeys(("not_in", "isnotin"), "write ~Attr(x).is_in([...])"),
    **dict.fromkeys(("append", "extend", "push"), "write list_append([...])"),
    **dict.fromkeys(("prepend", "insert"), "write list_prepend([...])"),
    **dict.fromkeys(("increment", "inc", "incr"), "write add(1)"),
    **dict.fromkeys(("decrement", "dec", "decr"), "write add(-1)"),
    **dict.fromkeys(("unset", "clear", "discard"), "write remove()"),
    **dict.fromkeys(("like", "ilike", "includes", "endswith", "match"), "write contains(...)"),
}
_SEVERAL = "a query reads one partition key: batch_get([...]) reads several items, and each partition has a query"
_NO_KEY = "a key takes == < <= > >= between begins_with; for anything else write filter=Attr(...)"
OF_KEY: Mapping[str, str] = {
    **{name: f"compare it, Key(x) {operator} value" for name, operator in _COMPARED.items()},
    **_BEGINS,
    **dict.fromkeys(("is_in", "in_", "isin"), _SEVERAL),
    **dict.fromkeys(("ne", "contains", "exists", "not_exists", "size", "set", "add", "remove"), _NO_KEY),
}
OF_REPO: Mapping[str, str] = {
    **dict.fromkeys(("save", "put_item", "write", "store"), "write put(item), or create(item) for a new one"),
    **dict.fromkeys(("insert", "add", "add_all", "insert_one", "get_or_create"), "write create(item)"),
    **dict.fromkeys(
        ("upsert", "save_or_update", "update_or_create", "merge"), "write put(item), or update(key, ...) with actions"
    ),
    **dict.fromkeys(("get_item", "find_one", "fetch", "load", "retrieve"), "write get(key), or get_or_none(key)"),
    **dict.fromkeys(("find", "filter", "where", "select"), "write query(Key(...) == ...), or scan(filter=...)"),
    **dict.fromkeys(("all", "list", "find_all", "get_all"), "write scan().all(), or query(...).all()"),
    **dict.fromkeys(("first", "one"), "write query(...).first()"),
    **dict.fromkeys(("count", "size"), "write query(...).count(), or scan().count()"),
    **dict.fromkeys(("update_item", "set", "modify"), "write update(key, Attr(...).set(...))"),
    **dict.fromkeys(("delete_item", "remove", "destroy"), "write delete(key)"),
    **dict.fromkeys(("batch_writer", "bulk_create", "put_all"), "write batch(), or batch_write(put=[...])"),
    **dict.fromkeys(("batch_get_item", "get_many", "batch_read"), "write batch_get([...])"),
    **dict.fromkeys(("transact_write", "transaction"), "write transact_write((Put(users, user), ...))"),
    **dict.fromkeys(("create_table", "create_all", "ensure"), "write table.create(), or table.ensure()"),
    **dict.fromkeys(
        ("commit", "flush", "rollback", "refresh"), "every call is sent at once; several at once: transact_write"
    ),
    **dict.fromkeys(("delete_all", "delete_many", "bulk_delete", "truncate"), "write batch_write(delete=[...])"),
    **dict.fromkeys(("table_name", "tablename", "name"), "write table.name"),
    **dict.fromkeys(("client", "session", "connection", "engine"), "pass it to Repo(User, client=...), and keep it"),
}
_ARGUMENTS: Mapping[str, str] = {  # boto3's words, and those of other libraries
    **dict.fromkeys(
        ("reverse", "descending", "desc", "sort", "order", "order_by", "scan_index_forward"), "ascending=False"
    ),
    **dict.fromkeys(("ScanIndexForward", "scanindexforward", "asc"), "ascending="),
    **dict.fromkeys(("IndexName", "index_name", "gsi", "using"), "index="),
    **dict.fromkeys(("Limit", "max_items", "first", "take", "top"), "limit="),
    **dict.fromkeys(("ConsistentRead", "consistent_read", "strong"), "consistent="),
    **dict.fromkeys(("FilterExpression", "filter_condition", "filter_expression", "where"), "filter="),
    **dict.fromkeys(("ConditionExpression", "condition_expression", "when"), "condition="),
    **dict.fromkeys(("ProjectionExpression", "attributes_to_get", "columns", "only", "select"), "project="),
    **dict.fromkeys(("TotalSegments", "total_segments", "workers", "parallel"), "segments="),
    **dict.fromkeys(("TableName", "table_name", "tablename"), "table="),
    "table": "name=",
    **dict.fromkeys(("cursor", "start_key", "ExclusiveStartKey", "last_evaluated_key"), ".page(size=..., cursor=...)"),
    **dict.fromkeys(("session", "boto3_session", "resource", "dynamodb", "connection"), "client="),
    **dict.fromkeys(
        ("region", "region_name", "endpoint_url", "endpoint", "host", "profile", "profile_name", "aws_access_key_id"),
        'client=boto3.client("dynamodb", ...), or set it in the environment',
    ),
}
_BY_ANOTHER_VERB: Mapping[str, str] = {
    **dict.fromkeys(("if_not_exists", "must_not_exist", "overwrite", "exist_ok", "force_insert"), "write create(item)"),
    **dict.fromkeys(("KeyConditionExpression", "hash_key", "partition_key"), "write query(Key(...) == ...)"),
    **dict.fromkeys(("range_key_condition", "range_key", "sort_key"), "write a second Key(...)"),
    **dict.fromkeys(("UpdateExpression", "expression", "updates", "set", "values"), "pass Attr(...).set(...)"),
    **dict.fromkeys(("Item", "instance", "data"), "pass an instance of the model first"),
    **dict.fromkeys(("items", "puts", "deletes", "RequestItems"), "write put=[...], delete=[...], or batch_get([...])"),
}
_SIZES = frozenset({"limit", "page_size", "per_page", "count", "Limit", "max_items"})  # of a page
WORDS_OF_ATTR = frozenset(
    (
        *("between", "is_in", "begins_with", "contains", "exists", "not_exists", "size", "attribute_type"),
        *("set", "remove", "add", "delete", "if_not_exists", "list_append", "list_prepend"),
        *OF_ATTR,
    )
)
OF_QUERY: Mapping[str, str] = {
    **dict.fromkeys(
        ("to_list", "list", "items", "fetch", "results", "fetch_all", "execute", "go"), "write query.all()"
    ),
    **dict.fromkeys(("order_by", "sort", "reverse", "reversed"), "pass ascending=False to query()"),
    **dict.fromkeys(("get", "single", "fetch_one"), "write query.first(), or query.one()"),
    **dict.fromkeys(("length", "size", "total"), "write query.count()"),
    **dict.fromkeys(
        ("next", "pages", "paginate", "cursor", "last_evaluated_key"), "write query.page(size=..., cursor=...)"
    ),
    **dict.fromkeys(("where", "filter_by", "only"), "pass filter= or project= to query()"),
    **dict.fromkeys(("delete", "update"), "read the keys, and write by the repository: batch(), update_many(...)"),
}
_VERBS_OF_MODELS = {  # what models of other libraries do, and our repository
    **{name: f"{name}(...)" for name in ("get", "get_or_none", "query", "scan", "exists", "batch_get", "batch_write")},
    **{name: f"{name}(...)" for name in ("put", "create", "update", "patch", "delete")},
    **dict.fromkeys(("save", "insert"), "put(item), or create(item) for a new one"),
    **dict.fromkeys(("refresh", "reload", "find"), "get(key)"),
    **dict.fromkeys(("objects", "filter", "all"), "query(...), or scan(...)"),
    **dict.fromkeys(("count",), "query(...).count()"),
    "create_table": "table.create()",
    "delete_table": "table.delete()",
    "describe_table": "table.describe()",
}


def _close(name: str, names: Sequence[str]) -> list[str]:
    """Return the name that a misspelt one resembles, if there is one."""
    from difflib import get_close_matches  # noqa: PLC0415 -- for the message only

    return get_close_matches(name, names, 1)


def repair(name: str, ours: Iterable[str], others: Mapping[str, str], called: str = "") -> str:
    """Return the repair for a word of another library, or for a misspelt one: the word that it resembles."""
    if name in others:
        return others[name]
    listed = [each for each in ours if not each.startswith("_")]
    close = _close(name, listed)
    return f"did you mean {close[0]}{called}" if close else f"it has {', '.join(listed)}"


def repair_of_model(name: str, model: str) -> str | None:
    """Return where a verb that models of other libraries have is ours, None for any other word."""
    if name not in _VERBS_OF_MODELS:
        return None
    return f"a model asks DynamoDB nothing, its repository does: users = Repo({model}), users.{_VERBS_OF_MODELS[name]}"


def meant_argument(name: str, arguments: Sequence[str]) -> str:
    """Return the argument that is meant by another library's word or a misspelt one, or all there are."""
    meant = "size=" if "size" in arguments and name in _SIZES else _ARGUMENTS.get(name, "")
    if meant.startswith(".") or meant.partition("=")[0] in arguments:
        return f"write {meant}"
    close = _close(name, arguments)
    if not close and name in _BY_ANOTHER_VERB:
        return _BY_ANOTHER_VERB[name]
    return f"did you mean {close[0]}=" if close else f"it takes {', '.join(f'{each}=' for each in arguments)}"
