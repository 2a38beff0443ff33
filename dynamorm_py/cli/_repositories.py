"""Repositories as the command line names them, and keys and conditions as it writes them.

A text on the command line is read as the field's type reads it: `number=5` is an int where the field is one.
"""

from __future__ import annotations

import operator as op
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from pydantic import BaseModel, TypeAdapter, ValidationError

from dynamorm_py import Attr, DynamoModel, Key, Repo, fields, key_of
from dynamorm_py._model import codec_of
from dynamorm_py._model.item_key import key_parts
from dynamorm_py._transport import default_client
from dynamorm_py.cli._models import model_of
from dynamorm_py.cli._output import USAGE, complain

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from pydantic.fields import FieldInfo

    from dynamorm_py import Condition, KeyCondition
    from dynamorm_py._codec import Codec

TableName: TypeAlias = Annotated[str | None, typer.Option("--table", "-t", help="Another table than the model's.")]
Region: TypeAlias = Annotated[str | None, typer.Option(help="Another region than the environment's.")]
Profile: TypeAlias = Annotated[str | None, typer.Option(help="A profile of the AWS configuration.")]
EndpointUrl: TypeAlias = Annotated[
    str | None, typer.Option(help="Another endpoint, such as a local DynamoDB's: http://localhost:8000.")
]

_CONDITION = re.compile(r"\s*(?P<field>\w+)\s*(?P<operator>!=|<=|>=|\^=|\*=|=|<|>)(?P<text>.*)", re.DOTALL)
_APPLIED: dict[str, Callable[[Any, Any], Any]] = {
    "=": op.eq,
    "!=": op.ne,
    "<": op.lt,
    "<=": op.le,
    ">": op.gt,
    ">=": op.ge,
    "^=": lambda reference, value: reference.begins_with(value),
    "*=": lambda reference, value: reference.contains(value),
}
_KEY_OPERATORS = _APPLIED.keys() - {"!=", "*="}
_OPERATORS = "= != < <= > >= ^= (begins with) *= (contains)"


def repository(
    name: str, table: str | None, region: str | None, profile: str | None, endpoint_url: str | None
) -> Repo[Any]:
    """Return the repository of a model. Exits 2 without a table, and for a model with encrypted fields."""
    model = model_of(name)
    if table is None and model.__dynamorm_options__.table is None:
        raise complain(f"{name} names no table: add --table NAME, or table= to the class", USAGE)
    encrypted = [field.name for field in codec_of(model).schema.stored if field.encrypted]
    if encrypted:
        raise complain(
            f"{model.__name__}.{encrypted[0]} is encrypted, and this command holds no key: use a Repo with "
            "encryption=, or pipe `aws dynamodb get-item` into `dynamorm item decode`",
            USAGE,
        )
    return Repo(model, table=table, client=default_client(region, endpoint_url, profile))


def key_from(model: type[DynamoModel], texts: list[str]) -> object:
    """Return a key from the texts of its attributes, the partition key first, or of the parts of derived keys.

    Each may stand behind its name, `customer=7`, in any order. Exits 2 for too many, or a wrong type.
    """
    codec = codec_of(model)
    keys = codec.schema.keys
    parts = key_parts(codec)
    texts = _in_order(parts, texts) or _in_order([field.name for field in keys], texts) or texts
    if any(field.name in codec.derived for field in keys) and not _is_stored_key(codec, texts):
        if len(texts) != len(parts):
            listed = " ".join(part.upper() for part in parts)
            raise complain(f"{model.__name__} has the key {listed}, or {_stored_names(codec)} as stored", USAGE)
        return key_of(model, **{name: value_from(model, name, text) for name, text in zip(parts, texts, strict=True)})
    if len(texts) != len(keys):
        parts = " and ".join(field.name for field in keys)
        raise complain(f"{model.__name__} has the key {parts}: give {len(keys)} values, not {len(texts)}", USAGE)
    values = [value_from(model, field.name, text) for field, text in zip(keys, texts, strict=True)]
    return tuple(values) if len(values) > 1 else values[0]


def _in_order(names: Sequence[str], texts: list[str]) -> list[str] | None:
    """Return the texts behind `name=` in the order of the names, None where they are not written so."""
    named = dict(text.split("=", 1) for text in texts if "=" in text)
    return [named[name] for name in names] if len(named) == len(texts) and named.keys() == set(names) else None


def _is_stored_key(codec: Codec[Any], texts: list[str]) -> bool:
    """Return whether the texts are the key as it is stored: as the templates of its derived keys compose it."""
    keys = codec.schema.keys
    return len(texts) == len(keys) and all(
        field.name not in codec.derived or codec.derived[field.name].template.parse(text) is not None
        for field, text in zip(keys, texts, strict=True)
    )


def _stored_names(codec: Codec[Any]) -> str:
    return " and ".join(field.name for field in codec.schema.keys)


def value_from(model: type[BaseModel], name: str, text: str) -> object:
    """Return what a field holds for a text. Exits 2 for an unknown field, or a text that is not of its type."""
    if name in model.model_computed_fields or name in _derived(model):
        return text
    if name not in model.model_fields:
        close = get_close_matches(name, model.model_fields, 1)
        repair = f"did you mean {close[0]}?" if close else f"it has {', '.join(model.model_fields)}"
        raise complain(f"{model.__name__} has no field {name!r}: {repair}", USAGE)
    try:
        info = model.model_fields[name]
        annotation = _annotated(info)
        return TypeAdapter[object](annotation).validate_strings(text)
    except ValidationError as error:
        reason = error.errors(include_input=False, include_url=False)[0]["msg"]
        raise complain(f"{name}: {reason}", USAGE) from None


def _derived(model: type[BaseModel]) -> Container[str]:
    return codec_of(model).derived if issubclass(model, DynamoModel) else ()


def key_conditions(model: type[DynamoModel], texts: Iterable[str]) -> list[KeyCondition]:
    """Return the key conditions that texts such as `pk=USER#1` or `number>=5` say. Exits 2."""
    return [_condition(model, Key, text) for text in texts]


def filter_from(model: type[DynamoModel], texts: Iterable[str]) -> Condition | None:
    """Return the condition that all of the texts say, None for no text. Exits 2."""
    conditions = [_condition(model, Attr, text) for text in texts]
    combined = conditions[0] if conditions else None
    for condition in conditions[1:]:
        combined &= condition
    return combined


def _condition(model: type[DynamoModel], make: Any, text: str) -> Any:  # noqa: ANN401 -- Key or Attr
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise complain(f"{text!r} says no condition: write FIELD OPERATOR VALUE, with one of {_OPERATORS}", USAGE)
    name, operator = match["field"], match["operator"]
    value: Any = match["text"] if operator in {"^=", "*="} else value_from(model, name, match["text"])
    if name not in model.model_fields:
        value_from(model, name, "")
    reference = make(getattr(fields(model), name))
    if make is Key and operator not in _KEY_OPERATORS:
        raise complain(f"{text!r}: a key has no {operator}: put it into --where", USAGE)
    return _APPLIED[operator](reference, value)


def _annotated(info: FieldInfo) -> Any:  # noqa: ANN401 -- a type
    """Return the type of a field with its constraints and validators."""
    annotation: Any = info.annotation
    for item in info.metadata:
        annotation = Annotated[annotation, item]
    return annotation
