from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamorm_py import (
    CreatedAt,
    DynamoModel,
    Encrypted,
    EncryptionNotConfigured,
    ItemDecodeError,
    PartitionKey,
    Repo,
    SortKey,
    StaticEncryption,
    Version,
    exports,
)
from dynamorm_py.errors import CallError, InvalidKey, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterable

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"
NOW = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)


class Product(DynamoModel, table="products"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    price: Decimal = Decimal(0)
    tags: set[str] = set()  # noqa: RUF012 -- pydantic copies a default
    photo: bytes = b""
    seen: datetime | None = None


class Account(DynamoModel, table="accounts"):
    pk: Annotated[str, PartitionKey()]
    secret: Annotated[str | None, Encrypted()] = None
    made: Annotated[datetime | None, CreatedAt()] = None
    version: Annotated[int, Version()] = 0


products = Repo(Product)


def product(number: int) -> Product:
    return Product(
        pk=f"P#{number % 7}", sk=number, price=Decimal(number) / 4, tags={"a", str(number)}, photo=bytes([number % 256])
    )


def full(items: Iterable[Product]) -> list[str]:
    return [_json({"Item": item.to_item()}) for item in items]


def _json(record: object) -> str:
    return json.dumps(record, default=lambda raw: base64.b64encode(raw).decode())


def save(folder: Path, name: str, lines: Iterable[str]) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line}\n" for line in lines).encode()
    compress = {".gz": gzip.compress, ".zst": zstandard.compress}.get(file.suffix, bytes)
    file.write_bytes(compress(text))
    return folder


# --- full exports -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.json.gz", "a.json.zst", "a.json", "data/b.json.gz"])
def test_a_folder_of_data_files_gives_its_items_in_order(tmp_path: Path, name: str) -> None:
    items = [product(number) for number in range(3000)]
    assert list(exports.read(products, save(tmp_path, name, full(items)))) == items


def test_one_file_alone_is_read(tmp_path: Path) -> None:
    save(tmp_path, "a.json.gz", full([product(1)]))
    save(tmp_path, "b.json.gz", full([product(2)]))
    assert list(exports.read(products, tmp_path / "b.json.gz")) == [product(2)]


def test_spaces_blank_lines_and_a_missing_last_line_break_do_not_matter(tmp_path: Path) -> None:
    lines = full([product(1), product(2)])
    (tmp_path / "a.json").write_text(f"  {lines[0]} \r\n\n{lines[1]}")
    assert list(exports.read(products, tmp_path)) == [product(1), product(2)]


def test_other_forms_of_the_contract_are_read_too(tmp_path: Path) -> None:
    item = {"pk": {"S": "P"}, "sk": {"N": "1E1"}, "tags": {"L": [{"S": "x"}]}, "seen": {"NULL": True}}
    save(tmp_path, "a.json.gz", [*full([product(1)]), _json({"Item": item})])
    assert list(exports.read(products, tmp_path)) == [product(1), Product(pk="P", sk=10, tags={"x"})]


def test_a_full_export_as_aws_documents_it_is_read_by_its_manifest() -> None:
    reader = exports.read(products, EXPORTS / "full")
    assert [(item.pk, item.sk) for item in reader if isinstance(item, Product)] == [("A", 1), ("A", 2), ("B", 1)]
    assert reader.progress == exports.ReadProgress(items=3, damaged=0, files_done=3, files=3, total=3)


def test_a_folder_above_the_export_will_do_when_it_holds_one(tmp_path: Path) -> None:
    items = [product(1), product(2)]
    save(tmp_path, "AWSDynamoDB/0123-ab/data/x.json.gz", full(items))
    manifest(tmp_path / "AWSDynamoDB/0123-ab", {"AWSDynamoDB/0123-ab/data/x.json.gz": 2})
    for folder in (tmp_path, tmp_path / "AWSDynamoDB", tmp_path / "AWSDynamoDB/0123-ab"):
        assert list(exports.read(products, folder)) == items


def manifest(folder: Path, files: dict[str, int], **summary: object) -> None:
    save(folder, "manifest-summary.json", [_json({"itemCount": sum(files.values()), **summary})])
    save(
        folder,
        "manifest-files.json",
        [_json({"itemCount": count, "dataFileS3Key": key}) for key, count in files.items()],
    )


