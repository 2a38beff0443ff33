"""What counts as empty for `omit_empty` (CONTRACT 2), decided on the encoded value."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynamorm_py._codec.node import Node
    from dynamorm_py._kernel.types import AttributeValue

_EMPTY_JSON = frozenset({'""', "0", "-0", "false", "[]", "{}", "null"})


def is_empty(node: Node, value: AttributeValue) -> bool:
    """Return whether a field's encoded value is left out: None, "", 0, False, nothing inside.

    A map is empty without keys; a nested model is never empty, whatever its fields hold.
    """
    ((tag, payload),) = value.items()
    if tag == "N":
        return not payload.strip("-0.")
    if tag == "M":
        return not payload and not node.fields
    if node.kind == "json" and tag == "S":
        return payload in _EMPTY_JSON
    return tag == "NULL" or not payload
