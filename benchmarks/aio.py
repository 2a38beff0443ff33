r"""Measure the asynchronous face beside a bare synchronous boto3 client: the CPU of a call, by turns in one process.

    python benchmarks/aio.py [ROUNDS]

pydynox and dynamoxy stand beside it where they are installed (dynamoxy needs Python 3.12):

    uv run --no-project --python 3.12 --with pydynox --with 'dynamoxy[pydantic]' --with uvloop --with . \
        python benchmarks/aio.py

The server is another process with recorded answers. Only ratios say something.
"""

# pyright: basic, reportMissingImports=false
# ruff: noqa: PLC0415 -- the other libraries are only loaded where they are installed

from __future__ import annotations

import asyncio
import gc
import os
import resource
import sys
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import boto3
from loopback import answering
from sample import Person, body, person

from dynamorm_py import aio
from dynamorm_py._transport import default_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_IN_SEQUENCE = 40
_AT_ONCE = 50
_CONCURRENT = 1_000

Ways = dict[str, "Callable[[], Awaitable[object]]"]


def bare(endpoint: str) -> dict[str, Callable[[], object]]:
    """Give the calls of a bare synchronous client; put writes a dictionary that is there already."""
    client: Any = boto3.client("dynamodb", endpoint_url=endpoint)
    one = person(1)
    key, item = {"pk": {"S": one.pk}, "sk": {"S": one.sk}}, one.to_item()
    return {
        "get": lambda: client.get_item(TableName="people", Key=key),
        "put": lambda: client.put_item(TableName="people", Item=item),
    }


def ours(endpoint: str) -> Ways:
    """Give the calls of an asynchronous repository, which validates and makes models."""
    people, one = aio.Repo(Person, client=default_client("us-east-1", endpoint)), person(1)
    return {"get": lambda: people.get((one.pk, one.sk)), "put": lambda: people.put(one)}


def pydynox(endpoint: str) -> Ways:
    """Give the calls of pydynox: its core is Rust, and its models validate nothing of these types."""
    from pydynox import DynamoDBClient, Model, ModelConfig
    from pydynox import attributes as a

    class Human(Model):
        model_config = ModelConfig(table="people", client=DynamoDBClient(region="us-east-1", endpoint_url=endpoint))

        pk = a.StringAttribute(partition_key=True)
        sk = a.StringAttribute(sort_key=True)
        email = a.StringAttribute()
        age = a.NumberAttribute()
        score = a.DecimalAttribute()
        active = a.BooleanAttribute()
        nickname = a.StringAttribute()
        tags = a.StringSetAttribute()
        avatar = a.BinaryAttribute()
        created = a.DatetimeAttribute()
        address = a.MapAttribute()

    one = Human(**person(1).model_dump())
    return {"get": lambda: Human.get(pk=one.pk, sk=one.sk), "put": lambda: one.save(full_replace=True)}


def dynamoxy(endpoint: str) -> Ways:
    """Give the calls of dynamoxy, whose core is Rust, with its pydantic models."""
    from datetime import datetime
    from decimal import Decimal
    from typing import Annotated

    from dynamoxy import Client, PartitionKey, PydanticModel, SortKey
    from sample import Address

    fields: dict[str, Any] = {"email": str, "age": int, "score": Decimal, "active": bool}
    fields |= {"nickname": str | None, "tags": set[str], "avatar": bytes, "created": datetime, "address": Address}
    fields |= {"pk": Annotated[str, PartitionKey()], "sk": Annotated[str, SortKey()]}
    human: Any = type("Human", (PydanticModel,), {"__annotations__": fields, "__module__": __name__}, table="people")
    people, one = Client(region="us-east-1", endpoint_url=endpoint).repository(human), person(1)
    same = human(**one.model_dump())
    return {"get": lambda: people.get(one.pk, one.sk), "put": lambda: people.put(same)}


async def in_sequence(call: Callable[[], Awaitable[object]]) -> float:
    """Return the CPU seconds of one call, made one after another."""
    begun = process_time()
    for _ in range(_IN_SEQUENCE):
        await call()
    return (process_time() - begun) / _IN_SEQUENCE


async def at_once(call: Callable[[], Awaitable[object]], many: int = _AT_ONCE) -> float:
    """Return the CPU seconds of one call, of many made at once."""
    begun = process_time()
    await asyncio.gather(*(call() for _ in range(many)))
    return (process_time() - begun) / many


def blocking(call: Callable[[], object]) -> float:
    """Return the CPU seconds of one call of the bare client."""
    begun = process_time()
    for _ in range(_IN_SEQUENCE // 2):
        call()
    return (process_time() - begun) / (_IN_SEQUENCE // 2)


async def measure(endpoint: str, rounds: int) -> None:
    """Measure by turns and print ratios to the bare client."""
    theirs, libraries = bare(endpoint), {"dynamorm_py": ours(endpoint)}
    for name, make in {"pydynox": pydynox, "dynamoxy": dynamoxy}.items():
        try:
            libraries[name] = make(endpoint)
        except ImportError:
            print(f"{name} is not installed")
    for operation, plain in theirs.items():
        times: dict[str, list[float]] = {}
        for _ in range(rounds):
            times.setdefault("boto3", []).append(blocking(plain))
            for name, ways in libraries.items():
                times.setdefault(f"{name} in sequence", []).append(await in_sequence(ways[operation]))
                times.setdefault(f"{name} 50 at once", []).append(await at_once(ways[operation]))
        base = median(times["boto3"])
        print(f"{operation}: boto3 {base * 1e6:.0f} us")
        for name, taken in times.items():
            print(f"  {name:24} {median(taken) / base:5.3f}   fastest {min(taken) / min(times['boto3']):5.3f}")
    await crowd(libraries["dynamorm_py"]["get"])


async def crowd(get: Callable[[], Awaitable[object]]) -> None:
    """Make 1,000 gets at once, ten times, and say how long each took and what it did to the memory."""
    waits: list[float] = []

    async def timed() -> None:
        begun = perf_counter()
        await get()
        waits.append(perf_counter() - begun)

    memory: list[int] = []
    for _ in range(10):
        waits.clear()
        await asyncio.gather(*(timed() for _ in range(_CONCURRENT)))
        gc.collect()
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    print(
        f"{_CONCURRENT:,} gets at once, ten times: no error; the last ones took {min(waits) * 1e3:.0f} to "
        f"{max(waits) * 1e3:.0f} ms; peak memory {memory[0]} MB after the first, {memory[-1]} MB after the last"
    )


def main(rounds: int) -> None:
    """Measure and print, on uvloop too where it is installed."""
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    answers = {"GetItem": body({"Item": person(1).to_item()}), "PutItem": b"{}"}
    with answering(answers) as endpoint:
        print("asyncio")
        asyncio.run(measure(endpoint, rounds))
        try:
            import uvloop
        except ImportError:
            return
        print("uvloop")
        uvloop.run(measure(endpoint, rounds))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
