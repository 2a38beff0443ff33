"""Reads items into models: a whole response in one pass of pydantic-core, or item by item to name a fault."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, get_args

from pydantic_core import CoreSchema, ErrorDetails, SchemaValidator, ValidationError, core_schema

from dynamorm_py._codec.doors import compile_schema, from_json, parsed, to_json
from dynamorm_py._codec.foreign import canonical_fields, malformed
from dynamorm_py.errors import InvalidValue, ItemDecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dynamorm_py._codec.compiler import SchemaCompiler
    from dynamorm_py._codec.node import FieldNode, Node
    from dynamorm_py._plans import Response
    from dynamorm_py._types import AttributePath, AttributeValue, Item

M = TypeVar("M")

_ONE = ("Item", "Attributes")
_READ = (*_ONE, "Items", "LastEvaluatedKey", "Count", "ScannedCount")
_TAGS = frozenset({"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"})
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


class Reader(Generic[M]):
    """Turns responses into instances of one model."""

    def __init__(self, name: str, node: Node, compiler: SchemaCompiler, keys: Sequence[str]) -> None:
        """Compile the reading schema. `keys` are the key attributes, for errors."""
        self._name, self._node, self._keys = name, node, keys
        item: Any = node.inner
        self._closed = compiler.closed
        self._validator = compile_schema(compiler.closed(_answer_schema(item)))
        self._single: SchemaValidator | None = None
        self._inside: dict[int, SchemaValidator] = {}

    def answer(self, response: Response) -> dict[str, Any]:
        """Read a response: its `Item`, `Attributes` and `Items` become models, paging entries stay.

        Takes the body as bytes or boto3's dictionary. Raises ItemDecodeError.
        """
        body = response if isinstance(response, bytes) else self._body(response)
        try:
            return self._validator.validate_json(body)
        except ValidationError:  # which quotes values: read again outside of its handler
            pass
        return self._item_by_item(from_json(body))

    def _body(self, response: Mapping[str, Any]) -> bytes:
        with suppress(InvalidValue):
            return to_json({name: response[name] for name in _READ if name in response})
        raise ItemDecodeError(self._name, None, [("", "it holds text or objects that are not DynamoDB's")])

    def item(self, item: Mapping[str, AttributeValue]) -> M:
        """Read one item in DynamoDB's form. Raises ItemDecodeError."""
        return self.answer({"Item": item})["Item"]

    def check(self, item: Item) -> None:
        """Raise ItemDecodeError when an attribute here would not be read into its field.

        Fields are looked at one by one, without the others; a validator that asks for them is left out.
        """
        if self._single is None:
            self._single = compile_schema(self._closed(_single_schema(self._node)))
        problems: list[tuple[str, str]] = []
        try:
            self._single.validate_json(to_json(item))
        except ValidationError as error:
            problems = list(self._problems(item, error, skip=0))
        if problems:
            raise ItemDecodeError(self._name, None, problems)

    def check_inside(self, path: AttributePath, value: AttributeValue) -> None:
        """Raise ItemDecodeError when a value would not be read at a place inside an attribute."""
        self._check_at(_node_at(self._node, path), path, value)

    def check_elements(self, path: AttributePath, elements: Iterable[AttributeValue]) -> None:
        """Raise ItemDecodeError when an element would not be read in the list or set at a place."""
        place = _node_at(self._node, path)
        for element in elements:
            self._check_at(place and place.element, path, element)

    def _check_at(self, node: Node | None, path: AttributePath, value: AttributeValue) -> None:
        if node is None or _asks_for_context(node.read):
            return
        if id(node) not in self._inside:
            self._inside[id(node)] = compile_schema(self._closed(node.read))
        reason = ""
        try:
            self._inside[id(node)].validate_json(to_json(value))
        except ValidationError as error:
            reason = _reason(error.errors(include_url=False, include_input=False, include_context=False)[0])
        if reason:
            raise ItemDecodeError(self._name, None, [(".".join(map(str, path)), reason)])

    def _item_by_item(self, response: dict[str, Any]) -> dict[str, Any]:
        """Read a response again, each item brought into our form; the first that does not fit is named."""
        out: dict[str, Any] = self._validator.validate_json(
            to_json({k: v for k, v in response.items() if k not in {*_ONE, "Items"}})
        )
        out |= {name: self._one(response[name]) for name in _ONE if name in response}
        if "Items" in response:
            out["Items"] = [self._one(item) for item in response["Items"]]
        return out

    def _one(self, item: Item) -> M:
        problems = list(malformed({"M": item}))
        if problems:
            raise ItemDecodeError(self._name, None, problems)
        item = canonical_fields(self._node.fields, item)
        try:
            return self._validator.validate_json(to_json({"Item": item}))["Item"]
        except ValidationError as error:
            problems = list(self._problems(item, error))
        stored = {name: parsed(value) for name, value in item.items()}
        key = {name: stored[name] for name in self._keys if name in stored}
        refused = ItemDecodeError(self._name, key, problems)
        refused.raw_item = stored
        raise refused

    def _problems(self, item: Item, error: ValidationError, skip: int = 1) -> Iterator[tuple[str, str]]:
        """Yield each attribute path that does not fit, once, with the reason; no values."""
        wrong_types = dict(_wrong_types(self._node, item))
        seen: set[str] = set()
        for details in error.errors(include_url=False, include_input=False, include_context=False):
            path = _path(self._node, details["loc"][skip:])
            named = next((p for p in wrong_types if path == p or path.startswith((f"{p}.", f"{p}["))), path)
            if named not in seen:
                seen.add(named)
                yield named, wrong_types.get(named) or _reason(details)


