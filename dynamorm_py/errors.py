"""Every error that dynamorm_py raises: one tree, divided by whose fault it is.

    DynamormError
    ├── ModelDefinitionError              the model's: found when its class is created
    ├── CallError                         the call's: refused before anything is sent (more in .streams, .accounts)
    │   ├── InvalidKey                    a key that is empty, missing or of the wrong shape
    │   ├── InvalidValue                  a value without a DynamoDB form
    │   │   ├── OtherFieldsNeeded         a validator asks for fields that are not part of the call
    │   │   └── ItemTooLarge              an item over 400 KB (also when DynamoDB says so)
    │   ├── InvalidExpression             a condition, filter, action or key condition
    │   │   ├── EncryptedFieldNotQueryable
    │   │   └── UnknownAttribute          `User.age`, `query.name`: an AttributeError too
    │   ├── InvalidCall                   a second key, `len(query)`: a TypeError too
    │   ├── FieldNotCarried               a field of an item read through an index without it: an AttributeError too
    │   ├── InvalidProjection             a smaller model that the item cannot fill
    │   ├── InvalidCursor
    │   ├── InvalidBatch, InvalidTransaction  what DynamoDB takes in no batch, or in no transaction
    │   ├── ImmutableModelMutation, ProtectedFieldMutation  what the model's write policy forbids
    │   ├── IndexNotFound                 no index, or more than one, fits the query
    │   └── ClientNotConfigured           no region, no credentials, not a DynamoDB client
    ├── ItemDecodeError                   the stored item's: it does not fit the model
    ├── DynamoDBError                     DynamoDB's answer
    │   ├── ItemNotFound
    │   │   └── NoResult                  `one()` of a query or scan found none
    │   ├── MultipleResults, WaitTimeout
    │   ├── ConditionFailed
    │   │   ├── VersionConflict           the stored version is another than the write expected
    │   │   ├── ItemAlreadyExists
    │   │   ├── AlreadyTaken
    │   │   └── LeaseHeld, LeaseLost
    │   ├── TransactionCancelled          (ConditionalTransactionCancelled, TakenInTransaction: ConditionFailed too)
    │   ├── BatchIncomplete
    │   ├── TableNotFound, TableInUse, TableNotReady, TableProtected
    │   ├── TableMismatch                 a table that is not what its model needs
    │   ├── MigrationIncomplete           items that did not arrive as they were sent
    │   ├── BulkLoadFailed                an import or a bulk put that did not end well
    │   ├── Throttled, TransactionConflict, IdempotentParameterMismatch, TransactionInProgress
    │   ├── ItemCollectionTooLarge, RequestTooLarge, RequestRefused, LimitExceeded
    │   ├── AccessDenied
    │   │   └── CredentialsExpired
    │   ├── RequestTimeout
    │   │   └── DeadlineExceeded
    │   └── ConnectionFailed, InternalServerError
    ├── InvalidDocument                   a DMS document that breaks its rules, or a model that DMS cannot say
    ├── EncryptionError
    │   ├── EncryptionNotConfigured
    │   ├── InvalidEncryptedEnvelope      (with its kinds, and KmsError with its own, in dynamorm_py.encryption)
    │   └── KmsError
    └── LocalBackendUnavailable           the workplace's: no local DynamoDB for tests

Every error has `.code`: the portable name that the sister languages share (CONTRACT 8), or None where there is
none. What an error carries is in its attributes; no message holds an attribute's value.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, cast

from dynamorm_py._kernel.pickling import portable, restored
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from typing import Self

    from dynamorm_py._kernel.types import Item, ThrottlingReason
    from dynamorm_py._model import DynamoModel
    from dynamorm_py._operations.bulk_load import LoadProgress
    from dynamorm_py._operations.difference import Difference
    from dynamorm_py._operations.transact_get_items import Get
    from dynamorm_py._operations.writes import BatchWrite, Write
    from dynamorm_py.dms._parsed import Problem
    from dynamorm_py.migration import MigrationReport


restored.__module__ = __name__  # a pickle names it by the path that stays
Outcome: TypeAlias = Literal["not applied", "unknown"]


class DynamormError(Exception):
    """The root of every error raised by dynamorm_py.

    Of a failed write `.outcome` says what became of it: "not applied", or "unknown" when this attempt or an
    earlier one of the same call may have been applied. It is None for what failed without being a write.
    """

    code: str | None = None
    outcome: Outcome | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the attributes that can be, whatever the constructor's signature is."""
        return restored, (type(self), self.args, portable(self.__dict__))

    def __copy__(self) -> Self:
        """Copy with all attributes."""
        return restored(type(self), self.args, self.__dict__)


