"""Go: a struct for each model, with the tags of the sister library, laid out as gofmt does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
    named = [(m.name, a.attribute) for m in document.models for a in m.attributes]
    named += [(m.name, i.name) for m in document.models for i in m.indexes]
    message = "{!r} cannot stand in a struct tag"
    wrong = [
        Problem(message.format(name), model)
        for model, name in named
        if set(name) & _NOT_IN_TAGS or not name.isprintable()
    ]
    if wrong:
        raise InvalidDocument("Go", wrong)


def _struct(model: Model) -> Iterator[str]:
    """Write a struct in the columns of gofmt: names, types, tags."""
    rows: dict[str, tuple[str, str]] = {}
    if model.convention:
        rows["_"] = ("struct{}", f'`dynamorm:"naming:{model.convention}"`')
    for attribute in model.attributes:
        rows[unused(pascal(attribute.attribute), rows, "")] = (_type(model, attribute), _tags(model, attribute))
    names, types = max(map(len, rows)), max(len(kind) for kind, _ in rows.values())
    yield f"type {model.name} struct {{"
    for name, (kind, tags) in rows.items():
        yield f"\t{name:<{names}} {kind:<{types}} {tags}"
    yield "}"
    yield ""
    yield f"func ({model.name}) TableName() string {{ return {json.dumps(model.table.name, ensure_ascii=False)} }}"


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
