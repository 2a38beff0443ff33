"""The reads of a table of several models: each item as its own model. No rule is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Never, TypedDict, TypeVar, cast, overload

from dynamorm_py import _operations as operations
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.context import SeveralContext
from dynamorm_py._model.item_key import ItemKey
from dynamorm_py._runtime.run import run
from dynamorm_py.errors import InvalidCall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel
    from typing_extensions import Unpack

    from dynamorm_py._expressions import Condition, KeyCondition
    from dynamorm_py._kernel.plans import Plan, Transport
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._model.several import SeveralTable, Unknown
    from dynamorm_py._operations import FoundItems, OnError, Read
    from dynamorm_py._repo.query import Query

M = TypeVar("M", bound=DynamoModel)
T = TypeVar("T", bound=DynamoModel)
P = TypeVar("P", bound="BaseModel")
R = TypeVar("R")
A = TypeVar("A", bound=DynamoModel)
B = TypeVar("B", bound=DynamoModel)
C = TypeVar("C", bound=DynamoModel)
D = TypeVar("D", bound=DynamoModel)
E = TypeVar("E", bound=DynamoModel)
F = TypeVar("F", bound=DynamoModel)


class _ReadOptions(TypedDict, total=False):
    """The options of a read of several models, in addition to `of`."""

    filter: Condition | None
    index: str | None
    limit: int | None
    page_size: int | None
    consistent: bool
    unknown: Unknown
    on_error: OnError


class QueryOptions(_ReadOptions, total=False):
    """The options of `Table.query`."""

    ascending: bool


class ScanOptions(_ReadOptions, total=False):
    """The options of `Table.scan`."""

    segments: int


class TableReading(Generic[M]):
    """Reads items of several models: by key, by query, by scan, many at once."""

    __slots__ = ("_client", "_cursor_secret", "_several")

    def __init__(self, table: SeveralTable, client: Transport, cursor_secret: bytes | None) -> None:
        """Read a table through one client."""
        self._several, self._client, self._cursor_secret = table, client, cursor_secret

    @property
    def __dynamorm_several__(self) -> SeveralContext[M]:
        """The models in their table, and what performs the requests."""
        return SeveralContext(self._several, self._client)

    @overload
    def get(self, key: ItemKey[T], *, consistent: bool = False, unknown: Unknown = "raise") -> T: ...
    @overload
    def get(self, key: object, *, consistent: bool = False, unknown: Unknown = "raise") -> M: ...
    def get(self, key: object, *more: Never, consistent: bool = False, unknown: Unknown = "raise") -> object:
        """Return the item with this key as its own model. Raises ItemNotFound, ItemDecodeError, InvalidKey.

        `unknown` is as in `query`: what is skipped is as if missing.
        """
        table = self._reading(key, more, unknown)
        return self._perform(operations.get(table, key, table.codec, consistent=consistent))

    @overload
    def get_or_none(self, key: ItemKey[T], *, consistent: bool = False, unknown: Unknown = "raise") -> T | None: ...
    @overload
    def get_or_none(self, key: object, *, consistent: bool = False, unknown: Unknown = "raise") -> M | None: ...
    def get_or_none(self, key: object, *more: Never, consistent: bool = False, unknown: Unknown = "raise") -> object:
        """Return the item with this key as its own model, or None."""
        table = self._reading(key, more, unknown)
        return self._perform(operations.get_or_none(table, key, table.codec, consistent=consistent))

    def exists(self, key: object, *more: Never, consistent: bool = False) -> bool:
        """Return whether an item has this key. Raises InvalidKey."""
        return self._perform(operations.exists(self._reading(key, more), key, consistent=consistent))

    @overload
    def batch_get(
        self,
        keys: Iterable[ItemKey[T]],
        *,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
    ) -> FoundItems[T]: ...
    @overload
    def batch_get(
        self,
        keys: Iterable[object],
        *,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
    ) -> FoundItems[M]: ...
    def batch_get(
        self,
        keys: Iterable[object],
        *,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
    ) -> FoundItems[Any]:
        """Return the items with these keys, each as its own model, as `Repo.batch_get` does; `unknown` as in `get`."""
        table = self._several.narrowed((), unknown)
        many = operations.require_keys(table, "batch_get", keys)
        batch = operations.prepare_batch_get(table, many, table.codec, consistent=consistent, on_error=on_error)
        plan = operations.batch_get(batch, retries=operations.DEFAULT_RETRIES, concurrency=1, progress=None)
        return self._perform(plan)

    def complete(self, items: Iterable[T], *, consistent: bool = False) -> FoundItems[T]:
        """Return the whole items of those that were read through an index which does not carry every attribute."""
        many = list(operations.require_keys(self._several, "complete", items))
        batch = operations.prepare_batch_get(self._several, many, self._several.codec, consistent=consistent)
        return self._perform(operations.complete(batch, many, retries=operations.DEFAULT_RETRIES, concurrency=1))

    @overload
    def query(
        self, *key_conditions: KeyCondition, of: tuple[type[A], type[B]], **options: Unpack[QueryOptions]
    ) -> Query[A | B]: ...
    @overload
    def query(
        self, *key_conditions: KeyCondition, of: tuple[type[A], type[B], type[C]], **options: Unpack[QueryOptions]
    ) -> Query[A | B | C]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: tuple[type[A], type[B], type[C], type[D]],
        **options: Unpack[QueryOptions],
    ) -> Query[A | B | C | D]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: tuple[type[A], type[B], type[C], type[D], type[E]],
        **options: Unpack[QueryOptions],
    ) -> Query[A | B | C | D | E]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: tuple[type[A], type[B], type[C], type[D], type[E], type[F]],
        **options: Unpack[QueryOptions],
    ) -> Query[A | B | C | D | E | F]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: type[T] | tuple[type[T], ...],
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
        project: None = None,
    ) -> Query[T]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: None = None,
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
        project: None = None,
    ) -> Query[M]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: type[Any] | tuple[type[Any], ...] | None = None,
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
        project: type[P],
    ) -> Query[P]: ...
    def query(
        self,
        *key_conditions: KeyCondition,
        of: type[Any] | tuple[type[Any], ...] | None = None,
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
        project: type[BaseModel] | None = None,
        **more: Never,
    ) -> Query[Any]:
        """Return the items that the key conditions select, each as its own model; nothing is read yet.

        The conditions are about one of the models, whose items may share a key with other kinds. `of` narrows
        to some of the models; `unknown` says what becomes of an item of none: "raise", "skip", or a function that
        gets the item and returns what takes its place, None to leave it out.
        The rest is as in `Repo.query`; an item of none, where `unknown` is "raise", is a bad one of `on_error`.
        """
        if more:
            raise operations.unknown_arguments(TableReading[M].query, more, *self._several.models)
        chosen = self._several.narrowed(_models(of), unknown)
        read = operations.prepare_query_of_several(
            chosen,
            key_conditions,
            filter=filter,
            index=index,
            ascending=ascending,
            consistent=consistent,
            project=project,
            secret=self._cursor_secret,
            on_error=on_error,
        )
        return self._lazy(read, limit, page_size)

    @overload
    def scan(self, *, of: tuple[type[A], type[B]], **options: Unpack[ScanOptions]) -> Query[A | B]: ...
    @overload
    def scan(self, *, of: tuple[type[A], type[B], type[C]], **options: Unpack[ScanOptions]) -> Query[A | B | C]: ...
    @overload
    def scan(
        self, *, of: tuple[type[A], type[B], type[C], type[D]], **options: Unpack[ScanOptions]
    ) -> Query[A | B | C | D]: ...
    @overload
    def scan(
        self, *, of: tuple[type[A], type[B], type[C], type[D], type[E]], **options: Unpack[ScanOptions]
    ) -> Query[A | B | C | D | E]: ...
    @overload
    def scan(
        self, *, of: tuple[type[A], type[B], type[C], type[D], type[E], type[F]], **options: Unpack[ScanOptions]
    ) -> Query[A | B | C | D | E | F]: ...
    @overload
    def scan(
        self,
        *,
        of: type[T] | tuple[type[T], ...],
        filter: Condition | None = None,
        index: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        segments: int = 1,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
    ) -> Query[T]: ...
    @overload
    def scan(
        self,
        *,
        of: None = None,
        filter: Condition | None = None,
        index: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        segments: int = 1,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
    ) -> Query[M]: ...
    def scan(
        self,
        *,
        of: type[Any] | tuple[type[Any], ...] | None = None,
        filter: Condition | None = None,
        index: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        segments: int = 1,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
        **more: Never,
    ) -> Query[Any]:
        """Return every item of the table or index, each as its own model; nothing is read yet. See `query`."""
        if more:
            raise operations.unknown_arguments(TableReading[M].scan, more, *self._several.models)
        chosen = self._several.narrowed(_models(of), unknown)
        read = operations.prepare_scan_of_several(
            chosen,
            filter=filter,
            index=index,
            consistent=consistent,
            secret=self._cursor_secret,
            on_error=on_error,
        )
        return self._lazy(read, limit, page_size, segments)

    def _perform(self, plan: Plan[R]) -> R:
        """Perform a plan with the client; the asynchronous face awaits it instead."""
        return run(self._client, plan)

    def _reading(self, key: object, more: tuple[object, ...], unknown: Unknown = "raise") -> ModelTable[Any]:
        """Return what reads the item of a key: the model that the key names, or all. Raises InvalidCall for two."""
        if more:
            raise InvalidCall("a key is one argument: pass key_of(Model, ...), an instance, or the tuple of its parts")
        if isinstance(key, ItemKey):
            return self._several.table_of(cast("ItemKey[Any]", key).model)
        if isinstance(key, DynamoModel):
            return self._several.table_of(type(key))
        return self._several.narrowed((), unknown)

    def _lazy(self, read: Read[Any], limit: int | None, page_size: int | None, segments: int = 1) -> Query[Any]:
        from dynamorm_py._repo.query import Query  # noqa: PLC0415 -- as in a repository

        return Query(self._client, read, limit=limit, page_size=page_size, segments=segments)


def _models(of: type[Any] | tuple[type[Any], ...] | None) -> tuple[type[Any], ...]:
    if of is None:
        return ()
    if of == ():
        raise InvalidCall("of= names no model: name those to read, or leave it out for all")
    return of if isinstance(of, tuple) else (of,)
