"""Python: a `DynamoModel` for each model of a document, formatted, clean for type checkers.

A class's entry equals the one it was generated from.
"""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING

from pydantic import BaseModel

from dynamorm_py._kernel.values import frozen
from dynamorm_py._schema.lifecycle_roles import LIFECYCLE, SET_BY_LIBRARY
from dynamorm_py._schema.naming import TABLE_NAME, TABLE_NAME_REPAIR, derive
from dynamorm_py.dms._codegen.key_templates import derived_key, is_whole_part
from dynamorm_py.dms._codegen.layout import IMPORTED, assignment, call_assignment, class_statement, imports, listing
from dynamorm_py.dms._codegen.names import check_class_names, heading, snake, unused
from dynamorm_py.dms._parsed import Problem
from dynamorm_py.dms._rules import LIFECYCLE_TYPES
from dynamorm_py.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py.dms._document import Attribute, Document, Index, Model

_TYPES = {
    "S": "str",
    "N": "Decimal",
    "B": "bytes",
    "BOOL": "bool",
    "NULL": "None",
    "M": "dict[str, Any]",
    "L": "list[Any]",
    "SS": "set[str]",
    "NS": "set[Decimal]",
    "BS": "set[bytes]",
}
_EMPTY = {
    "S": '""',
    "M": "Field(default_factory=dict[str, Any])",
    "L": "Field(default_factory=list[Any])",
    "SS": "Field(default_factory=set[str])",
    "NS": "Field(default_factory=set[Decimal])",
    "BS": "Field(default_factory=set[bytes])",
}
_TIME_FORMATS = ("rfc3339nano", "unix_seconds")
_SET_BY_LIBRARY = {name: f"{LIFECYCLE[name].marker.__name__}()" for name in sorted(SET_BY_LIBRARY)}
_TYPE_NAMES = {"bool", "bytes", "datetime", "dict", "int", "list", "set", "str"}  # later annotations look them up
_TAKEN = frozenset({*dir(BaseModel), *_TYPE_NAMES, "to_item", "from_item", "to_dms"})  # a field would hide the method
_PROTECTED = ("model_validate", "model_dump")  # pydantic warns of fields that begin so
_NAMES_IN_MODULE = frozenset({*IMPORTED, *(word for word in keyword.kwlist if word[0].isupper())})


@frozen
class _Field:
    """One line of a class: the field's name, its type, its markers, its default ("" for none)."""

    name: str
    type: str
    markers: tuple[str, ...]
    default: str
    derived: tuple[str, ...] = ()
    """The marker and its arguments, of a derived key."""


def write(document: Document) -> str:
    """Return a module with a class for each model. Raises InvalidDocument for names that cannot be."""
    check_class_names(document, "Python", _NAMES_IN_MODULE)
    _check(document)
    classes = [_class(model) for model in document.models]
    body = "\n\n\n".join(classes)
    head = f'"""Models{heading(document, "of")}, generated from DMS {document.dms_version}; do not edit."""\n'
    return f"{head}\nfrom __future__ import annotations\n\n{imports(body)}\n\n\n{body}\n"


def _check(document: Document) -> None:
    """Raise InvalidDocument for a model that no class can be."""
    wrong = [
        Problem(f"{name!r} is not a name of a table or index in DynamoDB: {TABLE_NAME_REPAIR}", model.name)
        for model in document.models
        for name in _table_and_indexes(model)
        if not TABLE_NAME.fullmatch(name)
    ]
    wrong += [
        Problem(f"{attribute.attribute!r} is the version, which is never omitted: drop omit_empty", model.name)
        for model in document.models
        for attribute in model.attributes
        if "version" in attribute.roles and attribute.omit_empty
    ]
    if wrong:
        raise InvalidDocument("Python", wrong)


def _table_and_indexes(model: Model) -> Iterator[str]:
    yield model.table.name
    yield from (index.name for index in model.indexes)


def _class(model: Model) -> str:
    fields: dict[str, _Field] = {}
    for attribute in model.attributes:
        field = _field(model, attribute, fields)
        fields[field.name] = field
    by_attribute = {a.attribute: name for a, name in zip(model.attributes, fields, strict=True)}
    arguments = [f"table={_text(model.table.name)}"]
    if model.convention:
        arguments.append(f"naming={_text(model.convention)}")
    arguments += _policy(model, by_attribute)
    declared = [_declaration(index, by_attribute) for index in model.indexes]
    if kept := [each for each in declared if each]:
        arguments.append(listing("indexes=", kept))
    lines = [_line(f) for f in fields.values()]
    return "\n".join([class_statement(model.name, ["DynamoModel", *arguments]), *lines])


def _line(field: _Field) -> str:
    if field.derived:
        return call_assignment(field.name, field.derived[0], list(field.derived[1:]))
    return assignment(field.name, _annotation(field), field.default)


def _policy(model: Model, fields: dict[str, str]) -> Iterator[str]:
    """Yield the class arguments of a write policy."""
    policy = model.write_policy
    if policy is not None and policy.mode != "mutable":
        yield f"write_policy={_text(policy.mode)}"
    if policy is not None and policy.protected_attributes:
        names = [_text(fields[name]) for name in policy.protected_attributes]
        yield f"protected=({', '.join(names)}{',' if len(names) == 1 else ''})"


