"""Measure reading and writing exports beside json and boto3's (de)serializer with pydantic.

    python benchmarks/exports.py [--items 100000]

The item of `sample`. All ways work on the same lines, in memory or in an uncompressed file: gunzip is outside.
Ratios are of CPU, and by the clock for two processes. Memory is the peak of a process of its own, as Linux tells it.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from sample import Person, person

from dynamorm_py import Repo, exports

if TYPE_CHECKING:
    from collections.abc import Callable

_ROUNDS = 5
_FEW = 5_000  # enough for a ratio of CPU

people = Repo(Person)
serialize, deserialize = TypeSerializer().serialize, TypeDeserializer().deserialize


def read_with_boto3(lines: list[bytes]) -> int:
    """Read lines with json, TypeDeserializer and pydantic; binary has to be decoded first."""
    count = 0
    for line in lines:
        item = json.loads(line)["Item"]
        item["avatar"]["B"] = base64.b64decode(item["avatar"]["B"])
        plain: dict[str, Any] = {name: deserialize(value) for name, value in item.items()}
        Person.model_validate(plain | {"avatar": plain["avatar"].value})
        count += 1
    return count


def read_with_us(folder: Path, workers: int = 1) -> int:
    """Read a folder."""
    return sum(1 for _ in exports.read(people, folder, workers=workers))


def write_with_boto3(items: list[Person], file: Path) -> None:
    """Write a file with TypeSerializer and json; a datetime is none of its types."""
    with file.open("w") as out:
        for one in items:
            plain = one.model_dump() | {"created": one.created.isoformat()}
            item = {name: serialize(value) for name, value in plain.items()}
            json.dump({"Item": item}, out, default=_text, separators=(",", ":"))
            out.write("\n")


def _text(value: Any) -> object:  # noqa: ANN401 -- what json does not know
    return sorted(cast("set[str]", value)) if isinstance(value, set) else base64.b64encode(bytes(value)).decode()


def cpu(way: Callable[[], object]) -> float:
    """Return the CPU seconds of a way, the median of several rounds."""
    return median(_taken(way, process_time) for _ in range(_ROUNDS))


def _taken(way: Callable[[], object], clock: Callable[[], float]) -> float:
    started = clock()
    way()
    return clock() - started


def peak(code: str, folder: Path) -> float:
    """Return the peak memory in MB of a fresh process that runs a statement over a folder."""
    script = (
        "import re, sys; sys.path.insert(0, 'benchmarks')\n"
        "from sample import Person\nfrom dynamorm_py import Repo, exports\n"
        f"{code}\nprint(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) / 1024)"
    )
    done = subprocess.run([sys.executable, "-c", script, folder], check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout)


def main() -> None:
    """Write the files, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=100_000)
    total: int = parser.parse_args().items
    with tempfile.TemporaryDirectory() as directory:
        few, many = Path(directory, "few"), Path(directory, "many")
        items = [person(number) for number in range(_FEW)]
        exports.write(items, few, "NONE")
        exports.write((person(number) for number in range(total)), many, "NONE", shard_bytes=16 * 1024 * 1024)
        lines = (few / "00001.json").read_bytes().splitlines()
        _print_reading(lines, few, many, total)
        _print_writing(items, Path(directory))
        models = "for _ in exports.read(Repo(Person), sys.argv[1]): pass"
        arrow = "for _ in exports.to_arrow(Repo(Person), sys.argv[1]): pass"
        print(
            f"peak memory over {total} items, in MB: models {peak(models, many):.0f}, to Arrow {peak(arrow, many):.0f}"
        )


def _print_reading(lines: list[bytes], few: Path, many: Path, total: int) -> None:
    theirs = cpu(lambda: read_with_boto3(lines))
    ours = cpu(lambda: read_with_us(few))
    print(f"read, one process: {theirs / ours:.2f} times boto3 ({_FEW / ours:,.0f} items a second of CPU)")
    for workers in (1, 2):
        taken = min(_taken(partial(read_with_us, many, workers), perf_counter) for _ in range(2))
        ratio = theirs / _FEW * total / taken
        print(f"read by the clock, workers={workers}: {ratio:.2f} times boto3 ({total / taken:,.0f} items a second)")
    for validate in (True, False):
        taken = cpu(partial(_to_arrow, few, validate=validate))
        ratio, rate = theirs / taken, _FEW / taken
        print(f"to Arrow, validate={validate}: {ratio:.2f} times boto3's models ({rate:,.0f} items a second of CPU)")


def _to_arrow(folder: Path, *, validate: bool) -> None:
    exports.to_arrow(people, folder, validate=validate).read_all()


def _print_writing(items: list[Person], directory: Path) -> None:
    rounds = iter(range(1000))
    theirs = cpu(lambda: write_with_boto3(items, directory / "theirs.json"))
    ours = cpu(lambda: exports.write(items, directory / f"ours{next(rounds)}", "NONE"))
    print(f"write: {theirs / ours:.2f} times boto3 ({_FEW / ours:,.0f} items a second of CPU)")


if __name__ == "__main__":
    main()
