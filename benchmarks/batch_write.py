"""Write 10,000 items in batches and read them back, beside boto3's batch_writer, in one run.

    python benchmarks/batch_write.py [ITEMS]

The backend is a local DynamoDB (DYNAMODB_ENDPOINT names a running one), which takes most of the time, so
CPU of this process is shown as well. Ways are measured in turns, and only their ratio says something.
"""

from __future__ import annotations

import os
import sys
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Annotated, Any

import boto3

from dynamorm_py import DynamoModel, PartitionKey, Repo, SortKey
from dynamorm_py._transport import default_client
from dynamorm_py.testing import LocalDynamoDB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Thing(DynamoModel, table="benchmark-batch-write"):
    """An item of a few attributes."""

    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    name: str
    tags: set[str]
    address: dict[str, str]


def things(count: int) -> Iterator[Thing]:
    """Give the items, each made when it is taken."""
    for number in range(count):
        yield Thing(
            pk=f"p{number % 50}",
            sk=number,
            name=f"thing {number}",
            tags={"a", "b"},
            address={"city": "Oslo", "street": "Karl Johans gate"},
        )


def with_boto3(endpoint: str, count: int) -> None:
    """Write with the resource layer's batch_writer, from dictionaries."""
    resource: Any = boto3.resource("dynamodb", endpoint_url=endpoint)
    with resource.Table("benchmark-batch-write").batch_writer() as writer:
        for thing in things(count):
            writer.put_item(Item=thing.model_dump())


def measure(name: str, count: int, act: Callable[[], object]) -> None:
    """Print how many items a second, and the CPU of this process for one."""
    wall, cpu = perf_counter(), process_time()
    act()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    print(f"  {name:<34}{count / wall:>9,.0f} items/s{cpu / count * 1e6:>9,.0f} us CPU an item")


def main(count: int) -> None:
    """Start the backend, measure, print."""
    os.environ |= dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "benchmark")
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    with LocalDynamoDB() as local:
        client = boto3.client("dynamodb", endpoint_url=local.endpoint)
        brought, own = Repo(Thing, client=client), Repo(Thing, client=default_client("us-east-1", local.endpoint))
        brought.table.create()
        keys = [(thing.pk, thing.sk) for thing in things(count)]
        print(f"{count:,} items of 5 attributes")
        try:
            brought.batch_write(put=things(500))  # warms the backend up
            measure("write, boto3 batch_writer", count, lambda: with_boto3(local.endpoint, count))
            measure("write, batch_write", count, lambda: brought.batch_write(put=things(count)))
            measure(
                "write, batch_write concurrency=4", count, lambda: brought.batch_write(put=things(count), concurrency=4)
            )
            measure("read, batch_get", count, lambda: brought.batch_get(keys))
            measure("read, batch_get, our client", count, lambda: own.batch_get(keys))
            measure("read, batch_get concurrency=4", count, lambda: own.batch_get(keys, concurrency=4))
            if own.batch_get(keys) != list(things(count)):
                sys.exit("what was read is not what was written")
        finally:
            brought.table.delete()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
