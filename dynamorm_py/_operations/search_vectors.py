"""SearchVectors: the items whose vectors are nearest to one, of a vector index.

Source: API Reference, SearchVectors; Developer Guide, "SearchConditionExpression reference"; CONTRACT 5.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from dynamorm_py._codec import answer_of
from dynamorm_py._expressions import (
    Placeholders,
    attribute_equals,
    place_of,
    render_condition,
    render_projection,
)
from dynamorm_py._expressions.conditions import Between, Comparison, Joined, Membership
from dynamorm_py._expressions.operands import Constant, Reference
from dynamorm_py._kernel.float32 import as_list, rounded
from dynamorm_py._kernel.plans import Plan, Request, without_none
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._model.kinds import discriminators, is_other, telling_attributes
from dynamorm_py._operations.arguments import check_int
from dynamorm_py._operations.explanation import Explanation, spelled
from dynamorm_py._operations.read import LARGEST_INT, check_expiry
from dynamorm_py._operations.write_conditions import checked_condition, together
from dynamorm_py.errors import IndexNotFound, InvalidExpression, InvalidProjection, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py._codec import Codec
    from dynamorm_py._expressions import Condition
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._schema import StoredField, VectorSchema

P = TypeVar("P")


@public()
@frozen
class Match(Generic[P]):
    """An item that a search found, and how near it is: by COSINE and EUCLIDEAN a smaller score is nearer."""

    item: P
    score: float


@public()
class Matches(list[Match[P]]):
    """What a search found, the nearest first."""

    def __init__(self, found: list[Match[P]], search: Search[P], vector_bytes: float | None) -> None:
        """Hold the matches, and what was asked for them."""
        super().__init__(found)
        self._search, self._vector_bytes = search, vector_bytes

    def explain(self) -> Explanation:
        """Return what was sent, and the vector bytes that the search consumed; print it."""
        search, request = self._search, self._search.parameters()
        return Explanation(
            operation="SearchVectors",
            table=search.table.name,
            index=search.vector.name,
            why=f"it is over {search.vector.field.name}, by {search.vector.distance}",
            key_condition=None,
            filter=spelled(request, "SearchConditionExpression"),
            attributes=tuple(search.projected),
            consistent=False,
            scan=False,
            request=request,
            vector_bytes=self._vector_bytes,
        )


@frozen
class Search(Generic[P]):
    """A checked search."""

    table: ModelTable[Any]
    codec: Codec[Any]
    vector: VectorSchema
    near: list[float] = field(repr=False)
    top: int
    filter: Condition | None

    @property
    def carried(self) -> frozenset[str] | None:
        """The attributes that the index is known to carry; None for all."""
        if self.vector.projection == "ALL":
            return None
        included = () if isinstance(self.vector.projection, str) else self.vector.projection
        named = (self.table.schema.fields[name] for name in included)
        keys = (*self.table.schema.keys, *self.vector.searched, *named)
        return frozenset(each.attribute for each in keys)

    @property
    def decoder(self) -> Codec[Any]:
        """What reads the items: where the index does not carry every attribute, instances that know so."""
        if self.carried is None or self.codec is not self.table.codec:
            return self.codec
        return self.codec.partial(self.vector.name, self.carried)

    @property
    def projected(self) -> list[str]:
        """The attributes asked for: the vector is only sent when it is named, so all that the model has are."""
        asked = self.table.attributes(self.codec) or [(name,) for name in self.codec.attributes.values()]
        telling = telling_attributes(self.table.codec)
        names = dict.fromkeys([*(str(path[0]) for path in asked), *telling])
        return [name for name in names if self.carried is None or name in self.carried]

    def parameters(self) -> dict[str, Any]:
        """Return the request."""
        names = Placeholders()
        number = self.table.codec.encode_field(self.vector.field.name, self.near)
        return without_none(
            TableName=self.table.name,
            IndexName=self.vector.name,
            SearchVector=number["L"],
            TopK=self.top,
            SearchConditionExpression=" AND ".join(_rendered(self.filter, names)) or None,
            ProjectionExpression=render_projection([(name,) for name in self.projected], names),
            ExpressionAttributeNames=names.names,
            ExpressionAttributeValues=names.values,
            ReturnConsumedCapacity="TOTAL",
        )


def search(prepared: Search[P]) -> Plan[Matches[P]]:
    """Find the nearest items. Raises ItemDecodeError, EncryptionError."""
    response = yield Request("SearchVectors", prepared.parameters(), raw=True)
    answer = answer_of(response, "SearchVectors")
    results: list[dict[str, Any]] = answer.get("SearchResults") or []
    found: list[tuple[Item, float]] = [(result.get("Item") or {}, float(result["Score"])) for result in results]
    own = [(item, score) for item, score in found if _is_own(prepared.table, item)]
    items = Response(document={"Items": [item for item, _ in own]})
    models = (yield from prepared.table.decode_response(items, prepared.decoder))["Items"]
    matches = [Match(model, score) for model, (_, score) in zip(models, own, strict=True)]
    consumed: dict[str, Any] = answer.get("ConsumedCapacity") or {}
    return Matches(matches, prepared, consumed.get("VectorSearchRequestBytes"))


def _is_own(table: ModelTable[Any], item: Item) -> bool:
    """Return whether an item that was found is of the model, and has not expired where those are left out."""
    return not table.expired(item) and not (table.codec.told_apart and is_other(table.codec, item))


def prepare_search(
    table: ModelTable[Any],
    codec: Codec[Any],
    reference: object,
    *,
    near: object,
    top: int,
    filter: Condition | None = None,
    index: str | None = None,
) -> Search[Any]:
    """Check a search. Raises InvalidExpression, IndexNotFound, InvalidProjection, InvalidValue, CallError."""
    place = place_of(reference, "search")
    table.check_model(place.model)
    vector = _vector_index(table, str(place.path[0]) if len(place.path) == 1 else "", place.label, index)
    prepared: Search[Any] = Search(
        table,
        codec,
        vector,
        _nearest(near, vector),
        _checked_top(top),
        _with_kind(table, vector, checked_condition(table, filter, "filter=")),
    )
    _check_filter(prepared)
    _check_carried(prepared)
    check_expiry(table, vector.name, prepared.carried)
    prepared.parameters()  # an expression over DynamoDB's limits shows here
    return prepared


def _with_kind(table: ModelTable[Any], vector: VectorSchema, filter: Condition | None) -> Condition | None:
    """Add the literal that tells the model's items apart, where the index filters by it and the caller does not."""
    searched = {each.attribute for each in vector.searched}
    if filter is not None:
        searched -= {str(path[0]) for path in filter.paths}
    kinds = discriminators(table.codec).items()
    return together(filter, *(attribute_equals((name,), value) for name, value in kinds if name in searched))


