"""An answer of AWS: its body as it came, and the document in it, parsed at most once.

It knows which members of AWS's JSON are bytes and times by their names, so that a document is what boto3 returns;
a test compares the names with botocore's service models. It knows nothing of items and models.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, cast

from pydantic_core import from_json

from dynamorm_py._kernel.public import public

# An attribute's name may be one of these too, but its value is an object there, never text or a number.
BLOBS = frozenset({"B", "BS", "Plaintext", "CiphertextBlob", "CiphertextForRecipient"})
_TIME_NAMES = """
ApproximateCreationDateTime ArchivalDateTime BackupCreationDateTime BackupExpiryDateTime CreationDate
CreationDateTime CreationRequestDateTime DeletionDate EarliestRestorableDateTime EndTime ExportFromTime
ExportTime ExportToTime InaccessibleEncryptionDateTime KeyCreationDate LastDecreaseDateTime
LastIncreaseDateTime LastUpdateDateTime LastUpdateToPayPerRequestDateTime LastUpdatedDate
LatestRestorableDateTime NextRotationDate OnDemandRotationStartDate ParametersValidTo
ReplicaInaccessibleDateTime RestoreDateTime RotationDate StartTime TableCreationDateTime
TimeRangeLowerBound TimeRangeUpperBound Timestamp TrackingStartDate ValidTo
"""
TIMES = frozenset(_TIME_NAMES.split())


ResponseLike: TypeAlias = Mapping[str, Any] | bytes
"""What a transport answers with: a `Response`, or what one is made from, boto3's dictionary or the body."""


class MalformedBody(ValueError):
    """A body that is not a JSON object."""


@public("dynamorm_py.clients")
class Response(Mapping[str, Any]):
    """One response, from which items, capacity and errors are read. As a mapping it is its document.

    `body` is the JSON as it came, None where only boto3's dictionary is known. `retries` counts the requests
    before the last one, None where they were not counted.
    """

    __slots__ = ("_document", "_json", "body", "metadata")

    def __init__(
        self,
        body: bytes | None = None,
        document: Mapping[str, Any] | None = None,
        *,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Take a body, or a document in boto3's form, or both. `metadata` is boto3's `ResponseMetadata`."""
        self.body: bytes | None = body
        self._document: Mapping[str, Any] | None = document
        self._json: Mapping[str, Any] | None = None
        self.metadata: Mapping[str, Any] = metadata or {}

    @classmethod
    def of(cls, answer: ResponseLike) -> Response:
        """Return what a transport answered as a response; of anything else, one whose body is malformed."""
        if isinstance(answer, bytes):
            return cls(answer)
        if isinstance(answer, Response):
            return answer
        if answer.__class__ is dict or isinstance(cast("object", answer), Mapping):  # the first is known faster
            return cls(document=answer, metadata=answer.get("ResponseMetadata"))
        return cls(b"")  # a transport of the user's broke its promise

    @property
    def document(self) -> Mapping[str, Any]:
        """The answer in boto3's form. Raises MalformedBody."""
        if self._document is None:
            self._document = decode(self.body) if self.body is not None else {}
        return self._document

    @property
    def json(self) -> Mapping[str, Any]:
        """The answer in DynamoDB's JSON, where binary is text; boto3's form where only that is known.

        Raises MalformedBody.
        """
        if self.body is None:
            return self.document
        if self._json is None:
            self._json = parse(self.body)
        return self._json

    @property
    def retries(self) -> int | None:
        """How many requests went before the one that this answers."""
        return self.metadata.get("RetryAttempts")

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 -- JSON
        """Return a member of the document."""
        return self.document[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the members of the document."""
        return iter(self.document)

    def __len__(self) -> int:
        """Return how many members the document has."""
        return len(self.document)

    def __repr__(self) -> str:
        """Say how large it is; what is in it may be a secret."""
        return f"Response({'a document' if self.body is None else f'{len(self.body)} bytes'})"


def parse(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body is, binary still as text. Raises MalformedBody."""
    try:
        document: Any = from_json(body)
    except ValueError as error:
        raise MalformedBody("the body is not JSON") from error
    if not isinstance(document, dict):
        raise MalformedBody("the body is not a JSON object")
    return cast("dict[str, Any]", document)


def decode(body: bytes) -> dict[str, Any]:
    """Return what boto3 returns for a body. Raises MalformedBody."""
    document = parse(body)
    try:
        return _decoded(document)
    except (ValueError, OverflowError) as error:
        raise MalformedBody("a member of the body is not what its name says") from error


def _decoded(document: dict[str, Any]) -> dict[str, Any]:
    return {name: _member(name, value) for name, value in document.items() if value is not None}


def _member(name: str, value: Any) -> Any:  # noqa: ANN401 -- JSON
    kind = cast("type[object]", type(value))
    if kind is dict:
        return _decoded(value)
    if kind is list:
        if name == "BS" and all(type(each) is str for each in value):
            return [base64.b64decode(each, validate=True) for each in value]
        return [_member("", each) for each in value]
    if kind is str:
        return base64.b64decode(value, validate=True) if name in BLOBS else value
    if name in TIMES and kind in (int, float):
        return dt.datetime.fromtimestamp(value, tz=dt.UTC)
    return value
