"""Where a reader of a stream notes how far it came: a protocol, and two stores.

Positions are sequence numbers by shard, `END` for a shard that was read to its end. They are the
caller's to keep; nothing here knows how a stream is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Protocol

from pydantic import Field

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.model_table import bind
from dynamorm_py._runtime.run import run
from dynamorm_py._transport import as_client
from dynamorm_py.markers import PartitionKey, Version

Positions = Mapping[str, str]


@public("dynamorm_py.streams")
class Checkpoints(Protocol):
    """Keeps the positions of a stream."""

    def load(self, stream_arn: str, /) -> Positions:
        """Return the positions saved last; an empty mapping when there are none."""
        ...

    def save(self, stream_arn: str, positions: Positions, /) -> None:
        """Keep all positions of a stream, in place of those before."""
        ...


@public("dynamorm_py.streams")
class InMemoryCheckpoints:
    """Keeps positions as long as the process lives."""

    def __init__(self) -> None:
        """Start empty."""
        self._positions: dict[str, dict[str, str]] = {}

    def load(self, stream_arn: str, /) -> Positions:
        """Return the positions saved last."""
        return self._positions.get(stream_arn, {})

    def save(self, stream_arn: str, positions: Positions, /) -> None:
        """Keep the positions."""
        self._positions[stream_arn] = dict(positions)


@public("dynamorm_py.streams")
class TableCheckpoints:
    """Keeps positions in a DynamoDB table, one item a stream; its partition key is `stream`, a string.

    Two readers of one stream notice each other: the second to save gets ConditionFailed.
    """

    def __init__(self, table: str, *, client: object = None) -> None:
        """Name the table; `client` is as for `Repo`."""
        self._table, self._client = bind(_model(), table), as_client(client)
        self._held: dict[str, Any] = {}

    def load(self, stream_arn: str, /) -> Positions:
        """Return the positions saved last, read consistently."""
        table = self._table
        held = run(self._client, operations.get_or_none(table, stream_arn, table.codec, consistent=True))
        self._held[stream_arn] = held
        return {} if held is None else held.positions

    def save(self, stream_arn: str, positions: Positions, /) -> None:
        """Keep the positions. Raises ConditionFailed when another reader saved meanwhile."""
        held = self._held.get(stream_arn)
        item = _model()(stream=stream_arn) if held is None else held
        item = item.model_copy(update={"positions": dict(positions)})
        now = dt.datetime.now(dt.UTC)
        if held is None:
            plan = operations.create(self._table, operations.prepare_create(self._table, item, now))
        else:
            plan = operations.put(self._table, operations.prepare_put(self._table, item, now))
        self._held[stream_arn] = run(self._client, plan)


@cache
def _model() -> type[Any]:
    """Return the model of a checkpoint, compiled when the first store is made."""

    class StreamCheckpoint(DynamoModel):
        stream: Annotated[str, PartitionKey()]
        positions: dict[str, str] = Field(default_factory=dict)
        version: Annotated[int, Version()] = 0

    return StreamCheckpoint