def _answer_schema(item: CoreSchema) -> CoreSchema:
    reference = core_schema.definition_reference_schema("dynamorm:item")
    key_value = core_schema.typed_dict_schema(
        {
            "S": core_schema.typed_dict_field(core_schema.str_schema(), required=False),
            "N": core_schema.typed_dict_field(core_schema.str_schema(), required=False),
            "B": core_schema.typed_dict_field(core_schema.bytes_schema(), required=False),
        }
    )
    parts: dict[str, CoreSchema] = {
        "Item": reference,
        "Attributes": reference,
        "Items": core_schema.list_schema(reference),
        "LastEvaluatedKey": core_schema.dict_schema(core_schema.str_schema(), key_value),
        "Count": core_schema.int_schema(),
        "ScannedCount": core_schema.int_schema(),
    }
    answer = core_schema.typed_dict_schema(
        {name: core_schema.typed_dict_field(schema, required=False) for name, schema in parts.items()}
    )
    root: Any = {**item, "ref": "dynamorm:item"}
    return core_schema.definitions_schema(answer, [root])


def _node_at(node: Node | None, path: AttributePath) -> Node | None:
    """Return the codec at a path; None inside a union or an untyped value, where it depends on what is stored."""
    for step in path:
        if node is None:
            return None
        fields = {field.attribute: field.node for field in node.fields.values()}
        node = fields.get(step) if isinstance(step, str) and fields else node.element
    return node


def _single_schema(node: Node) -> CoreSchema:
    """Build the schema of any part of an item: each attribute alone, those with a validator of context left out."""
    return core_schema.typed_dict_schema(
        {
            field.attribute: core_schema.typed_dict_field(field.node.read, required=False)
            for field in node.fields.values()
            if not field.computed and not _asks_for_context(field.node.read)
        }
    )


def _asks_for_context(schema: object) -> bool:
    """Return whether a validator within takes pydantic's `info`, and with it the other fields."""
    if isinstance(schema, dict):
        parts = cast("dict[str, object]", schema)
        return parts.get("type") == "with-info" or any(map(_asks_for_context, parts.values()))
    return isinstance(schema, list | tuple) and any(map(_asks_for_context, cast("list[object]", schema)))


def _wrong_types(node: Node, item: Item, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield attributes whose wire type is none that their field is stored with."""
    for field in node.fields.values():
        value = item.get(field.attribute)
        if value is None or field.computed:
            continue
        ((tag, payload),) = value.items()
        path = prefix + field.attribute
        if field.node.types and tag not in field.node.types:
            yield path, f"it is stored as {tag}, the field as {' or '.join(sorted(field.node.types))}"
        elif tag == "M":
            yield from _wrong_types(field.node, payload, f"{path}.")


def _path(node: Node | None, location: Sequence[str | int]) -> str:
    """Turn pydantic's location into an attribute path, leaving out wire tags and validators' names."""
    path = ""
    for step in location:
        fields: Mapping[str, FieldNode] = node.fields if node is not None else {}
        if isinstance(step, int):
            path, node = f"{path}[{step}]", node.element if node is not None else None
        elif step in fields:
            path, node = f"{path}.{fields[step].attribute}", fields[step].node
        elif node is not None and node.kind == "dict" and step not in _TAGS:
            path, node = f"{path}.{step}", node.element
        elif node is not None and not path:
            path, node = f".{step}", None
    return path.removeprefix(".")


def _reason(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind == "missing":
        return "it is missing and the field has no default"
    if kind in _WORDS or kind not in _OF_PYDANTIC:
        return _WORDS.get(kind, "not a value of its type, or refused by a validator of the model")
    return details["msg"]
