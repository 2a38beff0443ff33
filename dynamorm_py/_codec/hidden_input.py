"""What pydantic's errors say of a model with encrypted fields: never the input, which holds what is to be secret.

`hide_input_in_errors` hides it in texts only; `.errors()`, `.json()` and an outer model's error quote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from dynamorm_py._codec.problems import reason

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic_core import ErrorDetails

    from dynamorm_py._codec.schemas import Schema

CONCEALED: Final = "**********"
"""What is shown for a secret value, as pydantic shows a SecretStr."""
_MARK = "dynamorm_hides_input"


def hiding(schema: CoreSchema, encrypted: Collection[str]) -> CoreSchema:
    """Return the schema whose errors hide the input; `encrypted` are the names and aliases of the fields."""
    if is_hiding(cast("Schema", schema)):  # as where the class stands inside another
        return schema

    def validate(value: object, inner: core_schema.ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401 -- an instance
        try:
            return inner(value)
        except ValidationError as error:
            hidden = hiding_input(error, encrypted)
        raise hidden

    return core_schema.no_info_wrap_validator_function(validate, schema, metadata={_MARK: True})


def hiding_input(error: ValidationError, encrypted: Collection[str]) -> ValidationError:
    """Return the error of a model with encrypted fields without the input."""
    details = [_hidden(each, encrypted) for each in error.errors(include_url=False, include_input=False)]
    return ValidationError.from_exception_data(error.title, details, hide_input=True)


def is_hiding(schema: Schema) -> bool:
    """Tell whether a schema only hides inputs, so that items are read by the one within it."""
    return schema["type"] == "function-wrap" and _MARK in (schema.get("metadata") or ())


def _hidden(details: ErrorDetails, encrypted: Collection[str]) -> InitErrorDetails:
    location = details["loc"]
    secret = not location or location[0] in encrypted
    text = reason(details) if secret else details["msg"]
    return InitErrorDetails(
        type=PydanticCustomError(details["type"], "{reason}", {"reason": text}),  # pyright: ignore[reportArgumentType] -- a type's name is any text
        loc=location[:1] if secret else location,
        input=CONCEALED,
    )
