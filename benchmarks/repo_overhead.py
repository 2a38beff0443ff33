"""Measure what Repo.get and Repo.put add to the CPU of the bare boto3 client's call with the same dictionaries.

    python benchmarks/repo_overhead.py

All ways take turns in one run, over the loopback. Shown are the CPU time of a call in the fastest round,
the median over the rounds of the ratio to the bare call, and the ratio of the fastest rounds, which a busy
machine disturbs least. The server is another process that returns recorded answers: its work is not counted.
"""

from __future__ import annotations

from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

import boto3
from loopback import answering
from sample import Person, body, person

from dynamorm_py import Repo
from dynamorm_py._transport import default_client

if TYPE_CHECKING:
    from collections.abc import Callable

_ROUNDS = 60
_CALLS = 25  # in a row for each way, in each round


def ways(endpoint: str) -> dict[str, dict[str, Callable[[], object]]]:
    """Return the calls to compare, by operation and by way; the first way is the bare client's."""
    bare: Any = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint)
    ours = Repo(Person, client=default_client("us-east-1", endpoint))
    brought = Repo(Person, client=bare)
    one = person(1)
    item = one.to_item()
    key = {name: item[name] for name in ("pk", "sk")}
    return {
        "get": {
            "the bare client": lambda: bare.get_item(TableName="people", Key=key),
            "Repo, its own client": lambda: ours.get((one.pk, one.sk)),
            "Repo, the same client": lambda: brought.get((one.pk, one.sk)),
        },
        "put": {
            "the bare client": lambda: bare.put_item(TableName="people", Item=item),
            "Repo, its own client": lambda: ours.put(one),
            "Repo, the same client": lambda: brought.put(one),
        },
    }


def cpu(call: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    started = process_time()
    for _ in range(_CALLS):
        call()
    return (process_time() - started) / _CALLS


def main() -> None:
    """Measure and print."""
    with answering({"GetItem": body({"Item": person(1).to_item()}), "PutItem": b"{}"}) as endpoint:
        for operation, calls in ways(endpoint).items():
            rounds = [[cpu(call) for call in calls.values()] for _ in range(_ROUNDS + 1)][1:]  # the first warms up
            for way, name in enumerate(calls):
                ratio = median(times[way] / times[0] for times in rounds)
                fastest, bare = (min(times[n] for times in rounds) for n in (way, 0))
                print(f"{operation}  {name:22} {fastest * 1e6:6.0f} us {ratio:6.2f} {fastest / bare:6.2f}")


if __name__ == "__main__":
    main()
