"""What can be wrong with a stream and its records, in addition to an image that does not fit its model.

CallError
├── InvalidStreamRecord     not a record, or not an event, of DynamoDB Streams
├── ImageMissing            the stream's view type leaves out the image that was asked for
└── UnroutedRecord          no route of a router fits the record
DynamoDBError
├── StreamNotFound          the table has no stream, or it is gone
└── RecordsTrimmed          records were removed before they were read
"""

from __future__ import annotations

from dynamorm_py._kernel.public import public
from dynamorm_py.errors import CallError, DynamoDBError


@public("dynamorm_py.streams")
class InvalidStreamRecord(CallError):
    """An object that is neither a record nor an event of DynamoDB Streams."""


@public("dynamorm_py.streams")
class ImageMissing(CallError):
    """An image that the stream's view type leaves out."""


@public("dynamorm_py.streams")
class UnroutedRecord(CallError):
    """A record that no route fits."""


@public("dynamorm_py.streams")
class StreamNotFound(DynamoDBError):
    """The table has no stream, or the stream is gone."""


@public("dynamorm_py.streams")
class RecordsTrimmed(DynamoDBError):
    """Records of a shard may be lost: they were removed (after 24 hours) before they were read.

    Raised once a shard; reading on continues with what is still there. `.shard` is the shard's id.
    """

    shard: str = ""