def test_two_exports_in_one_folder_are_refused_by_name(tmp_path: Path) -> None:
    for name in ("01-a", "02-b"):
        save(tmp_path / name, "data/x.json.gz", full([product(1)]))
        manifest(tmp_path / name, {f"{name}/data/x.json.gz": 1})
    with pytest.raises(CallError, match="01-a, 02-b"):
        exports.read(products, tmp_path)


# --- what is refused ----------------------------------------------------------------------------------


def test_what_is_no_export_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(exports.ExportNotFound, match="neither a folder nor a file"):
        exports.read(products, tmp_path / "none")
    with pytest.raises(exports.ExportNotFound, match="no data file"):
        exports.read(products, tmp_path)
    with pytest.raises(CallError, match="ION"):
        exports.read(products, tmp_path, "ION")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] -- refused
    with pytest.raises(CallError, match="takes a repository"):
        exports.read(Product, tmp_path)  # type: ignore[type-var] # pyright: ignore[reportArgumentType] -- refused
    with pytest.raises(CallError, match="s3://bucket/prefix"):
        exports.read(products, "s3://Not A Bucket/x")
    with pytest.raises(CallError, match="workers="):
        exports.read(products, save(tmp_path, "a.json", []), workers=0)
    with pytest.raises(CallError, match="damaged="):
        exports.read(products, tmp_path, damaged="ignore")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] -- refused


def test_an_export_in_ion_and_a_file_that_is_missing_are_refused(tmp_path: Path) -> None:
    manifest(tmp_path, {"data/x.json.gz": 1})
    with pytest.raises(exports.ExportNotFound, match=r"data/x\.json\.gz"):
        exports.read(products, tmp_path)
    manifest(tmp_path, {}, outputFormat="ION")
    with pytest.raises(CallError, match="DYNAMODB_JSON"):
        exports.read(products, tmp_path)


def test_a_manifest_that_is_none_is_named_without_its_values(tmp_path: Path) -> None:
    manifest(tmp_path, {})
    save(tmp_path, "manifest-files.json", ["", '{"itemCount":"secret"}'])
    with pytest.raises(
        exports.ExportNotFound, match=r"manifest-files\.json, line 2.*dataFileS3Key|itemCount"
    ) as raised:
        exports.read(products, tmp_path)
    assert "secret" not in str(raised.value)


# --- damage --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"Item":{"pk":{"S":"secret"', "it is not JSON"),
        ('{"Item":{"pk":{"S":"secret"},"sk":{"N":"x"}}}', "sk"),
        ('{"Item":{"pk":{"S":"secret"}}}', "sk"),
        ('{"Item":{"pk":{"S":"secret"},"sk":{"S":"1"}}},{"Item":{}}', "it is not JSON"),
        ('{"Item":7}', "Product"),
        ("[]", "it is not an object"),
        ('{"pk":{"S":"secret"}}', "neither Item nor Keys"),
        ('{"Item":{"pk":{"S":"\\ud800secret"},"sk":{"N":"1"}}}', "it is not JSON"),
    ],
)
def test_a_damaged_line_is_an_error_with_file_and_line_after_those_before_it(
    tmp_path: Path, line: str, reason: str
) -> None:
    save(tmp_path, "a.json.gz", [*full([product(1)]), line, *full([product(2)])])
    reader = exports.read(products, tmp_path)
    assert next(reader) == product(1)
    with pytest.raises(exports.DamagedLine, match=reason) as raised:
        next(reader)
    assert (raised.value.file, raised.value.line) == ("a.json.gz", 2)
    assert "secret" not in str(raised.value)


def test_damaged_lines_are_counted_where_that_is_asked_for(tmp_path: Path) -> None:
    save(tmp_path, "a.json.gz", ["{", *full([product(1)]), "x", "[]", *full([product(2)])])
    reader = exports.read(products, tmp_path, damaged="skip")
    assert list(reader) == [product(1), product(2)]
    assert reader.damaged == 3


def test_a_damaged_item_tells_the_attribute(tmp_path: Path) -> None:
    save(tmp_path, "a.json.gz", ['{"Item":{"pk":{"S":"a"},"sk":{"N":"1"},"tags":{"N":"1"}}}'])
    with pytest.raises(exports.DamagedLine) as raised:
        list(exports.read(products, tmp_path))
    assert isinstance(raised.value.__cause__, ItemDecodeError)
    assert raised.value.__cause__.path == "tags"


