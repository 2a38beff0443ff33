"""The codec: compiled once per model from pydantic's core schema, in both directions.

Writing is a closure per type (`node`, with a subclass for each stored form beside its compiler: `scalars`, `enums`,
`string_types`, `times`, `containers`, `unions`, `models`, `structs`, `as_json`; `wrappers` keep the form, `forward`
stands for a type inside itself, `roundtrip` reads doubtful values back). Reading is a pydantic-core validator over
DynamoDB's JSON (`read_schemas`, `wire`, `reader`), whose errors `find_problems` puts into our words. `normalize`
brings what the sister languages write into our form; `path` is what expressions see. Nothing here knows tables,
clients or expressions.
"""

from __future__ import annotations

from dynamorm_py._codec.annotations import field_specs, marked_fields
from dynamorm_py._codec.carried import is_partial, not_carried
from dynamorm_py._codec.codec import Codec
from dynamorm_py._codec.hidden_input import CONCEALED, hiding, hiding_input
from dynamorm_py._codec.key_composition import DerivedKey, add_parts, derived_keys, told_by_keys
from dynamorm_py._codec.literals import literals_of
from dynamorm_py._codec.node import Node, UnsupportedType
from dynamorm_py._codec.normalize import malformed, plain_number
from dynamorm_py._codec.size import item_size
from dynamorm_py._codec.untyped import binary, encode_scalar, encode_untyped
from dynamorm_py._codec.wire import (
    answer_of,
    answer_with,
    damaged,
    document_of,
    from_json,
    key_of_raw_item,
    parsed,
    to_json,
)

__all__ = [
    "CONCEALED",
    "Codec",
    "DerivedKey",
    "Node",
    "UnsupportedType",
    "add_parts",
    "answer_of",
    "answer_with",
    "binary",
    "damaged",
    "derived_keys",
    "document_of",
    "encode_scalar",
    "encode_untyped",
    "field_specs",
    "from_json",
    "hiding",
    "hiding_input",
    "is_partial",
    "item_size",
    "key_of_raw_item",
    "literals_of",
    "malformed",
    "marked_fields",
    "not_carried",
    "parsed",
    "plain_number",
    "to_json",
    "told_by_keys",
]
