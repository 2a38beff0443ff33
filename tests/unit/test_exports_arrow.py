from __future__ import annotations

import datetime as dt
import importlib
import json
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, SecretStr

from dynamorm_py import (
    AsJson,
    DynamoModel,
    Encrypted,
    NotStored,
    OmitEmpty,
    PartitionKey,
    Repo,
    StaticEncryption,
    exports,
)
from dynamorm_py.errors import CallError, InvalidValue

if TYPE_CHECKING:
    from pathlib import Path

pa: Any = importlib.import_module("pyarrow")  # which ships no types

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:duckdb", "ignore::DeprecationWarning:polars")


class Colour(Enum):
    RED = "red"


class Address(BaseModel):
    city: str
    lines: list[str] = []


class Thing(DynamoModel, table="things", naming="camelCase"):
    part_key: Annotated[str, PartitionKey()]
    count: int = 0
    rate: float = 0.0
    price: Annotated[Decimal, Field(max_digits=10, decimal_places=2)] = Decimal(0)
    exact: Decimal = Decimal(0)
    active: bool = False
    photo: bytes = b""
    seen: dt.datetime | None = None
    day: dt.date | None = None
    ident: UUID | None = None
    colour: Colour = Colour.RED
    kind: Literal["a", "b"] = "a"
    tags: Annotated[set[str], OmitEmpty()] = Field(default_factory=set[str])
    scores: dict[str, int] = Field(default_factory=dict[str, int])
    home: Address | None = None
    prefs: Annotated[dict[str, Any], AsJson()] = Field(default_factory=dict[str, Any])
    mixed: int | str = 0
    token: SecretStr | None = None
    cached: Annotated[int, NotStored()] = 0


things = Repo(Thing)


