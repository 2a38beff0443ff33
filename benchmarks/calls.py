"""Count the Python calls from a public call to the request and back: 'call' events, resumed generators included.

    python benchmarks/calls.py [TRACED]

The client is scripted, so the counts are exact and the same in every run; a unit test holds ceilings over them.
Name one of the operations to see each of its calls.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from sample import Person, body, page, person

from dynamorm_py import Attr, Key, Repo, fields
from dynamorm_py.streams import Router

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from dynamorm_py.clients import Request


class Scripted:
    """A client that answers each operation with its recorded body."""

    def __init__(self, bodies: dict[str, bytes]) -> None:
        """Keep the bodies by operation."""
        self._bodies = bodies

    def call(self, request: Request, /) -> bytes:
        """Return the recorded body."""
        return self._bodies[request.operation]


def operations() -> dict[str, Callable[[], object]]:
    """Return the public calls by name."""
    one, f = person(1), fields(Person)
    item = one.to_item()
    answers = {"GetItem": body({"Item": item}), "PutItem": b"{}", "UpdateItem": body({"Attributes": item})}
    people = Repo(Person, client=Scripted({**answers, "Query": page(1)}))
    router = Router()
    router.on(people)(lambda _change: None)
    router = Router()
    record = json.loads(body(stream_record(item)))
    return {
        "get": lambda: people.get((one.pk, one.sk)),
        "put": lambda: people.put(one),
        "update": lambda: people.update((one.pk, one.sk), Attr(f.nickname).set("Al"), condition=Attr(f.age) >= 1),
        "query": lambda: people.query(Key(f.pk) == one.pk, filter=Attr(f.age) >= 1).page(size=25),
    }
