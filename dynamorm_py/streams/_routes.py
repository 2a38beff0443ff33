"""`StreamRouter`: the records of one stream or several, each to the handler of its model.

A route is chosen by what the record tells before anything is decoded; it knows no Lambda.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dynamorm_py._codec import encode_scalar
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.kinds import is_claim
from dynamorm_py.errors import CallError
from dynamorm_py.streams._batches import handler_of, refuse_coroutine
from dynamorm_py.streams._changes import Change, resolve
from dynamorm_py.streams._errors import UnroutedRecord
from dynamorm_py.streams._records import parse_record, plain, table_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.context import Source
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.bad_items import OnError
    from dynamorm_py.streams._records import StreamRecord

    C = TypeVar("C", bound=Callable[[Change[DynamoModel]], object])

M = TypeVar("M", bound=DynamoModel)


@frozen
class _Route:
    """Which records a handler takes. Attribute values are in DynamoDB's form."""

    table: str | None
    """The table whose records it takes; None for those of any table with the keys of the model."""
    keys: frozenset[str]
    begins_with: Mapping[str, str]
    equals: Item
    handle: Callable[[StreamRecord], object]
    reads: ModelTable[Any]

    def fits(self, record: StreamRecord, known: Item) -> bool:
        """Return whether the handler takes a record; `known` is all that it tells of the item."""
        if self.table is None and self.keys != record.keys.keys():
            return False
        if self.table and record.table and self.table != record.table:
            return False
        if self.reads.of_item(known) is None:
            return False
        for name, value in self.equals.items():
            if known.get(name) != value:
                return False
        return not self.begins_with or all(
            _text(known.get(name)).startswith(prefix) for name, prefix in self.begins_with.items()
        )


@public("dynamorm_py.streams")
class StreamRouter:
    """Passes each record to the first route that fits, in the order in which the routes were added.

    A router is itself a handler of records: `handler = partial_batch(router)`.
    """

    def __init__(self) -> None:
        """Start without routes."""
        self._routes: list[_Route] = []
        self._otherwise: Callable[[object], object] = _refuse

    def on(
        self,
        source: Source[M] | type[M],
        *,
        begins_with: Mapping[str, str] | None = None,
        equals: Mapping[str, str | float | Decimal | bool] | None = None,
        on_error: OnError = "raise",
    ) -> Callable[[Callable[[Change[M]], object]], Callable[[Change[M]], object]]:
        """Route records to the decorated function: a repository's or `Table`'s of its table, a model's of any that fit.

        A table may have another name where it is deployed than in the class, so a model takes its items from any table
        with its key attributes; pass the repository for those of one table only.
        `begins_with` gives a prefix of a key attribute, `equals` the value of any attribute, such as a
        discriminator; both by attribute name. `on_error` is as in `on_record`. Raises CallError for a prefix of
        what is not a key, InvalidValue for a value that no attribute has.
        """
        table, _ = resolve(source, "StreamRouter.on")
        _check_prefixes(table, begins_with or {})
        read = handler_of(source, "StreamRouter.on", on_error)
        values = {name: encode_scalar(value) for name, value in (equals or {}).items()}

        def decorate(handle: Callable[[Change[M]], object]) -> Callable[[Change[M]], object]:
            of_model = isinstance(cast("object", source), type)
            name = None if of_model else table_in(table.name) or table.name  # a table may be named by its ARN
            keys = frozenset(field.attribute for field in table.schema.keys)
            take = read(handle)
            self._routes.append(_Route(name, keys, dict(begins_with or {}), values, take, table))
            return handle

        return decorate

    def otherwise(self, handle: Callable[[object], object]) -> Callable[[object], object]:
        """Pass the records that no route fits to the decorated function, undecoded; without it they raise an error."""
        refuse_coroutine(handle)
        self._otherwise = handle
        return handle

    def __call__(self, record: object) -> object:
        """Route one record. Raises UnroutedRecord, and what reading and handling it raise."""
        parsed = parse_record(record)
        known = parsed.known
        if is_claim(known):  # of a unique field: no item of any model
            return None
        for route in self._routes:
            if route.fits(parsed, known):
                return route.handle(parsed)
        return self._otherwise(plain(record))


def _text(value: object) -> str:
    """Return the text of a string attribute; nothing of what is none, which reading the record will name."""
    return str(cast("Mapping[str, object]", value).get("S", "")) if isinstance(value, Mapping) else ""


def _check_prefixes(table: ModelTable[M], prefixes: Mapping[str, str]) -> None:
    keys = [field.attribute for field in table.schema.keys]
    for name in prefixes:
        if name not in keys:
            raise CallError(
                f"begins_with={{{name!r}: ...}}: {table.model.__name__}'s key attributes are {', '.join(keys)}; "
                "use equals= for another attribute"
            )


def _refuse(record: object) -> None:
    parsed = parse_record(record)
    where = "its table is not named" if parsed.table is None else f"table {parsed.table!r}"
    raise UnroutedRecord(
        f"no route fits stream record {parsed.sequence_number} ({parsed.kind}, {where}, key {', '.join(parsed.keys)}): "
        "add one with on(), or otherwise()"
    )
