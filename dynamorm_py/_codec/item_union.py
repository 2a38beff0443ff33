"""Reads the items of several models from one response, each as its own: a choice by an attribute, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic_core import CoreSchema, SchemaValidator, core_schema

from dynamorm_py._codec.reader import answer_schema
from dynamorm_py._codec.wire import compile_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._codec.codec import Codec


class SeveralReader:
    """Reads responses whose items a text attribute tells apart. Items of none of the models make it fail."""

    def __init__(self, attribute: str, codecs: Mapping[str, Codec[Any]]) -> None:
        """Compile the choice; `codecs` are by what the attribute holds, and share one context of their validators."""
        self._context = next(iter(codecs.values())).validation_context
        choices = {tag: _own_names(codec.item_schema, f"{n}:") for n, (tag, codec) in enumerate(codecs.items())}
        item: Any = core_schema.tagged_union_schema(cast("Any", choices), discriminator=[[attribute, "S"]])
        self._validator: SchemaValidator = compile_schema(answer_schema(item))

    def read(self, body: bytes) -> dict[str, Any] | None:
        """Return the response with models in it; None where an item fits none, or is not as its model says."""
        try:
            return self._validator.validate_json(body, context=self._context)
        except Exception:  # noqa: BLE001 -- it quotes values, or a validator raised it: each item is read alone then
            return None


def _own_names(schema: Any, prefix: str) -> CoreSchema:  # noqa: ANN401 -- any part of a schema
    """Return a copy of a schema whose definitions have names of their own."""
    return cast("CoreSchema", _renamed(schema, prefix))


def _renamed(part: Any, prefix: str) -> Any:  # noqa: ANN401 -- as above
    if isinstance(part, list):
        return [_renamed(each, prefix) for each in cast("list[Any]", part)]
    if isinstance(part, dict) and ("type" in part or all(isinstance(v, dict) for v in cast("Any", part).values())):
        named = cast("dict[str, Any]", part)
        return {key: _name(key, value, prefix) for key, value in named.items()}
    return cast("object", part)


def _name(key: str, value: Any, prefix: str) -> Any:  # noqa: ANN401 -- as above
    if key in {"ref", "schema_ref"} and isinstance(value, str):
        return prefix + value
    return _renamed(value, prefix)
