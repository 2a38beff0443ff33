"""Models that read back whatever they write, so that no write of theirs needs the proof.

A put reads its item back in memory before it is sent. Where a model has no validator, no constraint, no default that
may fail and no code of the user's, and every type's encoder takes only what its reader takes, that cannot fail, and
is done only for the instance that a call returns. What is not listed here is read back always.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._codec.containers import DictNode, ListNode, SetNode
from dynamorm_py._codec.enums import ChoiceNode
from dynamorm_py._codec.node import Node
from dynamorm_py._codec.scalars import BytesNode, FractionNode, NumberNode
from dynamorm_py._codec.schemas import without
from dynamorm_py._codec.structs import StructNode
from dynamorm_py._codec.times import DatetimeNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._codec.node import FieldNode
    from dynamorm_py._codec.schemas import Schema

_PLAIN = {"type"}
# The entries of each type's schema that refuse and change nothing; any other is a constraint, or not known here.
_KNOWN: Mapping[str, tuple[set[str], type[Node]]] = {
    "str": (_PLAIN, Node),
    "bool": (_PLAIN, Node),
    "uuid": (_PLAIN, Node),
    "literal": (_PLAIN | {"expected"}, ChoiceNode),
    "int": (_PLAIN, NumberNode),
    "float": (_PLAIN, FractionNode),
    "decimal": (_PLAIN, FractionNode),
    "bytes": (_PLAIN, BytesNode),
    "datetime": (_PLAIN | {"microseconds_precision", "tz_constraint"}, DatetimeNode),
    "list": (_PLAIN | {"items_schema"}, ListNode),
    "set": (_PLAIN | {"items_schema"}, SetNode),
    "frozenset": (_PLAIN | {"items_schema"}, SetNode),
    "dict": (_PLAIN | {"keys_schema", "values_schema"}, DictNode),
}
_SCALARS = (Node, ChoiceNode)  # of which one that is not read directly is stored in a form of its own
_COLLECTIONS = (ListNode, SetNode, DictNode)
_MODEL = {"type", "cls", "schema", "config", "custom_init", "root_model", "frozen", "generic_origin"}
_FIELDS = {"type", "fields", "model_name", "computed_fields", "extra_behavior"}
_DEFAULT = {"type", "schema", "default", "default_factory", "default_factory_takes_data", "copy_default"}
_CONFIG = {"title", "extra_fields_behavior", "hide_input_in_errors", "frozen"}


def reads_back(node: Node, definitions: Mapping[str, Schema]) -> bool:
    """Return whether each value that a node encodes is read back, whatever it is."""
    schema = node.source
    while schema is not None and schema["type"] in {"nullable", "definition-ref"}:
        schema = schema["schema"] if "schema" in schema else definitions.get(schema.get("schema_ref", ""))
    if schema is None:
        return False
    kind, entries = schema["type"], _entries(schema)
    if kind == "model" and type(node) is StructNode:
        return entries <= _MODEL and _has_plain_class(schema) and _fields_read_back(node, schema["schema"], definitions)
    allowed, form = _KNOWN.get(kind, (_PLAIN, None))
    if type(node) is not form or not entries <= allowed or (form in _SCALARS and not node.direct):
        return False
    if isinstance(node, DictNode) and schema.get("keys_schema", {"type": "str"}) != {"type": "str"}:
        return False
    return not isinstance(node, _COLLECTIONS) or reads_back(node.element, definitions)


def _entries(schema: Schema) -> set[str]:
    """Return the entries that matter to a value: neither its name nor how payloads are written."""
    return set(without(schema, "ref", "metadata", "serialization"))


def _has_plain_class(schema: Schema) -> bool:
    config: Mapping[str, Any] = schema.get("config", {})
    own = schema.get("custom_init") or schema.get("root_model")
    return not own and config.keys() <= _CONFIG and config.get("extra_fields_behavior") != "allow"


def _fields_read_back(node: StructNode, schema: Schema, definitions: Mapping[str, Schema]) -> bool:
    if not _entries(schema) <= _FIELDS or schema.get("computed_fields") or schema.get("extra_behavior") == "allow":
        return False
    fields: Mapping[str, Schema] = schema["fields"]
    return fields.keys() == node.fields.keys() and all(
        _field_reads_back(field, fields[name]["schema"], definitions) for name, field in node.fields.items()
    )


def _field_reads_back(field: FieldNode, schema: Schema, definitions: Mapping[str, Schema]) -> bool:
    """Return whether the value is read back, and what is read for one that is left out."""
    default = _entries(schema) if schema["type"] == "default" else set[str]()
    if default - _DEFAULT:
        return False
    may_be_left_out = field.omit_empty or field.omit_none
    return not (may_be_left_out and "default_factory" in default) and reads_back(field.node, definitions)
