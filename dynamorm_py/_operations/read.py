"""A checked read of many items: what every request of a query or scan says, and what it may not ask.

Source: API Reference, Query and Scan; CONTRACT 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from dynamorm_py._codec import add_parts, document_of, to_json
from dynamorm_py._expressions import (
    Condition,
    KeyCondition,
    Placeholders,
    render_key_conditions,
    render_projection,
)
from dynamorm_py._kernel.plans import without_none
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.arguments import check_int
from dynamorm_py._operations.write_conditions import render_optional, together, unexpired
from dynamorm_py.errors import CallError, InvalidExpression, InvalidProjection

if TYPE_CHECKING:
    from dynamorm_py._codec import Codec
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.bad_items import OnError
    from dynamorm_py._schema import IndexSchema, StoredField

P = TypeVar("P")

LARGEST_INT = 2**31 - 1  # Limit is a 32-bit integer: API Reference, Query
_UNIT_BYTES = 4096  # one strongly consistent read unit: Developer Guide, "Read consistency and capacity"


@dataclass(slots=True)
class ReadUnits:
    """What the pages read so far have cost, estimated from the size of their answers."""

    units: float | None = None
    skipped: int = 0
    _lock: Lock = field(default_factory=Lock)  # the threads of a parallel scan count here

    def skip(self, count: int) -> None:
        """Count items that were left out: of none of the models, or bad ones."""
        with self._lock:
            self.skipped += count

    def add(self, response: Response, *, consistent: bool) -> None:
        """Count one page; a client that parses its answers gives no size."""
        if response.body is not None:
            with self._lock:
                self.units = (self.units or 0) + -(-len(response.body) // _UNIT_BYTES) * (1.0 if consistent else 0.5)


@frozen
class Read(Generic[P]):
    """A read of many items: what every request of it says, and how its answers are read."""

    operation: Literal["Query", "Scan"]
    table: ModelTable[Any]
    codec: Codec[Any]
    index: IndexSchema | None = None
    why: str = ""
    conditions: tuple[KeyCondition, ...] = ()
    filter: Condition | None = None
    ascending: bool | None = None
    consistent: bool = False
    secret: bytes | None = None
    on_error: OnError = "raise"
    kind: Condition | None = None
    """What tells the model's items from those of others; it leaves a page's size alone."""
    seen: ReadUnits = field(default_factory=ReadUnits)
    _rendered: dict[bool, dict[str, Any]] = field(
        default_factory=dict[bool, dict[str, Any]], init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Raise CallError for a direction or a consistency that is not a bool: "desc" would count as true."""
        for name, value in (("ascending", self.ascending), ("consistent", self.consistent)):
            if value is not None and value is not True and value is not False:
                raise CallError(f"{name}= must be a bool, got {type(value).__name__}: write {name}=False, or True")

    @property
    def index_name(self) -> str | None:
        """The name of the index that is read; None for the table."""
        return None if self.index is None else self.index.name

    @property
    def keys(self) -> tuple[StoredField, ...]:
        """The key fields of the table and of the index that is read."""
        own = () if self.index is None else (*self.index.partition, *self.index.sort)
        return tuple({field.name: field for field in (*self.table.schema.keys, *own)}.values())

    @property
    def projected(self) -> list[str]:
        """The attributes asked for: a smaller model's, and the index's keys, which a cursor needs; empty for all."""
        if self.codec is self.table.codec:
            return []
        asked = [str(path[0]) for path in self.table.attributes(self.codec)]
        names = dict.fromkeys([*asked, *(field.attribute for field in self.keys)] if asked else ())
        return [name for name in names if self.carried is None or name in self.carried]

    @property
    def carried(self) -> frozenset[str] | None:
        """The attributes that the index carries; None for all."""
        if self.index is None or self.index.projection == "ALL":
            return None
        included = () if isinstance(self.index.projection, str) else self.index.projection
        named = (self.table.schema.fields[name] for name in included)
        return frozenset(field.attribute for field in (*self.keys, *named))

    @property
    def decoder(self) -> Codec[Any]:
        """What reads the items: of an index that does not carry every attribute, instances that know so."""
        if self.index is None or self.carried is None or self.codec is not self.table.codec:
            return self.codec
        return self.codec.partial(self.index.name, self.carried | self.told_by_keys)

    @property
    def told_by_keys(self) -> frozenset[str]:
        """The attributes that the index does not carry, and that the keys which it carries were composed from."""
        return frozenset() if self.carried is None else self.table.told_by_keys(self.carried)

    def completed(self, response: Response) -> Response:
        """Return a page with the parts of its items' keys, where the index does not carry these themselves."""
        if not self.table.codec.derived or not self.told_by_keys:
            return response
        document = document_of(response)
        for item in document.get("Items", ()):
            add_parts(self.table.codec.derived.values(), item)
        return Response(to_json(document))

    @property
    def sort(self) -> str | None:
        """The direction as a cursor says it."""
        return None if self.ascending is None else ("ASC" if self.ascending else "DESC")

    def page_limit(self, remaining: int | None, page_size: int | None) -> int | None:
        """Return DynamoDB's Limit: what is left to read; a filter leaves out an unknown number."""
        if remaining is None or self.filter is not None:
            return page_size
        return min(remaining, page_size or remaining)

    def parameters(self, *, count: bool = False) -> dict[str, Any]:
        """Return what every request of the read says; `count` asks for numbers instead of items."""
        if (rendered := self._rendered.get(count)) is None:
            rendered = self._parameters(count=count)
            if self.table.hides_expired is None:  # else the filter is about the time of the request
                self._rendered[count] = rendered
        return dict(rendered)

    def _parameters(self, *, count: bool) -> dict[str, Any]:
        names = Placeholders()
        counted = self.table.counted_by(self.carried) if count else ()
        paths = [(name,) for name in counted or ([] if count else self.projected)]
        return without_none(
            TableName=self.table.name,
            IndexName=None if self.index is None else self.index.name,
            KeyConditionExpression=render_key_conditions(self.conditions, names) if self.conditions else None,
            FilterExpression=self._filter(names),
            ProjectionExpression=render_projection(paths, names) if paths else None,
            ExpressionAttributeNames=names.names,
            ExpressionAttributeValues=names.values,
            ScanIndexForward=False if self.ascending is False else None,
            ConsistentRead=self.consistent or None,
            Select="COUNT" if count and not counted else None,
        )

    def _filter(self, names: Placeholders) -> str | None:
        if self.filter is None and self.kind is None and self.table.hides_expired is None:
            return None
        return render_optional(together(self.filter, self.kind, unexpired(self.table)), names)


