"""Conditions, key conditions and actions: built from typed field references, written for DynamoDB.

Expressions see a model only through `Place`; they know neither the codec nor pydantic. Building
one checks and encodes it; rendering only writes it out.
"""

from __future__ import annotations

from dynamorm_py._expressions.actions import Action, add_to_attribute, remove_attribute, set_attribute, set_if_absent
from dynamorm_py._expressions.attr import Attr
from dynamorm_py._expressions.conditions import (
    Condition,
    attribute_at_most,
    attribute_equals,
    attribute_exists,
    attribute_matches,
    attribute_not_exists,
)
from dynamorm_py._expressions.key import Key, KeyCondition
from dynamorm_py._expressions.operands import (
    Arithmetic,
    Constant,
    IfNotExists,
    ListAppend,
    Operand,
    Reference,
    Unvalidated,
)
from dynamorm_py._expressions.recorder import fields, place_of, some
from dynamorm_py._expressions.rendering import (
    Placeholders,
    render_condition,
    render_key_conditions,
    render_projection,
    render_update,
)

__all__ = [
    "Action",
    "Arithmetic",
    "Attr",
    "Condition",
    "Constant",
    "IfNotExists",
    "Key",
    "KeyCondition",
    "ListAppend",
    "Operand",
    "Placeholders",
    "Reference",
    "Unvalidated",
    "add_to_attribute",
    "attribute_at_most",
    "attribute_equals",
    "attribute_exists",
    "attribute_matches",
    "attribute_not_exists",
    "fields",
    "place_of",
    "remove_attribute",
    "render_condition",
    "render_key_conditions",
    "render_projection",
    "render_update",
    "set_attribute",
    "set_if_absent",
    "some",
]