# --- the model's ---------------------------------------------------------------------------------


class ModelDefinitionError(DynamormError):
    """A model class that breaks the rules of CONTRACT 1. All its problems are in `.problems`."""

    code: str | None = "ErrInvalidModel"

    def __init__(self, model: str, problems: Sequence[str], *, code: str | None = None) -> None:
        """Report every problem of one class together."""
        self.model = model
        self.problems: tuple[str, ...] = tuple(problems)
        self.code = code or self.code
        lines = self.problems[0] if len(self.problems) == 1 else "".join(f"\n  - {p}" for p in self.problems)
        super().__init__(f"{model}: {lines}" if len(self.problems) == 1 else f"{model} cannot be stored:{lines}")


# --- the call's ----------------------------------------------------------------------------------


class CallError(DynamormError):
    """A call that is refused locally; nothing was sent.

    A few are found by DynamoDB only (an item too large, an index that is not there): then the
    AWS exception is the `__cause__` and `.operation`, `.aws_code`, `.request_id` say which call.
    """

    operation: str | None = None
    aws_code: str | None = None
    request_id: str | None = None
    outcome: Outcome | None = "not applied"


class InvalidKey(CallError):
    """A key that does not fit the model's: a part missing, empty, one too many, or of another type."""


class InvalidValue(CallError):
    """A value that has no DynamoDB form, or none that its field reads back.

    `path` is the attribute path from the item's root, e.g. `lines[0].price`; "" before it is known.
    """

    def __init__(self, reason: str, *, path: str = "", model: str = "") -> None:
        """Say what is wrong; the place is added on the way out with `at`."""
        self.reason = reason
        self.path = path
        self.model = model
        where = f"{model}.{path}" if model and path else model or path
        super().__init__(f"{where}: {reason}" if where else reason)

    def at(self, step: str) -> InvalidValue:
        """Return the same error one step nearer to the root."""
        joint = "" if not self.path or self.path.startswith("[") else "."
        return type(self)(self.reason, path=f"{step}{joint}{self.path}", model=self.model)

    def of(self, model: str) -> InvalidValue:
        """Return the same error with the model's name."""
        return type(self)(self.reason, path=self.path, model=model)


class OtherFieldsNeeded(InvalidValue):
    """A value whose validator asks for other fields, in `info.data`, which are not part of the call."""


class ItemTooLarge(InvalidValue):
    """An item over DynamoDB's 400 KB. `.size` is its size in bytes, None when DynamoDB found it."""

    size: int | None = None


class InvalidExpression(CallError):
    """A condition, filter, action or key condition that is wrong in itself or for this model."""

    code: str | None = "ErrInvalidOperator"


class EncryptedFieldNotQueryable(InvalidExpression):
    """An encrypted attribute in a key, condition, filter or an action other than set and remove."""

    code: str | None = "ErrEncryptedFieldNotQueryable"


class UnknownAttribute(InvalidExpression, AttributeError):
    """An attribute that does not exist: a field read from the class instead of `fields(...)`, or one of a query."""

    code: str | None = None


class FieldNotCarried(CallError, AttributeError):
    """A field of an item that was read through an index which does not carry it; also an AttributeError.

    `.fields` names what is not known, `.index` the index. `complete` of the repository reads the whole item.
    """

    def __init__(self, model: str, index: str, fields: Sequence[str]) -> None:
        """Name the fields, the index and the repair."""
        self.fields: tuple[str, ...] = tuple(fields)
        self.index: str = index
        them = "it" if len(fields) == 1 else "them"
        super().__init__(
            f"{model}.{', '.join(fields)}: the item was read through index {index!r}, which does not carry {them}: "
            "read the whole item first, with complete([item]) of its repository"
        )


