"""Exports that several worker processes read: the same items in the same order as one process reads."""

from __future__ import annotations

import base64
import gzip
import importlib
import json
import multiprocessing
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import PrivateAttr, field_validator

from dynamorm_py import DynamoModel, PartitionKey, Repo, SortKey, Table, Unique, exports
from dynamorm_py.errors import CallError, ItemDecodeError
from dynamorm_py.exports import _packing, _rows, _workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
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
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))


def _noted(unpack: Callable[[Any, bytes], Any], numbers: list[int]) -> Callable[[Any, bytes], Any]:
    def noted(work: Any, packed: bytes) -> Any:  # noqa: ANN401 -- models, or rows
        numbers.append(len(packed))
        return unpack(work, packed)

    return noted


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Wait for the other processes before anything is read; give the bytes of each chunk that they read."""
    numbers: list[int] = []
    window: Any = _workers._Window  # pyright: ignore[reportPrivateUsage] -- has the moment to wait
    fill: Any = window._fill

    def patient(self: Any) -> None:  # noqa: ANN401 -- a window
        fill(self)
        if self._up is not None and not self._up.done():
            self._up.result()
            fill(self)

    monkeypatch.setattr(window, "_fill", patient)
    for work in (_packing.Models, _rows.RowReader):
        monkeypatch.setattr(work, "unpack", _noted(work.unpack, numbers))
    return numbers


def test_several_processes_read_the_same_in_the_same_order(tmp_path: Path, unpacked: list[int]) -> None:
    items = [product(number) for number in range(8000)]
    save(tmp_path / "a.json.gz", lines(items[:5000]))
    save(tmp_path / "b.json.gz", [*lines(items[5000:]), "damaged"])
    reader = exports.read(products, tmp_path, workers=2, damaged="skip")
    assert list(reader) == items
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
    two = list(exports.read(Repo(Loose), tmp_path, workers=2))
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
    assert list(exports.read(table, tmp_path, workers=2)) == items
    assert unpacked
    with pytest.raises(CallError, match="workers="):
        list(exports.read(table, tmp_path, unknown=str, workers=2))


def test_several_processes_make_the_same_table(tmp_path: Path, unpacked: list[int]) -> None:
    save(tmp_path / "a.json.gz", lines(product(number) for number in range(9000)))
    one = exports.to_arrow(products, tmp_path).read_all()
    batches = exports.to_arrow(products, tmp_path, workers=2)
    assert pa.Table.from_batches(list(batches), batches.schema) == one
    assert one.num_rows == 9000
    assert unpacked
    trusted = exports.to_arrow(products, tmp_path, validate=False, workers=2)
    sent = len(unpacked)
    assert trusted.read_all() == one
    assert len(unpacked) > sent


class Picky(DynamoModel, table="picky"):
    pk: Annotated[str, PartitionKey()]
    size: int = 0

    @field_validator("size")
    @classmethod
    def small(cls, size: int) -> int:
        """Fail as a user's own code may, with an error that is not pydantic's and cannot be pickled."""
        if size > 70_000:
            raise _Unpicklable(size, "too large")
        return size


class _Unpicklable(Exception):
    def __init__(self, size: int, reason: str) -> None:
        super().__init__(f"{size}: {reason}")


class Locked(DynamoModel, table="locked"):
    pk: Annotated[str, PartitionKey()]
    _lock: Any = PrivateAttr(default_factory=Lock)

    @property
    def lock(self) -> Any:  # noqa: ANN401 -- the type has no public name before 3.13
        """A lock of its own, which cannot be pickled."""
        return self._lock


def sizes(count: int) -> list[str]:
    return [f'{{"Item":{{"pk":{{"S":"{n}"}},"size":{{"N":"{n}"}}}}}}' for n in range(count)]


def test_an_error_of_a_validator_comes_in_its_turn(tmp_path: Path, unpacked: list[int]) -> None:
    save(tmp_path / "a.json.gz", sizes(80_000))
    read = list[Any]()
    with pytest.raises(exports.DamagedLine, match=r"a\.json\.gz, line 70002: .*_Unpicklable") as caught:
        read.extend(exports.read(Repo(Picky), tmp_path, workers=2))
    assert len(read) == 70_001
    assert isinstance(caught.value.__cause__, ItemDecodeError)
    assert isinstance(caught.value.__cause__.__cause__, _Unpicklable)
    assert unpacked


def test_a_file_that_is_missing_ends_the_reading_after_what_came_before(tmp_path: Path, unpacked: list[int]) -> None:
    for name in "ab":
        save(tmp_path / f"{name}.json.gz", sizes(20_000))
    read = list[Any]()
    reader = exports.read(Repo(Picky), tmp_path, workers=2)
    (tmp_path / "b.json.gz").unlink()
    with pytest.raises(exports.ExportNotFound):
        read.extend(reader)
    assert len(read) == 20_000
    assert unpacked


def test_what_cannot_be_sent_is_read_here(tmp_path: Path, unpacked: list[int]) -> None:
    save(tmp_path / "a.json.gz", sizes(30_000))
    for n, each in enumerate(exports.read(Repo(Locked), tmp_path, workers=2)):
        assert isinstance(each, Locked)
        assert each.pk == str(n)
        assert each.lock.acquire()
    assert max(unpacked, default=0) < 100  # a chunk without items


def test_a_reader_that_is_closed_leaves_no_process(tmp_path: Path, unpacked: list[int]) -> None:
    save(tmp_path / "a.json.gz", sizes(60_000))
    before = set(multiprocessing.active_children())
    with exports.read(Repo(Picky), tmp_path, workers=3) as reader:
        next(reader)
        assert len(set(multiprocessing.active_children()) - before) == 2
    assert set(multiprocessing.active_children()) == before
    assert unpacked == []


def test_a_model_that_another_process_cannot_import_is_refused(tmp_path: Path) -> None:
    class Within(DynamoModel, table="within"):
        pk: Annotated[str, PartitionKey()]

    save(tmp_path / "a.json.gz", sizes(3))
    with pytest.raises(CallError, match="top level of a module"):
        list(exports.read(Repo(Within), tmp_path, workers=2))


UNGUARDED = """
import time
from typing import Annotated
from dynamorm_py import DynamoModel, PartitionKey, Repo, exports
from dynamorm_py.errors import CallError

class Sized(DynamoModel, table="sized"):
    pk: Annotated[str, PartitionKey()]
    size: int = 0

try:
    for number, _ in enumerate(exports.read(Repo(Sized), {folder!r}, workers=2)):
        time.sleep(0 if number % 5000 else 0.5)
except CallError as error:
    print(error)
"""


def test_a_program_without_its_guard_is_told_so(tmp_path: Path) -> None:
    save(tmp_path / "data" / "a.json.gz", sizes(100_000))
    program = tmp_path / "program.py"
    program.write_text(UNGUARDED.format(folder=str(tmp_path / "data")))
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60, check=True)
    assert "if __name__ == '__main__':" in done.stdout