@cache
def _many() -> tuple[list[Product], list[str]]:
    """Return items, more than one block of a compressed file holds, and their lines."""
    items = [product(number) for number in range(6000)]
    return items, full(items)


@pytest.mark.parametrize("cut", [1, 7, 300, 2000])
@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_a_file_that_breaks_off_gives_what_is_before(tmp_path: Path, ending: str, cut: int) -> None:
    items, lines = _many()
    save(tmp_path, f"a.json.{ending}", lines)
    file = tmp_path / f"a.json.{ending}"
    file.write_bytes(file.read_bytes()[:-cut])
    save(tmp_path, "b.json", full([product(1)]))
    reader = exports.read(products, tmp_path, damaged="skip")
    read = list(reader)
    assert reader.damaged == 1
    assert read[-1] == product(1)
    assert read[:-1] == items[: len(read) - 1]
    assert len(read) > 1000
    with pytest.raises(exports.DamagedLine, match="breaks off"):
        list(exports.read(products, tmp_path))


def test_a_file_with_fewer_items_than_the_manifest_says_is_damaged(tmp_path: Path) -> None:
    save(tmp_path, "data/x.json.gz", full([product(1)]))
    manifest(tmp_path, {"data/x.json.gz": 2})
    with pytest.raises(exports.DamagedLine, match="manifest says 2"):
        list(exports.read(products, tmp_path))


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.json.gz", "wb", compresslevel=1) as file:
        for _ in range(40):
            file.write(b" " * 1024 * 1024)
    with pytest.raises(exports.DamagedLine):
        list(exports.read(products, tmp_path))


# --- incremental exports -------------------------------------------------------------------------------


def test_an_incremental_export_gives_items_as_they_became_and_deletions() -> None:
    read = list(exports.read(products, EXPORTS / "incremental" / "AWSDynamoDB" / "01693685934212-ac809da5"))
    assert read == [Product(pk="A", sk=1, price=Decimal(5)), Product(pk="A", sk=3), exports.Deleted(("B", 1))]
    deleted = read[-1]
    assert isinstance(deleted, exports.Deleted)
    assert deleted.old == Product(pk="B", sk=1, price=Decimal("2.5"))
    assert deleted.at == datetime(2023, 3, 29, 17, 2, 44, tzinfo=UTC)


def test_changes_give_both_images() -> None:
    read = list(exports.changes(products, EXPORTS / "incremental"))
    assert [(change.key, change.old and change.old.price, change.new and change.new.price) for change in read] == [
        (("A", 1), Decimal(4), Decimal(5)),
        (("A", 3), None, Decimal(0)),
        (("B", 1), Decimal("2.5"), None),
    ]


def test_a_deletion_without_images_has_its_key(tmp_path: Path) -> None:
    save(tmp_path, "a.json", ['{"Metadata":{"WriteTimestampMicros":"1"},"Keys":{"pk":{"S":"x"},"sk":{"N":"7"}}}'])
    (deleted,) = exports.read(products, tmp_path)
    assert deleted == exports.Deleted(("x", 7))
    assert isinstance(deleted, exports.Deleted)
    assert deleted.old is None
    assert deleted.at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=1)


class Line(DynamoModel, table="shop"):
    order: int
    customer: str
    text: str = ""
    pk = PartitionKey("CUSTOMER#{customer}")
    sk = SortKey("ORDER#{order:06}")


def test_derived_keys_are_written_and_read_and_name_what_was_deleted(tmp_path: Path) -> None:
    lines = [Line(order=number, customer="7") for number in range(3)]
    exports.write(lines, tmp_path / "load")
    assert list(exports.read(Repo(Line), tmp_path / "load")) == lines
    keys = '"Keys":{"pk":{"S":"CUSTOMER#7"},"sk":{"S":"ORDER#000001"}}'
    image = '{"pk":{"S":"CUSTOMER#7"},"sk":{"S":"ORDER#000001"},"order":{"N":"1"},"customer":{"S":"7"}}'
    save(tmp_path / "changes", "a.json", [f"{{{keys}}}", f'{{{keys},"OldImage":{image}}}'])
    deleted = list(exports.read(Repo(Line), tmp_path / "changes"))
    assert deleted == [exports.Deleted(("CUSTOMER#7", "ORDER#000001"))] * 2
    assert isinstance(deleted[1], exports.Deleted)
    assert deleted[1].old == Line(order=1, customer="7")


