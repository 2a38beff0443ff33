"""`StreamReader`: reads a table's stream without Lambda, and notes how far it came.

It performs the plans of `_shards` and keeps the books: what was handed out, what is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.public import public
from dynamorm_py._model.context import reading_of
from dynamorm_py._operations.arguments import check_int
from dynamorm_py._runtime.deadline import pause
from dynamorm_py._runtime.run import run
from dynamorm_py._transport import as_streams
from dynamorm_py.errors import CallError
from dynamorm_py.streams._checkpoints import Checkpoints, InMemoryCheckpoints
from dynamorm_py.streams._shards import SERVICE, Start, Stream, find_stream, poll

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py._kernel.plans import Request, Transport
    from dynamorm_py._kernel.response import ResponseLike
    from dynamorm_py._model.context import Source

_LARGEST_PAGE = 1000  # records: DynamoDB Streams API Reference, GetRecords, Limit


@public("dynamorm_py.streams")
class StreamReader:
    """Reads the records of a repository's table, in the form that Lambda gives them.

    Changes of one item come in their order. Every record comes at least once: after a restart those
    handed out since the last `commit()` come again. One reader at a time reads a stream.
    """

    def __init__(
        self,
        repo: Source[Any],
        *,
        checkpoints: Checkpoints | None = None,
        start: Start = "TRIM_HORIZON",
        page_size: int = _LARGEST_PAGE,
        client: object = None,
    ) -> None:
        """Read the stream of the table of a repository, or of a `Table`; nothing is sent yet.

        `start` is for a stream without a checkpoint: the oldest record there is, or `LATEST`. `page_size` is
        the most records that one shard gives at once. `client` is a boto3 client of "dynamodbstreams", needed
        where the repository has a client of its own.
        """
        if start not in {"TRIM_HORIZON", "LATEST"}:
            raise CallError('start= is neither "TRIM_HORIZON", the oldest record, nor "LATEST"')
        check_int("page_size", page_size, most=_LARGEST_PAGE)
        table, own = reading_of(repo, "StreamReader")
        self._table, self._page_size = table.name, page_size
        self._start: Start = start
        self._client = own if client is None else _Both(own, as_streams(client))
        self._checkpoints = InMemoryCheckpoints() if checkpoints is None else checkpoints
        self._stream: Stream | None = None
        self._handed_out: dict[str, str] = {}

    def poll(self) -> list[dict[str, Any]]:
        """Return the next records of every shard; an empty list does not mean that the stream has ended.

        Raises RecordsTrimmed once for a shard whose records were lost, StreamNotFound, TableNotFound.
        """
        stream = self._opened()
        pages = run(self._client, poll(stream))
        self._handed_out = {s.id: s.position for s in stream.shards.values() if s.position is not None}
        return [record for _, records in pages for record in records]

    def commit(self) -> None:
        """Save that every record of the pages polled so far is done."""
        if self._stream is not None and self._handed_out != self._stream.positions:
            self._checkpoints.save(self._stream.arn, self._handed_out)
            self._stream.positions = self._handed_out

    def follow(self, *, idle: float = 1.0) -> Iterator[dict[str, Any]]:
        """Yield records for ever, and commit a page when the next is due; wait `idle` seconds after an empty one.

        Under `deadline(...)` it raises DeadlineExceeded in time.
        """
        while True:
            records = self.poll()
            yield from records
            self.commit()
            if not records:
                pause(idle)

    def _opened(self) -> Stream:
        if self._stream is None:
            arn = run(self._client, find_stream(self._table))
            self._stream = Stream(arn, self._start, dict(self._checkpoints.load(arn)), self._page_size)
        return self._stream


class _Both:
    """The repository's client, and another for the stream."""

    def __init__(self, client: Transport, streams: Transport) -> None:
        self._client, self._streams = client, streams

    def call(self, request: Request, /) -> ResponseLike:
        """Perform a request with the client of its service."""
        return (self._streams if request.service == SERVICE else self._client).call(request)