class InvalidCall(CallError, TypeError):
    """Arguments that a method does not take, or a use that an object does not have; also a TypeError."""


class InvalidProjection(CallError):
    """A `project=` model that the stored item, or the index, cannot fill."""


class InvalidCursor(CallError):
    """A cursor that is damaged, or belongs to another table, index or direction."""


class InvalidBatch(CallError):
    """Writes that a batch cannot do: with a condition, an update, or over repositories of different clients."""


class InvalidTransaction(CallError):
    """A transaction that DynamoDB would refuse: too many actions, two on one item, over 4 MB, several clients."""


class ImmutableModelMutation(CallError):
    """A write that would change or delete an item of a model with `write_policy="write_once"`."""

    code: str | None = "ErrImmutableModelMutation"


class ProtectedFieldMutation(CallError):
    """A write that could change a field the model lists in `protected=`. `.fields` names those it would change."""

    code: str | None = "ErrProtectedFieldMutation"
    fields: tuple[str, ...] = ()


class IndexNotFound(CallError):
    """No index fits the key conditions, or several do and none is named."""

    code: str | None = "ErrIndexNotFound"


class ClientNotConfigured(CallError):
    """The AWS client cannot sign or address a request: region, credentials or endpoint are missing."""


# --- the stored item's ---------------------------------------------------------------------------


_TOLD = 10  # problems of one item that its message lists


class ItemDecodeError(DynamormError):
    """A stored item that does not fit its model.

    `.problems` is a tuple of `(attribute path, reason)`; `.key` the item's key in DynamoDB's form,
    so far as it is there; `.raw_item` the item in DynamoDB's JSON, when known. `.problems` holds no attribute value.
    """

    def __init__(self, model: str, key: Mapping[str, Any] | None, problems: Sequence[tuple[str, str]]) -> None:
        """Name the model, the key's attributes, and each path with its reason."""
        self.model = model
        self.key: dict[str, Any] | None = dict(key) if key is not None else None
        self.problems: tuple[tuple[str, str], ...] = tuple(problems)
        self.path: str = self.problems[0][0] if problems else ""
        self.reason: str = self.problems[0][1] if problems else ""
        self.raw_item: Mapping[str, Any] | None = None
        listed = "; ".join(f"{path or '(item)'}: {reason}" for path, reason in self.problems[:_TOLD])
        if len(self.problems) > _TOLD:
            listed += f"; and {len(self.problems) - _TOLD} more in .problems"
        super().__init__(f"a stored item does not fit {model}: {listed} (its key is in .key)")


# --- DynamoDB's answer ---------------------------------------------------------------------------


class DynamoDBError(DynamormError):
    """DynamoDB refused a call or failed; the AWS exception is the `__cause__`.

    `.aws_code` is DynamoDB's own code, `.operation` the API operation, `.request_id` AWS's id of
    the request; each None when the error did not come over the wire.
    """

    def __init__(
        self, message: str, *, operation: str | None = None, aws_code: str | None = None, request_id: str | None = None
    ) -> None:
        """Keep what identifies the request."""
        self.operation = operation
        self.aws_code = aws_code
        self.request_id = request_id
        super().__init__(message)


class ItemNotFound(DynamoDBError):
    """No item has this key. `.key` is the key in DynamoDB's form, `.model` and `.table` are names."""

    code: str | None = "ErrItemNotFound"

    def __init__(self, model: str, table: str, key: Mapping[str, Any]) -> None:
        """Name the model and the table; the key is in `.key`."""
        self.model = model
        self.table = table
        self.key: dict[str, Any] = dict(key)
        super().__init__(self._said())

    def _said(self) -> str:
        return (
            f"no {self.model} with this key in table {self.table!r} (it is in .key; get_or_none returns None instead)"
        )


