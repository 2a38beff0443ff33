"""What does not fit: pydantic's errors as attribute paths with reasons, none of which holds a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

from pydantic_core import ErrorDetails, PydanticKnownError, ValidationError, core_schema

from dynamorm_py._codec.key_composition import DIFFERS
from dynamorm_py._codec.times import NO_SECONDS
from dynamorm_py._kernel.types import WIRE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dynamorm_py._codec.node import Node
    from dynamorm_py._kernel.types import Item

_OF_PYDANTIC: frozenset[str] = frozenset(get_args(core_schema.ErrorType))
_WORDS = {  # instead of messages that may quote the value; those of the user's own error types may too
    "value_error": "refused by a validator of the model",
    "assertion_error": "refused by a validator of the model",
    "union_tag_invalid": "the discriminator names no member of the union",
    "uuid_parsing": "not a UUID",
    "url_parsing": "not a URL",
    "url_syntax_violation": "not a URL",
    "bytes_invalid_encoding": "not base64",
    "iteration_error": "not iterable",
    "mapping_type": "not a mapping",
    "get_attribute_error": "refused by a validator of the model",
    "datetime_object_invalid": "not a datetime",
    "enum": "not a member of the enumeration",
}
_OTHER_TYPE = "it is stored as another type than the field"


def find_problems(node: Node, item: Item, error: ValidationError, skip: int = 1) -> Iterator[tuple[str, str]]:
    """Yield each attribute path of an item that does not fit, once, with the reason.

    `skip` is how many steps of pydantic's locations lead to the item.
    """
    wrong_types = dict(node.mismatches_inside("M", item, ""))
    reasons: dict[str, str] = {}
    for details in error.errors(include_url=False, include_input=False):
        location = details["loc"][skip:]
        path = _path(node, location)
        named = next((above for above in _above(path) if above in wrong_types), path)
        if _is_other_choice(node, path, details["type"], location):
            reasons.setdefault(named, "")  # another choice may say more
        elif not reasons.get(named):
            reasons[named] = reason(details)
    for path, why in reasons.items():
        yield path, wrong_types.get(path) or why or _OTHER_TYPE


def conceal(node: Node, problems: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return problems whose paths end at an encrypted attribute: the keys of a map are part of the secret."""
    encrypted = [field.attribute for field in node.all_fields() if field.encrypted]
    if not encrypted:
        return list(problems)
    return list(dict.fromkeys((_cut(path, encrypted), why) for path, why in problems))


def _cut(path: str, attributes: Iterable[str]) -> str:
    return next((name for name in attributes if path.startswith((f"{name}.", f"{name}["))), path)


def _above(path: str) -> Iterator[str]:
    """Yield a path and those it lies in, the innermost first."""
    yield path
    for at in range(len(path) - 1, 0, -1):
        if path[at] in ".[":
            yield path[:at]


def reason_of(node: Node, error: ValidationError) -> str:
    """Return why one value, the only entry of what was read, does not fit its type."""
    return next(reason_ for _, reason_ in find_problems(node, {}, error))


def _is_other_choice(node: Node, path: str, kind: str, location: Sequence[str | int]) -> bool:
    """Return whether an error only says that a wire type is not the one of a choice: another may read it."""
    of_tag = kind in {"missing", "extra_forbidden"} and location[-1] in WIRE_TYPES
    return of_tag and path == _path(node, location[:-1])


def _path(node: Node | None, location: Sequence[str | int]) -> str:
    """Turn pydantic's location into an attribute path, leaving out wire tags and validators' names."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path, node = f"{path}[{step}]", node and node.step(step)
        elif node is not None and (found := node.named(step)) is not None:
            path, node = f"{path}.{found[0]}", found[1]
        elif node is not None and not path:
            path, node = f".{step}", None
    return path.removeprefix(".")


def reason(details: ErrorDetails) -> str:
    """Return why a value is refused, in words that hold no value."""
    kind = details["type"]
    if kind == "missing":
        return "it is missing and the field has no default"
    if kind in {DIFFERS, NO_SECONDS}:
        return details["msg"]
    if kind in _WORDS or kind not in _OF_PYDANTIC:
        return _WORDS.get(kind, "not a value of its type, or refused by a validator of the model")
    try:
        message = PydanticKnownError(cast("Any", kind), details.get("ctx")).message()
    except TypeError:  # a validator of the user's raised an error of its own under a name of pydantic's
        return _WORDS["value_error"]
    return message if message == details["msg"] else _WORDS["value_error"]
