"""Exports of a table of several kinds: each item as its own model, claims left out, deletions with their keys."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest

from dynamorm_py import (
    DynamoModel,
    Encrypted,
    PartitionKey,
    Repo,
    SortKey,
    StaticEncryption,
    Table,
    Unique,
    exports,
)
from dynamorm_py._operations.claims import claim_key
from dynamorm_py.errors import CallError
from dynamorm_py.exports import Change, DamagedLine, Deleted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


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


class Card(DynamoModel, table="shop"):
    customer_id: str
    digits: Annotated[str, Encrypted()]
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("CARD")


class Plain(DynamoModel, table="plain"):
    """A model that a claim would fit: nothing is required but its key."""

    pk: Annotated[str, PartitionKey()]
    email: Annotated[str | None, Unique()] = None


ADA, FIRST = Customer(customer_id="7", email="ada@x"), Order(customer_id="7", number=1)
STRANGER = {"pk": {"S": "INVOICE#1"}, "sk": {"S": "INVOICE"}}
shop = Table(Customer, Order)


def claim(repo: Repo[Any], name: str, value: str, owner: dict[str, Any]) -> dict[str, Any]:
    table = repo.__dynamorm_context__.table
    field = table.schema.fields[name]
    key = claim_key(table, field, {"S": value})
    return {**key, "dynamorm_claim": {"S": f"{table.model.__name__}.{name}"}, "dynamorm_owner": {"M": owner}}


CLAIM = claim(shop[Customer], "email", "ada@x", {"pk": {"S": "CUSTOMER#7"}, "sk": {"S": "PROFILE"}})


def save(folder: Path, records: Iterable[object], name: str = "a.json.gz") -> Path:
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    (folder / name).write_bytes(gzip.compress(lines.encode()))
    return folder


def full(folder: Path, *items: Any) -> Path:  # noqa: ANN401 -- models, or items
    plain: list[Any] = [each.to_item() if isinstance(each, DynamoModel) else each for each in items]
    return save(folder, [{"Item": each} for each in plain])


def test_each_item_is_its_own_model_and_claims_are_left_out(tmp_path: Path) -> None:
    reader = exports.read(shop, full(tmp_path, ADA, CLAIM, FIRST))
    assert list(reader) == [ADA, FIRST]
    assert (reader.progress.items, reader.damaged) == (2, 0)


def test_a_repository_reads_its_own_kind(tmp_path: Path) -> None:
    folder = full(tmp_path, ADA, CLAIM, FIRST, STRANGER)
    assert list(exports.read(shop[Order], folder)) == [FIRST]
    assert list(exports.read(Repo(Customer), folder)) == [ADA]


def test_a_claim_is_no_item_of_a_model_that_it_would_fit(tmp_path: Path) -> None:
    repo = Repo(Plain)
    item = Plain(pk="a", email='"dynamorm_claim"')  # the words alone make no claim
    folder = full(tmp_path, item, claim(repo, "email", "e", {"pk": {"S": "a"}}))
    assert list(exports.read(repo, folder)) == [item]


def test_an_item_of_no_model_is_damaged_or_what_is_asked(tmp_path: Path) -> None:
    folder = full(tmp_path, ADA, STRANGER, FIRST)
    with pytest.raises(DamagedLine, match="line 2"):
        list(exports.read(shop, folder))
    assert list(exports.read(shop, folder, damaged="skip")) == [ADA, FIRST]
    assert list(exports.read(shop, folder, unknown="skip")) == [ADA, FIRST]
    made = list(exports.read(shop, folder, unknown=lambda item: item["pk"]["S"]))
    assert made == [ADA, "INVOICE#1", FIRST]
    with pytest.raises(CallError, match="unknown="):
        exports.read(shop[Order], folder, unknown="skip")


def incremental(folder: Path) -> Path:
    def record(key: dict[str, Any], **images: dict[str, Any]) -> dict[str, Any]:
        keys = {name: key[name] for name in ("pk", "sk")}
        return {"Metadata": {"WriteTimestampMicros": {"N": "1700000000000000"}}, "Keys": keys, **images}

    ada, first = ADA.to_item(), FIRST.to_item()
    renamed = Customer(customer_id="7", email="new@x").to_item()
    records = [
        record(ada, OldImage=ada, NewImage=renamed),
        record(first, OldImage=first),
        record(Order(customer_id="7", number=2).to_item()),
        record(CLAIM),
        record(CLAIM, NewImage=CLAIM),
        record(CLAIM, OldImage=CLAIM),
    ]
    return save(folder, records)


def test_an_incremental_export_gives_deletions_with_key_and_model(tmp_path: Path) -> None:
    changed, gone, unseen = exports.read(shop, incremental(tmp_path))
    assert changed == Customer(customer_id="7", email="new@x")
    assert gone == Deleted(("CUSTOMER#7", "ORDER#000001"))
    assert isinstance(gone, Deleted)
    assert (gone.old, gone.model) == (FIRST, Order)
    assert unseen == Deleted(("CUSTOMER#7", "ORDER#000002"))
    assert isinstance(unseen, Deleted)
    assert (unseen.old, unseen.model) == (None, Order)


def test_changes_of_several_kinds(tmp_path: Path) -> None:
    folder = incremental(tmp_path)
    changed, gone, unseen = exports.changes(shop, folder)
    assert (changed.old, changed.new, changed.model) == (ADA, Customer(customer_id="7", email="new@x"), Customer)
    assert (gone.key, gone.old, gone.new, gone.model) == (("CUSTOMER#7", "ORDER#000001"), FIRST, None, Order)
    assert (unseen.old, unseen.new) == (None, None)
    orders: list[Change[Order]] = list(exports.changes(shop[Order], folder))
    assert [each.key for each in orders] == [gone.key, unseen.key]


def test_encrypted_kinds_are_opened(tmp_path: Path) -> None:
    keys = StaticEncryption(b"k" * 32)
    table = Table(Customer, Order, Card, encryption=keys)
    card = Card(customer_id="7", digits="4111")
    exports.write([ADA, card, FIRST], tmp_path / "out", encryption=keys)
    assert b"4111" not in gzip.decompress((tmp_path / "out" / "00001.json.gz").read_bytes())
    assert list(exports.read(table, tmp_path / "out")) == [ADA, card, FIRST]
    with pytest.raises(CallError, match="workers="):
        list(exports.read(table, tmp_path / "out", workers=2))


def test_a_reading_of_several_kinds_goes_on_after_the_files_that_are_done(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    save(folder, [{"Item": ADA.to_item()}, {"Item": CLAIM}], "a.json.gz")
    save(folder, [{"Item": FIRST.to_item()}], "b.json.gz")
    with exports.read(shop, folder, resume=tmp_path / "point") as reader:
        assert next(reader) == ADA
        assert next(reader) == FIRST
    assert list(exports.read(shop, folder, resume=tmp_path / "point")) == [FIRST]


def test_arrow_takes_one_kind(tmp_path: Path) -> None:
    folder = full(tmp_path, ADA, CLAIM, FIRST)
    assert exports.to_arrow(shop[Order], folder).read_all()["number"].to_pylist() == [1]
    assert exports.to_arrow(shop[Order], folder, validate=False).read_all()["number"].to_pylist() == [1]
    with pytest.raises(CallError, match=r"shop\[Order\]"):
        exports.to_arrow(shop, folder)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] -- refused


def test_what_is_written_has_the_claims_of_unique_fields(tmp_path: Path) -> None:
    written = exports.write([ADA, FIRST], tmp_path / "out", "NONE")
    lines = (tmp_path / "out" / "00001.json").read_text().splitlines()
    assert written.items == 2
    assert json.loads(lines[1]) == {"Item": CLAIM}
    assert list(exports.read(shop, tmp_path / "out")) == [ADA, FIRST]


JUNK: list[object] = [
    None,
    5,
    "x",
    [],
    {},
    {"S": 5},
    {"S": None},
    {"S": []},
    {"N": "1"},
    {"S": "a", "N": "1"},
    {"X": "y"},
]
KEY = {"pk": {"S": "CUSTOMER#7"}, "sk": {"S": "ORDER#000001"}}


@pytest.mark.parametrize("junk", JUNK, ids=str)
@pytest.mark.parametrize("name", ["Item", "Keys", "OldImage", "NewImage"])
def test_whatever_is_in_a_line_is_left_out_or_damaged(tmp_path: Path, name: str, junk: object) -> None:
    values: list[Any] = [junk, {"pk": junk}, {"pk": junk, "sk": {"S": "PROFILE"}}, {**KEY, "sk": junk}]
    records = [{name: value} if name in {"Item", "Keys"} else {"Keys": KEY, name: value} for value in values]
    save(tmp_path, records, "a.json.gz")
    sources: list[Any] = [shop, shop[Order], shop[Customer]]
    for source in sources:
        reader = exports.read(source, tmp_path, damaged="skip")
        assert not [each for each in reader if not isinstance(each, exports.Deleted)]
        assert reader.damaged or source is not shop
