"""Measure what a page of 1,000 items costs our client as bytes, against boto3's parsed dictionaries.

    python benchmarks/client_parse.py

Both ways are measured in turns in one run, over the loopback, so only the ratio says something.
The server is another process: its work is not counted.
"""

from __future__ import annotations

from statistics import median
from time import process_time

from loopback import answering
from sample import page

from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport import default_client

_ITEMS = 1_000
_ROUNDS = 15


def measure(url: str) -> dict[bool, float]:
    """Return the median CPU seconds of a call, by whether it asks for bytes."""
    client = default_client("us-east-1", url)
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(_ROUNDS):
        for raw, taken in seconds.items():
            started = process_time()
            client.call(Request("Query", {"TableName": "people"}, raw=raw))
            taken.append(process_time() - started)
    return {raw: median(taken) for raw, taken in seconds.items()}


def main() -> None:
    """Start the server, measure, print."""
    with answering({"Query": page(_ITEMS)}) as endpoint:
        taken = measure(endpoint)
    print(f"CPU of one call that answers {_ITEMS:,} items of 11 attributes")
    print(f"  parsed by boto3  {taken[False] * 1000:7.2f} ms")
    print(f"  as bytes         {taken[True] * 1000:7.2f} ms")
    print(f"  ratio            {taken[False] / taken[True]:7.1f}")


if __name__ == "__main__":
    main()
