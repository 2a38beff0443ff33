"""Measure the codec beside boto3's serializer with pydantic, and what an import costs.

    python benchmarks/codec.py

1,000 items of 11 attributes, both ways in turns in one run: only the ratios say something.
"""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from sample import Person, body, person

from dynamorm_py._model import codec_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ITEMS = 1_000
_ROUNDS = 25
_IMPORTS = {
    "import boto3, pydantic": "import boto3, pydantic",
    "import dynamorm_py": "import dynamorm_py",
    "the same with DynamoModel, Repo": "from dynamorm_py import DynamoModel, Repo",
    "the same and import boto3": "import boto3; from dynamorm_py import DynamoModel, Repo",
}

people = [person(number) for number in range(_ITEMS)]
codec = codec_of(Person)
parsed: dict[str, Any] = {"Items": [one.to_item() for one in people]}
answer = body(parsed)
serialize, deserialize = TypeSerializer().serialize, TypeDeserializer().deserialize


def write_with_boto3() -> list[dict[str, Any]]:
    """Write the models as items with boto3; a datetime is none of its types."""
    plain = (one.model_dump() | {"created": one.created.isoformat()} for one in people)
    return [{name: serialize(value) for name, value in item.items()} for item in plain]


def read_with_boto3() -> list[Person]:
    """Read the parsed items with boto3 and pydantic; boto3 wraps binary in a type of its own."""
    plain = ({name: deserialize(value) for name, value in item.items()} for item in parsed["Items"])
    return [Person.model_validate(item | {"avatar": item["avatar"].value}) for item in plain]


def rates(ways: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the items a second of CPU of each way."""
    rounds = [[_taken(way) for way in ways.values()] for _ in range(_ROUNDS)]
    return {name: _ITEMS / median(times[n] for times in rounds) for n, name in enumerate(ways)}


def _taken(way: Callable[[], object]) -> float:
    started = process_time()
    way()
    return process_time() - started


def import_times() -> dict[str, float]:
    """Return the milliseconds of CPU of each import in a fresh interpreter, less the interpreter's own start."""
    rounds = [[_started(code) for code in ("pass", *_IMPORTS.values())] for _ in range(_ROUNDS)]
    return {name: median(t[n] - t[0] for t in rounds) * 1000 for n, name in enumerate(_IMPORTS, start=1)}


def _started(code: str) -> float:
    before = os.times()
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 -- our own statements
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Check that all ways agree, measure, print."""
    assert (
        codec.decode_response(answer)["Items"] == codec.decode_response(parsed)["Items"] == read_with_boto3() == people
    )
    print("items a second of CPU")
    ways = {
        "write  TypeSerializer": write_with_boto3,
        "write  codec": lambda: [codec.encode(one) for one in people],
        "read   TypeDeserializer, model_validate": read_with_boto3,
        "read   codec, from dictionaries": lambda: codec.decode_response(parsed),
        "read   codec, from bytes": lambda: codec.decode_response(answer),
    }
    for name, rate in rates(ways).items():
        print(f"  {name:42} {rate:9,.0f}")
    print("milliseconds of CPU of an import")
    for name, taken in import_times().items():
        print(f"  {name:42} {taken:9.0f}")


if __name__ == "__main__":
    main()
