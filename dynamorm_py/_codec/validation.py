"""Values that a caller gives, run through pydantic as the constructor runs them.

Each field is validated alone, with the values of other fields that the caller has as `info.data`; validators of the
whole model need a whole instance, and are not asked. Knows nothing of stored forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema

from dynamorm_py._codec.problems import reason
from dynamorm_py._codec.schemas import walk, without
from dynamorm_py._kernel.awaiting import is_unawaited
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import InvalidValue, OtherFieldsNeeded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue

_PLAIN: dict[str, type] = {"str": str, "int": int, "bytes": bytes}
_TEXT_SETTINGS = ("str_to_lower", "str_to_upper", "str_strip_whitespace", "str_max_length", "str_min_length")
_TEXT_CHANGES = ("to_lower", "to_upper", "strip_whitespace")


@frozen
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
            refusal = InvalidValue(_reason(error, value))
        except Exception as error:
            raise raised(error, data, context) from error
        else:
            return cast("dict[str, object]", values)[name]
        raise refusal  # outside of the handlers: pydantic's error quotes the value

    @property
    def definitions(self) -> Mapping[str, Schema]:
        """The definitions that the types refer to, by their names."""
        return {each["ref"]: each for each in self._definitions}

    @property
    def changes_values(self) -> bool:
        """Whether a validator, or a constraint that changes text, stands anywhere in the model."""
        whole = (self._root, *self._definitions)
        return self._constrains_text or any(map(_changes, whole))

    @property
    def _constrains_text(self) -> bool:
        """Whether the model's configuration changes or refuses text."""
        return any(self._config.get(each) for each in _TEXT_SETTINGS)

    @property
    def _config(self) -> Schema:
        """The model's configuration, below the validators of the whole model and what hides its input."""
        schema = self._root
        while "config" not in schema and schema["type"] != "model-fields":
            schema = schema["schema"]
        return schema.get("config", {})

    def plain_type(self, name: str) -> type | None:
        """Return the type whose instances a field takes as they are, unchanged; None where that is not known."""
        field = model_fields(self._root)["fields"].get(name)
        schema: Schema = {} if field is None else field["schema"]
        while schema.get("type") == "default":
            schema = schema["schema"]
        plain = without(schema, "ref", "metadata", "serialization").keys() <= {"type"}
        return _PLAIN.get(str(schema.get("type"))) if plain and not self._constrains_text else None

    def value(self, schema: Schema, value: object, context: object = None) -> object:
        """Return what pydantic makes of a value of a type within a field. Raises InvalidValue."""
        validator = self._single.get(id(schema))
        if validator is None:
            validator = self._single[id(schema)] = self._compiled(schema)
        try:
            return validator.validate_python(value, context=context)
        except ValidationError as error:
            refusal = InvalidValue(_reason(error, value))
        except Exception as error:
            raise raised(error, None, context) from error
        raise refusal

    def _compiled(self, schema: Schema) -> SchemaValidator:
        config: Any = {**self._config, "hide_input_in_errors": True}
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


def _reason(error: ValidationError, value: object) -> str:
    """Return why a value is refused. One that was not awaited fits no type, and pydantic does not say why."""
    if is_unawaited(value):
        return f"expected a value, got {kind_of(value)}"
    return reason(error.errors(include_url=False, include_input=False)[0])


def raised(error: Exception, data: Mapping[str, object] | None, context: object) -> InvalidValue:
    """Return the error for a validator that raised what is not pydantic's; the cause stays with it."""
    if (
        isinstance(error, KeyError)
        and error.args
        and isinstance(error.args[0], str)
        and error.args[0] not in (data or {})
    ):
        missing = error.args[0]
        return OtherFieldsNeeded(f"a validator of this field asks for {missing!r}, which is not part of this call")
    repair = (
        "" if context is not None else "; one that asks for info.context gets it from Repo(validation_context=) only"
    )
    return InvalidValue(f"a validator of this field raised {type(error).__name__}{repair}")


def _changes(schema: Schema) -> bool:
    """Return whether a validator, or a constraint that changes text, is in a schema or below it."""
    return any(
        str(part.get("type")).startswith("function-")
        or part.get("type") in {"chain", "custom-error"}
        or (part.get("type") == "str" and any(part.get(name) for name in _TEXT_CHANGES))
        for part in walk(schema)
    )