def check_limit(name: str, value: int | None) -> int | None:
    """Return a limit or page size. Raises CallError unless it is a positive 32-bit integer."""
    return None if value is None else check_int(name, value, most=LARGEST_INT, repair="leave it out for no limit")


def check_index(read: Read[Any]) -> None:
    """Raise when the index cannot be read as asked: consistently, or for attributes that it does not carry."""
    if read.index is not None and read.index.kind == "GSI" and read.consistent:
        raise InvalidExpression(
            f"index {read.index_name!r} is global, and global indexes have no consistent reads: leave consistent= out"
        )
    if read.carried is not None:
        _check_carried(read, read.carried)


def check_expiry(table: ModelTable[Any], index: str, carried: frozenset[str] | None) -> None:
    """Raise InvalidExpression where expired items are left out, and an index does not tell which these are."""
    if carried is not None and table.hides_in(index) and table.expiry not in carried:
        raise InvalidExpression(
            f"index {index!r} does not carry {table.expiry}, by which hide_expired= leaves items out: "
            "project it into the index, or read through a repository without hide_expired="
        )


def _check_carried(read: Read[Any], carried: frozenset[str]) -> None:
    """Raise InvalidProjection for the model, InvalidExpression for the filter, with the fields that are not there."""
    if read.index is not None:
        check_expiry(read.table, read.index.name, carried)
    smaller = read.codec is not read.table.codec
    fields = read.codec.node.fields.values()
    missing = [f.name for f in fields if f.attribute not in carried | read.told_by_keys]
    if smaller and missing:
        raise InvalidProjection(
            f"index {read.index_name!r} does not carry {', '.join(missing)}, which {read.codec.model.__name__} needs: "
            "pass project= a model of what it carries, or read the table"
        )
    asked = {str(path[0]) for path in read.filter.paths} if read.filter is not None else set[str]()
    if asked - carried:
        raise InvalidExpression(
            f"index {read.index_name!r} does not carry {', '.join(sorted(asked - carried))}, which filter= asks "
            "about: filter by what it carries, or read the table"
        )
