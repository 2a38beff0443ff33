"""Batches of records in a Lambda function: a handler of one model, and what to tell Lambda of failures.

Source: Lambda Developer Guide, "Configuring partial batch response with DynamoDB and Lambda".
"""

from __future__ import annotations

import logging
from functools import wraps
from typing import TYPE_CHECKING, TypeAlias, TypedDict, TypeVar

from dynamorm_py._kernel.awaiting import is_asynchronous
from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.kinds import is_claim
from dynamorm_py._operations.bad_items import OnError, check_on_error
from dynamorm_py._runtime.run import run
from dynamorm_py.errors import CallError, DynamormError
from dynamorm_py.streams._changes import Change, change_unless_bad, resolve
from dynamorm_py.streams._records import parse_record, records_of, sequence_number_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._model.context import Source
    from dynamorm_py.streams._records import StreamRecord

    RecordHandler: TypeAlias = Callable[[object], object]

M = TypeVar("M", bound=DynamoModel)

_LOG = logging.getLogger("dynamorm_py.streams")


class _Failure(TypedDict):
    itemIdentifier: str


@public("dynamorm_py.streams")
class BatchResponse(TypedDict):
    """What Lambda expects of a function with `ReportBatchItemFailures`."""

    batchItemFailures: list[_Failure]


def handler_of(
    source: Source[M] | type[M], caller: str, on_error: OnError
) -> Callable[[Callable[[Change[M]], object]], Callable[[StreamRecord], object]]:
    """Make a handler of changes into one of parsed records, claims apart; the source is looked up once."""
    table, client = resolve(source, caller)
    check_on_error(on_error)

    def decorate(handle: Callable[[Change[M]], object]) -> Callable[[StreamRecord], object]:
        refuse_coroutine(handle)

        def take(record: StreamRecord) -> object:
            change = run(client, change_unless_bad(table, record, on_error))
            return None if change is None else handle(change)

        return take

    return decorate


def on_record(
    source: Source[M] | type[M], *, on_error: OnError = "raise"
) -> Callable[[Callable[[Change[M]], object]], RecordHandler]:
    """Make a handler of changes into one of records, for `partial_batch` or Powertools' batch processor.

    `source` is as for `read_change`. A record with an image that does not fit the model is an error, so Lambda gives it
    again; with `on_error` "skip", or a function that is called with the image as a `BadItem`, it counts as handled.
    """
    take = handler_of(source, "on_record", on_error)

    def decorate(handle: Callable[[Change[M]], object]) -> RecordHandler:
        handle_parsed = take(handle)

        @wraps(handle)
        def handle_record(record: object) -> object:
            parsed = parse_record(record)
            return None if is_claim(parsed.known) else handle_parsed(parsed)

        return handle_record

    return decorate


def partial_batch(handle: RecordHandler) -> Callable[[object, object], BatchResponse]:
    """Make a handler of records into a Lambda function that reports where the batch stopped.

    Records are handled in their order. The first that cannot be read, or whose handler raises, is
    reported and ends the batch, so Lambda gives it and all after it again and the order of an item's
    changes is kept. The failure is logged, its traceback at DEBUG. Switch on `ReportBatchItemFailures`.
    Raises InvalidStreamRecord for an event that is none: Lambda then gives the whole batch again.
    """
    refuse_coroutine(handle)

    def handler(event: object, context: object = None) -> BatchResponse:
        del context
        for record in records_of(event):
            try:
                handle(record)
            except Exception as error:  # noqa: BLE001 -- whatever it is, the record is not done
                number = sequence_number_of(record)
                _log_failure(number, error)
                return {"batchItemFailures": [{"itemIdentifier": number}]}
        return {"batchItemFailures": []}

    return handler


def refuse_coroutine(handle: object) -> None:
    """Raise CallError for an asynchronous handler, which would not be awaited."""
    if is_asynchronous(handle):
        name = getattr(handle, "__name__", "the handler")
        raise CallError(f"{name} is asynchronous, and stream handlers are called: make it a plain function")


def _log_failure(number: str, error: Exception) -> None:
    """Log what failed and where. Our errors quote no value; another's text may, so it stands at DEBUG."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
    why = f"{type(error).__name__}: {error}" if isinstance(error, DynamormError) else type(error).__name__
    _LOG.error("stream record %s failed with %s at %s", number, why, where)
    _LOG.debug("stream record %s failed", number, exc_info=error)
