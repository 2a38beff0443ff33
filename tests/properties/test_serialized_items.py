"""An item's bytes are made once: whatever is in it, requests carry the JSON that botocore would send."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py._codec import to_json
from dynamorm_py._kernel.serialized import SerializedBatch, SerializedItem
from dynamorm_py._operations.batch_write_item import delete_body, put_body
from dynamorm_py._transport.aws_json import encode

_TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(['"B":"-_"', '"BS":["-_"]', "B", "BS"])
_PAYLOADS: dict[str, st.SearchStrategy[Any]] = {
    "S": _TEXT,
    "B": st.binary(),
    "BS": st.lists(st.binary(), min_size=1),
    "BOOL": st.booleans(),
}


def _tagged(payloads: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.one_of([st.fixed_dictionaries({tag: payload}) for tag, payload in payloads.items()])


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return _tagged({"L": st.lists(inner), "M": st.dictionaries(_TEXT, inner)})


_VALUE = st.recursive(_tagged(_PAYLOADS), _containers, max_leaves=8)
_ITEM: Any = st.dictionaries(_TEXT, _VALUE)


def _plain(value: bytes) -> str:
    return base64.b64encode(value).decode()


@given(_ITEM)
def test_json_has_binary_in_the_standard_alphabet_and_text_as_it_is(item: dict[str, Any]) -> None:
    assert json.loads(to_json(item)) == json.loads(json.dumps(item, default=_plain))


@given(st.lists(_ITEM, min_size=1, max_size=3))
def test_requests_carry_the_bytes_of_items_that_were_serialized(items: list[dict[str, Any]]) -> None:
    known = [SerializedItem.of(item, to_json(item)) for item in items]
    key = {"k": {"S": "é"}}

    def requests(given: list[Any]) -> list[tuple[str, dict[str, Any]]]:
        puts = [{"PutRequest": {"Item": item}} for item in given]
        actions = [{"Put": {"TableName": "t", "Item": item}} for item in given]
        return [
            ("PutItem", {"TableName": "t", "Item": given[0], "ExpressionAttributeValues": {":v": {"B": b"\xfb\xff"}}}),
            ("BatchWriteItem", {"RequestItems": {"t": [*puts, {"DeleteRequest": {"Key": key}}], "u": puts}}),
            ("TransactWriteItems", {"TransactItems": actions, "ClientRequestToken": "token"}),
        ]

    for (operation, ours), (_, plain) in zip(requests(known), requests(items), strict=True):
        body = encode(operation, ours)
        assert json.loads(body) == json.loads(json.dumps(plain, default=_plain))
        assert known[0].json is not None
        assert known[0].json in body


@given(st.lists(_ITEM, min_size=1, max_size=3))
def test_a_batch_of_bytes_is_what_boto3_takes_for_whoever_looks(items: list[dict[str, Any]]) -> None:
    key = {"k": {"B": b"\xfb\xff"}}
    plain = {"RequestItems": {"t": [{"PutRequest": {"Item": item}} for item in items]}}
    plain["RequestItems"]["u"] = [{"DeleteRequest": {"Key": key}}]
    batch = SerializedBatch({"t": list(map(put_body, items)), "u": [delete_body(key)]})
    assert batch == plain
    assert {**batch} == plain
    assert (batch.tables, len(batch)) == (("t", "u"), 1)
    assert json.loads(encode("BatchWriteItem", batch)) == json.loads(json.dumps(plain, default=_plain))
    copied: Any = copy.deepcopy(batch)
    copied["RequestItems"].clear()
    assert batch["RequestItems"] == plain["RequestItems"]


@pytest.mark.parametrize(
    ("method", "arguments", "left"),
    [
        ("__setitem__", ("b", {"S": "2"}), {"a", "b"}),
        ("update", ({"b": {"S": "2"}},), {"a", "b"}),
        ("setdefault", ("b", {"S": "2"}), {"a", "b"}),
        ("__ior__", ({"b": {"S": "2"}},), {"a", "b"}),
        ("__delitem__", ("a",), set[str]()),
        ("pop", ("a",), set[str]()),
        ("popitem", (), set[str]()),
        ("clear", (), set[str]()),
    ],
)
def test_a_changed_item_is_sent_as_it_was_changed(method: str, arguments: tuple[Any, ...], left: set[str]) -> None:
    item = SerializedItem.of({"a": {"S": "1"}}, b'{"a":{"S":"1"}}')
    getattr(item, method)(*arguments)
    assert json.loads(encode("PutItem", {"TableName": "t", "Item": item}))["Item"].keys() == left


def test_a_copy_is_a_plain_dictionary() -> None:
    item = SerializedItem.of({"a": {"L": []}}, b'{"a":{"L":[]}}')
    pickled = pickle.loads(pickle.dumps(item))  # noqa: S301 -- our own bytes
    copies: list[dict[str, Any]] = [copy.copy(item), copy.deepcopy(item), pickled]
    for copied in copies:
        assert type(copied) is dict
        assert copied == item
    copies[1]["a"]["L"].append({"S": "x"})
    assert item == {"a": {"L": []}}
