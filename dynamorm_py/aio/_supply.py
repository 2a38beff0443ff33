"""What batches and transactions take: writes of asynchronous repositories, as a collection or a stream."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from dynamorm_py import _operations as operations
from dynamorm_py._repo.batches import in_doubt
from dynamorm_py._repo.transactions import of_one_face
from dynamorm_py._runtime.run_async import begin_async

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations import BatchWrite


def write_batch(
    writes: Iterable[BatchWrite], *, concurrency: int = 1, retries: int = operations.DEFAULT_RETRIES
) -> Awaitable[int]:
    """Check the call, and return what performs it."""
    operations.check_int("concurrency", concurrency, 1)
    operations.check_int("retries", retries, 0)
    whole = isinstance(writes, Collection)
    supply = of_one_face(operations.require_iterable("batch_write", writes), awaited=True)
    return _written(iter(list(supply)) if whole else supply, concurrency, retries, whole=whole)


async def _written(supply: Any, concurrency: int, retries: int, *, whole: bool) -> int:  # noqa: ANN401 -- an iterator
    for first in supply:
        context = operations.checked_batch_write(first).context
        batch = operations.WriteBatch(context.clock(), retries=retries, concurrency=concurrency, keep_done=whole)
        try:
            return await begin_async(
                context.client, operations.batch_write(batch, chain((first,), supply), whole=whole)
            )
        except BaseException as error:
            if not isinstance(error, Exception):  # cancelled: how far the batch came is a note on it
                error.add_note(f"of the batch, {batch.written} were written for sure{in_doubt(batch)}")
            raise
    return 0


def batch_of(
    repo: Any,  # noqa: ANN401 -- a repository
    table: ModelTable[Any],
    put: Iterable[Any],
    delete: Iterable[object],
    expected: Any,  # noqa: ANN401 -- ANY or None
) -> Iterable[BatchWrite]:
    """Return the puts and deletes of a repository as one supply of writes."""
    items, keys = operations.require_iterable("put=", put), operations.require_keys(table, "delete=", delete)
    puts = (operations.Put(repo, item, expected_version=expected) for item in items)
    deletes = (operations.Delete(repo, key, expected_version=expected) for key in keys)
    whole = isinstance(put, Collection) and isinstance(delete, Collection)
    return [*puts, *deletes] if whole else chain(puts, deletes)
