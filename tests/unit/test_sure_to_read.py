"""Which models are sure to read what they write: only their writes go out without the proof."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, PrivateAttr, computed_field, model_validator

from dynamorm_py import Attribute, DynamoModel, OmitEmpty, PartitionKey, Put, Repo, SortKey, TimeToLive, Version
from dynamorm_py._model import codec_of
from dynamorm_py.errors import InvalidKey, InvalidValue
from dynamorm_py.testing import ScriptedClient

_EDGES = [dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)]
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**30), max_value=10**30)
_HUGE = [sys.float_info.min, -0.0, 1e125, -9.99e125, 5.5e-130, 0.1]
_TIMES = st.datetimes(timezones=st.just(dt.UTC)) | st.sampled_from(_EDGES)


class Line(BaseModel):
    """A nested model."""

    sku: str
    price: Decimal = Decimal(0)


class Plain(DynamoModel, table="plain"):
    """Every type that is sure to be read back."""

    pk: Annotated[str, PartitionKey()]
    kind: Literal["plain"] = "plain"
    note: Annotated[str, OmitEmpty()] = ""
    whole: int
    part: float
    exact: Decimal
    flag: bool
    blob: bytes
    identity: UUID
    at: dt.datetime
    aware: AwareDatetime | None = None
    day: Annotated[dt.datetime, Attribute(format="unix_seconds")]
    tags: set[str] = Field(default_factory=set)
    numbers: frozenset[int]
    lines: list[Line]
    best: Line | None
    by_name: dict[str, list[int | None]]
    revision: Annotated[int, Version()] = 0
    until: Annotated[int | None, TimeToLive()] = None


_PLAIN = st.builds(
    Plain,
    pk=st.just("p"),
    note=_TEXT,
    whole=st.integers(-(10**38) + 1, 10**38 - 1) | st.sampled_from([10**125, -(10**120)]),
    part=st.floats(-1e125, 1e125).filter(lambda x: not x or abs(x) > 1e-120) | st.sampled_from(_HUGE[1:]),
    exact=_NUMBERS | st.sampled_from([Decimal("1E-130"), Decimal("9.99E+125"), Decimal("-0E+9")]),
    flag=st.booleans(),
    blob=st.binary(max_size=8),
    identity=st.uuids(),
    at=_TIMES,
    aware=st.none() | _TIMES,
    day=_TIMES.map(lambda time: time.replace(microsecond=0)),
    tags=st.sets(_TEXT, max_size=3),
    numbers=st.frozensets(st.integers(-(10**20), 10**20), max_size=3),
    lines=st.lists(st.builds(Line, sku=_TEXT, price=_NUMBERS), max_size=2),
    best=st.none() | st.builds(Line, sku=_TEXT),
    by_name=st.dictionaries(_TEXT.filter(bool), st.lists(st.none() | st.integers(0, 9), max_size=2), max_size=2),
    until=st.none() | st.integers(0, 10**10),
)


@given(_PLAIN)
def test_a_model_of_plain_types_is_read_back_whatever_it_holds(value: Plain) -> None:
    codec = codec_of(Plain)
    assert codec.reads_all_it_writes
    read = codec.read_back(codec.serialized(codec.encode(value)))
    assert codec.encode(read) == codec.encode(value)


def test_a_put_of_such_a_model_returns_what_is_stored() -> None:
    class Note(DynamoModel, table="notes"):
        pk: Annotated[str, PartitionKey()]
        at: dt.datetime
        tags: set[str] = Field(default_factory=set)

    assert codec_of(Note).reads_all_it_writes
    note = Note(pk="n", at=dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=5))))
    client = ScriptedClient({})
    stored = Repo(Note, client=client).put(note)
    assert stored == note
    assert stored is not note
    assert stored.at.tzinfo == dt.UTC


def _positive(value: int) -> int:
    if value < 0:
        raise ValueError
    return value


class Constrained(DynamoModel, table="others"):
    """A constraint that an assigned value may break."""

    pk: Annotated[str, PartitionKey()]
    number: int = Field(default=1, gt=0)


class Checked(DynamoModel, table="others"):
    """A validator of a field."""

    pk: Annotated[str, PartitionKey()]
    number: Annotated[int, AfterValidator(_positive)] = 1


class Inside(BaseModel):
    """A nested model with a constraint."""

    number: Annotated[int, Field(ge=0)] = 1


class Nested(DynamoModel, table="others"):
    """A constraint below."""

    pk: Annotated[str, PartitionKey()]
    number: int = 1
    inside: list[Inside] = Field(default_factory=list[Inside])


class Whole(DynamoModel, table="others"):
    """A validator of the whole model."""

    pk: Annotated[str, PartitionKey()]
    number: int = 1

    @model_validator(mode="after")
    def _check(self) -> Whole:
        _positive(self.number)
        return self


class Derived(DynamoModel, table="others"):
    """A key that is composed."""

    number: int = 1
    pk = PartitionKey("N#{number:03}")


class Configured(DynamoModel, table="others", str_max_length=3):
    """A constraint of the configuration."""

    pk: Annotated[str, PartitionKey()]
    number: int = 1


class Private(DynamoModel, table="others"):
    """Code of the user's after the fields."""

    pk: Annotated[str, PartitionKey()]
    number: int = 1
    _seen: list[int] = PrivateAttr(default_factory=list[int])