def thing(number: int) -> Thing:
    return Thing(
        part_key=f"T#{number}",
        count=number,
        rate=number / 2,
        price=Decimal(number) / 4,
        exact=Decimal("0.5"),
        active=bool(number % 2),
        photo=bytes([number % 256]),
        seen=dt.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=dt.UTC),
        day=dt.date(2026, 1, 2),
        ident=UUID(int=number),
        tags={"b", "a"},
        scores={"x": number},
        home=Address(city="Oslo", lines=["1"]),
        prefs={"a": [1]},
        token=SecretStr("t"),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an export, which tests only read."""
    folder = tmp_path_factory.mktemp("things")
    exports.write([thing(number) for number in range(1500)] + [Thing(part_key="bare")], folder)
    return folder


def test_columns_have_the_types_of_the_model(folder: Path) -> None:
    reader = exports.to_arrow(things, folder)
    assert {field.name: str(field.type) for field in reader.schema} == {
        "part_key": "string",
        "count": "int64",
        "rate": "double",
        "price": "decimal128(10, 2)",
        "exact": "decimal128(38, 18)",
        "active": "bool",
        "photo": "binary",
        "seen": "timestamp[us, tz=UTC]",
        "day": "date32[day]",
        "ident": "string",
        "colour": "string",
        "kind": "string",
        "tags": "list<item: string>",
        "scores": "map<string, int64>",
        "home": "struct<city: string, lines: list<item: string>>",
        "prefs": "string",
        "mixed": "string",
        "token": "string",
    }
    assert reader.read_all().num_rows == 1501


def test_rows_hold_the_values_of_the_models(folder: Path) -> None:
    row = exports.to_arrow(things, folder).read_all().slice(3, 1).to_pylist()[0]
    expected = thing(3)
    assert row == {
        **{
            name: getattr(expected, name) for name in ("part_key", "count", "rate", "price", "exact", "active", "photo")
        },
        **{name: getattr(expected, name) for name in ("seen", "day", "kind")},
        "ident": str(expected.ident),
        "colour": "red",
        "tags": ["a", "b"],
        "scores": [("x", 3)],
        "home": {"city": "Oslo", "lines": ["1"]},
        "prefs": '{"a":[1]}',
        "mixed": "0",
        "token": "t",
    }


def test_rows_that_are_not_validated_are_the_same_where_all_is_well(folder: Path) -> None:
    trusted = exports.to_arrow(things, folder, validate=False).read_all().slice(0, 1500).to_pylist()
    validated = exports.to_arrow(things, folder).read_all().slice(0, 1500).to_pylist()
    assert [{k: v for k, v in row.items() if k != "mixed"} for row in trusted] == [
        {k: v for k, v in row.items() if k != "mixed"} for row in validated
    ]


def test_duckdb_and_polars_take_over(folder: Path) -> None:
    import duckdb  # slow to import, like polars: by the worker that runs this test only
    import polars as pl

    batches = exports.to_arrow(things, folder)
    total = duckdb.from_arrow(batches).aggregate("sum(count) AS total").limit(1).fetchall()
    assert total == [(sum(range(1500)),)]
    frame = exports.to_polars(things, folder)
    assert isinstance(frame, pl.DataFrame)
    assert frame["count"].sum() == sum(range(1500))


def test_a_value_that_no_column_holds_is_named_without_itself(tmp_path: Path) -> None:
    exports.write([Thing(part_key="a", count=10**30)], tmp_path)
    with pytest.raises(InvalidValue, match="types=") as raised:
        exports.to_arrow(things, tmp_path).read_all()
    assert "10000" not in str(raised.value)
    table = exports.to_arrow(things, tmp_path, types={"count": pa.decimal128(38, 0)}).read_all()
    assert table["count"].to_pylist() == [Decimal(10**30)]
    with pytest.raises(CallError, match="no such field"):
        exports.to_arrow(things, tmp_path, types={"cached": pa.int8()})


def test_damaged_lines_and_deletions_are_refused_or_left_out(tmp_path: Path) -> None:
    deletion = '{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"partKey":{"S":"x"}}}'
    (tmp_path / "a.json").write_text(f'{deletion}\n{{"Item":{{"partKey":{{"S":"y"}}}}}}\nnonsense\n')
    with pytest.raises(exports.DamagedLine, match="line 3"):
        exports.to_arrow(things, tmp_path).read_all()
    with pytest.raises(CallError, match="deletions"):
        exports.to_arrow(things, tmp_path, damaged="skip").read_all()
    table = exports.to_arrow(things, tmp_path, damaged="skip", deleted="skip").read_all()
    assert table["part_key"].to_pylist() == ["y"]
    with pytest.raises(exports.DamagedLine, match="line 1"):
        exports.to_arrow(things, tmp_path, validate=False).read_all()


@pytest.mark.parametrize("validate", [True, False])
def test_deletions_are_left_out_and_new_images_are_rows(tmp_path: Path, validate: bool) -> None:  # noqa: FBT001
    key = '"Keys":{"partKey":{"S":"x"}}'
    image = '{"partKey":{"S":"x"},"count":{"N":"2"}}'
    (tmp_path / "a.json").write_text(f'{{{key}}}\n{{{key},"NewImage":{image}}}\nnonsense\n')
    seen: list[exports.ReadProgress] = []
    options: dict[str, Any] = {"deleted": "skip", "damaged": "skip", "validate": validate, "progress": seen.append}
    assert exports.to_arrow(things, tmp_path, **options).read_all()["count"].to_pylist() == [2]
    assert seen[-1] == exports.ReadProgress(items=2, damaged=1, files_done=1, files=1, total=None)


@pytest.mark.parametrize("validate", [True, False])
def test_a_file_with_fewer_items_than_the_manifest_says_is_damaged(tmp_path: Path, validate: bool) -> None:  # noqa: FBT001
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.json").write_text('{"Item":{"partKey":{"S":"y"}}}\n')
    listed = {"itemCount": 2, "dataFileS3Key": "data/a.json"}
    (tmp_path / "manifest-files.json").write_text(json.dumps(listed))
    summary = {"manifestFilesS3Key": "manifest-files.json", "outputFormat": "DYNAMODB_JSON", "itemCount": 2}
    (tmp_path / "manifest-summary.json").write_text(json.dumps(summary))
    batches = exports.to_arrow(things, tmp_path, validate=validate)
    assert batches.read_next_batch().num_rows == 1
    with pytest.raises(exports.DamagedLine, match="the manifest says 2"):
        batches.read_next_batch()


def test_batches_are_large_enough_for_a_row_group(tmp_path: Path) -> None:
    lines = "".join(f'{{"Item":{{"partKey":{{"S":"{n}"}}}}}}\n' for n in range(70_000))
    (tmp_path / "a.json").write_text(lines)
    sizes = [batch.num_rows for batch in exports.to_arrow(things, tmp_path)]
    assert len(sizes) == 2
    assert sum(sizes) == 70_000


class Secret(DynamoModel, table="secrets"):
    id: Annotated[str, PartitionKey()]
    note: Annotated[str, Encrypted()] = ""


def test_encrypted_fields_are_opened_by_reading_them_as_models(tmp_path: Path) -> None:
    encryption = StaticEncryption(b"k" * 32)
    exports.write([Secret(id="1", note="n")], tmp_path, encryption=encryption)
    secrets = Repo(Secret, encryption=encryption)
    assert exports.to_arrow(secrets, tmp_path).read_all().to_pylist() == [{"id": "1", "note": "n"}]
    with pytest.raises(CallError, match="encrypted"):
        exports.to_arrow(secrets, tmp_path, validate=False)
