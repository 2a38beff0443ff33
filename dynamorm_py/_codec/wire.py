"""What is read comes in two forms: response bytes, and boto3's parsed dictionaries.

The second becomes the first: a dictionary is turned into DynamoDB's JSON (in pydantic-core, at a
small cost), so both are read by the same validator and cannot give different results.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import pydantic_core
from pydantic_core import CoreSchema, PydanticSerializationError, SchemaValidator

from dynamorm_py._codec.read_schemas import WIRE_CONFIG, configured
from dynamorm_py._codec.untyped import binary
from dynamorm_py._kernel.answers import READ, SHAPES, Shape, fits
from dynamorm_py._kernel.attribute_values import with_binaries
from dynamorm_py._kernel.response import MalformedBody, Response
from dynamorm_py.errors import ConnectionFailed, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue, Item

# A name before a colon ends no longer text: a quote inside a text is escaped. An attribute named B holds an object.
# Binary without a character that differs is passed over; nothing is tried twice, however long it is.
_BINARY = re.compile(rb'"B(?:":"[^"_-]*+[^"]++"|S":\[[^]_-]*+[^]]++\])')
_STANDARD = bytes.maketrans(b"-_", b"+/")


def compile_schema(schema: CoreSchema) -> SchemaValidator:
    """Compile a reading schema. The validators pydantic built before are of payloads, so not reused."""
    ready = cast("CoreSchema", configured(cast("Schema", schema), WIRE_CONFIG))
    return SchemaValidator(ready, WIRE_CONFIG, _use_prebuilt=False)


def to_json(value: Any) -> bytes:  # noqa: ANN401 -- an attribute value, an item or a whole response
    """Return DynamoDB's JSON of what boto3 speaks: the same, with binary as standard base64."""
    try:
        body = pydantic_core.to_json(value, bytes_mode="base64", serialize_unknown=False)
    except PydanticSerializationError:  # which quotes the value: refused outside of its handler
        message = "the item holds text that UTF-8 cannot hold, or an object that is not DynamoDB's: clean it"
    except (ValueError, RecursionError):  # pydantic-core's limit of nesting
        message = "the item is nested deeper than DynamoDB's 32 levels: flatten it, or store a part of it AsJson()"
    else:
        # pydantic-core writes the alphabet for URLs, which DynamoDB refuses.
        return _BINARY.sub(_in_standard_alphabet, body) if b'"B":"' in body or b'"BS":[' in body else body
    raise InvalidValue(message)


def _in_standard_alphabet(binary: re.Match[bytes]) -> bytes:
    return binary[0].translate(_STANDARD)


def parsed(value: AttributeValue) -> AttributeValue:
    """Return an attribute value of DynamoDB's JSON as boto3 gives it: binary as bytes."""
    return with_binaries(value, binary)


def key_of_raw_item(response: Response, position: int, names: Iterable[str]) -> Item:
    """Return some key attributes of one item of a response, as boto3 takes them."""
    item: Item = response.json["Items"][position]
    return {name: parsed(item[name]) for name in names}


def answer_of(response: Response, operation: str) -> dict[str, Any]:
    """Return the answer of an operation in DynamoDB's JSON or boto3's form. Raises ConnectionFailed for none of it."""
    return answer_with(SHAPES[operation], response, operation)


def answer_with(shape: Shape, response: Response, operation: str | None = None) -> dict[str, Any]:
    """Return an answer of a shape, in DynamoDB's JSON or boto3's form. Raises ConnectionFailed for any other."""
    try:
        answer = cast("dict[str, Any]", response.json)
    except MalformedBody:
        answer = None
    if answer is None or not fits(shape, answer):
        raise damaged(operation)
    return answer


def document_of(response: Response) -> dict[str, Any]:
    """Return a response with items in DynamoDB's JSON, whose members may be replaced. Raises ConnectionFailed."""
    whole = Response(to_json(dict(response))) if response.body is None else response
    return {name: value for name, value in answer_with(READ, whole).items() if value is not None}


def damaged(operation: str | None, request_id: str | None = None) -> ConnectionFailed:
    """Return the error for an answer that cannot be read."""
    answer = "an answer" if operation is None else f"the answer to {operation}"
    message = f"{answer} arrived damaged, even after retries, or the endpoint is not DynamoDB"
    return ConnectionFailed(message, operation=operation, request_id=request_id)


def from_json(body: bytes) -> Any:  # noqa: ANN401 -- a response
    """Return a response body as plain dictionaries, binary still base64."""
    return pydantic_core.from_json(body)
