"""Values as JSON shows them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, cast

from pydantic_core import to_jsonable_python


def as_json_value(value: object) -> Any:  # noqa: ANN401 -- any JSON
    """Return what JSON can hold of any value: binary as base64 in DynamoDB's alphabet, sets in order."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value)
        return {str(_scalar(name)): as_json_value(each) for name, each in entries.items()}
    if isinstance(value, AbstractSet):
        parts = [as_json_value(part) for part in cast("AbstractSet[object]", value)]
        return sorted(parts, key=lambda part: (isinstance(part, str), part))
    if isinstance(value, list | tuple):
        return [as_json_value(part) for part in cast("list[object]", value)]
    return _scalar(value)


def _scalar(value: object) -> Any:  # noqa: ANN401 -- any JSON
    return to_jsonable_python(value, serialize_unknown=True)