class NoResult(ItemNotFound):
    """`one()` of a query or scan found no item. `.key` is empty, since none was named."""

    def __init__(self, model: str, table: str) -> None:
        """Name the model and the table."""
        super().__init__(model, table, {})

    def _said(self) -> str:
        return f"no {self.model} in table {self.table!r} matches; first() returns None instead"


class MultipleResults(DynamoDBError):
    """`one()` of a query or scan found more than one item."""


class WaitTimeout(DynamoDBError):
    """The condition of `wait` did not become true in time. `.items` is what was read last."""

    items: Sequence[object] = ()


class ConditionFailed(DynamoDBError):
    """The condition of a write did not hold, so nothing was written.

    `.item` is the item as it was, decoded into the model, None when there was none (`isinstance` narrows it);
    `.raw_item` the same in DynamoDB's form; `.key` the key in DynamoDB's form.
    """

    code: str | None = "ErrConditionFailed"
    item: DynamoModel | None = None
    raw_item: Mapping[str, Any] | None = None
    key: Mapping[str, Any] | None = None


class VersionConflict(ConditionFailed):
    """The item has another version than the write expected, or is not there: `.item` is what is stored now.

    Read it again and repeat the change on it, or pass `expected_version=ANY` to overwrite it.
    """

    code: str | None = "ErrVersionConflict"


class ItemAlreadyExists(ConditionFailed):
    """`create` found an item with this key."""


class AlreadyTaken(ConditionFailed):
    """Another item has the value of a field that is unique; `.field` is the field's name."""

    field: str | None = None


class LeaseHeld(ConditionFailed):
    """Another holder has the lease. `.expires_at` is when it ends unless refreshed, None when that is not a time."""

    expires_at: dt.datetime | None = None


class LeaseLost(ConditionFailed):
    """The lease expired, and another holder may have it now: stop the work that it guards."""


@public()
@frozen
class CancellationReason:
    """What one action had to do with the cancellation of its transaction.

    `action` is the `Put`, `Update`, `Get` … as it was passed, at `index` from 0. `code` is DynamoDB's, such as
    `ConditionalCheckFailed`, None when this action would have gone through. `item` is the item as it was,
    decoded into the model, when the action's condition did not hold; `raw_item` the same in DynamoDB's form.
    """

    index: int
    action: Write[Any] | Get[Any] | None
    code: str | None
    message: str | None = field(default=None, repr=False)
    item: DynamoModel | None = field(default=None, repr=False)
    raw_item: Mapping[str, Any] | None = field(default=None, repr=False)


class TransactionCancelled(DynamoDBError):
    """DynamoDB cancelled the whole transaction. `.reasons` has one `CancellationReason` an action, in their order."""

    reasons: tuple[CancellationReason, ...] = ()


class ConditionalTransactionCancelled(TransactionCancelled, ConditionFailed):
    """A transaction cancelled because a condition of at least one action did not hold."""


class TakenInTransaction(ConditionalTransactionCancelled, AlreadyTaken):
    """A transaction cancelled because another item has the value of a unique field; `.field` is the field's name."""


class BatchIncomplete(DynamoDBError):
    """A batch stopped before all was done; what stopped it, if anything was raised, is the `__cause__`.

    `.done` is known to be done, `.left` known not to be, `.unknown` was sent and has no answer; all as it was
    passed: writes, or keys. Of a stream, `.done` has the last requests only; `.done_count` counts all.
    """

    done: tuple[object, ...] = ()
    left: tuple[object, ...] = ()
    unknown: tuple[object, ...] = ()
    done_count = 0

    @property
    def writes(self) -> tuple[BatchWrite, ...]:
        """What to pass to `batch_write` again: the writes of `.unknown`, then those of `.left`; of keys nothing."""
        named = (each for each in (*self.unknown, *self.left) if hasattr(each, "action_name"))
        return cast("tuple[BatchWrite, ...]", tuple(named))


