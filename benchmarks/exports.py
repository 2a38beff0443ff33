"""Measure reading and writing exports beside json and boto3's (de)serializer with pydantic.

    python benchmarks/exports.py [--items 300000]

The item of `sample`. All ways work on the same lines, in memory or in an uncompressed file: gunzip is outside.
Ratios are of CPU, and by the clock for two processes, which need two idle cores; each is the median over rounds in
which the ways run by turns. Memory is the peak of a process of its own, as Linux tells it.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
import tempfile
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, Self, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from pydantic import field_validator, model_validator
from sample import Person, person

from dynamorm_py import Repo, exports
from dynamorm_py.exports._kinds import kinds_of
from dynamorm_py.exports._line_models import read_items
from dynamorm_py.exports._lines import chunks
from dynamorm_py.exports._packing import job_of_models
from dynamorm_py.exports._rows import job_of_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py.exports._workers import Job, Work

_ROUNDS = 9
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


def rounds(
    ways: dict[str, Callable[[], object]], clock: Callable[[], float], count: int = _ROUNDS
) -> dict[str, list[float]]:
    """Return the seconds of each way in several rounds, one way after the other in each: what else runs meets all."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(count):
        for name, way in ways.items():
            taken[name].append(_taken(way, clock))
    return taken


def ratio(taken: dict[str, list[float]], name: str) -> float:
    """Return how often a way runs in the time of theirs: the median over the rounds."""
    return median(theirs / ours for theirs, ours in zip(taken["theirs"], taken[name], strict=True))


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
    parser.add_argument("--items", type=int, default=300_000)
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
    taken = rounds({"theirs": lambda: read_with_boto3(lines), "ours": lambda: read_with_us(few)}, process_time)
    rate = _FEW / min(taken["ours"])
    print(f"read, one process: {ratio(taken, 'ours'):.2f} times boto3 ({rate:,.0f} items a second of CPU)")
    for model in (Person, Checked):
        _print_handing_over(model.__name__, job_of_models(kinds_of(Repo(model)), read_items), lines)
    _print_handing_over("Arrow", job_of_rows(kinds_of(people), {}, validate=True, deletions=False)[0], lines)
    _print_by_the_clock(lines, many, total)
    ways: dict[str, Callable[[], object]] = {"theirs": lambda: read_with_boto3(lines)}
    ways |= {f"validate={flag}": partial(_to_arrow, few, validate=flag) for flag in (True, False)}
    taken = rounds(ways, process_time)
    for name in list(ways)[1:]:
        rate = _FEW / min(taken[name])
        print(f"to Arrow, {name}: {ratio(taken, name):.2f} times boto3's models ({rate:,.0f} items a second of CPU)")


class Checked(Person, table="people"):
    """The item with validators of its own."""

    @field_validator("pk", "sk", "email", "nickname")
    @classmethod
    def trim(cls, value: str | None) -> str | None:
        """Trim a text."""
        return value if value is None else value.strip()

    @model_validator(mode="after")
    def check(self) -> Self:
        """Check fields together, and compute something."""
        if self.age < 0 or "@" not in self.email or self.address.city not in {"Oslo", "Bergen"}:
            raise ValueError(self.pk)
        for _ in range(10):
            sha256(f"{self.pk}{self.sk}{self.email}".encode()).hexdigest()
        return self


def drain(way: Callable[[Any], object], parts: list[Any]) -> None:
    """Do it to each part, and keep nothing."""
    for part in parts:
        way(part)


def _print_handing_over(name: str, job: Job[Any], lines: list[bytes]) -> None:
    """Print what reading an item here costs, what it costs a worker, and what taking it over costs."""
    parts = [part for part in chunks(name, BytesIO(b"\n".join([*lines, b""])), job.size) if part.text]
    worker = cast("Callable[[], Work[Any]]", job.start)()
    packed = [worker.pack(worker.read(part)) for part in parts]
    ways: dict[str, Callable[[], object]] = {
        "read": lambda: drain(job.here.read, parts),
        "read and packed": lambda: drain(lambda part: worker.pack(worker.read(part)), parts),
        "taken over": lambda: drain(job.here.unpack, packed),
    }
    taken = rounds(ways, process_time)
    costs = ", ".join(f"{way} in {min(seconds) / len(lines) * 1e6:.1f}" for way, seconds in taken.items())
    print(f"{name}, microseconds of CPU of an item: {costs}")


def _print_by_the_clock(lines: list[bytes], many: Path, total: int) -> None:
    """Print what two processes gain by the clock; boto3's way reads as many items, one after the other."""
    repeats = -(-total // _FEW)
    ways: dict[str, Callable[[], object]] = {"theirs": lambda: [read_with_boto3(lines) for _ in range(repeats)]}
    for workers in (1, 2):
        ways[f"read, workers={workers}"] = partial(read_with_us, many, workers)
        ways[f"to_arrow, workers={workers}"] = partial(_to_arrow, many, workers=workers)
    taken = rounds(ways, perf_counter, 3)
    for name in list(ways)[1:]:
        rate = total / min(taken[name])
        print(f"by the clock, {name}: {ratio(taken, name):.2f} times boto3 ({rate:,.0f} items a second)")


def _to_arrow(folder: Path, *, validate: bool = True, workers: int = 1) -> int:
    return sum(batch.num_rows for batch in exports.to_arrow(people, folder, validate=validate, workers=workers))


def _print_writing(items: list[Person], directory: Path) -> None:
    numbers = iter(range(1000))
    taken = rounds(
        {
            "theirs": lambda: write_with_boto3(items, directory / "theirs.json"),
            "ours": lambda: exports.write(items, directory / f"ours{next(numbers)}", "NONE"),
        },
        process_time,
    )
    print(f"write: {ratio(taken, 'ours'):.2f} times boto3 ({_FEW / min(taken['ours']):,.0f} items a second of CPU)")


if __name__ == "__main__":
    main()
