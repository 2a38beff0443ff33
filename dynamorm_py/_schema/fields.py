"""One field as its markers describe it: its attribute, its roles, how it is stored.

The same reading serves models, nested models, dataclasses and TypedDicts. This module knows
markers and names; what a field's type can hold is the codec's knowledge.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

from dynamorm_py._kernel.values import frozen
from dynamorm_py._schema.converters import scalar_stored_by
from dynamorm_py._schema.lifecycle_roles import LIFECYCLE
from dynamorm_py._schema.marker_arguments import argument_problems
from dynamorm_py._schema.naming import derive, fault
from dynamorm_py.markers import (
    AsBinary,
    AsJson,
    AsSet,
    Attribute,
    Converter,
    Encrypted,
    Format,
    Marker,
    NotStored,
    OmitEmpty,
    PartitionKey,
    SortKey,
    Unique,
    Vector,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dynamorm_py._schema.templates import Template

_ROLE_OF: dict[type[Marker], str] = {role.marker: name for name, role in LIFECYCLE.items()}

PARTITION_KEY_BYTES = 2048  # Developer Guide, "Service, account, and table quotas"; of indexes too
SORT_KEY_BYTES = 1024  # the same page
_UNSAID = Attribute()


@frozen
class StoredField:
    """A field of a class and the attribute it is stored in."""

    name: str
    attribute: str
    annotation: Any = None
    computed: bool = False
    stored: bool = True
    omit_empty: bool = False
    as_json: bool = False
    native_json: bool = False
    as_binary: bool = False
    as_set: bool = False
    encrypted: bool = False
    format: Format | None = None
    converter: Converter | None = None
    roles: frozenset[str] = frozenset()
    index_keys: tuple[PartitionKey | SortKey, ...] = ()
    required: bool | None = None
    optional: bool | None = None
    unique: bool = False
    reads: tuple[str, ...] | None = None
    """The fields that a stored computed field follows from; None where it does not say."""
    template: Template | None = None
    """What a derived key is composed from; None for a field."""
    vectors: tuple[Vector, ...] = ()
    in_vector_index: bool = False
    """Whether it is the partition or a filter of a vector index."""

    @property
    def is_key(self) -> bool:
        """Whether it is the table's partition or sort key."""
        return bool(self.roles & {"pk", "sk"})

    @property
    def is_index_key(self) -> bool:
        """Whether it is a key of some index; then a None is left out, since DynamoDB takes no NULL there."""
        return bool(self.index_keys)

    @property
    def index_key_bytes(self) -> int:
        """How long its value may be as the key of its indexes: the least that one of them allows."""
        return SORT_KEY_BYTES if any(isinstance(key, SortKey) for key in self.index_keys) else PARTITION_KEY_BYTES

    @property
    def omits_none(self) -> bool:
        """Whether a None leaves the attribute out of the item."""
        return self.omit_empty or self.is_index_key or self.in_vector_index or bool(self.vectors)


def read_field(
    name: str,
    metadata: Iterable[object],
    annotation: Any,  # noqa: ANN401 -- an annotation is any object
    *,
    naming: str | None,
    computed: bool = False,
) -> tuple[StoredField, list[str]]:
    """Read one field's markers. Returns the field and what is wrong with it, each with the repair."""
    markers, problems = _markers_of(metadata, annotation)
    attribute = _merged([m for m in markers if isinstance(m, Attribute)])
    wire_name = derive(name, naming) if attribute.name is None else attribute.name
    kinds = {type(m) for m in markers}
    keys = [m for m in markers if isinstance(m, PartitionKey | SortKey)]
    stored = NotStored not in kinds and (not computed or bool(markers))
    if stored and (misnamed := fault(wire_name, naming)):
        problems.append(misnamed)
    field = StoredField(
        name=name,
        attribute=wire_name,
        annotation=annotation,
        computed=computed,
        stored=stored,
        omit_empty=OmitEmpty in kinds,
        as_json=AsJson in kinds,
        native_json=AsJson("native") in markers,
        as_binary=AsBinary in kinds,
        as_set=AsSet in kinds,
        encrypted=Encrypted in kinds,
        format=attribute.format,
        converter=attribute.converter,
        roles=frozenset(_roles(markers)),
        index_keys=tuple(m for m in keys if m.index is not None),
        required=attribute.required,
        optional=attribute.optional,
        reads=attribute.reads,
        unique=Unique in kinds,
        vectors=tuple(m for m in markers if isinstance(m, Vector)),
    )
    if markers:  # most fields have none
        problems += _conflicts(field, markers)
    return field, problems


def _merged(attributes: list[Attribute]) -> Attribute:
    """Let a later `Attribute` fill in or replace the arguments of an earlier one."""
    if not attributes:
        return _UNSAID
    arguments: dict[str, Any] = {}
    for attribute in attributes:
        arguments |= {f.name: v for f in dataclasses.fields(attribute) if (v := getattr(attribute, f.name)) is not None}
    return Attribute(**arguments)


def _markers_of(metadata: Iterable[object], annotation: object) -> tuple[list[Marker], list[str]]:
    markers: list[Marker] = []
    problems: list[str] = []
    inside = list(buried_markers(annotation))
    for extra in metadata:
        inside += _markers_in_types_of(extra, set())
        if isinstance(extra, Marker):
            wrong = list(argument_problems(extra))
            problems += wrong
            markers += [] if wrong else [extra]
        elif isinstance(extra, type) and issubclass(extra, Marker):
            problems.append(f"{extra.__name__} is a class here: write {extra.__name__}()")
    problems += [
        f"{marker!r} is inside the type and would be ignored: move it to the outermost Annotated"
        for marker in inside
        if not stands_anywhere(marker)
    ]
    return markers, problems


