"""Reads items into models: a whole response in one pass of pydantic-core, or item by item to name a fault."""

from __future__ import annotations

import copy
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema

from dynamorm_py._codec.forward import ForwardNode
from dynamorm_py._codec.normalize import canonical_fields, malformed
from dynamorm_py._codec.problems import conceal, find_problems, reason_of
from dynamorm_py._codec.read_schemas import configured, wire_config
from dynamorm_py._codec.roundtrip import NOT_READ
from dynamorm_py._codec.schemas import rebuilt, without
from dynamorm_py._codec.wire import answer_with, compile_schema, damaged, from_json, parsed, to_json
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.types import spelled_path
from dynamorm_py.errors import CallError, InvalidValue, ItemDecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dynamorm_py._codec.compiler import SchemaCompiler
    from dynamorm_py._codec.node import Node
    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._codec.structs import StructNode
    from dynamorm_py._kernel.types import AttributePath, AttributeValue, Item

M = TypeVar("M")

_ONE = ("Item", "Attributes")
_READ = (*_ONE, "Items", "LastEvaluatedKey", "Count", "ScannedCount")


class Reader(Generic[M]):
    """Turns responses into instances of one model."""

    def __init__(self, name: str, node: StructNode, compiler: SchemaCompiler, keys: Sequence[str]) -> None:
        """Compile the reading schema. `keys` are the key attributes, for errors."""
        self._name, self._node, self._keys = name, node, keys
        item: Any = node.inner
        self._closed = compiler.closed
        self._answer = answer_schema(item)
        self._single: SchemaValidator | None = None
        self._beside: SchemaValidator | None = None
        self._begun: tuple[str, ...] = ()  # the attributes that are not read to their end alone
        self._inside: dict[tuple[int, int], SchemaValidator] = {}
        self._context: object = None

    def in_context(self, context: object) -> Reader[M]:
        """Return the reader whose validators get this as `info.context`."""
        _ = self._validator  # compiled once for all contexts
        reader = copy.copy(self)
        reader._context = context  # noqa: SLF001 -- its own copy
        return reader

    @cached_property
    def _validator(self) -> SchemaValidator:
        """What reads a response; compiled with the first one, as pydantic has looked at the types before."""
        return compile_schema(self._closed(self._answer))

    @property
    def item_schema(self) -> CoreSchema:
        """The schema of one item, with all that it refers to."""
        inner: Any = self._node.inner
        return self._closed(inner)

    def decode(self, body: bytes) -> dict[str, Any]:
        """Read the body of a response: its `Item`, `Attributes` and `Items` become models, paging entries stay.

        Raises ItemDecodeError.
        """
        validator = self._validator  # outside of the handler, which is for what the body holds
        try:
            return validator.validate_json(body, context=self._context)
        except Exception:  # noqa: BLE001, S110 -- it may quote values, or come from a validator: read again outside
            pass
        return self._item_by_item(_answer(body))

    def decode_at_once(self, body: bytes) -> dict[str, Any] | None:
        """Read a body as `decode` does; None where a part of it does not fit, which is not looked at.

        `decode` repeats this and does not call it: every read would pay for the call.
        """
        validator = self._validator
        try:
            return validator.validate_json(body, context=self._context)
        except Exception:  # noqa: BLE001 -- it may quote values, or come from a validator: the caller reads again
            return None

    def body_of(self, document: Mapping[str, Any]) -> bytes:
        """Return the body that says what is read of a response in boto3's form. Raises ItemDecodeError."""
        parts: dict[str, Any] = {}
        for name in _READ:
            if name in document:
                parts[name] = document[name]
        try:
            return to_json(parts)
        except InvalidValue:
            pass
        raise ItemDecodeError(self._name, None, [("", "it holds text or objects that are not DynamoDB's")])

    def item(self, item: Mapping[str, AttributeValue]) -> M:
        """Read one item in DynamoDB's form, looked at first, as it may come from anywhere. Raises ItemDecodeError."""
        body = self.body_of({"Item": item})
        self._refuse_malformed(from_json(body)["Item"])
        return self.decode(body)["Item"]

    def check(self, item: Item) -> dict[str, object]:
        """Return what is read from each attribute. Raises ItemDecodeError when one would not be read into its field.

        Fields are looked at one by one, without the others. Of one whose validator may ask for them only what comes
        before that validator is looked at, and nothing is returned.
        """
        if self._single is None:
            begun = (field for field in self._node.fields.values() if _alone(field.node.read) is not field.node.read)
            self._begun = tuple(field.attribute for field in begun)
            self._single = compile_schema(self._closed(_single_schema(self._node)))
        problems: list[tuple[str, str]] = []
        cause: Exception | None = None
        try:
            read: dict[str, object] = self._single.validate_json(to_json(item), context=self._context)
        except ValidationError as error:
            problems = conceal(self._node, find_problems(self._node, item, error, skip=0))
        except Exception as error:  # noqa: BLE001 -- a validator of the user may raise anything
            cause, problems = error, [("", _raised(error))]
        else:
            for name in self._begun:
                read.pop(name, None)
            return read
        raise ItemDecodeError(self._name, None, problems) from cause

    def read_beside(self, name: str, value: AttributeValue, data: Mapping[str, object]) -> object:
        """Return what is read of a field whose validators get others as `info.data`; NOT_READ where they need more.

        Raises ItemDecodeError when it is not read.
        """
        if self._beside is None:
            self._beside = compile_schema(self._closed(_beside_schema(self._node)))
        item = _encoded_with(self._node, data, name, value)
        try:
            return self._beside.validate_json(to_json(item), context=self._context)[name]
        except ValidationError as error:
            own = all(details["loc"][0] == name for details in error.errors(include_input=False))
            problems = conceal(self._node, find_problems(self._node, item, error, skip=0))
        except Exception:  # noqa: BLE001 -- a validator may ask for a field that is not there
            return NOT_READ
        if own:
            raise ItemDecodeError(self._name, None, problems)
        return NOT_READ

    def check_inside(self, path: AttributePath, value: AttributeValue) -> object:
        """Return what is read at a place inside an attribute, or NOT_READ. Raises ItemDecodeError when it is not."""
        return self._check_at(*_node_at(self._node, path), path, value)

    def check_elements(self, path: AttributePath, elements: Iterable[AttributeValue]) -> list[object]:
        """Return what is read from elements of a list or set at a place. Raises ItemDecodeError as `check_inside`."""
        place, config = _node_at(self._node, path)
        read: list[object] = []
        for each in elements:
            element, below = (None, config) if place is None else (place.element_node(), place.resolved().config)
            read.append(self._check_at(element, config if below is None else below, path, each))
        return read

    def _check_at(self, node: Node | None, config: Schema, path: AttributePath, value: AttributeValue) -> object:
        alone = None if node is None else _alone(node.read)
        if node is None or alone is None:
            return NOT_READ
        known = id(node), id(config)
        if known not in self._inside:
            self._inside[known] = compile_schema(self._closed(_under(config, {"value": alone})))
        cause: Exception | None = None
        try:
            read = self._inside[known].validate_json(to_json({"value": value}), context=self._context)["value"]
        except ValidationError as error:
            reason = reason_of(node, error)
        except Exception as error:  # noqa: BLE001 -- a validator of the user may raise anything
            cause, reason = error, _raised(error)
        else:
            return read if alone is node.read else NOT_READ
        raise ItemDecodeError(self._name, None, [(spelled_path(path), reason)]) from cause

    def _item_by_item(self, response: dict[str, Any]) -> dict[str, Any]:
        """Read a response again, each item brought into our form; the first that does not fit is named."""
        out = self._entries({k: v for k, v in response.items() if k not in {*_ONE, "Items"}})
        out |= {name: self._one(response[name]) for name in _ONE if name in response}
        if "Items" in response:
            out["Items"] = [self._one(item) for item in response["Items"]]
        return out

    def _entries(self, entries: dict[str, Any]) -> dict[str, Any]:
        """Read what a response holds in addition to items. Raises ConnectionFailed."""
        try:
            return self._validator.validate_json(to_json(entries))
        except ValidationError:  # which quotes keys: refused outside of its handler
            pass
        raise damaged(None)

    def _one(self, item: Item) -> M:
        self._refuse_malformed(item)
        known = canonical_fields(self._node.fields.values(), item)
        cause: Exception | None = None
        try:
            return self._validator.validate_json(to_json({"Item": known}), context=self._context)["Item"]
        except ValidationError as error:
            problems = conceal(self._node, find_problems(self._node, item, error))
        except Exception as error:  # noqa: BLE001 -- a validator of the user may raise anything
            cause, problems = error, [("", _raised(error))]
        stored = {name: parsed(value) for name, value in item.items()}
        key = {name: stored[name] for name in self._keys if name in stored}
        refused = ItemDecodeError(self._name, key, problems)
        refused.raw_item = stored
        raise refused from cause

    def _refuse_malformed(self, item: object) -> None:
        problems = list(malformed({"M": item}))
        if problems:
            raise ItemDecodeError(self._name, None, problems)


