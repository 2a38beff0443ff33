"""How fields become attribute names, and markers become indexes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import pytest

from dynamorm_py import DynamoModel, GlobalIndex, LocalIndex, PartitionKey, SortKey
from dynamorm_py._model import codec_of
from dynamorm_py._schema.naming import FROM_GO
from tests.support.building import define

_NAMES: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "golden" / "naming.json").read_text()
)["vectors"]


def test_indexes_are_local_or_global_by_their_keys_and_declarations() -> None:
    class Indexed(DynamoModel, indexes=[GlobalIndex("gsi-b", projection=["e"]), LocalIndex("lsi-d", "KEYS_ONLY")]):
        a: Annotated[str, PartitionKey()]
        b: Annotated[str, SortKey(), PartitionKey(index="gsi-b")]
        c: Annotated[int, SortKey(index="lsi-c"), SortKey(index="gsi-b")]
        d: Annotated[bytes, SortKey(index="lsi-d")] = b"d"
        e: str = ""

    indexes = codec_of(Indexed).schema.indexes
    assert {name: (i.kind, [f.name for f in (*i.partition, *i.sort)], i.projection) for name, i in indexes.items()} == {
        "gsi-b": ("GSI", ["b", "c"], ["e"]),
        "lsi-c": ("LSI", ["a", "c"], "ALL"),
        "lsi-d": ("LSI", ["a", "d"], "KEYS_ONLY"),
    }


def test_positions_order_the_parts_of_a_multi_attribute_key() -> None:
    fields = {"pk": Annotated[str, PartitionKey()]} | {
        name: Annotated[str, PartitionKey(index="gsi-m", position=position)]
        for name, position in (("c", 3), ("a", 1), ("b", 2))
    }
    index = codec_of(define(fields)).schema.indexes["gsi-m"]
    assert [part.name for part in index.partition] == ["a", "b", "c"]


@pytest.mark.parametrize("identifier", _NAMES)
@pytest.mark.parametrize("convention", ["camelCase", "snake_case"])
def test_names_are_derived_as_in_go(identifier: str, convention: str) -> None:
    assert FROM_GO[convention](identifier) == _NAMES[identifier][convention]


@pytest.mark.parametrize(
    ("field", "camel", "snake"),
    [
        ("user_id", "userId", "user_id"),
        ("pk", "PK", "pk"),
        ("sk", "SK", "sk"),
        ("gsi1_pk", "gsi1Pk", "gsi1pk"),
        ("line_2", "line2", "line2"),
    ],
)
def test_a_field_name_becomes_an_attribute_name_by_the_convention(field: str, camel: str, snake: str) -> None:
    for convention, name in (("camelCase", camel), ("snake_case", snake), (None, field)):
        model = define({"key": Annotated[str, PartitionKey()], field: str}, naming=convention)
        assert name in model(**{"key": "1", field: "x"}).to_item()
