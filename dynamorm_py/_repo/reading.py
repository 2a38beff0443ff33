"""The reading half of a repository: each method one line over its plan. No rule is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never, TypeVar, overload

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.passed import refuses_missing
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.item_key import NO_KEY, chosen_key
from dynamorm_py._repo.connection import Connection
from dynamorm_py.errors import InvalidCall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import BaseModel

    from dynamorm_py._expressions import Condition, KeyCondition
    from dynamorm_py._operations import FoundItems, Matches, OnError, Read
    from dynamorm_py._repo.query import Query

    P = TypeVar("P", bound=BaseModel)

M = TypeVar("M", bound=DynamoModel)


class Reading(Connection[M]):
    """Reads items: by key, by query, by scan, many at once."""

    __slots__ = ()

    @overload
    def get(self, key: object = NO_KEY, *, consistent: bool = False, project: None = None, **parts: object) -> M: ...
    @overload
    def get(self, key: object = NO_KEY, *, consistent: bool = False, project: type[P], **parts: object) -> P: ...
    def get(
        self,
        key: object = NO_KEY,
        *more: Never,
        consistent: bool = False,
        project: type[P] | None = None,
        **parts: object,
    ) -> M | P:
        """Return the item with this key.

        `key` is the partition key's value, a `(partition, sort)` tuple, an instance, or what `key_of` gives; or it
        is named by its parts, `get(customer_id="7", number=2)`. `project` reads
        through a smaller pydantic model and transfers only its attributes.
        Raises ItemNotFound, InvalidKey, InvalidProjection, ItemDecodeError.
        Source: API Reference, GetItem.
        """
        chosen = chosen_key(self.model, key, parts, more)
        return self._perform(operations.get(self._table, chosen, self._codec(project), consistent=consistent))

    @overload
    def get_or_none(
        self, key: object = NO_KEY, *, consistent: bool = False, project: None = None, **parts: object
    ) -> M | None: ...
    @overload
    def get_or_none(
        self, key: object = NO_KEY, *, consistent: bool = False, project: type[P], **parts: object
    ) -> P | None: ...
    def get_or_none(
        self,
        key: object = NO_KEY,
        *more: Never,
        consistent: bool = False,
        project: type[P] | None = None,
        **parts: object,
    ) -> M | P | None:
        """Return the item with this key, or None. Takes and raises what `get` does, but for ItemNotFound."""
        chosen = chosen_key(self.model, key, parts, more)
        plan = operations.get_or_none(self._table, chosen, self._codec(project), consistent=consistent)
        return self._perform(plan)

    def exists(self, key: object = NO_KEY, *more: Never, consistent: bool = False, **parts: object) -> bool:
        """Return whether an item has this key; nothing but its partition key is transferred. Raises InvalidKey."""
        chosen = chosen_key(self.model, key, parts, more)
        return self._perform(operations.exists(self._table, chosen, consistent=consistent))

    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        on_error: OnError = "raise",
        project: None = None,
    ) -> Query[M]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        on_error: OnError = "raise",
        project: type[P],
    ) -> Query[P]: ...
    def query(
        self,
        *key_conditions: KeyCondition,
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        on_error: OnError = "raise",
        project: type[BaseModel] | None = None,
        **unknown: Never,
    ) -> Query[Any]:
        """Return the items that the key conditions select, as a lazy `Query`; nothing is read yet.

        The table or index follows from the fields named; `index` names one where several fit. `filter` is
        applied by DynamoDB after reading. `limit` is the number of results in all, `page_size` the items
        looked at in one request. `project` reads through a smaller pydantic model. `on_error` says what becomes
        of an item that does not fit the model: "raise", "skip", which counts it in `.skipped`, or a function that is
        called with each `BadItem`, which is left out then.
        Raises InvalidExpression, IndexNotFound, InvalidProjection, CallError before anything is sent.
        Source: API Reference, Query; CONTRACT 5.
        """
        if unknown:
            raise operations.unknown_arguments(Reading[M].query, unknown, self.model)
        read = operations.prepare_query(
            self._table,
            self._codec(project),
            key_conditions,
            filter=filter,
            index=index,
            ascending=ascending,
            consistent=consistent,
            secret=self._cursor_secret,
            on_error=on_error,
        )
        return self._lazy(read, limit, page_size)

    @overload
    def scan(
        self,
        *,
        filter: Condition | None = None,
        index: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        segments: int = 1,
        on_error: OnError = "raise",
        project: None = None,
    ) -> Query[M]: ...
    @overload
    def scan(
        self,
        *,
        filter: Condition | None = None,
        index: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        segments: int = 1,
        on_error: OnError = "raise",
        project: type[P],
    ) -> Query[P]: ...
    def scan(
        self,
        *conditions: Never,
        filter: Condition | None = None,
        index: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        segments: int = 1,
        on_error: OnError = "raise",
        project: type[BaseModel] | None = None,
        **unknown: Never,
    ) -> Query[Any]:
        """Return every item of the table or index, as a lazy `Query`; nothing is read yet.

        `segments` is the number of threads that read side by side; the order within a segment is kept, and a
        function as `on_error` is called in their threads. The rest is as in `query`. Source: API Reference, Scan.
        """
        if conditions:
            raise InvalidCall("a scan takes no key conditions: pass scan(filter=...), or read one key with query()")
        if unknown:
            raise operations.unknown_arguments(Reading[M].scan, unknown, self.model)
        read = operations.prepare_scan(
            self._table,
            self._codec(project),
            filter=filter,
            index=index,
            consistent=consistent,
            secret=self._cursor_secret,
            on_error=on_error,
        )
        return self._lazy(read, limit, page_size, segments)

    @overload
    def search(
        self,
        field: list[float] | None,
        *,
        near: Iterable[float],
        top: int = 10,
        filter: Condition | None = None,
        index: str | None = None,
        project: None = None,
    ) -> Matches[M]: ...
    @overload
    def search(
        self,
        field: list[float] | None,
        *,
        near: Iterable[float],
        top: int = 10,
        filter: Condition | None = None,
        index: str | None = None,
        project: type[P],
    ) -> Matches[P]: ...
    def search(
        self,
        field: list[float] | None,
        *,
        near: Iterable[float],
        top: int = 10,
        filter: Condition | None = None,
        index: str | None = None,
        project: type[BaseModel] | None = None,
    ) -> Matches[Any]:
        """Return the `top` items whose vectors are nearest to `near`, each with its score, the nearest first.

        `field` is `fields(Doc).embedding`; `near` a list of floats or an array. `filter` compares what the index
        is divided and filtered by, and must say which part is searched where it is divided. `index` names one where
        the field has several. `project` reads through a smaller model: leave the vector out of it where it is not
        needed, as it is the larger part of an answer. Where other kinds of item are in the index too, those found are
        left out of the `top`, unless the index filters by the `Literal` field that tells kinds apart.
        Raises InvalidExpression, InvalidValue, IndexNotFound, InvalidProjection before anything is sent.
        Source: API Reference, SearchVectors.
        """
        prepared = operations.prepare_search(
            self._table, self._codec(project), field, near=near, top=top, filter=filter, index=index
        )
        return self._perform(operations.search(prepared))

    def _lazy(self, read: Read[Any], limit: int | None, page_size: int | None, segments: int = 1) -> Query[Any]:
        from dynamorm_py._repo.query import Query  # noqa: PLC0415 -- a service that only gets and puts starts without it

        return Query(self._client, read, limit=limit, page_size=page_size, segments=segments)

    @overload
    def batch_get(
        self,
        keys: Iterable[object],
        *,
        consistent: bool = False,
        on_error: OnError = "raise",
        project: None = None,
        concurrency: int = 1,
        retries: int = operations.DEFAULT_RETRIES,
        progress: Callable[[int, int], object] | None = None,
    ) -> FoundItems[M]: ...
    @overload
    def batch_get(
        self,
        keys: Iterable[object],
        *,
        consistent: bool = False,
        on_error: OnError = "raise",
        project: type[P],
        concurrency: int = 1,
        retries: int = operations.DEFAULT_RETRIES,
        progress: Callable[[int, int], object] | None = None,
    ) -> FoundItems[P]: ...
    @refuses_missing
    def batch_get(
        self,
        keys: Iterable[object],
        *more: Never,
        consistent: bool = False,
        on_error: OnError = "raise",
        project: type[P] | None = None,
        concurrency: int = 1,
        retries: int = operations.DEFAULT_RETRIES,
        progress: Callable[[int, int], object] | None = None,
        **unknown: Never,
    ) -> FoundItems[M] | FoundItems[P]:
        """Return the items with these keys: a list in the order asked, each once, its `.missing` the keys without one.

        `concurrency` is how many requests of 100 keys go out at a time; what DynamoDB leaves over is asked again after
        up to `retries` jittered waits. `progress` is called with the number of keys answered and of all. `on_error`
        is as in `query`; a bad item is in `.skipped`, and its key not in `.missing`.
        Raises BatchIncomplete with what was found and what is left, InvalidKey before anything is sent.
        Source: API Reference, BatchGetItem; CONTRACT 5.
        """
        operations.refuse_more("batch_get", more, "batch_get([...])")
        if unknown:
            raise operations.unknown_arguments(Reading[M].batch_get, unknown, self.model)
        operations.check_int("concurrency", concurrency, 1)
        operations.check_int("retries", retries, 0)
        batch = operations.prepare_batch_get(
            self._table,
            operations.require_keys(self._table, "batch_get", keys),
            self._codec(project),
            consistent=consistent,
            on_error=on_error,
        )
        plan = operations.batch_get(batch, retries=retries, concurrency=concurrency, progress=progress)
        return self._perform(plan)

    def complete(
        self,
        items: Iterable[M],
        *,
        consistent: bool = False,
        concurrency: int = 1,
        retries: int = operations.DEFAULT_RETRIES,
    ) -> FoundItems[M]:
        """Return the whole items of those that were read through an index which does not carry every attribute.

        They come in the order of `items`, as `batch_get` reads them; those that are gone are in `.missing`.
        Raises BatchIncomplete.
        """
        operations.check_int("concurrency", concurrency, 1)
        operations.check_int("retries", retries, 0)
        many = list(operations.require_keys(self._table, "complete", items))
        batch = operations.prepare_batch_get(self._table, many, self._table.codec, consistent=consistent)
        return self._perform(operations.complete(batch, many, retries=retries, concurrency=concurrency))
