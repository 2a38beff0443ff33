"""Changes of a table, as DynamoDB Streams tells them: decoded into models, routed, reported, read.

    @partial_batch
    @on_record(users)
    def handler(change: Change[User]) -> None: ...

A record comes from a Lambda event, an EventBridge pipe or `StreamReader`; all are read alike. Nothing
here imports boto3: a record of a model without encrypted fields is read without any call.
"""

from __future__ import annotations

from dynamorm_py.streams._batches import BatchResponse, on_record, partial_batch
from dynamorm_py.streams._changes import Change, Changes, FieldChange, read_change, read_changes, read_image
from dynamorm_py.streams._checkpoints import Checkpoints, InMemoryCheckpoints, TableCheckpoints
from dynamorm_py.streams._errors import (
    ImageMissing,
    InvalidStreamRecord,
    RecordsTrimmed,
    StreamNotFound,
    UnroutedRecord,
)
from dynamorm_py.streams._reader import StreamReader
from dynamorm_py.streams._routes import StreamRouter

__all__ = [
    "BatchResponse",
    "Change",
    "Changes",
    "Checkpoints",
    "FieldChange",
    "ImageMissing",
    "InMemoryCheckpoints",
    "InvalidStreamRecord",
    "RecordsTrimmed",
    "StreamNotFound",
    "StreamReader",
    "StreamRouter",
    "TableCheckpoints",
    "UnroutedRecord",
    "on_record",
    "partial_batch",
    "read_change",
    "read_changes",
    "read_image",
]