def _checked_top(top: object) -> int:
    return check_int("top", top, most=LARGEST_INT, repair="it is the number of items to find")


def _vector_index(table: ModelTable[Any], attribute: str, label: str, index: str | None) -> VectorSchema:
    """Return the vector index over a field, the named one where there are several."""
    over = [vector for vector in table.schema.vectors.values() if vector.field.attribute == attribute]
    if not over:
        known = ", ".join(vector.field.name for vector in table.schema.vectors.values()) or "none"
        raise IndexNotFound(f"{label} has no vector index (fields that have one: {known}): mark it with Vector(...)")
    names = [vector.name for vector in over]
    if index is None and len(over) > 1:
        raise IndexNotFound(f"{label} has the vector indexes {', '.join(names)}: name one with index=")
    if index is not None and index not in names:
        raise IndexNotFound(f"{label} has no vector index {index!r}: it has {', '.join(names)}")
    return over[0] if index is None else table.schema.vectors[index]


def _nearest(near: object, vector: VectorSchema) -> list[float]:
    """Return the vector to search for, as the index holds its vectors."""
    listed = as_list(near)
    elements = list(cast("list[object]", listed)) if isinstance(listed, list | tuple) else None
    if elements is None or any(isinstance(e, bool) or not isinstance(e, int | float) for e in elements):
        kind = kind_of(near) if elements is None else f"{kind_of(near)} of something else"
        raise InvalidValue(f"near= must be a list of floats or an array, got {kind}")
    reason = ""
    try:
        return rounded(cast("list[float]", elements), vector.dimensions)
    except (ValueError, OverflowError) as error:
        reason = str(error)
    raise InvalidValue(f"near=: {reason}")


