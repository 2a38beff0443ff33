"""Several models in one table: what the table needs for all of them, and each item read as its own model.

Source: CONTRACT 5, "several models in one table".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, TypeVar, cast

from dynamorm_py._codec import add_parts, document_of, literals_of, to_json
from dynamorm_py._codec.item_union import SeveralReader
from dynamorm_py._kernel.awaiting import is_asynchronous
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.item_key import ItemKey
from dynamorm_py._model.kinds import CLAIM, discriminators, is_other
from dynamorm_py._model.merging import merged_nodes, merged_schema
from dynamorm_py._model.model_table import ModelTable
from dynamorm_py._schema.overlap import overlap
from dynamorm_py.errors import InvalidExpression, ItemDecodeError, ModelDefinitionError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.types import AttributePath, Item
    from dynamorm_py._schema import ModelSchema

    T = TypeVar("T")

Unknown: TypeAlias = Literal["raise", "skip"] | Callable[[dict[str, Any]], object]
"""What becomes of an item of none of the models: an error, nothing, or what a function makes of it."""


@frozen
class _Fields:
    fields: Mapping[str, Any]


@frozen
class SeveralCodec:
    """What operations of a table ask of a codec, for several models."""

    model: type[Any]
    schema: ModelSchema
    node: _Fields
    kind: Mapping[str, Any] = field(default_factory=dict[str, Any])
    derived: Mapping[str, Any] = field(default_factory=dict[str, Any])
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    index: str = ""
    carried: frozenset[str] | None = None
    """What the index that is read carries; None for all attributes."""
    project: type[BaseModel] | None = None
    """The smaller model that all items are read as; None for each as its own."""
    composes_key: ClassVar[bool] = False

    @property
    def told_apart(self) -> bool:
        """Whether items are left out of what is read: the claims of unique fields."""
        return bool(self.schema.unique)

    def partial(self, index: str, carried: frozenset[str]) -> SeveralCodec:
        """Return the same for what an index carries."""
        return replace(self, index=index, carried=carried)

    def projected(self, project: type[BaseModel], smaller: Codec[Any]) -> SeveralCodec:
        """Return the same for a smaller model, which `smaller` reads from the items of each."""
        return replace(self, model=project, node=smaller.node, attributes=smaller.attributes, project=project)

    def of_one(self, table: ModelTable[Any]) -> Codec[Any]:
        """Return what reads the items of one of the models."""
        if self.project is not None:
            return table.projected(self.project)
        if self.carried is None:
            return table.codec
        return table.codec.partial(self.index, self.carried | table.told_by_keys(self.carried))


@frozen
class SeveralTable(ModelTable[Any]):
    """Several models in one table; operations take it in place of the table of one."""

    tables: tuple[ModelTable[Any], ...] = ()
    chosen: tuple[ModelTable[Any], ...] = ()
    unknown: Unknown = "raise"
    reader: SeveralReader | None = field(default=None, repr=False, compare=False)

    @property
    def models(self) -> tuple[type[Any], ...]:
        """The models, in the order in which they were put together."""
        return tuple(table.model for table in self.tables)

    def table_of(self, model: object) -> ModelTable[Any]:
        """Return the table of one of the models. Raises InvalidExpression for another."""
        for table in self.tables:
            if cast("object", table.model) is model:
                return table
        name = getattr(model, "__name__", type(model).__name__)
        raise InvalidExpression(f"{name} is not one of the table's models: they are {self.model.__name__}")

    def narrowed(self, models: Sequence[type[Any]], unknown: Unknown) -> SeveralTable:
        """Return the same for some of the models only. Raises InvalidExpression."""
        if unknown not in {"raise", "skip"} and not callable(unknown):
            raise InvalidExpression('unknown= must be "raise", "skip" or a function of the item')
        if is_asynchronous(unknown):
            raise InvalidExpression("unknown= is asynchronous, and it is called, not awaited: pass a plain function")
        chosen = tuple(self.table_of(model) for model in models) if models else self.chosen
        return replace(self, chosen=chosen, unknown=unknown)

    def check_model(self, model: type[Any] | None) -> None:
        """Raise InvalidExpression for an expression about none of the models."""
        if model is not None:
            self.table_of(model)

    def attributes_read(self, model: type[Any], codec: Codec[Any]) -> Collection[str]:
        """Return which attributes of a model's items a codec reads: none where the model is not chosen."""
        if cast("object", codec) is not self.codec:
            return codec.attributes.values()
        table = self.table_of(model)
        return table.codec.attributes.values() if table in self.chosen else ()

    def results_of(self, model: type[Any], results: Iterable[T]) -> Iterable[T]:
        """Return the results that a field of one of the models is about: its items, or what a smaller model read."""
        others = {table.model for table in self.tables} - {model}
        return (result for result in results if type(result) not in others)

    def key(self, key: object) -> Item:
        """Return a key in DynamoDB's form: of `key_of`, an instance, or the values of the key attributes."""
        if isinstance(key, ItemKey):
            return self.table_of(cast("ItemKey[Any]", key).model).key(cast("object", key))
        if isinstance(key, DynamoModel):
            return self.table_of(type(key)).key(key)
        return self.tables[0].key(key)

    def of_item(self, item: Mapping[str, Any]) -> ModelTable[Any] | None:
        """Return the table of the model that an item, or what is known of it, is of; None for none of the models."""
        number = None if CLAIM in item else self._kind(item)
        return None if number is None or self.tables[number] not in self.chosen else self.tables[number]

    def stray(self, item: Mapping[str, Any]) -> ItemDecodeError:
        """Return the error of an item that is of none of the models."""
        key = {each.attribute: item[each.attribute] for each in self.schema.keys if each.attribute in item}
        problem = 'it belongs to none of these models: pass unknown="skip", or a function of it'
        error = ItemDecodeError(self.model.__name__, key, [("", problem)])
        error.raw_item = dict(item)
        return error

    def attributes(self, codec: Codec[Any], *, keys: bool = False) -> list[AttributePath]:
        """Return what a read asks for: everything, as kinds differ, or a smaller model's, and what tells the kind."""
        del keys
        if cast("object", codec) is self.codec:
            return []
        return [(name,) for name in dict.fromkeys((*codec.attributes.values(), *self.counted_by(None)))]

    def counted_by(self, carried: frozenset[str] | None) -> Sequence[str]:
        """Return what tells each item's model: literals, and the table's key."""
        own = (each.attribute for each in self.schema.keys)
        kinds = (name for table in self.tables for name in table.codec.kind)
        names = dict.fromkeys([*own, *kinds, CLAIM])
        return [name for name in names if carried is None or name in carried]

    def told_by_keys(self, carried: frozenset[str]) -> frozenset[str]:
        """Return the attributes that the keys of every model tell which an index does not carry."""
        return frozenset[str].intersection(*(table.told_by_keys(carried) for table in self.chosen))

    def hides_in(self, index: str) -> bool:
        """Return whether expired items of one of the models are left out of what is read through an index."""
        return any(table.hides_in(index) for table in self.chosen)

    def count(self, items: Sequence[Mapping[str, Any]]) -> int:
        """Return how many items are of the models chosen. Raises ItemDecodeError for one of none, as asked."""
        total = 0
        for item in items:
            number = None if CLAIM in item else self._kind(item)
            if number is not None:
                total += self.tables[number] in self.chosen
            elif CLAIM not in item:
                total += len(self._unknown(0, dict(item)))
        return total

    def decode_response(self, response: Response, codec: Codec[Any]) -> Plan[dict[str, Any]]:
        """Read a response, each item as its own model; `Positions` says which items of the response these are."""
        own = cast("object", codec)
        if not isinstance(own, SeveralCodec):
            return codec.decode_response(response)
        whole = own.carried is None and own.project is None and self.chosen == self.tables
        if self.reader is not None and whole and response.body is not None:
            answer = self.reader.read(response.body)
            if answer is not None:
                return answer
        document = document_of(response)
        found: dict[str, Any] = self.tables[0].codec.decode_response(
            to_json({k: v for k, v in document.items() if k not in {"Item", "Items", "Attributes"}})
        )
        for name in ("Item", "Attributes"):
            if name in document:
                kept, _ = yield from self._read([document[name]], own)
                found |= {name: kept[0]} if kept else {}
        if "Items" in document:
            found["Items"], found["Positions"] = yield from self._read(document["Items"], own)
        return found

    def decode_page(self, response: Response, codec: Codec[Any]) -> Plan[dict[str, Any]]:
        """Read a page; see `decode_response`."""
        return (yield from self.decode_response(response, codec))

    def decode_own(self, response: Response, codec: Codec[Any]) -> Plan[Any]:
        """Read the one item of a response; None where there is none, it has expired, or it is left out."""
        if self.hides_expired is not None and self.expired(document_of(response).get("Item") or {}):
            return None
        return (yield from self.decode_response(response, codec)).get("Item")

    def _read(self, items: Sequence[dict[str, Any]], codec: SeveralCodec) -> Plan[tuple[list[Any], list[int]]]:
        kept: dict[int, Any] = {}
        by_kind: dict[int, list[int]] = {}
        strays: list[int] = []
        for position, item in enumerate(items):
            if CLAIM in item:
                continue
            number = self._kind(item)
            if number is None:
                strays.append(position)
            elif self.tables[number] in self.chosen:
                if codec.carried is not None or codec.project is not None:
                    add_parts(self.tables[number].codec.derived.values(), item)
                by_kind.setdefault(number, []).append(position)
        for number, positions in by_kind.items():
            table = self.tables[number]
            body = to_json({"Items": [items[position] for position in positions]})
            read = yield from table.decode_response(Response(body), codec.of_one(table))
            kept |= dict(zip(positions, read["Items"], strict=True))
        for position in strays:  # at the end: a page whose items do not fit is read again, and each handed over once
            kept |= self._unknown(position, items[position])
        order = sorted(kept)
        return [kept[position] for position in order], order

    def _kind(self, item: Mapping[str, Any]) -> int | None:
        """Return the number of the model that an item is of: one whose literals it holds before others."""
        fitting = [n for n, table in enumerate(self.tables) if not is_other(table.codec, item)]
        holding = [n for n in fitting if self.tables[n].codec.kind.keys() <= item.keys()]
        return next(iter([*holding, *fitting]), None)

    def _unknown(self, position: int, item: dict[str, Any]) -> dict[int, Any]:
        if self.unknown == "skip":
            return {}
        if callable(self.unknown):
            made = self.unknown(item)
            return {} if made is None else {position: made}
        raise self.stray(item)


