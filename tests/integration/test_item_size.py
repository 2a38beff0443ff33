"""The 400 KB limit: what fits by our count is what DynamoDB takes, to the byte."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamorm_py import Attr, DynamoModel, ItemTooLarge, PartitionKey, Repo, fields
from dynamorm_py._codec.size import ITEM_LIMIT, item_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient


class Padded(DynamoModel, table="padded"):
    pk: Annotated[str, PartitionKey()] = "ключ"
    value: Any = None
    padding: str = ""


@pytest.fixture(scope="module")
def padded(dynamodb: DynamoDBClient) -> Iterator[Repo[Padded]]:
    repo = Repo(Padded, table=f"test-{secrets.token_hex(8)}", client=dynamodb)
    repo.table.create()
    yield repo
    repo.table.delete()


def filled(value: object) -> Padded:
    """Return an item of exactly the size that DynamoDB allows."""
    return Padded(value=value, padding="x" * (ITEM_LIMIT - item_size(Padded(value=value).to_item())))


def test_an_item_of_400_kb_is_stored_and_one_of_a_byte_more_is_refused_here(padded: Repo[Padded]) -> None:
    largest = filled(None)
    assert padded.put(largest) == largest
    with pytest.raises(ItemTooLarge, match="has 409601 bytes, DynamoDB stores 409600: split it") as caught:
        padded.put(largest.model_copy(update={"padding": largest.padding + "x"}))
    assert caught.value.size == 409_601
    assert caught.value.operation is None


def test_an_update_sets_nearly_400_kb_and_one_that_sets_more_is_refused_here(padded: Repo[Padded]) -> None:
    largest, p = filled(None), fields(Padded)
    padded.delete(largest.pk)
    size = ITEM_LIMIT - item_size({"pk": {"S": largest.pk}, "padding": {"S": ""}})
    nearly = "x" * (size - 200)  # local backends count about a hundred bytes more in an update
    assert padded.update(largest.pk, Attr(p.padding).set(nearly)).padding == nearly
    with pytest.raises(ItemTooLarge, match="has 409601 bytes") as caught:
        padded.update(largest.pk, Attr(p.padding).set("x" * (size + 1)))
    assert caught.value.operation is None


def test_text_is_counted_in_utf_8_bytes_not_characters(padded: Repo[Padded]) -> None:
    with pytest.raises(ItemTooLarge) as caught:
        padded.put(Padded(padding="é" * 210_000))
    assert caught.value.size is not None
    assert caught.value.size > 420_000


_LEAVES = (
    st.none()
    | st.booleans()
    | st.text(max_size=8)
    | st.binary(max_size=8)
    | st.sets(st.text(min_size=1, max_size=4), min_size=1, max_size=4)
    | st.sets(st.binary(min_size=1, max_size=4), min_size=1, max_size=4)
)
_NUMBERS = st.integers(-(10**38) + 1, 10**38 - 1) | st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=settings().max_examples // 2)
@given(value=_VALUES)
def test_our_size_of_an_item_is_the_one_that_dynamodb_counts(
    padded: Repo[Padded], dynamodb: DynamoDBClient, value: object
) -> None:
    check_limit(padded, dynamodb, value, over="x")


@settings(max_examples=settings().max_examples // 2)
@given(value=_NUMBERS)
def test_our_size_of_a_number_is_at_most_a_byte_above_the_one_that_dynamodb_counts(
    padded: Repo[Padded], dynamodb: DynamoDBClient, value: object
) -> None:
    check_limit(padded, dynamodb, value, over="xx")  # its page says "approximately"; backends differ by this byte


def check_limit(padded: Repo[Padded], dynamodb: DynamoDBClient, value: object, *, over: str) -> None:
    """Check that an item of the largest size by our count is taken, and refused with so much more."""
    item: Any = filled(value).to_item()
    table = padded.table.describe()["TableName"]
    dynamodb.put_item(TableName=table, Item=item)
    item["padding"]["S"] += over
    with pytest.raises(ClientError, match="Item size"):
        dynamodb.put_item(TableName=table, Item=item)
