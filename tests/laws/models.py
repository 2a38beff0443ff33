"""Random model classes, and the instances of each."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from hypothesis import HealthCheck, reject
from hypothesis import strategies as st
from pydantic import BaseModel, PydanticUserError, ValidationError, create_model

from dynamorm_py import CreatedAt, DynamoModel, PartitionKey, SortKey, TimeToLive, UpdatedAt, Version
from dynamorm_py.errors import ModelDefinitionError
from tests.laws.classes import CHANGING, CLASSES, CONFIGS, VALIDATORS
from tests.laws.collections import a_set, mapping, sequence
from tests.laws.enumerations import choice
from tests.laws.fields import FieldShape, marked_at_the_top
from tests.laws.shapes import Shape, names, scalar, texts
from tests.laws.unions import by_field, by_function, by_type, smart
from tests.laws.words import WORDS
from tests.laws.wrappers import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

_AROUND: list[Callable[[DrawFn, Shape], Shape]] = [
    sequence,
    mapping,
    a_set,
    smart,
    by_field,
    by_function,
    by_type,
    *CLASSES,
]
_NAMING = [None, None, "camelCase", "snake_case"]

EVERY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]
"""A class with its values is a large example, and takes its time: that is not a fault."""


@dataclass(frozen=True)
class Drawn:
    """A model class as it was drawn, and what came of it: the class, or why there is none."""

    fields: dict[str, FieldShape]
    config: dict[str, Any]
    naming: str | None
    model: type[DynamoModel] | None
    refusal: Exception | None = None
    by_pydantic: bool = False
    keys: tuple[str, ...] = field(default=("pk",))

    def __repr__(self) -> str:
        """Return what the class was made of."""
        listed = ", ".join(f"{name}: {each.annotation!r}" for name, each in self.fields.items())
        return f"Drawn({listed}; config={self.config}, naming={self.naming})"

    @property
    def sure(self) -> bool:
        """Whether the class has to be accepted, and every value of it stored."""
        return not self.config.keys() & CHANGING and all(each.shape.sure for each in self.fields.values())

    @property
    def contents(self) -> SearchStrategy[dict[str, Any]]:
        """What instances are made of, by field."""
        values = st.fixed_dictionaries({name: each.shape.values for name, each in self.fields.items()})
        if self.config.get("extra") == "allow":
            extra = st.dictionaries(names.map("extra {}".format), texts, max_size=2)
            return st.tuples(extra, values).map(_joined)
        return values

    def instance(self, contents: dict[str, Any]) -> DynamoModel | None:
        """Return the instance that the constructor makes; None where it refuses the values."""
        assert self.model is not None
        try:
            return self.model.model_validate(contents, by_name=True, by_alias=False)
        except ValidationError:
            return None


def _joined(parts: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    return parts[0] | parts[1]


def type_of_field(draw: DrawFn) -> Shape:
    """Draw a type: a scalar, or up to two levels of collections, unions and classes around one, under wrappers."""
    shape = choice(draw) if draw(st.integers(0, 3)) == 0 else scalar(draw)
    for _ in range(draw(st.integers(0, 2))):
        if draw(st.integers(0, 2)) == 0:
            shape = wrapped(draw, shape)
        shape = draw(st.sampled_from(_AROUND))(draw, shape)
    return wrapped(draw, shape) if draw(st.booleans()) else shape


def _eighths(number: int) -> Decimal:
    """Return a number without zeros at its end, which some local tables take for another key."""
    return Decimal(number) / 8


_KEYS = [
    Shape(str, names),
    Shape(str, names),
    Shape(int, st.integers(-(10**37), 10**37)),
    Shape(Decimal, st.integers(-999, 999).map(_eighths)),
    Shape(bytes, st.binary(min_size=1, max_size=4)),
    Shape(UUID, st.uuids()),
    Shape(dt.date, st.dates()),
    Shape(dt.datetime, st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 1, 1), timezones=st.just(dt.UTC))),  # noqa: DTZ001
]
_aware = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2999, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
_ROLES: list[tuple[object, Shape]] = [
    (CreatedAt(), Shape(dt.datetime | None, st.none() | _aware)),
    (UpdatedAt(), Shape(dt.datetime | None, st.none() | _aware)),
    (TimeToLive(), Shape(dt.datetime | None, st.none() | _aware)),
    (TimeToLive(), Shape(int | None, st.none() | st.integers(0, 10**10))),
]


def _key(draw: DrawFn, marker: object) -> FieldShape:
    shape = draw(st.sampled_from(_KEYS))
    return FieldShape(shape, Annotated[shape.annotation, marker])


def _roles(draw: DrawFn) -> dict[str, FieldShape]:
    """Draw fields that the library sets, or that indexes and DynamoDB read."""
    made: dict[str, FieldShape] = {}
    for number, (marker, shape) in enumerate(draw(st.lists(st.sampled_from(_ROLES), max_size=1))):
        made[f"role_{number}"] = FieldShape(shape, Annotated[shape.annotation, marker], lambda: None)
    if draw(st.integers(0, 3)) == 0:
        made["revision"] = FieldShape(Shape(int, st.just(0)), Annotated[int, Version()], lambda: 0)
    if draw(st.integers(0, 3)) == 0:
        index = draw(st.sampled_from(_KEYS))
        made["indexed"] = FieldShape(index, Annotated[index.annotation, PartitionKey(index="by-indexed")])
    return made


@st.composite
def drawn_models(draw: DrawFn) -> Drawn:
    """Draw a model class of one to three random fields beside its key."""
    fields = {"pk": _key(draw, PartitionKey())}
    if draw(st.booleans()):
        fields["sk"] = _key(draw, SortKey())
    keys = tuple(fields)
    words = [word for word in WORDS if word.lower() not in fields]
    for name in draw(st.lists(st.sampled_from(words), min_size=1, max_size=3, unique_by=str.lower)):
        try:
            fields[name] = marked_at_the_top(draw, type_of_field(draw))
        except (PydanticUserError, RuntimeError):  # of a nested class, which is pydantic's alone
            reject()
    fields |= _roles(draw)
    config = draw(st.sampled_from(CONFIGS))
    return _made(fields, config, draw(st.sampled_from(_NAMING)), keys, draw(VALIDATORS))


def _made(
    fields: dict[str, FieldShape],
    config: dict[str, Any],
    naming: str | None,
    keys: tuple[str, ...],
    validators: dict[str, Any],
) -> Drawn:
    """Create the class, or keep why that was refused."""
    parts = {name: each.declared for name, each in fields.items()}
    options: dict[str, Any] = {"table": "laws", "naming": naming, **config}
    try:
        model = _created(DynamoModel, parts, {k: v for k, v in options.items() if v is not None}, validators)
    except ModelDefinitionError as error:
        return Drawn(fields, config, naming, None, error, keys=keys)
    except Exception as error:  # noqa: BLE001 -- pydantic's own refusal, or a fault: the law asks which
        return Drawn(
            fields, config, naming, None, error, by_pydantic=_pydantic_refuses(parts, config, validators), keys=keys
        )
    return Drawn(fields, config, naming, model, keys=keys)


def _created(base: type[BaseModel], parts: dict[str, Any], options: dict[str, Any], validators: dict[str, Any]) -> Any:  # noqa: ANN401 -- a class
    make: Any = create_model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydantic warns of names that its models have too
        return make("Thing", __base__=base, __cls_kwargs__=options, __validators__=validators, **parts)


def _pydantic_refuses(parts: dict[str, Any], config: dict[str, Any], validators: dict[str, Any]) -> bool:
    try:
        _created(BaseModel, parts, config, validators)
    except Exception:  # noqa: BLE001 -- whatever it says
        return True
    return False