def _annotation(field: _Field) -> list[str]:
    return [field.type, *field.markers]


def _declaration(index: Index, fields: dict[str, str]) -> str:
    """Return the declaration of an index that carries less than everything."""
    projection = index.projection
    if projection is None or projection.type == "ALL":
        return ""
    listed = ", ".join(_text(fields[name]) for name in projection.fields)
    carried = f"[{listed}]" if projection.fields else _text(projection.type)
    kind = "GlobalIndex" if index.type == "GSI" else "LocalIndex"
    return f"{kind}({_text(index.name)}, projection={carried})"


def _field(model: Model, attribute: Attribute, taken: dict[str, _Field]) -> _Field:
    name = snake(attribute.attribute)
    name = f"field_{name}" if name.startswith(_PROTECTED) else name
    name = unused(f"{name}_" if keyword.iskeyword(name) or name in _TAKEN else name, taken)
    if derived := derived_key(model, attribute, name):
        return _Field(name, "", (), "", derived)
    kind, default = _type_and_default(model, attribute)
    return _Field(name, kind, (*_markers(model, attribute), *_explicit(model, attribute, name, default)), default)


def _type_and_default(model: Model, attribute: Attribute) -> tuple[str, str]:
    kind = "int" if is_whole_part(model, attribute) else _python_type(attribute)
    set_by_library = _SET_BY_LIBRARY.keys() & set(attribute.roles)
    if _is_key(model, attribute) or (attribute.required and not set_by_library):
        return kind, ""
    if "version" in attribute.roles:
        return kind, "0"
    if attribute.type in {"SS", "NS", "BS"} or (attribute.omit_empty and _has_empty(attribute)):
        return kind, _EMPTY[attribute.type]
    nullable = kind if kind in {"Any", "None"} else f"{kind} | None"
    return nullable, "None"


def _python_type(attribute: Attribute) -> str:
    if attribute.json_ and attribute.type == "S":
        return "Any"
    if {"version", "ttl"} & set(attribute.roles) or attribute.format == "int":
        return "int"
    if attribute.format in _TIME_FORMATS or {"created_at", "updated_at"} & set(attribute.roles):
        return "datetime"
    return _TYPES[attribute.type]


def _has_empty(attribute: Attribute) -> bool:
    return attribute.type in _EMPTY and _python_type(attribute) == _TYPES[attribute.type]


def _is_key(model: Model, attribute: Attribute) -> bool:
    return attribute.attribute in {key.attribute for key in (model.keys.partition, model.keys.sort) if key}


def _markers(model: Model, attribute: Attribute) -> Iterator[str]:
    """Yield the metadata of `Annotated`: keys, roles, forms."""
    name = attribute.attribute
    if name == model.keys.partition.attribute:
        yield "PartitionKey()"
    elif _is_key(model, attribute):
        yield "SortKey()"
    for index in model.indexes:
        if name == index.partition.attribute and index.type == "GSI":
            yield f"PartitionKey(index={_text(index.name)})"
        elif index.sort and name == index.sort.attribute:
            yield f"SortKey(index={_text(index.name)})"
    for role in attribute.roles:
        if role in LIFECYCLE_TYPES:
            yield _SET_BY_LIBRARY.get(role, "TimeToLive()")
    as_json = "AsJson()" if attribute.type == "S" else 'AsJson(form="native")'
    flags = {as_json: attribute.json_, "AsBinary()": attribute.binary, "OmitEmpty()": attribute.omit_empty}
    yield from (marker for marker, on in flags.items() if on)
    if attribute.encryption is not None:
        yield "Encrypted()"


def _explicit(model: Model, attribute: Attribute, name: str, default: str) -> Iterator[str]:
    """Yield an `Attribute` marker with what does not follow from the field."""
    arguments: list[str] = []
    if derive(name, model.convention) != attribute.attribute:
        arguments.append(_text(attribute.attribute))
    if attribute.format and attribute.format != "decimal_string" and not _follows(model, attribute):
        arguments.append(f"format={_text(attribute.format)}")
    required = not default and not attribute.omit_empty
    optional = not required
    if _SET_BY_LIBRARY.keys() & set(attribute.roles):
        required = optional = False
    if attribute.required != required:
        arguments.append(f"required={attribute.required}")
    if attribute.optional != optional:
        arguments.append(f"optional={attribute.optional}")
    if arguments:
        yield f"Attribute({', '.join(arguments)})"


def _follows(model: Model, attribute: Attribute) -> bool:
    """Say whether a format is the one that the field has by itself."""
    lifecycle = set(attribute.roles) & LIFECYCLE_TYPES.keys()
    in_index = any(attribute.attribute in {i.partition.attribute, i.sort and i.sort.attribute} for i in model.indexes)
    if lifecycle:
        return not (lifecycle == {"ttl"} and attribute.format == "int")
    return attribute.format == "rfc3339nano" and not in_index and not _is_key(model, attribute)


def _text(value: str) -> str:
    """Write a string as formatters do: in double quotes, unless that needs more escapes."""
    written = repr(value)
    return written if written[0] == '"' or '"' in value else f'"{written[1:-1]}"'