def several(name: str, tables: Sequence[ModelTable[Any]]) -> SeveralTable:
    """Put models together in one table. Raises ModelDefinitionError with all that conflicts."""
    listed = ", ".join(table.model.__name__ for table in tables)
    tables = _told_apart(tables)
    schema, problems = merged_schema(name, listed, tables)
    problems += [problem for pair in combinations(tables, 2) for problem in _apart_problems(*pair)]
    if problems:
        raise ModelDefinitionError(listed, problems)
    model = type(listed, (), {})
    codec: Any = SeveralCodec(model, schema, _Fields(merged_nodes(tables)))
    own = tuple(tables)
    hides_expired = next((table.hides_expired for table in own if table.hides_expired is not None), None)
    return SeveralTable(name, model, codec, hides_expired=hides_expired, tables=own, chosen=own, reader=_reader(own))


def _told_apart(tables: Sequence[ModelTable[Any]]) -> list[ModelTable[Any]]:
    """Return the tables with the literals that tell models apart which nothing else does."""
    more: list[set[str]] = [set() for _ in tables]
    for (n, one), (m, other) in combinations(enumerate(tables), 2):
        if _share_a_key(one, other) and not _telling(one.codec.kind, other.codec.kind):
            telling = _telling(literals_of(one.codec), literals_of(other.codec))
            more[n] |= telling
            more[m] |= telling
    return [_told_by(table, names) if names else table for table, names in zip(tables, more, strict=True)]


