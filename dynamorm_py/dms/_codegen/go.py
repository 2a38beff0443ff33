"""Go: a struct for each model, with the tags of the sister library, laid out as gofmt does.

What that library refuses when a model is registered is refused here: a name that breaks the convention (camelCase
where none is declared), a global index whose name says that it is local. So is what it could not read back: maps
and lists need a type of their own, which `tags: { go: "Address" }` names. Its tags cannot say what an index carries,
nor a write policy.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from dynamorm_py._kernel.words import with_article
from dynamorm_py._schema.naming import fault
from dynamorm_py.dms._codegen.libraries import PACKAGES
from dynamorm_py.dms._codegen.names import check_class_names, heading, pascal, unused
from dynamorm_py.dms._parsed import Problem
from dynamorm_py.dms._rules import LIFECYCLE_TYPES
from dynamorm_py.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py.dms._codegen.libraries import Library
    from dynamorm_py.dms._document import Attribute, Document, Model

_PACKAGE = "models"
_TYPES = {
    "S": "string",
    "N": "float64",
    "B": "[]byte",
    "BOOL": "bool",
    "NULL": "*string",
    "SS": "[]string",
    "NS": "[]float64",
    "BS": "[][]byte",
}
_NOT_IN_TAGS = frozenset(',:"`\\ ')
_NIL_IS_EMPTY = ("[]", "*", "json.RawMessage")
_GO_TYPE = re.compile(r"(\*|\[\]|map\[string\])*[A-Za-z_][A-Za-z0-9_]*(\.[A-Z][A-Za-z0-9_]*)?")
_UNREADABLE = re.compile(r"\bany\b|interface")
_DEFAULT_NAMING = "camelCase"
_LOCAL_PREFIXES = ("lsi-", "lsi_")  # an index named so is local to the sister library, whatever its tag says
_TIMES_BY_NAME = {"createdat": "created_at", "updatedat": "updated_at"}  # a time.Time named so has the role


def write(document: Document, library: Library) -> str:
    """Return a file with a struct for each model. Raises InvalidDocument for what the library would not take."""
    check_class_names(document, "Go")
    _check_tags(document)
    structs = "\n\n".join("\n".join(_struct(model, PACKAGES[library].tag)) for model in document.models)
    origin = f"{heading(document, 'from')} by dynamorm dms codegen, DMS {document.dms_version}"
    head = f"// Code generated{origin}; DO NOT EDIT."
    made_for = f"// The tags are those of {PACKAGES[library].go}."
    return f"{head}\n\n{made_for}\npackage {_PACKAGE}\n\n{_imports(structs)}{structs}\n"


def _imports(structs: str) -> str:
    names = [name for name, used in (("encoding/json", "json.RawMessage"), ("time", "time.Time")) if used in structs]
    if len(names) > 1:
        return "import (\n" + "".join(f'\t"{name}"\n' for name in names) + ")\n\n"
    return f'import "{names[0]}"\n\n' if names else ""


def _check_tags(document: Document) -> None:
    wrong = [Problem(message, model.name) for model in document.models for message in _faults(model)]
    if wrong:
        raise InvalidDocument("Go", wrong)


def _faults(model: Model) -> Iterator[str]:
    """Yield what no struct tag can say, or the sister library refuses."""
    naming = _naming(model)
    for attribute in model.attributes:
        if fault(attribute.attribute, naming):
            kind = with_article(naming)
            yield f"{attribute.attribute!r} is not {kind} name, as Go's models need throughout: rename it"
        yield from _type_faults(attribute)
    for index in model.indexes:
        if set(index.name) & _NOT_IN_TAGS or not index.name.isprintable():
            yield f"{index.name!r} cannot be written in a struct tag: rename the index"
        elif index.type == "GSI" and index.name.startswith(_LOCAL_PREFIXES):
            yield f"{index.name!r} is a global index, and Go takes names that begin so for local ones: rename it"


def _type_faults(attribute: Attribute) -> Iterator[str]:
    """Yield why an attribute has no type that the library reads back."""
    name, named = attribute.attribute, (attribute.tags or {}).get("go")
    if named is None:
        kind = "an exact number" if attribute.format == "decimal_string" else attribute.type
        if attribute.format == "decimal_string" or attribute.type in {"M", "L"}:
            yield f'{name!r} is {kind}, which needs a Go type of its own: name it with tags: {{ go: "..." }}'
    elif not isinstance(named, str) or not _GO_TYPE.fullmatch(named):
        yield f'the go type of {name!r} is not the name of one: write tags: {{ go: "Address" }}'
    elif _UNREADABLE.search(named):
        yield f"the go type of {name!r} cannot be read back: name a struct, a slice or a map of known values"


def _naming(model: Model) -> str:
    """Return the convention that the names are held to: where none is declared, the first that they all keep."""
    if model.convention:
        return model.convention
    names = [attribute.attribute for attribute in model.attributes]
    snake = not any(fault(name, "snake_case") for name in names)
    return "snake_case" if snake and any(fault(name, _DEFAULT_NAMING) for name in names) else _DEFAULT_NAMING


def _struct(model: Model, tag: str) -> Iterator[str]:
    """Write a struct in the columns of gofmt: names, types, tags."""
    rows: dict[str, tuple[str, str]] = {}
    if model.convention or _naming(model) != _DEFAULT_NAMING:
        rows["_"] = ("struct{}", f'`{tag}:"naming:{_naming(model)}"`')
    for attribute in model.attributes:
        kind = _type(model, attribute)
        rows[_field_name(attribute, kind, {*rows, "TableName"})] = (kind, _tags(model, attribute, tag))
    names, types = max(map(len, rows)), max(len(kind) for kind, _ in rows.values())
    yield from _policy(model)
    yield f"type {model.name} struct {{"
    for name, (kind, tags) in rows.items():
        yield f"\t{name:<{names}} {kind:<{types}} {tags}"
    yield "}"
    yield ""
    yield f"// {model.name}Table names the table of {model.name}; set it before the first use."
    yield f"var {model.name}Table = {json.dumps(model.table.name, ensure_ascii=False)}"
    yield ""
    yield f"func ({model.name}) TableName() string {{ return {model.name}Table }}"


def _policy(model: Model) -> Iterator[str]:
    policy = model.write_policy
    if policy is not None and policy.mode == "write_once":
        yield f"// {model.name} is written once; no struct tag says so, so the library does not hold it to that."
    if policy is not None and policy.protected_attributes:
        listed = ", ".join(policy.protected_attributes)
        yield f"// Protected attributes, which no struct tag says: {listed}."


def _field_name(attribute: Attribute, kind: str, taken: set[str]) -> str:
    name = pascal(attribute.attribute)
    role = _TIMES_BY_NAME.get(name.lower())
    if role and role not in attribute.roles and kind == "time.Time":
        name += "Time"
    return unused(name, taken, "")


def _type(model: Model, attribute: Attribute) -> str:
    kind = _value_type(attribute)
    if _is_struct(attribute, kind):  # one with declared fields is never empty, so only a pointer is left out
        return f"*{kind}" if attribute.optional else kind
    has_zero = attribute.omit_empty or LIFECYCLE_TYPES.keys() & set(attribute.roles)
    may_be_nil = attribute.optional and not has_zero and not (_is_index_key(model, attribute) and kind == "string")
    return f"*{kind}" if may_be_nil and not kind.startswith(_NIL_IS_EMPTY) else kind


def _is_struct(attribute: Attribute, kind: str) -> bool:
    return "go" in (attribute.tags or {}) and attribute.type == "M" and not kind.startswith(("*", "[]", "map["))


def _value_type(attribute: Attribute) -> str:
    if attribute.tags and "go" in attribute.tags:
        return str(attribute.tags["go"])
    if attribute.json_ and attribute.type == "S":
        return "json.RawMessage"
    if attribute.format == "rfc3339nano" or {"created_at", "updated_at"} & set(attribute.roles):
        return "time.Time"
    if attribute.format in {"int", "unix_seconds"} or {"version", "ttl"} & set(attribute.roles):
        return "int64"
    return _TYPES[attribute.type]


def _is_index_key(model: Model, attribute: Attribute) -> bool:
    keys = (key for index in model.indexes for key in (index.partition, index.sort))
    return attribute.attribute in {key.attribute for key in keys if key}


def _tags(model: Model, attribute: Attribute, tag: str) -> str:
    name = attribute.attribute
    omitted = attribute.omit_empty or (attribute.optional and _is_index_key(model, attribute))  # no index takes NULL
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
    return f'`{tag}:"{",".join(words)}" json:"{name}{",omitempty" if omitted else ""}"`'


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