def stands_anywhere(marker: object) -> bool:
    """Return whether a marker says how a type is stored, wherever that stands."""
    return isinstance(marker, Attribute) and marker.is_converter


def buried_markers(annotation: object) -> Iterator[Marker]:
    """Find markers below the outermost `Annotated`, also behind `type` aliases, new types and type variables."""
    return _buried_markers(annotation, set())


_LEADS_TO_TYPE = ("__value__", "__supertype__", "__bound__", "__default__")  # of an alias, a new type, a type variable


def _buried_markers(annotation: object, seen: set[int]) -> Iterator[Marker]:
    if id(annotation) in seen:
        return
    seen.add(id(annotation))
    for extra in get_args(annotation)[1:] if get_origin(annotation) is Annotated else ():
        if isinstance(extra, Marker):
            yield extra
        yield from _markers_in_types_of(extra, seen)
    of_variable = annotation.__constraints__ if isinstance(annotation, TypeVar) else ()
    within = [getattr(annotation, name, None) for name in _LEADS_TO_TYPE]
    for inner in (*within, *of_variable, *get_args(annotation)):
        yield from _buried_markers(inner, seen)


def _markers_in_types_of(extra: object, seen: set[int]) -> Iterator[Marker]:
    """Find markers on the types that pydantic's `ValidateAs` and pipelines validate as."""
    if type(extra).__module__.partition(".")[0] != "pydantic":
        return
    for name in ("from_type", "tp"):
        yield from _buried_markers(getattr(extra, name, None), seen)
    sides = [getattr(extra, side, None) for side in ("left", "right")]
    steps: tuple[object, ...] = getattr(extra, "_steps", ())
    for step in (*steps, *filter(None, sides)):
        yield from _markers_in_types_of(step, seen)


def _roles(markers: Iterable[Marker]) -> Iterator[str]:
    for marker in markers:
        if isinstance(marker, PartitionKey) and marker.index is None:
            yield "pk"
        elif isinstance(marker, SortKey) and marker.index is None:
            yield "sk"
        elif type(marker) in _ROLE_OF:
            yield _ROLE_OF[type(marker)]


def _conflicts(field: StoredField, markers: list[Marker]) -> Iterator[str]:
    """Yield what the markers of one field say against each other."""
    forms = [n for n, on in (("AsJson", field.as_json), ("AsBinary", field.as_binary), ("AsSet", field.as_set)) if on]
    if field.converter is not None:
        forms.append("Attribute(converter=)")
    if len(forms) > 1:
        yield f"{' and '.join(forms)} exclude each other: keep one"
    yield from _lifecycle_conflicts(field)
    if field.roles >= {"pk", "sk"}:
        yield "a field cannot be both partition key and sort key: use two fields"
    if not field.stored and (field.roles or field.index_keys or field.encrypted or forms or field.vectors):
        yield "NotStored excludes every other marker: a field that is not stored has no key, role or form"
    if field.encrypted and (field.roles or field.index_keys):
        yield "an encrypted field cannot be a key, an index key or a lifecycle field: drop Encrypted()"
    if field.vectors and (field.encrypted or forms):
        yield f"a vector is stored as a list of numbers: drop {'Encrypted' if field.encrypted else forms[0]}()"
    if field.is_key or field.is_index_key:
        yield from _key_conflicts(field, forms)
    if field.required and field.optional:
        yield "an attribute is required or optional, not both: drop one from Attribute()"
    if len(set(markers)) < len(markers):
        yield "the field has a marker twice: keep one"


def _lifecycle_conflicts(field: StoredField) -> Iterator[str]:
    lifecycle = sorted(field.roles & LIFECYCLE.keys())
    if len(lifecycle) > 1:
        yield f"one field cannot be {' and '.join(lifecycle)}: use a field for each"
    for role in sorted(field.roles & {"updated_at", "version"} if field.is_key else ()):
        yield f"every write changes {role}, and a key never changes: mark another field with one of the two"
    if field.omit_empty and "version" in field.roles:
        yield "a version is never omitted: drop OmitEmpty()"
    if field.unique and (field.encrypted or field.computed or not field.stored):
        yield "a unique field must be stored and not encrypted: drop Unique(), or the other marker"
    if field.unique and field.roles & LIFECYCLE.keys():
        yield "a lifecycle field changes without its caller, so it cannot be kept unique: drop Unique()"
    if field.reads is not None and not field.computed:
        yield "reads= says what a computed field follows from: drop it here"
    if field.computed and lifecycle:
        yield "a computed field cannot be a lifecycle field: the library sets those"
    if field.converter is not None and lifecycle:
        yield f"{lifecycle[0]} cannot have a converter, as the library sets and reads it: drop one"


def _key_conflicts(field: StoredField, forms: list[str]) -> Iterator[str]:
    what = "a key" if field.is_key else "an index key"
    if field.is_key and field.omit_empty:
        yield "a key is never omitted: drop OmitEmpty()"
    if "AsJson" in forms or "AsSet" in forms:
        yield f"{what} is a string, number or binary: drop {forms[0]}()"
    if field.converter is not None and scalar_stored_by(field.converter) is None:
        yield (
            f"{what} cannot have a converter whose type DynamoDB does not know: annotate what its to_attribute "
            "returns as str, bytes, int or Decimal, or use StoredAs()"
        )
