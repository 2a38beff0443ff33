"""Exports that several worker processes read: the same items in the same order as one process reads."""

from __future__ import annotations

import base64
import gzip
import importlib
import json
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest

from dynamorm_py import DynamoModel, PartitionKey, Repo, SortKey, Table, Unique, exports
from dynamorm_py.errors import CallError
from dynamorm_py.exports import _workers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pa: Any = importlib.import_module("pyarrow")  # which ships no types


class Product(DynamoModel, table="products"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    price: Decimal = Decimal(0)
    photo: bytes = b""
    seen: datetime | None = None
    tags: set[str] = set()  # noqa: RUF012 -- pydantic copies a default
    scores: dict[str, int] = {}  # noqa: RUF012 -- the same


class Loose(DynamoModel, table="loose", extra="allow"):
    pk: Annotated[str, PartitionKey()]
    size: int = 0


class Customer(DynamoModel, table="shop"):
    customer_id: str
    email: Annotated[str | None, Unique()] = None
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("PROFILE")


class Order(DynamoModel, table="shop"):
    kind: Literal["order"] = "order"
    customer_id: str
    number: int
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("ORDER#{number:06}")


CLAIM = {
    "pk": {"S": "dynamorm_unique#Customer.email#ada@x"},
    "sk": {"S": "dynamorm_unique#Customer.email#ada@x"},
    "dynamorm_claim": {"S": "Customer.email"},
    "dynamorm_owner": {"M": {"pk": {"S": "CUSTOMER#7"}, "sk": {"S": "PROFILE"}}},
}
products = Repo(Product)


def product(number: int) -> Product:
    return Product(
        pk=f"P#{number % 7}",
        sk=number,
        price=Decimal(number) / 4,
        photo=bytes([number % 256]),
        seen=datetime(2026, 1, 1, number % 24, tzinfo=UTC),
        tags={"a", str(number)},
        scores={"x": number},
    )


def lines(items: Iterable[DynamoModel]) -> list[str]:
    return [json.dumps({"Item": item.to_item()}, default=lambda raw: base64.b64encode(raw).decode()) for item in items]


def save(file: Path, lines: Iterable[str]) -> None:
    file.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the number of values of each chunk that another process read."""
    numbers: list[int] = []
    usual = _workers.unpack

    def noted(packed: bytes) -> list[Any]:
        values = usual(packed)
        numbers.append(len(values))
        return values

    monkeypatch.setattr(_workers, "unpack", noted)
    return numbers


def slowly(reader: Iterable[Any], unpacked: list[int], every: int = 1000) -> list[Any]:
    """Return all that is read, with pauses until another process takes part: this one is done before it has begun.

    `every` is the number of items, about a chunk, from one pause to the next, which is longer: 1 second, 2, 4.
    """
    read, pause = list[Any](), 1.0
    for each in reader:
        read.append(each)
        if not unpacked and not (len(read) - 1) % every:
            time.sleep(pause)
            pause *= 2
    return read


def test_several_processes_read_the_same_in_the_same_order(tmp_path: Path, unpacked: list[int]) -> None:
    items = [product(number) for number in range(8000)]
    save(tmp_path / "a.json.gz", lines(items[:5000]))
    save(tmp_path / "b.json.gz", [*lines(items[5000:]), "damaged"])
    reader = exports.read(products, tmp_path, workers=2, damaged="skip")
    assert slowly(reader, unpacked) == items
    assert reader.damaged == 1
    assert unpacked
    with exports.read(products, tmp_path, workers=3) as stopped:
        assert next(stopped) == items[0]


def test_what_several_processes_read_is_what_one_reads(tmp_path: Path, unpacked: list[int]) -> None:
    items = [
        '{"Item":{"pk":{"S":"a"}}}',
        '{"Item":{"pk":{"S":"b"},"more":{"S":"x"}}}',
        '{"Keys":{"pk":{"S":"c"}}}',
    ] * 12_000
    save(tmp_path / "a.json.gz", items)
    one = list(exports.read(Repo(Loose), tmp_path))
    two = slowly(exports.read(Repo(Loose), tmp_path, workers=2), unpacked, every=7000)
    assert one == two
    assert unpacked
    for left, right in zip(one, two, strict=True):
        if isinstance(left, Loose) and isinstance(right, Loose):
            assert left.model_fields_set == right.model_fields_set
            assert left.model_extra == right.model_extra
            assert left.__pydantic_private__ == right.__pydantic_private__


@pytest.mark.parametrize("models", [(Customer, Order), (Order, Customer)])
def test_several_processes_read_the_models_of_a_table(
    tmp_path: Path, unpacked: list[int], models: tuple[type[Any], type[Any]]
) -> None:
    items = [item for n in range(8000) for item in (Customer(customer_id=str(n)), Order(customer_id=str(n), number=n))]
    save(tmp_path / "a.json.gz", [*lines(items), json.dumps({"Item": CLAIM})])
    table: Table[Any] = Table(*models)
    assert slowly(exports.read(table, tmp_path, workers=2), unpacked, every=2000) == items
    assert unpacked
    with pytest.raises(CallError, match="workers="):
        list(exports.read(table, tmp_path, unknown=str, workers=2))


def test_several_processes_make_the_same_table(tmp_path: Path, unpacked: list[int]) -> None:
    save(tmp_path / "a.json.gz", lines(product(number) for number in range(9000)))
    one = exports.to_arrow(products, tmp_path).read_all()
    batches = exports.to_arrow(products, tmp_path, workers=2)
    assert pa.Table.from_batches(slowly(batches, unpacked, every=1), batches.schema) == one
    assert one.num_rows == 9000
    assert unpacked
