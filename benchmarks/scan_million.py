"""Scan a million items and print the resident memory on the way: it must stay that of the pages in hand.

    python benchmarks/scan_million.py [ITEMS]

The client answers in the process, with the same recorded page and a key to go on after, so nothing but the library
is measured.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sample import Person, page

from dynamorm_py import Repo

if TYPE_CHECKING:
    from dynamorm_py.clients import Request

_PAGE = 1_000  # items; about 400 KB


class Pages:
    """A client that answers with a number of pages."""

    def __init__(self, count: int) -> None:
        """Record the page, and the last one, after which there is no key."""
        self._left, self._last = count, page(_PAGE)
        key = {"LastEvaluatedKey": {"pk": {"S": "USER#1"}, "sk": {"S": "ORDER#000999"}}}
        self._page = json.dumps({**json.loads(self._last), **key}).encode()

    def call(self, request: Request, /) -> bytes:
        """Return the next page, in bytes of its own as a connection would give them."""
        del request
        self._left -= 1
        return bytes(bytearray(self._page if self._left else self._last))


def resident() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def main(items: int) -> None:
    """Scan, and print the memory ten times on the way and the peak."""
    people, step = Repo(Person, client=Pages(items // _PAGE)), max(_PAGE, items // 10)
    print(f"before the first page {resident():6.0f} MB")
    done = 0
    for done, _ in enumerate(people.scan(), 1):
        if done % step == 0:
            print(f"{done:21,} {resident():6.0f} MB")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"{done:,} items, peak {peak:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