class Computed(DynamoModel, table="others"):
    """A stored computed field."""

    pk: Annotated[str, PartitionKey()]
    number: int = 1

    @computed_field
    def double(self) -> int:
        """Return twice the number."""
        return 2 * self.number


class Made(DynamoModel, table="others"):
    """A default of the user's code, read where the value is left out."""

    pk: Annotated[str, PartitionKey()]
    note: Annotated[str | None, OmitEmpty()] = Field(default_factory=lambda: "")


class Choice(DynamoModel, table="others"):
    """A union."""

    pk: Annotated[str, PartitionKey()]
    number: int | str = 1


class Loose(DynamoModel, table="others", extra="allow"):
    """Attributes that nobody declared."""

    pk: Annotated[str, PartitionKey()]


class Untyped(DynamoModel, table="others"):
    """A value of any type."""

    pk: Annotated[str, PartitionKey()]
    anything: Any = None


class Tree(DynamoModel, table="others"):
    """A type inside itself, as deep as its value."""

    pk: Annotated[str, PartitionKey()]
    inside: Tree | None = None


@pytest.mark.parametrize(
    "model",
    [Constrained, Checked, Nested, Whole, Derived, Configured, Private, Computed, Made, Choice, Loose, Untyped, Tree],
    ids=lambda model: model.__name__,
)
def test_any_other_model_is_read_back_before_it_is_sent(model: type[DynamoModel]) -> None:
    assert not codec_of(model).reads_all_it_writes


def _broken() -> list[DynamoModel]:
    """Return instances that were assigned what their models refuse."""
    constrained, checked, whole = Constrained(pk="p"), Checked(pk="p"), Whole(pk="p")
    nested, configured = Nested(pk="p", inside=[Inside()]), Configured(pk="p")
    constrained.number = checked.number = whole.number = nested.inside[0].number = -1
    configured.pk = "long"
    return [constrained, checked, whole, nested, configured]


@pytest.mark.parametrize("broken", _broken(), ids=lambda each: type(each).__name__)
def test_no_write_sends_what_the_model_would_not_read(broken: DynamoModel) -> None:
    client = ScriptedClient()
    repo: Repo[Any] = Repo(type(broken), client=client)
    for write in (
        lambda: repo.put(broken),
        lambda: repo.create(broken),
        lambda: repo.batch_write(put=[broken]),
        lambda: Put(repo, broken).explain(),
    ):
        with pytest.raises(InvalidValue):
            write()
    assert not client.operations


def test_a_sort_key_is_still_looked_at() -> None:
    class Keyed(DynamoModel, table="keyed"):
        pk: Annotated[str, PartitionKey()]
        sk: Annotated[str, SortKey()]

    client = ScriptedClient()
    with pytest.raises(InvalidKey, match="empty"):
        Repo(Keyed, client=client).batch_write(put=[Keyed(pk="p", sk="")])
    assert not client.operations
