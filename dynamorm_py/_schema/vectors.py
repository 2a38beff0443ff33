"""The vector indexes of a model, read from its `Vector` markers. What types the fields have is not known here.

Source: API Reference, VectorIndex; Developer Guide, "Vector indexes" in "Quotas in Amazon DynamoDB".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dynamorm_py._kernel.values import frozen
from dynamorm_py._schema.naming import TABLE_NAME, TABLE_NAME_REPAIR

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from dynamorm_py._schema.fields import StoredField
    from dynamorm_py.markers import Distance, Projection, Vector


@frozen
class VectorSchema:
    """One vector index: its vector as a field, what divides it, what a search may filter by, what it carries."""

    name: str
    field: StoredField
    dimensions: int
    distance: Distance
    partition: StoredField | None
    filters: tuple[StoredField, ...]
    projection: Projection

    @property
    def searched(self) -> tuple[StoredField, ...]:
        """The fields that a search's condition may name."""
        return (*(() if self.partition is None else (self.partition,)), *self.filters)


def with_searched(fields: Mapping[str, StoredField]) -> dict[str, StoredField]:
    """Return the fields with those noted that vector indexes divide or filter by."""
    named = {name for f in fields.values() for vector in f.vectors for name in (vector.partition, *vector.filters)}
    return {name: replace(f, in_vector_index=True) if name in named else f for name, f in fields.items()}


def read_vectors(
    fields: Mapping[str, StoredField], indexes: Collection[str]
) -> tuple[dict[str, VectorSchema], list[str]]:
    """Return the vector indexes by name with everything that is wrong; `indexes` are the names of the others."""
    found: dict[str, VectorSchema] = {}
    problems: list[str] = []
    for field in fields.values():
        for vector in field.vectors if field.stored else ():
            wrong = [*_name_problems(vector, {*found, *indexes}), *_field_problems(vector, fields)]
            problems += [f"vector index {vector.index!r}: {problem}" for problem in wrong]
            found.setdefault(vector.index, _schema(vector, field, fields))
        if len({vector.dimensions for vector in field.vectors}) > 1:
            problems.append(f"{field.name}: its vector indexes have different dimensions: give them the same")
    return found, problems


def _schema(vector: Vector, field: StoredField, fields: Mapping[str, StoredField]) -> VectorSchema:
    return VectorSchema(
        name=vector.index,
        field=field,
        dimensions=vector.dimensions,
        distance=vector.distance,
        partition=None if vector.partition is None else fields.get(vector.partition),
        filters=tuple(fields[name] for name in vector.filters if name in fields),
        projection=vector.projection,
    )


def _name_problems(vector: Vector, taken: Collection[str]) -> Iterator[str]:
    if vector.index in taken:
        yield "another index has this name: name each index once"
    if not TABLE_NAME.fullmatch(vector.index):
        yield f"the name is not valid: {TABLE_NAME_REPAIR}"


def _field_problems(vector: Vector, fields: Mapping[str, StoredField]) -> Iterator[str]:
    names = [name for name in (vector.partition, *vector.filters) if name is not None]
    for name in dict.fromkeys(names):
        field = fields.get(name)
        if field is None or not field.stored:
            yield f"{name!r} is not a stored field: name another for partition= or filters="
        elif field.encrypted or field.as_json or field.converter is not None:
            yield f"{name} is stored so that DynamoDB cannot compare it: search by a plain field"
        if names.count(name) > 1:
            yield f"{name} is twice in partition= and filters=: keep one"
    yield from projection_problems(vector.projection, fields)


def projection_problems(projection: Projection, fields: Mapping[str, StoredField]) -> Iterator[str]:
    """Yield what is wrong with what an index of either kind carries."""
    if isinstance(projection, str):
        if projection not in {"ALL", "KEYS_ONLY"}:
            yield f"projection {projection!r} is unknown: use 'ALL', 'KEYS_ONLY' or a list of fields"
        return
    if not projection:
        yield "a projection of no fields: use 'KEYS_ONLY'"
    for name in projection:
        if name not in fields or not fields[name].stored:
            yield f"its projection names {name!r}, which is not a stored field: name another, or leave it out"
