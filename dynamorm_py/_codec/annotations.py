"""The markers and types of a class's fields, wherever Python and pydantic keep them.

Forward references are resolved first: a marker inside of one that is still open would be passed over.
"""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ForwardRef,
    NotRequired,
    Required,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import BaseModel
from typing_extensions import Format, ReadOnly, get_annotations

from dynamorm_py._codec.node import UnsupportedType
from dynamorm_py._codec.schemas import walk
from dynamorm_py._schema import StoredField, buried_markers, is_template, read_field, stands_anywhere
from dynamorm_py.markers import Marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dynamorm_py._codec.compiling import Compiler
    from dynamorm_py._codec.schemas import Schema

    Classes = Mapping[str, type[Any]]

_NONE: Classes = {}


def field_specs(
    cls: type[Any] | None, names: Iterable[str], *, naming: str | None, classes: Classes = _NONE
) -> tuple[dict[str, StoredField], list[str]]:
    """Read the markers of a class's fields. Returns them with all that is wrong, by field.

    `classes` are those being defined, which no module knows yet.

    Raises UnsupportedType for annotations that cannot be read.
    """
    specs: dict[str, StoredField] = {}
    problems: list[str] = []
    marked, known = marked_fields(cls, classes), _known(cls) or {}
    computed = getattr(cls, "model_computed_fields", {})
    for name in names:
        metadata, annotation = marked.get(name, ((), None))
        spec, wrong = read_field(name, metadata, annotation, naming=naming, computed=name in computed)
        specs[name] = spec
        problems += [f"{name}: {problem}" for problem in (*wrong, *_misplaced(name, known.get(name)))]
    return specs, problems


def _misplaced(name: str, info: object) -> Iterator[str]:
    """Yield the marker in the place of a field's default or type, where other libraries put theirs."""
    annotation = getattr(info, "annotation", None)
    if isinstance(annotation, type) and issubclass(annotation, Marker):
        yield f"{annotation.__name__} is its type: write {name}: Annotated[str, {annotation.__name__}()]"
    default = getattr(info, "default", None)
    if is_template(default):
        return  # reported as a derived key over a field
    if isinstance(default, Marker) or (isinstance(default, type) and issubclass(default, Marker)):
        marker = (default if isinstance(default, type) else type(default)).__name__
        yield f"{marker} is its default value: write {name}: Annotated[..., {marker}()]"


def marked_fields(cls: type[Any] | None, classes: Classes = _NONE) -> dict[str, tuple[tuple[object, ...], Any]]:
    """Return each field's markers and type, as pydantic or the annotations say. Raises UnsupportedType."""
    known = _known(cls)
    if known is None:
        return {name: _split(hint) for name, hint in _hints(cls, classes).items()}
    found = {name: (tuple(info.metadata), info.annotation) for name, info in known.items()}
    for name, info in getattr(cls, "model_computed_fields", {}).items():
        function = getattr(info.wrapped_property, "fget", None) or getattr(info.wrapped_property, "func", None)
        found[name] = _split(_returned(function, info.return_type))
    return found


def resolve(cls: type[Any] | None, classes: Classes) -> None:
    """Resolve the forward references of a class inside an item. Raises UnsupportedType for one that stays open."""
    if cls is None or not _awaits(cls):
        return
    if issubclass(cls, BaseModel):
        cls.model_rebuild(raise_errors=False, _types_namespace=classes)
    else:
        from pydantic.dataclasses import rebuild_dataclass  # noqa: PLC0415 -- few models have a dataclass that waits

        rebuild_dataclass(cls, raise_errors=False, _types_namespace=classes)
    if _awaits(cls):
        message = f"{cls.__name__} has an open forward reference: rebuild it where all that it names is known"
        raise UnsupportedType(message)


