"""Measure the memory of a scan over 100,000 items: flat, in one stream and in four segments.

    python benchmarks/scan_memory.py

Fills a table of a local DynamoDB, then scans it in a fresh process for each way, so that neither the
loading nor the other way is in the figures. The server is another process.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import boto3

from dynamorm_py import DynamoModel, PartitionKey, Repo, SortKey
from dynamorm_py._transport import default_client
from dynamorm_py.testing import LocalDynamoDB

_ITEMS = 100_000
_EVERY = 20_000  # items between two lines
_AT_ONCE = 25  # writes in one request: API Reference, BatchWriteItem
_MB = 1024 * 1024


class Event(DynamoModel, table="events"):
    """An item of about 400 bytes, so 1 MB, a page of DynamoDB's, holds some 2,500."""

    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    kind: str
    tags: list[str]
    note: str


def fill(endpoint: str) -> None:
    """Create the table and write the items."""
    client: Any = _client(endpoint)
    Repo(Event, client=client).table.create()
    events = (
        Event(pk=f"DAY#{number % 500}", sk=number, kind="opened", tags=["a", "b"], note="n" * 320)
        for number in range(_ITEMS)
    )
    while batch := list(islice(events, _AT_ONCE)):
        puts = [{"PutRequest": {"Item": event.to_item()}} for event in batch]
        client.batch_write_item(RequestItems={"events": puts})


def scan(endpoint: str, segments: int) -> None:
    """Scan the table and print the memory of this process on the way."""
    events = Repo(Event, client=default_client("us-east-1", endpoint))
    events.scan(limit=1).all()  # what is loaded once is not a part of the scan
    print(f"segments={segments}: {_resident() / _MB:.0f} MB before the first page")
    for done, _ in enumerate(events.scan(segments=segments), start=1):
        if done % _EVERY == 0:
            print(f"  {done:>7,} items   {_resident() / _MB:5.0f} MB   peak {_peak() / _MB:5.0f} MB")


def keep(endpoint: str) -> None:
    """Read all items into a list, for comparison."""
    everything = Repo(Event, client=default_client("us-east-1", endpoint)).scan().all()
    print(f"all(), a list of {len(everything):,}: peak {_peak() / _MB:.0f} MB")


def _client(endpoint: str) -> object:
    return boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint)


def _resident() -> int:
    """Return the resident bytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Fill a table, scan it in both ways, print."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark"}
    fresh = multiprocessing.get_context("spawn")
    with LocalDynamoDB() as local:
        fill(local.endpoint)
        for work, arguments in ((scan, (local.endpoint, 1)), (scan, (local.endpoint, 4)), (keep, (local.endpoint,))):
            process = fresh.Process(target=work, args=arguments)
            process.start()
            process.join()


if __name__ == "__main__":
    main()