def _raised(error: Exception) -> str:
    return f"a validator of the model raised {type(error).__name__}"


_ENTRIES = {"Items?": list, "Count?": int, "ScannedCount?": int, "LastEvaluatedKey?": {"*": dict}}


def _answer(body: bytes) -> dict[str, Any]:
    """Return a body that was refused; items that do not fit are looked at one by one. Raises ConnectionFailed."""
    return {name: value for name, value in answer_with(_ENTRIES, Response(body)).items() if value is not None}


def answer_schema(item: CoreSchema) -> CoreSchema:
    """Return the schema of a whole response: its items are read by `item`, what pages and batches add as it is."""
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
        "Responses": core_schema.dict_schema(core_schema.str_schema(), core_schema.list_schema(reference)),
        "UnprocessedKeys": core_schema.any_schema(),
    }
    answer = core_schema.typed_dict_schema(
        {name: core_schema.typed_dict_field(schema, required=False) for name, schema in parts.items()}
    )
    root: Any = {**item, "ref": "dynamorm:item"}
    return core_schema.definitions_schema(answer, [root])


def _node_at(node: Node | None, path: AttributePath) -> tuple[Node | None, Schema]:
    """Return the codec at a path, and the configuration of the class around it.

    No codec inside a union or an untyped value, where it depends on what is stored.
    """
    config: Schema = {}
    for step in path:
        if node is None:
            break
        below = node.target.node.config if isinstance(node, ForwardNode) else node.config
        config = config if below is None else below
        node = node.step(step)
    return node, config


