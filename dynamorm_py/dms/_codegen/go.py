"""Go: a struct for each model, with the tags of the sister library, laid out as gofmt does.

What that library refuses when a model is registered is refused here: a name that breaks the convention (camelCase
where none is declared), a global index whose name says that it is local. Its tags cannot say what an index carries.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dynamorm_py._schema.naming import fault
from dynamorm_py.dms._codegen.names import check_class_names, heading, pascal, unused
from dynamorm_py.dms._parsed import Problem
from dynamorm_py.dms._rules import LIFECYCLE_TYPES
from dynamorm_py.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py.dms._document import Attribute, Document, Model

_PACKAGE = "models"
_TYPES = {
    "S": "string",
    "N": "float64",
    "B": "[]byte",
    "BOOL": "bool",
    "NULL": "any",
    "M": "map[string]any",
    "L": "[]any",
    "SS": "[]string",
    "NS": "[]float64",
    "BS": "[][]byte",
}
_NOT_IN_TAGS = frozenset(',:"`\\ ')
_NIL_IS_EMPTY = ("[]", "map[", "any")
_DEFAULT_NAMING = "camelCase"
_LOCAL_PREFIXES = ("lsi-", "lsi_")  # an index named so is local to the sister library, whatever its tag says
_TIMES_BY_NAME = {"createdat": "created_at", "updatedat": "updated_at"}  # a time.Time named so has the role


def write(document: Document) -> str:
    """Return a file with a struct for each model. Raises InvalidDocument for names that a tag cannot hold."""
    check_class_names(document, "Go")
    _check_tags(document)
    structs = "\n\n".join("\n".join(_struct(model)) for model in document.models)
    origin = f"{heading(document, 'from')} by dynamorm dms codegen, DMS {document.dms_version}"
    head = f"// Code generated{origin}; DO NOT EDIT."
    times = 'import "time"\n\n' if "time.Time" in structs else ""
    return f"{head}\n\npackage {_PACKAGE}\n\n{times}{structs}\n"


def _check_tags(document: Document) -> None:
    wrong = [Problem(message, model.name) for model in document.models for message in _faults(model)]
    if wrong:
        raise InvalidDocument("Go", wrong)


def _faults(model: Model) -> Iterator[str]:
    """Yield what no struct tag can say, or the sister library refuses."""
    naming = _naming(model)
    for attribute in model.attributes:
        if fault(attribute.attribute, naming):
            yield f"{attribute.attribute!r} is no {naming} name, as Go's models need throughout: rename it"
    for index in model.indexes:
        if set(index.name) & _NOT_IN_TAGS or not index.name.isprintable():
            yield f"{index.name!r} cannot stand in a struct tag: rename the index"
        elif index.type == "GSI" and index.name.startswith(_LOCAL_PREFIXES):
            yield f"{index.name!r} is a global index, and Go takes names that begin so for local ones: rename it"


def _naming(model: Model) -> str:
    """Return the convention that the names are held to: where none is declared, the first that they all keep."""
    if model.convention:
        return model.convention
    names = [attribute.attribute for attribute in model.attributes]
    snake = not any(fault(name, "snake_case") for name in names)
    return "snake_case" if snake and any(fault(name, _DEFAULT_NAMING) for name in names) else _DEFAULT_NAMING


def _struct(model: Model) -> Iterator[str]:
    """Write a struct in the columns of gofmt: names, types, tags."""
    rows: dict[str, tuple[str, str]] = {}
    if model.convention or _naming(model) != _DEFAULT_NAMING:
        rows["_"] = ("struct{}", f'`dynamorm:"naming:{_naming(model)}"`')
    for attribute in model.attributes:
        kind = _type(model, attribute)
        rows[_field_name(attribute, kind, {*rows, "TableName"})] = (kind, _tags(model, attribute))
    names, types = max(map(len, rows)), max(len(kind) for kind, _ in rows.values())
    yield f"type {model.name} struct {{"
    for name, (kind, tags) in rows.items():
        yield f"\t{name:<{names}} {kind:<{types}} {tags}"
    yield "}"
    yield ""
    yield f"func ({model.name}) TableName() string {{ return {json.dumps(model.table.name, ensure_ascii=False)} }}"


def _field_name(attribute: Attribute, kind: str, taken: set[str]) -> str:
    name = pascal(attribute.attribute)
    role = _TIMES_BY_NAME.get(name.lower())
    if role and role not in attribute.roles and kind == "time.Time":
        name += "Time"
    return unused(name, taken, "")


def _type(model: Model, attribute: Attribute) -> str:
    kind = _value_type(attribute)
    has_zero = attribute.omit_empty or LIFECYCLE_TYPES.keys() & set(attribute.roles)
    may_be_nil = attribute.optional and not has_zero and not _is_index_key(model, attribute)
    return f"*{kind}" if may_be_nil and not kind.startswith(_NIL_IS_EMPTY) else kind


def _value_type(attribute: Attribute) -> str:
    if attribute.json_:
        return "any"
    if attribute.format == "rfc3339nano" or {"created_at", "updated_at"} & set(attribute.roles):
        return "time.Time"
    if attribute.format in {"int", "unix_seconds"} or {"version", "ttl"} & set(attribute.roles):
        return "int64"
    return _TYPES[attribute.type]


def _is_index_key(model: Model, attribute: Attribute) -> bool:
    keys = (key for index in model.indexes for key in (index.partition, index.sort))
    return attribute.attribute in {key.attribute for key in keys if key}


def _tags(model: Model, attribute: Attribute) -> str:
    name = attribute.attribute
    omitted = attribute.omit_empty or attribute.optional
    words = [*_key_words(model, name), *(role for role in attribute.roles if role in LIFECYCLE_TYPES), f"attr:{name}"]
    flags = {
        "omitempty": omitted,
        "set": attribute.type in {"SS", "NS", "BS"},
        "json": attribute.json_,
        "binary": attribute.binary,
        "encrypted": attribute.encryption is not None,
    }
    words += [flag for flag, on in flags.items() if on]
    words += _index_words(model, name)
    return f'`dynamorm:"{",".join(words)}" json:"{name}{",omitempty" if omitted else ""}"`'


def _key_words(model: Model, name: str) -> Iterator[str]:
    if name == model.keys.partition.attribute:
        yield "pk"
    elif model.keys.sort and name == model.keys.sort.attribute:
        yield "sk"


def _index_words(model: Model, name: str) -> Iterator[str]:
    for index in model.indexes:
        if index.type == "LSI":
            if index.sort and name == index.sort.attribute:
                yield f"lsi:{index.name}"
        elif name == index.partition.attribute:
            yield f"index:{index.name},pk"
        elif index.sort and name == index.sort.attribute:
            yield f"index:{index.name},sk"
