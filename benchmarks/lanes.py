"""Measure each lane beside a bare boto3 client: the CPU of a call, by turns in one process; only ratios say something.

    python benchmarks/lanes.py [ROUNDS]

pydynox is measured too where it is installed. The server is another process with recorded answers.
"""

# pyright: basic, reportMissingImports=false
# ruff: noqa: PLC0415 -- pydynox and the watched lane are only there when they are asked for

from __future__ import annotations

import os
import sys
import threading
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import boto3
from loopback import answering
from sample import Person, body, page, person

from dynamorm_py import Key, Repo, fields
from dynamorm_py._transport import Client
from dynamorm_py._transport.botocore_session import OwnClients

if TYPE_CHECKING:
    from collections.abc import Callable

_CALLS = {"get": 20, "put": 20, "query of 100": 4, "query of 1,000": 1}
_MODELS = 2_000
_THREADS, _PER_THREAD = 50, 40

Ways = dict[str, "Callable[[], object]"]


def with_boto3(small: str, large: str) -> Ways:
    """Give the calls of a bare client; put writes a dictionary that is there already."""
    client: Any = boto3.client("dynamodb", endpoint_url=small)
    other: Any = boto3.client("dynamodb", endpoint_url=large)
    one = person(1)
    key, item = {"pk": {"S": one.pk}, "sk": {"S": one.sk}}, one.to_item()
    asked: Any = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": one.pk}}}
    return {
        "get": lambda: client.get_item(TableName="people", Key=key),
        "put": lambda: client.put_item(TableName="people", Item=item),
        "query of 100": lambda: client.query(TableName="people", **asked),
        "query of 1,000": lambda: other.query(TableName="people", **asked),
    }


def ours(small: str, large: str) -> Ways:
    """Give the same calls of a repository, which validates and makes models."""
    f, one = fields(Person), person(1)
    people = Repo(Person, client=Client(OwnClients("us-east-1", small, None)))
    others = Repo(Person, client=Client(OwnClients("us-east-1", large, None)))
    return {
        "get": lambda: people.get((one.pk, one.sk)),
        "put": lambda: people.put(one),
        "query of 100": lambda: people.query(Key(f.pk) == one.pk).all(),
        "query of 1,000": lambda: others.query(Key(f.pk) == one.pk).all(),
    }


def watched(small: str, large: str) -> Ways:
    """Give the same calls while botocore's call is replaced, as a tracer does it."""
    from botocore.client import BaseClient

    original = BaseClient.__dict__["_make_api_call"]

    def traced(self: Any, operation: str, parameters: Any) -> Any:  # noqa: ANN401
        return original(self, operation, parameters)

    def under_a_tracer(call: Callable[[], object]) -> Callable[[], object]:
        return lambda: _patched(BaseClient, traced, call)

    return {name: under_a_tracer(call) for name, call in ours(small, large).items() if name in ("get", "put")}


def _patched(base: type, traced: object, call: Callable[[], object]) -> None:
    original = base.__dict__["_make_api_call"]
    setattr(base, "_make_api_call", traced)  # noqa: B010 -- as a tracer does it
    try:
        for _ in range(10):
            call()
    finally:
        setattr(base, "_make_api_call", original)  # noqa: B010


def with_pydynox(small: str, large: str) -> Ways:
    """Give the same calls of AWS's client for Rust, where it is installed."""
    from peers import pydynox

    one, many = pydynox(small), pydynox(large)
    return {"get": one["get"], "put": one["put"], "query of 100": one["query"], "query of 1,000": many["query"]}


def measure(all_ways: dict[str, Ways], rounds: int) -> dict[str, dict[str, float]]:
    """Return the median CPU seconds of a call, by operation and way."""
    taken: dict[str, dict[str, list[float]]] = {name: {} for name in _CALLS}
    for _ in range(rounds):
        for way, calls in all_ways.items():
            for name, call in calls.items():
                count = _CALLS[name] // (10 if way == "watched" else 1)
                begun = process_time()
                for _ in range(count):
                    call()
                taken[name].setdefault(way, []).append((process_time() - begun) / _CALLS[name])
    return {name: {way: median(times) for way, times in ways.items()} for name, ways in taken.items()}


def batches(url: str, rounds: int) -> float:
    """Return the CPU of a batch write of models, as a ratio to batch_writer of dictionaries."""
    things = [person(number) for number in range(_MODELS)]
    plain = [{**each.model_dump(exclude={"created"}), "created": each.created.isoformat()} for each in things]
    table: Any = boto3.resource("dynamodb", endpoint_url=url).Table("people")
    people = Repo(Person, client=Client(OwnClients("us-east-1", url, None)))
    ratios: list[float] = []
    for _ in range(max(3, rounds // 5)):
        begun = process_time()
        with table.batch_writer() as writer:
            for item in plain:
                writer.put_item(Item=item)
        theirs, begun = process_time() - begun, process_time()
        people.batch_write(put=things)
        ratios.append((process_time() - begun) / theirs)
    return median(ratios)


def threads(call: Callable[[], object]) -> float:
    """Return the calls a second of many threads on one client."""

    def work() -> None:
        for _ in range(_PER_THREAD):
            call()

    started = [threading.Thread(target=work) for _ in range(_THREADS)]
    begun = perf_counter()
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return _THREADS * _PER_THREAD / (perf_counter() - begun)


def main(rounds: int) -> None:
    """Measure and print a table of ratios."""
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    one = body({"Item": person(1).to_item()})
    answers = {"GetItem": one, "PutItem": b"{}", "BatchWriteItem": b'{"UnprocessedItems":{}}'}
    with (
        answering({**answers, "Query": page(100)}) as small,
        answering({**answers, "Query": page(1_000)}) as large,
    ):
        ways = {"boto3": with_boto3(small, large), "direct": ours(small, large), "watched": watched(small, large)}
        try:
            ways["pydynox"] = with_pydynox(small, large)
        except ImportError:
            print("pydynox is not installed")
        for call in (call for calls in ways.values() for call in calls.values()):
            call()
        for name, times in measure(ways, rounds).items():
            bare = times.pop("boto3")
            shown = "".join(f"  {way} {seconds / bare:5.2f}" for way, seconds in times.items())
            print(f"{name:16} boto3 {bare * 1e6:9.0f} us{shown}")
        print(f"batch write of {_MODELS:,} models, to batch_writer of dictionaries: {batches(small, rounds):.2f}")
        theirs, mine = zip(
            *[(threads(ways["boto3"]["get"]), threads(ways["direct"]["get"])) for _ in range(3)], strict=True
        )
        print(
            f"{_THREADS} threads, get: {median(mine):,.0f} a second, {median(mine) / median(theirs):.1f} times boto3's"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
