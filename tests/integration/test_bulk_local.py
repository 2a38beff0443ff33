"""Files written, loaded by ImportTable and scanned: equal. ministack has S3 and ImportTable; dynoxide has neither.

ministack's ExportTableToPointInTime writes no objects (EMULATORS 12): exports are read from fixtures, and from what
a bucket holds.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import pytest

from dynamorm_py import DynamoModel, PartitionKey, Repo, SortKey, TimeToLive, Version, exports
from dynamorm_py.tables import TableSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client


class Product(DynamoModel, table="products"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    maker: Annotated[str | None, PartitionKey(index="by-maker")] = None
    price: Decimal = Decimal(0)
    tags: set[str] = set()  # noqa: RUF012 -- pydantic copies a default
    photo: bytes = b""
    gone: Annotated[int | None, TimeToLive()] = None
    version: Annotated[int, Version()] = 0


@pytest.fixture
def items() -> list[Product]:
    return [
        Product(
            pk=f"P#{n % 7}",
            sk=n,
            price=Decimal(n) / 4,
            tags={"a", str(n)},
            photo=bytes([n]),
            maker=None if n % 2 else "m",
        )
        for n in range(200)
    ]


@pytest.fixture
def bucket(dynamorm_s3: S3Client, unique_table_name: str) -> Iterator[str]:
    name = unique_table_name.lower().replace("_", "-")
    dynamorm_s3.create_bucket(Bucket=name)
    yield name
    for entry in dynamorm_s3.list_objects_v2(Bucket=name).get("Contents", []):
        dynamorm_s3.delete_object(Bucket=name, Key=entry.get("Key", ""))
    dynamorm_s3.delete_bucket(Bucket=name)


def by_key(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda item: (item.pk, item.sk))


def test_an_export_in_a_bucket_is_read(dynamorm_s3: S3Client, bucket: str, items: list[Product]) -> None:
    exports.write(items, f"s3://{bucket}/load", shard_bytes=10_000, s3=dynamorm_s3)
    found = list(exports.read(Repo(Product), f"s3://{bucket}/load", s3=dynamorm_s3))
    assert found == items
    with pytest.raises(exports.ExportNotFound):
        exports.read(Repo(Product), f"s3://{bucket}/none", s3=dynamorm_s3)


@pytest.mark.parametrize("compression", ["GZIP", "NONE"])  # ministack has no Zstandard
def test_what_is_written_is_imported_and_scanned_equal(
    dynamorm_s3: S3Client,
    bucket: str,
    items: list[Product],
    unique_table_name: str,
    compression: Any,  # noqa: ANN401 -- a literal
) -> None:
    endpoint: Any = dynamorm_s3.meta.endpoint_url
    client: Any = boto3.client("dynamodb", endpoint_url=endpoint, region_name="us-east-1")
    products = Repo(Product, table=unique_table_name, client=client)
    exports.write(items, f"s3://{bucket}/load", compression, shard_bytes=10_000, s3=dynamorm_s3)
    seen: list[Any] = []
    done = products.table.import_from_s3(
        f"s3://{bucket}/load", TableSettings(stream="KEYS_ONLY"), compression=compression, progress=seen.append
    )
    assert seen[-1] == done
    assert done.items == len(items)
    assert by_key(list(products.scan())) == by_key(items)
    assert products.table.compare(TableSettings(stream="KEYS_ONLY")) == []
    products.table.delete()