def test_changes_of_a_full_export_are_refused(tmp_path: Path) -> None:
    save(tmp_path, "a.json", full([product(1)]))
    with pytest.raises(exports.DamagedLine, match=r"exports\.read"):
        list(exports.changes(products, tmp_path))


# --- resuming, workers, progress ------------------------------------------------------------------------


def test_a_reading_with_the_same_file_goes_on_after_the_files_that_are_done(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    for name in "abc":
        save(folder, f"{name}.json.gz", full(product(ord(name) + n * 1000) for n in range(3)))
    everything = list(exports.read(products, folder))
    point = tmp_path / "resume.json"
    with exports.read(products, folder, resume=point) as reader:
        first = [next(reader) for _ in range(5)]
    assert first == everything[:5]
    assert list(exports.read(products, folder, resume=point)) == everything[3:]
    assert list(exports.read(products, folder, resume=point)) == []
    save(folder, "d.json.gz", [])
    with pytest.raises(CallError, match="another export"):
        list(exports.read(products, folder, resume=point))
    point.write_text("{}")
    with pytest.raises(CallError, match="not a resume point"):
        list(exports.read(products, folder, resume=point))


def test_progress_is_told(tmp_path: Path) -> None:
    save(tmp_path, "a.json.gz", full(product(number) for number in range(3000)))
    seen: list[exports.ReadProgress] = []
    list(exports.read(products, tmp_path, progress=seen.append))
    assert len(seen) > 1
    assert seen[-1] == exports.ReadProgress(items=3000, damaged=0, files_done=1, files=1, total=None)


# --- writing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", ["GZIP", "ZSTD", "NONE"])
def test_what_is_written_is_read_back_equal(tmp_path: Path, compression: Any) -> None:  # noqa: ANN401 -- a literal
    items = [product(number) for number in range(500)]
    written = exports.write(iter(items), tmp_path / "load", compression, shard_bytes=20_000)
    names = sorted(path.name for path in (tmp_path / "load").iterdir())
    assert written.items == 500
    assert written.files == len(names) > 2
    assert list(exports.read(products, tmp_path / "load")) == items


@given(st.lists(st.builds(Product, pk=st.text(min_size=1), sk=st.integers(-(10**30), 10**30), photo=st.binary())))
@settings(max_examples=20)
def test_any_items_survive_writing_and_reading(tmp_path_factory: pytest.TempPathFactory, items: list[Product]) -> None:
    folder = tmp_path_factory.mktemp("law")
    exports.write(items, folder)
    assert items == (list(exports.read(products, folder)) if items else [])


def test_items_are_stamped_and_sealed_as_a_put_does_it(tmp_path: Path) -> None:
    encryption = StaticEncryption(b"k" * 32)
    exports.write(
        [Account(pk="a", secret="s"), Account(pk="b", version=4)], tmp_path, encryption=encryption, clock=lambda: NOW
    )
    (file,) = tmp_path.iterdir()
    assert b'"edk"' in gzip.decompress(file.read_bytes())
    accounts = Repo(Account, encryption=encryption)
    assert list(exports.read(accounts, tmp_path)) == [
        Account(pk="a", secret="s", made=NOW, version=0),
        Account(pk="b", made=NOW, version=5),
    ]
    with pytest.raises(CallError, match="workers="):
        list(exports.read(accounts, tmp_path, workers=2))


def test_encrypted_fields_are_never_written_in_clear(tmp_path: Path) -> None:
    with pytest.raises(EncryptionNotConfigured):
        exports.write([Account(pk="a", secret="s")], tmp_path / "load")
    assert not (tmp_path / "load").exists()


def test_a_bad_item_ends_the_writing_without_its_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidKey):
        exports.write([product(1), Product(pk="", sk=1)], tmp_path / "load")
    with pytest.raises(InvalidValue, match="number 2"):
        exports.write([product(1), {"pk": "x"}], tmp_path / "load")  # type: ignore[list-item] # pyright: ignore[reportArgumentType] -- refused
    assert not (tmp_path / "load").exists()


def test_a_place_with_files_is_refused_since_all_would_be_loaded(tmp_path: Path) -> None:
    exports.write([product(1)], tmp_path)
    with pytest.raises(CallError, match="empty"):
        exports.write([product(2)], tmp_path)