def refuse_own_markers(compiler: Compiler, cls: type[Any]) -> None:
    """Raise UnsupportedType for markers on a class whose fields are not attributes: a named tuple's, a root model's."""
    problems = [
        f"{cls.__name__}.{name}: {type(marker).__name__}() is not on an attribute: mark the field that holds it"
        for name, (metadata, annotation) in marked_fields(cls, compiler.classes).items()
        for marker in (*metadata, *buried_markers(annotation))
        if isinstance(marker, Marker) and not stands_anywhere(marker)
    ]
    if problems:
        raise UnsupportedType(*problems)


_CLASSES = frozenset({"model", "dataclass", "typed-dict", "named-tuple"})


def refuse_markers(
    compiler: Compiler, schema: Schema, markers: tuple[type[Marker], ...], why: str, *, items: bool = True
) -> None:
    """Raise UnsupportedType for markers on the fields of classes that we do not write: nobody would see them.

    `items` says whether models that have a table of their own are looked at.
    """
    seen: set[str] = set()
    waiting = [schema]
    while waiting:
        for part in walk(waiting.pop()):
            if part.get("type") == "definition-ref":
                ref: str = part["schema_ref"]
                waiting += [] if ref in seen else [compiler.definition(ref)]
                seen.add(ref)
            elif part.get("type") in _CLASSES and (items or not hasattr(part.get("cls"), "__dynamorm_options__")):
                _refuse_markers_of(compiler, part, markers, why)


def _refuse_markers_of(compiler: Compiler, schema: Schema, markers: tuple[type[Marker], ...], why: str) -> None:
    cls = schema.get("cls")
    if not isinstance(cls, type):
        return
    resolve(cls, compiler.classes)
    problems = [
        f"{cls.__name__}.{name}: {type(marker).__name__}() {why}"
        for name, (metadata, annotation) in marked_fields(cls, compiler.classes).items()
        for marker in (*metadata, *buried_markers(annotation))
        if isinstance(marker, markers)
    ]
    if problems:
        raise UnsupportedType(*problems)


def refuse_markers_of_extras(compiler: Compiler, cls: type[Any]) -> None:
    """Raise UnsupportedType for markers in the type of `__pydantic_extra__`: extra attributes have none."""
    for owner in cls.__mro__:
        declared = get_annotations(owner, format=Format.FORWARDREF).get("__pydantic_extra__")
        if owner is BaseModel or declared is None:
            continue
        stand_in = type(owner.__name__, (), {"__annotations__": {"extra": declared}, "__module__": owner.__module__})
        for marker in buried_markers(_hints(stand_in, compiler.classes).get("extra")):
            if not stands_anywhere(marker):
                message = f"{cls.__name__}: {type(marker).__name__}() stands in __pydantic_extra__, where it would be "
                raise UnsupportedType(f"{message}ignored: declare a field for what it marks")
        return


def _known(cls: type[Any] | None) -> Mapping[str, Any] | None:
    return getattr(cls, "model_fields", None) or getattr(cls, "__pydantic_fields__", None)


def _awaits(cls: type[Any]) -> bool:
    return any(isinstance(info.annotation, ForwardRef) for info in (_known(cls) or {}).values())


def _split(hint: Any) -> tuple[tuple[object, ...], Any]:  # noqa: ANN401 -- an annotation
    while get_origin(hint) in {Required, NotRequired, ReadOnly}:
        hint = get_args(hint)[0]
    if get_origin(hint) is Annotated:
        return get_args(hint)[1:], get_args(hint)[0]
    return (), hint


def _hints(cls: type[Any] | None, classes: Classes) -> dict[str, Any]:
    if cls is None:
        return {}
    try:
        return get_type_hints(cls, localns={**vars(cls), **classes}, include_extras=True)
    except NameError as error:
        message = f"{cls.__name__} names {error.name!r}, which its module does not know: define it there"
        raise UnsupportedType(message) from None


def _returned(function: object, otherwise: object) -> object:
    try:
        return get_type_hints(function, include_extras=True).get("return", otherwise)
    except (NameError, TypeError):  # a name that only its own scope knows: pydantic has resolved it
        return otherwise
