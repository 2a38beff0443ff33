"""Count the Python calls from a public call to the request and back: 'call' events, resumed generators included.

    python benchmarks/calls.py [NAME]

The client is scripted, so the counts are the same in every run, and a unit test holds their ceilings. With the
name of one of the calls, each of its Python calls is listed.
"""

from __future__ import annotations

import json
import sys
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any

sys.path.insert(0, str(PurePath(__file__).parent))  # the unit test loads this file by its path

from sample import Person, body, page, person

from dynamorm_py import Attr, DynamoModel, Key, PartitionKey, Repo, fields
from dynamorm_py.clients import Response
from dynamorm_py.streams import StreamRouter

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from dynamorm_py.clients import Request
    from dynamorm_py.streams import Change


class Note(DynamoModel, table="notes"):
    """An item of four texts: what a write costs besides its attributes."""

    pk: Annotated[str, PartitionKey()]
    title: str
    text: str
    author: str


class Scripted:
    """A client that answers each operation with its recorded body, as the direct lane does."""

    def __init__(self, bodies: dict[str, bytes]) -> None:
        """Keep the bodies by operation."""
        self._responses = {operation: Response(body) for operation, body in bodies.items()}

    def call(self, request: Request, /) -> Response:
        """Return the recorded body."""
        return self._responses[request.operation]


def public_calls() -> dict[str, Callable[[], object]]:
    """Return the calls that are counted, by name."""
    one, f = person(1), fields(Person)
    key, item = (one.pk, one.sk), one.to_item()
    bodies = {"GetItem": body({"Item": item}), "PutItem": b"{}", "UpdateItem": body({"Attributes": item})}
    people = Repo(Person, client=Scripted({**bodies, "Query": page(1)}))
    notes, note = Repo(Note, client=Scripted(bodies)), Note(pk="n", title="t", text="x", author="a")
    router, record = _router(people), _record(item)
    actions = (Attr(f.nickname).set("Al"), Attr(f.age).add(1))
    conditions = (Key(f.pk) == one.pk, Key(f.sk).begins_with("ORDER#"))
    return {
        "get": lambda: people.get(key),
        "put": lambda: people.put(one),
        "put of 4 texts": lambda: notes.put(note),
        "update": lambda: people.update(key, *actions),
        "query page": lambda: people.query(*conditions).page(size=25),
        "stream record": lambda: router(record),
    }


def _router(people: Repo[Person]) -> StreamRouter:
    router = StreamRouter()

    @router.on(people)
    def handle(change: Change[Person]) -> None:
        del change

    return router


def _record(item: dict[str, Any]) -> dict[str, Any]:
    """Return an INSERT as Lambda gets it."""
    image = json.loads(body(item))
    return {
        "eventID": "1",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/people/stream/2026-01-01T00:00:00.000",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_000_000.0,
            "Keys": {name: image[name] for name in ("pk", "sk")},
            "NewImage": image,
            "SequenceNumber": "1",
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


def walk(call: Callable[[], object]) -> list[str]:
    """Return where each Python call of a warm call goes: file and function."""
    for _ in range(3):
        call()
    events: list[str] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            code = frame.f_code
            events.append(f"{PurePath(code.co_filename).name}:{code.co_firstlineno} {code.co_name}")

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return events[1:]  # the lambda above is not a call of the library's


def main(name: str | None) -> None:
    """Print the counts, or the calls of one."""
    calls = public_calls()
    if name is not None:
        print("\n".join(walk(calls[name])))
        return
    for each, call in calls.items():
        print(f"{each:14}{len(walk(call)):5}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
