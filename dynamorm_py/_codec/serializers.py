"""The serializer that a type brings itself, where the annotation of a field put one for payloads in its place.

Pydantic's schema holds one serializer, so that of the type is lost there; its class makes the schema again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import core_schema

from dynamorm_py._codec.schemas import walk

if TYPE_CHECKING:
    from dynamorm_py._codec.schemas import Schema

_FOR_PAYLOADS = "pydantic.functional_serializers"


def is_foreign(serialization: Schema | None) -> bool:
    """Return whether a serializer calls a function that is not pydantic's: of a class of the user, or for payloads."""
    if serialization is None or serialization["type"] == "any":  # SerializeAsAny
        return serialization is not None
    module = _module(serialization)
    return bool(module) and (module == _FOR_PAYLOADS or not module.startswith("pydantic."))


def own_serializer(schema: Schema) -> Schema | None:
    """Return the serializer of the type itself, empty where it has none; None where the schema has it, or unknown."""
    if not is_foreign(schema.get("serialization")):
        return None
    if schema["type"] == "function-plain":
        return _of_validator(schema)
    classes = [part["cls"] for part in walk(schema) if part.get("type") == "is-instance"]
    again = _schema_of(classes[0]) if classes else None
    return again.get("serialization", {}) if again is not None and _shape(again) == _shape(schema) else None


def _of_validator(schema: Schema) -> Schema | None:
    """Return how pydantic, or its package of extra types, writes what a validator of theirs makes of a text."""
    if not _module(schema["function"]).startswith("pydantic"):
        return None
    return dict(core_schema.plain_serializer_function_ser_schema(_text))


def _text(value: object) -> object:
    return cast("re.Pattern[str]", value).pattern if isinstance(value, re.Pattern) else str(value)


def _module(part: Schema) -> str:
    return getattr(part.get("function"), "__module__", None) or ""


def _schema_of(cls: Any) -> Schema | None:  # noqa: ANN401 -- what pydantic takes as a type
    from pydantic import TypeAdapter  # noqa: PLC0415 -- few types bring a serializer of their own

    try:
        return dict(TypeAdapter(cls).core_schema)
    except Exception:  # noqa: BLE001 -- the class has no schema of its own, or its hook raises anything
        return None


def _shape(schema: Schema) -> list[str | None]:
    return [part.get("type") for part in walk(schema)]
