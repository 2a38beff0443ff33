"""What every batch shares: chunks of the size that DynamoDB takes, and the account when it stops half way."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

from dynamorm_py._kernel.awaiting import is_unawaited
from dynamorm_py._kernel.passed import Missing
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import BatchIncomplete, CallError, DynamoDBError, InvalidCall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dynamorm_py._model.model_table import ModelTable

T = TypeVar("T")


def require_iterable(caller: str, values: Iterable[T]) -> Iterable[T]:
    """Return several values; `caller` is what takes them.

    Raises CallError for one value: each letter of a text, for example, would pass for a key.
    """
    kind = type(cast("object", values))
    if is_unawaited(values):
        raise CallError(f"{caller} takes many at once, not {kind_of(values)}")
    if issubclass(kind, AsyncIterable) and not issubclass(kind, Iterable):
        raise CallError(
            f"{caller} takes what a for loop reads, not {kind_of(values)}: collect it, [x async for x in ...]"
        )
    if issubclass(kind, Iterable) and not issubclass(kind, str | bytes | Mapping | BaseModel):
        return values
    if kind is Missing:
        raise InvalidCall(f"{caller} takes a list: write {caller}([...])")
    raise CallError(f"{caller} takes many at once, not one {kind.__name__}: put it into a list")


def require_keys(table: ModelTable[Any], caller: str, values: Iterable[T]) -> Iterable[T]:
    """Return several keys. Raises CallError for one value, and for the tuple that is one key."""
    if isinstance(values, tuple) and values and table.schema.sort is not None:
        parts: tuple[object, ...] = values
        if not any(isinstance(part, tuple | BaseModel) for part in parts):
            raise CallError(f"{caller} takes many at once, not one key: put it into a list")
    return require_iterable(caller, values)


def chunks(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Return the sequence in parts of at most this size."""
    return (whole[start : start + size] for start in range(0, len(whole), size))


def incomplete(
    operation: str,
    done: Sequence[Any],
    left: Sequence[Any],
    unknown: Sequence[Any],
    fault: Exception | None,
    *,
    done_count: int | None = None,
) -> BatchIncomplete:
    """Return the error of a batch that stopped, with its account; `fault` is what was raised, if anything."""
    count = len(done) if done_count is None else done_count
    why = (
        "DynamoDB left some unprocessed, even after all retries" if fault is None else f"it stopped at {_named(fault)}"
    )
    doubt = f", {len(unknown)} that may be done are in .unknown" if unknown else ""
    known = fault if isinstance(fault, DynamoDBError | CallError) else None
    error = BatchIncomplete(
        f"{operation} is incomplete, {why}: {count} done, {len(left)} are in .left{doubt}; pass these in again",
        operation=operation,
        aws_code=known and known.aws_code,
        request_id=known and known.request_id,
    )
    error.done, error.left, error.unknown, error.done_count = tuple(done), tuple(left), tuple(unknown), count
    error.outcome = "unknown" if unknown or count else "not applied"
    return error


def _named(fault: Exception) -> str:
    """Return what a message may say of a fault: of one that is not ours, only its class."""
    return f"{type(fault).__name__} (see .__cause__)"
