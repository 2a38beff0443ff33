"""`Repo`: the operations of one model in one table, each one line over its plan.

The only place where a model, a table, a client and a clock meet. No rule stands here.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from dynamorm_py import _operations as operations
from dynamorm_py._binding import Binding
from dynamorm_py._boto import as_client
from dynamorm_py._model import DynamoModel, codec_of
from dynamorm_py._run import run
from dynamorm_py._table import Table, bind
from dynamorm_py.errors import CallError, EncryptionNotConfigured
from dynamorm_py.tables import TableOperations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import BaseModel

    from dynamorm_py._codec import Codec
    from dynamorm_py._expressions import Action, Condition
    from dynamorm_py._operations import ExpectedVersion

    P = TypeVar("P", bound=BaseModel)

M = TypeVar("M", bound=DynamoModel)

_TABLE_NAME = re.compile(r"[A-Za-z0-9_.:/-]{3,1024}")  # a name, or the table's ARN: API Reference, TableName


class Repo(Generic[M]):
    """Reads and writes items of one model in one table.

    `table` names the table, by default the model's. `client` is a boto3 DynamoDB client; by default
    one is made when it is first needed, from the environment as boto3 does. `clock` gives the time
    of lifecycle fields, an aware datetime; by default the system's. A repository holds no state:
    use one from as many threads as you like.

    Raises ModelDefinitionError, ClientNotConfigured, EncryptionNotConfigured when it is made.
    """

    __slots__ = ("_client", "_clock", "_table")

    def __init__(
        self,
        model: type[M],
        *,
        table: str | None = None,
        client: object = None,
        clock: Callable[[], dt.datetime] | None = None,
    ) -> None:
        """Bind a model to a table and a client; nothing is sent."""
        self._table: Table[M] = bind(_checked_model(model), _table_name(model, table))
        self._client = as_client(client)
        self._clock = _utc_now if clock is None else _checked_clock(clock)

    def __repr__(self) -> str:
        """Name the model and the table."""
        return f"Repo({self._table.model.__name__}, table={self._table.name!r})"

    @property
    def model(self) -> type[M]:
        """The model class."""
        return self._table.model

    @property
    def __dynamorm_binding__(self) -> Binding[M]:
        """The table, the client and the clock, for what takes repositories."""
        return Binding(self._table, self._client, self._clock)

    @property
    def table(self) -> TableOperations[M]:
        """The operations of the table itself: create, describe, delete."""
        return TableOperations(self._table, self._client)

    # --- reading --------------------------------------------------------------------------------

    @overload
    def get(self, key: object, *, consistent: bool = False, project: None = None) -> M: ...
    @overload
    def get(self, key: object, *, consistent: bool = False, project: type[P]) -> P: ...
    def get(self, key: object, *, consistent: bool = False, project: type[P] | None = None) -> M | P:
        """Return the item with this key.

        `key` is the partition key's value, a `(partition, sort)` tuple, or an instance. `project` reads
        through a smaller pydantic model and transfers only its attributes.
        Raises ItemNotFound, InvalidKey, InvalidProjection, ItemDecodeError.
        Source: API Reference, GetItem.
        """
        return run(self._client, operations.get(self._table, key, self._codec(project), consistent=consistent))

    @overload
    def get_or_none(self, key: object, *, consistent: bool = False, project: None = None) -> M | None: ...
    @overload
    def get_or_none(self, key: object, *, consistent: bool = False, project: type[P]) -> P | None: ...
    def get_or_none(self, key: object, *, consistent: bool = False, project: type[P] | None = None) -> M | P | None:
        """Return the item with this key, or None. Takes and raises what `get` does, but for ItemNotFound."""
        plan = operations.get_or_none(self._table, key, self._codec(project), consistent=consistent)
        return run(self._client, plan)

    def exists(self, key: object, *, consistent: bool = False) -> bool:
        """Return whether an item has this key; nothing but its partition key is transferred. Raises InvalidKey."""
        return run(self._client, operations.exists(self._table, key, consistent=consistent))

    # --- writing --------------------------------------------------------------------------------

    def put(self, item: M, *, condition: Condition | None = None, expected_version: ExpectedVersion = None) -> M:
        """Write an item, replacing one with the same key, and return it as stored.

        An instance that holds a version replaces only that version; `expected_version=ANY` replaces any.
        Raises ConditionFailed with the item as it was; InvalidValue, InvalidKey, ItemTooLarge before sending.
        Source: API Reference, PutItem; CONTRACT 4.
        """
        request = operations.prepare_put(
            self._table, item, self._clock(), condition=condition, expected_version=expected_version
        )
        return run(self._client, operations.put(self._table, request))

    def create(self, item: M, *, condition: Condition | None = None) -> M:
        """Write a new item and return it as stored.

        Raises ItemAlreadyExists, a ConditionFailed, with the item that is there; else as `put`.
        """
        request = operations.prepare_create(self._table, item, self._clock(), condition=condition)
        return run(self._client, operations.create(self._table, request))

    def update(
        self,
        key: object,
        *actions: Action,
        fields: Iterable[str] | None = None,
        condition: Condition | None = None,
        expected_version: ExpectedVersion = None,
        must_exist: bool = False,
    ) -> M:
        """Change an item by actions and return it as it is now.

        With an instance as `key`, `fields` names fields to set to the instance's values, and the version
        that the instance holds must be the stored one. Without a condition a missing item is created;
        `must_exist=True` refuses that. Raises ConditionFailed with the item as it was; InvalidExpression,
        InvalidValue, InvalidKey before sending.
        Source: API Reference, UpdateItem; CONTRACT 4 and 5.
        """
        request = operations.prepare_update(
            self._table,
            key,
            actions,
            self._clock(),
            fields=fields,
            condition=condition,
            expected_version=expected_version,
            must_exist=must_exist,
        )
        return run(self._client, operations.update(self._table, request))

    def delete(
        self, key: object, *, condition: Condition | None = None, expected_version: ExpectedVersion = None
    ) -> M | None:
        """Delete an item and return it as it was, None when there was none.

        An instance that holds a version deletes only that version. Raises ConditionFailed with the item as it is.
        Source: API Reference, DeleteItem; CONTRACT 4.
        """
        request = operations.prepare_delete(self._table, key, condition=condition, expected_version=expected_version)
        return run(self._client, operations.delete(self._table, request))

    def _codec(self, project: type[P] | None) -> Codec[Any]:
        return self._table.codec if project is None else self._table.projected(project)


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _checked_clock(clock: Callable[[], dt.datetime]) -> Callable[[], dt.datetime]:
    """Return the clock. A reading without a timezone raises CallError: it is no instant."""

    def now() -> dt.datetime:
        reading = clock()
        if reading.utcoffset() is None:
            raise CallError("clock= gave a naive datetime, which is no instant: return datetime.now(UTC), for example")
        return reading

    return now


def _checked_model(model: type[M]) -> type[M]:
    given = cast("object", model)
    if not (isinstance(given, type) and issubclass(given, DynamoModel)):
        kind = given.__name__ if isinstance(given, type) else f"an instance of {type(given).__name__}"
        raise CallError(f"Repo() takes a DynamoModel class, not {kind}: pass the class itself")
    encrypted = [f.name for f in codec_of(model).schema.stored if f.encrypted]
    if encrypted:
        raise EncryptionNotConfigured(
            f"{model.__name__} has encrypted fields ({', '.join(encrypted)}), and this version cannot encrypt: "
            "nothing is written in clear instead"
        )
    return model


def _table_name(model: type[DynamoModel], name: str | None) -> str:
    chosen = model.__dynamorm_options__.table if name is None else name
    if chosen is None:
        raise CallError(
            f"{model.__name__} names no table: pass Repo({model.__name__}, table=...), or table= in the class"
        )
    if not isinstance(cast("object", chosen), str) or not _TABLE_NAME.fullmatch(chosen):
        raise CallError(f"table name {chosen!r} is not valid: use 3 to 255 characters of A-Z a-z 0-9 _ . -")
    return chosen