class TableNotFound(DynamoDBError):
    """The table, or the index named, does not exist in this account and region."""

    code: str | None = "ErrTableNotFound"


class TableInUse(DynamoDBError):
    """The table exists already, or is being changed."""


class TableNotReady(DynamoDBError):
    """The table did not reach the expected state in time; it may still do so."""


class TableProtected(DynamoDBError):
    """The table is protected against deletion."""


class TableMismatch(DynamoDBError):
    """The table is not what its model needs, and cannot be changed into it. `.differences` says how it differs."""

    def __init__(self, message: str, differences: Sequence[Difference]) -> None:
        """Keep the differences."""
        super().__init__(message)
        self.differences: tuple[Difference, ...] = tuple(differences)


class MigrationIncomplete(DynamoDBError):
    """The check after a migration found items missing or different; `.report` counts them, `.keys` has some keys."""

    report: MigrationReport | None = None
    keys: Sequence[Item] = ()


class BulkLoadFailed(DynamoDBError):
    """An import or a bulk put failed, was cancelled, or left items out; `.progress` tells how far it came, and why."""

    progress: LoadProgress | None = None


class Throttled(DynamoDBError):
    """Capacity was exceeded, after the client's own retries. `.reasons` is what DynamoDB names."""

    reasons: Sequence[ThrottlingReason] = ()


class TransactionConflict(DynamoDBError):
    """Another transaction was changing the same item."""


class TransactionInProgress(DynamoDBError):
    """A transaction with the same token is still running."""


class IdempotentParameterMismatch(DynamoDBError):
    """The token was used before with other actions."""


class ItemCollectionTooLarge(DynamoDBError):
    """The items of one partition key exceed 10 GB with their local indexes."""


class RequestTooLarge(DynamoDBError):
    """The request exceeds DynamoDB's size limit."""


class RequestRefused(DynamoDBError):
    """DynamoDB refused the request as invalid (ValidationException)."""


class AccessDenied(DynamoDBError):
    """The credentials are refused, expired, or lack a permission for this operation."""


class CredentialsExpired(AccessDenied):
    """Temporary credentials ran out before the call; nothing was done."""


class LimitExceeded(DynamoDBError):
    """A limit of the account or of concurrent control-plane operations was reached."""


class RequestTimeout(DynamoDBError):
    """No response came in time; a write may or may not have been applied."""


class DeadlineExceeded(RequestTimeout):
    """The time of `with deadline(...)` is used up. `.sent` tells whether the call may have had an effect."""

    sent = False


class ConnectionFailed(DynamoDBError):
    """No connection to the endpoint could be made, or it broke."""


class InternalServerError(DynamoDBError):
    """DynamoDB failed on its side, after the client's own retries."""


class InvalidDocument(DynamormError):
    """A DMS document that breaks its rules. `.problems` has `.line`, `.column`, `.path`, `.message` of each."""

    code: str | None = "ErrInvalidModel"

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        """Report every problem of one document, a line each."""
        self.source = source
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(f"{source}:{problem}" for problem in self.problems))


# --- encryption ----------------------------------------------------------------------------------


class EncryptionError(DynamormError):
    """An encrypted attribute that could not be written or read. Never carries plaintext.

    `.model` and `.attribute` name it; `.raw_item` is the stored item, still encrypted, in DynamoDB's
    form; each None where it does not apply. `.retryable`: the same call may succeed later.
    """

    retryable: ClassVar[bool] = False
    model: str | None = None
    attribute: str | None = None
    raw_item: Mapping[str, Any] | None = None


class EncryptionNotConfigured(EncryptionError):
    """A model with encrypted fields and a repository without `encryption=`."""

    code: str | None = "ErrEncryptionNotConfigured"


class InvalidEncryptedEnvelope(EncryptionError):
    """A stored value that is not an envelope, or one that was altered."""

    code: str | None = "ErrInvalidEncryptedEnvelope"


# --- the workplace's -----------------------------------------------------------------------------


class LocalBackendUnavailable(DynamormError):
    """No local DynamoDB for tests: none is named, and none could be installed or started."""
