"""Values that a caller gives, run through pydantic as the constructor runs them.

Each field is validated alone, with the values of other fields that the caller has as `info.data`; validators of the
whole model need a whole instance, and are not asked. Knows nothing of stored forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema

from dynamorm_py._codec.problems import reason
from dynamorm_py._codec.schemas import without
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue


@dataclass(frozen=True, slots=True)
class Validated:
    """A value as its field holds it, and as it is stored."""

    value: object
    stored: AttributeValue


class Validation:
    """The validators of one model's fields and of the types within them, compiled when first asked for."""

    def __init__(self, root: Schema, definitions: Sequence[Schema]) -> None:
        """Take the core schema of the model without definitions around it, and the definitions it refers to."""
        self._root, self._definitions = root, definitions
        self._fields: SchemaValidator | None = None
        self._single: dict[int, SchemaValidator] = {}

    def field(
        self, name: str, value: object, data: Mapping[str, object] | None = None, context: object = None
    ) -> object:
        """Return what the constructor would make of a value of this field. Raises InvalidValue."""
        if self._fields is None:
            self._fields = self._compiled(_plain_fields(self._root))
        try:
            values, *_ = self._fields.validate_assignment({**(data or {})}, name, value, context=context)
        except ValidationError as error:
            refusal = InvalidValue(_reason(error))
        except KeyError as error:
            refusal = InvalidValue(
                f"a validator of this field asks for another field, {error.args[0]!r}, that is not part of this call"
            )
        else:
            return cast("dict[str, object]", values)[name]
        raise refusal  # outside of the handlers: pydantic's error quotes the value

    def value(self, schema: Schema, value: object, context: object = None) -> object:
        """Return what pydantic makes of a value of a type within a field. Raises InvalidValue."""
        validator = self._single.get(id(schema))
        if validator is None:
            validator = self._single[id(schema)] = self._compiled(schema)
        try:
            return validator.validate_python(value, context=context)
        except ValidationError as error:
            refusal = InvalidValue(_reason(error))
        except KeyError as error:
            refusal = InvalidValue(f"a validator asks for a field, {error.args[0]!r}, that is not part of this call")
        raise refusal

    def _compiled(self, schema: Schema) -> SchemaValidator:
        config: Any = {**self._root.get("config", {}), "hide_input_in_errors": True}
        ready = cast("CoreSchema", without(schema, "ref"))
        if self._definitions:
            ready = core_schema.definitions_schema(ready, cast("list[CoreSchema]", list(self._definitions)))
        return SchemaValidator(ready, config)


def model_fields(schema: Schema) -> Schema:
    """Return the fields of a model's schema, below the validators of the whole model."""
    while schema["type"] != "model-fields":
        schema = schema["schema"]
    return schema


def _plain_fields(root: Schema) -> Schema:
    fields = model_fields(root)
    plain: dict[str, Any] = {name: without(field, "frozen") for name, field in fields["fields"].items()}
    return {**without(fields, "computed_fields"), "fields": plain}


def _reason(error: ValidationError) -> str:
    return reason(error.errors(include_url=False, include_input=False)[0])