def _under(config: Schema, fields: Mapping[str, CoreSchema]) -> CoreSchema:
    """Build the schema of any part of these fields, read under the configuration of their class."""
    parts = {name: core_schema.typed_dict_field(schema, required=False) for name, schema in fields.items()}
    return _configured(core_schema.typed_dict_schema(parts), config)


def _configured(read: Any, config: Schema) -> CoreSchema:  # noqa: ANN401 -- a core schema
    return cast("CoreSchema", configured(read, wire_config(without(config, "extra_fields_behavior"))))


def _single_schema(node: StructNode) -> CoreSchema:
    """Build the schema of any part of an item: each attribute alone."""
    alone = {field.attribute: _alone(field.node.read) for field in node.fields.values() if not field.computed}
    known = {name: schema for name, schema in alone.items() if schema is not None}
    return _under(node.config or {}, known)


def _beside_schema(node: StructNode) -> CoreSchema:
    """Build the schema of any fields of an item, under their own names, which validators find in `info.data`."""
    fields = {
        name: core_schema.typed_dict_field(field.node.read, required=False, validation_alias=field.attribute)
        for name, field in node.fields.items()
        if not field.computed
    }
    return _configured(core_schema.typed_dict_schema(fields), node.config or {})


def _encoded_with(node: StructNode, data: Mapping[str, object], name: str, value: AttributeValue) -> Item:
    """Encode the fields that are known, but for what has no form, and add one that is encoded."""
    item: Item = {}
    for each in data.keys() & node.fields.keys():
        with suppress(CallError):
            item[node.fields[each].attribute] = node.fields[each].node.encode(data[each])
    return item | {node.fields[name].attribute: value}


_WITH_FIELDS = frozenset({"model-fields", "dataclass-args"})  # their validators get the fields of their own class


def _alone(schema: CoreSchema) -> CoreSchema | None:
    """Return what reads a value without the other fields: the schema, or what runs before a validator of `info`.

    None where such a validator comes first, so that nothing can be said.
    """
    whole = cast("Schema", schema)
    if not _asks_for_others(whole):
        return schema
    before = _before_info(whole)
    return None if _asks_for_others(before) else cast("CoreSchema", before)


def _asks_for_others(schema: Schema) -> bool:
    """Return whether a validator takes pydantic's `info`, and with it the fields beside this one."""
    if _takes_info(schema.get("function")):
        return True
    parts: list[Schema] = []
    if schema["type"] not in _WITH_FIELDS:
        rebuilt(schema, lambda part: parts.append(part) or part)
    return any(map(_asks_for_others, parts))


def _before_info(schema: Schema) -> Schema:
    if schema["type"] == "function-after" and _takes_info(schema["function"]) and "ref" not in schema:
        return _before_info(schema["schema"])
    return schema if schema["type"] in _WITH_FIELDS else rebuilt(schema, _before_info)


def _takes_info(function: object) -> bool:
    return isinstance(function, dict) and cast("dict[str, object]", function).get("type") == "with-info"