# --- the condition --------------------------------------------------------------------------------


def _check_filter(prepared: Search[Any]) -> None:
    """Refuse a condition that DynamoDB would refuse, or that would let a search see another partition."""
    vector, conjuncts = prepared.vector, list(_conjuncts(prepared.filter))
    names = ", ".join(each.name for each in vector.searched) or "nothing"
    attributes = {str(path[0]) for condition in conjuncts for path in condition.paths}
    if not attributes <= {each.attribute for each in vector.searched}:
        raise InvalidExpression(
            f"vector index {vector.name!r} filters by {names}: name the field in filters=, or filter the results"
        )
    if not all(_is_comparison(leaf) for condition in conjuncts for leaf in _leaves(condition)):
        raise InvalidExpression(
            "a search filters by == < <= > >= between() and is_in() with values, joined by & and |: "
            "filter by others in the results"
        )
    if vector.partition is not None:
        _check_partition(vector.partition, vector.name, conjuncts)


def _check_partition(partition: StoredField, index: str, conjuncts: list[Condition]) -> None:
    about = [each for each in conjuncts if (partition.attribute,) in each.paths]
    if len(about) != 1 or not _is_equality(about[0]):
        raise InvalidExpression(
            f"vector index {index!r} is divided by {partition.name}, and a search is in one part of it: "
            f"pass filter=Attr(d.{partition.name}) == ..., joined by & with any others"
        )


def _conjuncts(condition: Condition | None) -> Iterator[Condition]:
    if isinstance(condition, Joined) and condition.operator == "AND":
        for part in condition.parts:
            yield from _conjuncts(part)
    elif condition is not None:
        yield condition


def _rendered(condition: Condition | None, names: Placeholders) -> Iterator[str]:
    """Write the conjuncts, without parentheses where none are needed: the grammar shown by AWS has none."""
    for part in _conjuncts(condition):
        text = render_condition(part, names)
        yield f"({text})" if isinstance(part, Joined) else text


def _leaves(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, Joined):
        for part in condition.parts:
            yield from _leaves(part)
    else:
        yield condition


def _is_comparison(condition: Condition) -> bool:
    """Return whether it holds a field, and no place inside one, against values."""
    if isinstance(condition, Comparison):
        plain = isinstance(condition.right, Constant) and condition.comparator != "<>"
        operand = condition.left
    elif isinstance(condition, Between | Membership):
        plain, operand = True, condition.operand
    else:
        return False
    return plain and isinstance(operand, Reference) and len(operand.path) == 1


def _is_equality(condition: Condition) -> bool:
    return isinstance(condition, Comparison) and condition.comparator == "="


def _check_carried(prepared: Search[Any]) -> None:
    carried = prepared.carried
    if carried is None:
        return
    smaller = prepared.codec is not prepared.table.codec
    missing = [f.name for f in prepared.codec.node.fields.values() if f.attribute not in carried]
    if smaller and missing:
        raise InvalidProjection(
            f"vector index {prepared.vector.name!r} does not carry {', '.join(missing)}, which "
            f"{prepared.codec.model.__name__} needs: pass project= a model of what it carries"
        )
