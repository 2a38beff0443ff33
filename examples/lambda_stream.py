"""A Lambda function on a table's stream: typed changes, partial failures, a deadline.

`make example NAME=lambda_stream` gives it the records of the event in fixtures/streams, as Lambda would.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from dynamorm_py import AsJson, DynamoModel, PartitionKey, Repo, SortKey
from dynamorm_py.aws_lambda import LambdaContext, deadline, lambda_client
from dynamorm_py.streams import BatchResponse, Change, StreamRouter, partial_batch


class Prefs(BaseModel):
    theme: str


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    name: str = ""
    score: int = 0
    tags: set[str] = Field(default_factory=set)
    avatar: bytes = b""
    prefs: Annotated[Prefs | None, AsJson()] = None


users = Repo(User, client=lambda_client())  # made once a process; connects at its first call
router = StreamRouter()
seen: list[str] = []


@router.on(users, begins_with={"sk": "PROFILE"})
def profile_changed(change: Change[User]) -> None:
    """Note what happened to a profile."""
    what = "expired" if change.expired else ", ".join(change.diff())
    seen.append(f"{change.kind} {change.key}: {what}")


_batch = partial_batch(router)


def handler(event: object, context: LambdaContext) -> BatchResponse:
    """Handle a batch of DynamoDB Streams; the function has `ReportBatchItemFailures` switched on."""
    with deadline(context, reserve=0.5):
        return _batch(event, context)


class Invocation:
    """Stands for Lambda's context: three seconds are left."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left."""
        return 3_000


if __name__ == "__main__":
    recorded = Path(__file__).parents[1] / "fixtures" / "streams" / "lambda_event.json"
    print(handler(json.loads(recorded.read_text()), Invocation()))
    print(*seen, sep="\n")
