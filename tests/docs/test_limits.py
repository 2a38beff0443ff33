"""The page of limits, held against the constants that the code has."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "limits.md"
_ROW = re.compile(r"^\| (.+?) \| (-?[\d,]+) \|", re.MULTILINE)

# What the page calls a limit, and the constant that is it; a second part says what it is multiplied with.
_LIMITS = {
    "bytes of an item": "_codec.size.ITEM_LIMIT",
    "bytes of a partition key's value": "_schema.PARTITION_KEY_BYTES",
    "bytes of a sort key's value": "_schema.SORT_KEY_BYTES",
    "significant digits of a number": "_codec.numbers._DIGITS",
    "largest exponent of a number": "_codec.numbers._MAX_EXPONENT",
    "smallest exponent of a number": "_codec.numbers._MIN_EXPONENT",
    "nesting of lists and maps under `Any`": "_codec.untyped._DEPTH",
    "global indexes of a table": "_schema.table_schema._GLOBAL_INDEX_LIMIT",
    "local indexes of a table": "_schema.table_schema._LOCAL_INDEX_LIMIT",
    "attributes that the indexes of a table project by name": "_schema.table_schema._INCLUDED_LIMIT",
    "attributes of an index's partition key, or of its sort key": "_schema.table_schema._KEY_PARTS_LIMIT",
    "bytes of an attribute's name": "_schema.naming._MAX_NAME_BYTES",
    "bytes of an expression": "_expressions.rendering._EXPRESSION_LIMIT",
    "operators and functions in a condition": "_expressions.conditions._OPERATOR_LIMIT",
    "values of `is_in`": "_expressions.rules._CHOICE_LIMIT",
    "steps of a path into an item": "_expressions.rendering._NESTING_LIMIT",
    "keys in a request of `batch_get`": "_operations.batch_get_item.READ_LIMIT",
    "writes in a request of `batch_write`": "_operations.batch_write_item.WRITE_LIMIT",
    "actions in a transaction": "_operations.transaction_actions._ACTION_LIMIT",
    "bytes of the items of a transaction": "_operations.transact_write_items._SIZE_LIMIT",
    "characters of a transaction's token": "_operations.transact_write_items._TOKEN_LIMIT",
    "segments of a scan": "_operations.scan._SEGMENT_LIMIT",
    "`limit` and `page_size`": "_operations.read.LARGEST_INT",
    "records in a page of a stream": "streams._reader._LARGEST_PAGE",
    "tags of a table": "_operations.table_settings._TAG_LIMIT",
    "retries of a batch or transaction": "_operations.retries.DEFAULT_RETRIES",
    "milliseconds before the first of them": "_operations.retries._BASE * 1000",
    "milliseconds before a later one, at most": "_operations.retries._CAP * 1000",
    "threads of a scan in segments": "_repo.query._MOST_THREADS",
    "concurrent requests of one call": "_runtime.run._AT_ONCE",
    "characters of a cursor": "_operations.cursor_format._MAX_CHARACTERS",
    "nesting of a cursor": "_operations.cursor_format._MAX_DEPTH",
    "seconds that `table.create` waits": "_operations.describe_table.DEFAULT_TIMEOUT",
    "tries to re-encrypt an item that others keep writing": "_operations.reencrypt._TRIES",
    "seconds that a lease lasts, at least": "_operations.lease_item._SHORTEST",
    "seconds from a lease's end to the deletion of its item": "_operations.lease_item._TTL_MARGIN",
    "seconds that an assumed role lasts": "accounts._LIFETIME",
}


def _value(place: str) -> float:
    path, _, factor = place.partition(" * ")
    module, _, name = path.rpartition(".")
    constant: float = getattr(importlib.import_module(f"dynamorm_py.{module}"), name)
    return constant * int(factor or 1)


def _stated() -> dict[str, float]:
    return {name: int(value.replace(",", "")) for name, value in _ROW.findall(_PAGE.read_text())}


def test_every_limit_of_the_page_is_one_of_the_code() -> None:
    assert _stated().keys() == _LIMITS.keys()


@pytest.mark.parametrize("name", _LIMITS)
def test_a_limit_is_stated_as_the_code_has_it(name: str) -> None:
    assert _stated()[name] == pytest.approx(_value(_LIMITS[name]))