def _told_by(table: ModelTable[Any], names: set[str]) -> ModelTable[Any]:
    literals = {name: values for name, values in literals_of(table.codec).items() if name in names}
    return replace(table, codec=table.codec.told_by(literals))


def _telling(mine: Mapping[str, Sequence[Any]], theirs: Mapping[str, Sequence[Any]]) -> set[str]:
    """Return the attributes whose values are of one of two models only."""
    shared = mine.keys() & theirs.keys()
    return {name for name in shared if not any(value in theirs[name] for value in mine[name])}


def _reader(tables: Sequence[ModelTable[Any]]) -> SeveralReader | None:
    """Return what reads them in one pass: where one text attribute tells all apart, and nothing is encrypted."""
    names = set[str]().union(*(table.codec.kind for table in tables))
    for name in names:
        tags = [discriminators(table.codec).get(name, {}).get("S") for table in tables]
        if None not in tags and len(set(tags)) == len(tables) and not any(table.cipher for table in tables):
            by_tag = {str(tag): table.codec for tag, table in zip(tags, tables, strict=True)}
            return SeveralReader(name, by_tag)
    return None


def _apart_problems(one: ModelTable[Any], other: ModelTable[Any]) -> Iterator[str]:
    names = f"{one.model.__name__} and {other.model.__name__}"
    by_literal = bool(_telling(one.codec.kind, other.codec.kind))
    derived = [table.codec.derived for table in (one, other)]
    composed = [
        all(each.name in keys for each in table.schema.keys) for table, keys in zip((one, other), derived, strict=True)
    ]
    share = _share_a_key(one, other)
    if share and all(composed):
        yield f"{names} can compose the same key: begin their sort keys with different literals"
    elif share and not by_literal:
        yield (
            f"nothing tells {names} apart: give both a Literal field of one name, such as "
            'kind: Literal["order"] = "order", or keys that begin by different literals'
        )


def _share_a_key(one: ModelTable[Any], other: ModelTable[Any]) -> bool:
    def template(table: ModelTable[Any], name: str) -> Any:  # noqa: ANN401 -- a template, or None for any text
        return table.codec.derived[name].template if name in table.codec.derived else None

    pairs = zip(one.schema.keys, other.schema.keys, strict=False)
    return all(overlap(template(one, mine.name), template(other, theirs.name)) for mine, theirs in pairs)
