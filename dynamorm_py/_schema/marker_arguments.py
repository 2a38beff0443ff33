"""Which arguments a marker can have, by its kind.

A type checker sees most of it first; this is for projects that run none. It looks at one marker at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from dynamorm_py._kernel.words import kind_of
from dynamorm_py.markers import AsJson, Attribute, Converter, Distance, Format, PartitionKey, SortKey, Vector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py.markers import Marker

_FORMATS: tuple[str, ...] = get_args(Format)
_DISTANCES: tuple[str, ...] = get_args(Distance)
_DIMENSIONS_LIMIT = 4096  # API Reference, SearchVectors, SearchVector


def argument_problems(marker: Marker, *, as_field: bool = True) -> Iterator[str]:
    """Yield what is wrong with the arguments of one marker, each with the repair; `as_field` says where it stands."""
    if isinstance(marker, Attribute):
        yield from _attribute_problems(marker)
    elif isinstance(marker, PartitionKey | SortKey):
        yield from _field_key_problems(marker) if as_field else _derived_key_problems(marker)
        yield from _key_problems(marker)
    elif isinstance(marker, AsJson) and marker.form not in {"text", "native"}:
        yield f"form {marker.form!r} is unknown: use 'text' or 'native', or leave it out"
    elif isinstance(marker, Vector):
        yield from _vector_problems(marker)


def _attribute_problems(marker: Attribute) -> Iterator[str]:
    if not _is(marker.name, str | None):
        yield f"the name {marker.name!r} in Attribute() is not a string: pass one, or leave it out"
    if marker.format is not None and marker.format not in _FORMATS:
        yield f"format {marker.format!r} is unknown: use {', '.join(map(repr, _FORMATS))}, or leave it out"
    if isinstance(marker.converter, type):
        name = marker.converter.__name__
        yield f"converter= is the class {name}: pass an instance, converter={name}()"
    elif not _is(marker.converter, Converter | None):
        kind = kind_of(marker.converter)
        yield f"converter= is {kind}: pass an object with the methods to_attribute and from_attribute"
    reads = marker.reads
    if reads is not None and not (_is(reads, tuple) and all(_is(name, str) for name in reads)):
        yield 'reads= takes a tuple of field names: write reads=("status",)'
    for name, value in (("required", marker.required), ("optional", marker.optional)):
        if not _is(value, bool | None):
            yield f"{name}={value!r} must be True or False, or be left out"


def _field_key_problems(marker: PartitionKey | SortKey) -> Iterator[str]:
    kind = type(marker).__name__
    if marker.template is not None:
        yield (
            f"{kind}({marker.template!r}) is in Annotated, but a template does not make a field: write "
            f"pk = {kind}({marker.template!r}) in the class, or index={marker.template!r} for an index's name"
        )
    if marker.attribute is not None:
        yield f"attribute= in {kind}() is for a derived key: name a field's attribute with Attribute(name)"


def _derived_key_problems(marker: PartitionKey | SortKey) -> Iterator[str]:
    for word, value in (("the template", marker.template), ("attribute=", marker.attribute)):
        if not _is(value, str | None):
            yield f"{word} in {type(marker).__name__}() must be a str, got {type(value).__name__}"


def _key_problems(marker: PartitionKey | SortKey) -> Iterator[str]:
    kind = type(marker).__name__
    if not _is(marker.index, str | None):
        yield f"index={marker.index!r} in {kind}() is not a string: pass the index's name"
    if not _is(marker.position, int | None) or marker.position is True or marker.position == 0:
        yield f"position={marker.position!r} in {kind}() is not a place in a key: count from 1"


def _vector_problems(marker: Vector) -> Iterator[str]:
    if not _is(marker.index, str):
        yield f"the index in Vector() must be a string, got {marker.index!r}: pass its name first"
    dimensions = marker.dimensions
    if not _is(dimensions, int) or dimensions is True or not 1 <= dimensions <= _DIMENSIONS_LIMIT:
        yield f"dimensions={dimensions!r} in Vector(): a vector has 1 to {_DIMENSIONS_LIMIT} elements"
    if marker.distance not in _DISTANCES:
        yield f"distance {marker.distance!r} is unknown: use {', '.join(map(repr, _DISTANCES))}"
    if not _is(marker.partition, str | None):
        yield f"partition={marker.partition!r} in Vector() must be the name of a field"
    if _is(marker.filters, str) or not all(_is(name, str) for name in marker.filters):
        yield f"filters={marker.filters!r} in Vector() must be names of fields: write filters=('lang',)"


def _is(value: object, kind: object) -> bool:
    """Say whether a value is what its annotation promises; the checker believes it is."""
    return isinstance(value, kind)  # pyright: ignore[reportArgumentType] -- a class or a union of classes
