"""A law of markers: whatever stands around a type, its marker means what it means on the type alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from types import new_class
from typing import TYPE_CHECKING, Annotated, Any, Generic, NewType, TypeVar, get_origin
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PlainValidator,
    WrapValidator,
)
from pydantic.experimental.pipeline import validate_as
from pydantic_core import core_schema
from typing_extensions import TypeAliasType

from dynamorm_py import (
    AsBinary,
    AsJson,
    AsSet,
    Attribute,
    CreatedAt,
    DynamoModel,
    Encrypted,
    InvalidValue,
    ItemDecodeError,
    ModelDefinitionError,
    NotStored,
    OmitEmpty,
    PartitionKey,
    SortKey,
    TimeToLive,
    Unique,
    UpdatedAt,
    Vector,
    Version,
)
from dynamorm_py._model import codec_of
from tests.support.building import define, holding, same, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynamorm_py._kernel.types import Item

_MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
_FINE = _MOMENT.replace(microsecond=120_000)

_new_type: Any = NewType  # type checkers know what is made of these when it is named in the source only
_alias: Any = TypeAliasType
_generic: Any = Generic
_type_var: Any = TypeVar
_open: Any = _type_var("_open")


class Inside(BaseModel):
    """A model inside an item."""

    text: str
    numbers: list[int] = Field(default_factory=list[int])


@dataclass(frozen=True)
class _Reversed:
    """A converter that stores text backwards."""

    def to_attribute(self, value: object) -> object:
        return str(value)[::-1]

    def from_attribute(self, value: object) -> object:
        return str(value)[::-1]


@dataclass(frozen=True)
class Marked:
    """A marker on a type, with values to store; `default` for a type that needs one."""

    marker: object
    type: Any
    values: tuple[Any, ...]
    default: Any = ...
    others: dict[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        return f"{self.marker!r} on {self.type}"


_SORT_KEY = {"sk": Annotated[str, SortKey()]}
MARKED = (
    Marked(TimeToLive(), int, (1_700_000_000,)),
    Marked(TimeToLive(), dt.datetime, (_MOMENT,)),
    Marked(CreatedAt(), dt.datetime, (_MOMENT, _FINE)),
    Marked(UpdatedAt(), dt.datetime, (_MOMENT, _FINE)),
    Marked(Version(), int, (0, 7)),
    Marked(Attribute(format="unix_seconds"), dt.datetime, (_MOMENT,)),
    Marked(Attribute(format="fixed_nano"), dt.datetime, (_MOMENT, _FINE)),
    Marked(Attribute("other"), dt.datetime, (_MOMENT, _FINE)),
    Marked(Attribute(converter=_Reversed()), str, ("abc",)),
    Marked(AsJson(), dict[str, int], ({}, {"b": 1, "a": 2})),
    Marked(AsJson(), Inside, (Inside(text="x", numbers=[1]),)),
    Marked(AsJson(), list[float], ([0.5, 1e30],)),
    Marked(AsJson("native"), Inside, (Inside(text="x", numbers=[1]),)),
    Marked(AsBinary(), UUID, (UUID(int=7),)),
    Marked(AsBinary(), bytes, (b"", b"\x00")),
    Marked(AsSet(), list[str], ([], ["a", "b"])),
    Marked(AsSet(), list[int], ([1, 2],)),
    Marked(AsSet(), tuple[bytes, ...], ((b"a",),)),
    Marked(OmitEmpty(), str, ("", "a"), ""),
    Marked(OmitEmpty(), int, (0, 1), 0),
    Marked(OmitEmpty(), list[str], ([], ["a"]), Field(default_factory=list[str])),
    Marked(OmitEmpty(), set[int], (set[int](), {1}), Field(default_factory=set[int])),
    Marked(OmitEmpty(), dict[str, int], ({}, {"a": 0}), Field(default_factory=dict[str, int])),
    Marked(Encrypted(), str, ("", "a")),
    Marked(Encrypted(), Inside, (Inside(text="x"),)),
    Marked(NotStored(), str, ("a",), "a"),
    Marked(SortKey(), str, ("a",)),
    Marked(SortKey(), int, (0, -7)),
    Marked(SortKey(), dt.datetime, (_MOMENT, _FINE)),
    Marked(PartitionKey(index="by-v"), UUID, (UUID(int=7),)),
    Marked(PartitionKey(index="by-v"), dt.datetime, (_FINE,)),
    Marked(SortKey(index="by-v"), bytes, (b"a",), others=_SORT_KEY),
    Marked(Unique(), str, ("a",)),
    Marked(Vector("by-v", dimensions=2), list[float], ([0.5, 1.0],)),
)


def _same_value(value: Any) -> Any:  # noqa: ANN401 -- any value
    return value


def _call(value: Any, inner: Callable[[Any], Any]) -> Any:  # noqa: ANN401 -- any value
    return inner(value)


@dataclass(frozen=True)
class _Chained:
    """An annotation that gives pydantic a chain of two steps."""

    step: Callable[[Any], Any] = _same_value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:  # noqa: ANN401 -- pydantic's hook
        return core_schema.chain_schema([handler(source), core_schema.no_info_plain_validator_function(self.step)])


@dataclass(frozen=True)
class _Around:
    """An annotation that gives pydantic a validator of its own around the type."""

    step: Callable[[Any], Any] = _same_value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:  # noqa: ANN401 -- pydantic's hook
        return core_schema.no_info_after_validator_function(self.step, handler(source))


WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "plain": lambda each: Annotated[each, PlainValidator(_same_value)],
    "before": lambda each: Annotated[each, BeforeValidator(_same_value)],
    "after": lambda each: Annotated[each, AfterValidator(_same_value)],
    "wrap": lambda each: Annotated[each, WrapValidator(_call)],
    "chain": lambda each: Annotated[each, _Chained()],
    "pipeline": lambda each: Annotated[each, validate_as(each).transform(_same_value)],
    "hook": lambda each: Annotated[each, _Around()],
    "Optional": lambda each: each | None,
    "NewType": lambda each: _new_type("New", each),
    "Annotated": lambda each: Annotated[each, Field(description="described")],
    "alias": lambda each: _alias("Alias", each),
}
"""What may stand around a type, its marker outside."""


def _made(case: Marked, annotation: Any) -> type[DynamoModel]:  # noqa: ANN401 -- an annotation
    fields = {"pk": Annotated[str, PartitionKey()], **case.others, "v": (annotation, case.default)}
    return define(fields, table="wrapped")


def _wrapped(case: Marked, wrappers: Sequence[str]) -> Any:  # noqa: ANN401 -- an annotation
    annotation = case.type
    for name in wrappers:
        annotation = WRAPPERS[name](annotation)
    return Annotated[annotation, case.marker]


def _bare(case: Marked) -> type[DynamoModel]:
    return _made(case, Annotated[case.type, case.marker])


def _item(model: type[DynamoModel], value: object) -> Item:
    """Return the item of a value as `put` encodes it, an encrypted field not yet sealed."""
    instance: Any = holding(model, value)
    instance.__dict__["sk"] = "s"
    return codec_of(model).encode(instance)


def _hold(model: type[DynamoModel], case: Marked) -> None:
    """Hold a model to the law: each value is stored, bound in an expression and read as under the marker alone."""
    bare, codec = codec_of(_bare(case)), codec_of(model)
    assert codec.attributes == bare.attributes
    for value in case.values:
        item = _item(_bare(case), value)
        assert _item(model, value) == item
        assert same(value_of(codec.load(item)), value_of(bare.load(item)))
        assert same(value_of(codec.load(item)), value)
        if not isinstance(case.marker, NotStored):
            assert codec.root.field("v").encode(value) == bare.root.field("v").encode(value)
            assert codec.validated("v", value).stored == bare.validated("v", value).stored


def _may_be_refused(case: Marked) -> bool:
    """Return whether None has no place: in a key, and in a set whose empty form is NULL."""
    is_key = isinstance(case.marker, SortKey) and case.marker.index is None
    return is_key or isinstance(case.marker, AsSet) or get_origin(case.type) is set


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("case", MARKED, ids=str)
def test_a_marker_means_the_same_around_a_wrapper(case: Marked, wrapper: str) -> None:
    if wrapper == "Optional" and _may_be_refused(case):
        with pytest.raises(ModelDefinitionError, match=r"drop the (Optional|None)"):
            _made(case, _wrapped(case, [wrapper]))
    else:
        _hold(_made(case, _wrapped(case, [wrapper])), case)


_COMBINED = sorted(WRAPPERS.keys() - {"pipeline"})  # which cannot be hashed, as typing does in a union


@given(st.sampled_from(MARKED), st.lists(st.sampled_from(_COMBINED), min_size=2, max_size=4))
def test_a_marker_means_the_same_around_several_wrappers(case: Marked, wrappers: list[str]) -> None:
    try:
        model = _made(case, _wrapped(case, wrappers))
    except ModelDefinitionError:
        assert "Optional" in wrappers
        assert _may_be_refused(case)
    else:
        _hold(model, case)


@pytest.mark.parametrize("case", MARKED, ids=str)
def test_a_marker_means_the_same_before_a_validator(case: Marked) -> None:
    _hold(_made(case, Annotated[case.type, case.marker, AfterValidator(_same_value)]), case)
    _hold(_made(case, Annotated[Annotated[case.type, case.marker], BeforeValidator(_same_value)]), case)


@pytest.mark.parametrize("case", MARKED, ids=str)
def test_a_marker_means_the_same_in_a_generic_model(case: Marked) -> None:
    annotations: dict[str, Any] = {"pk": Annotated[str, PartitionKey()], **case.others}
    annotations["v"] = Annotated[_open, case.marker]
    body: dict[str, Any] = {"__annotations__": annotations, "__module__": __name__}
    if case.default is not ...:
        body["v"] = case.default
    box: Any = new_class("Box", (DynamoModel, _generic[_open]), {"table": "wrapped"}, lambda names: names.update(body))
    _hold(box[case.type], case)


@pytest.mark.parametrize("case", MARKED, ids=str)
def test_a_marker_means_the_same_around_a_forward_reference(case: Marked) -> None:
    model: Any = _made(case, Annotated["Later", case.marker])  # noqa: F821 -- named when the model is rebuilt  # pyright: ignore[reportUndefinedVariable] -- the same
    model.model_rebuild(_types_namespace={"Later": case.type})
    _hold(model, case)


_CONVERTERS = [case for case in MARKED if isinstance(case.marker, Attribute) and case.marker.is_converter]


@pytest.mark.parametrize("case", [case for case in MARKED if case not in _CONVERTERS], ids=str)
def test_a_marker_inside_of_what_names_a_type_is_refused(case: Marked) -> None:
    marked: Any = Annotated[case.type, case.marker]
    for inside in (_new_type("New", marked), _alias("Alias", marked), marked | None, list[marked]):
        with pytest.raises(ModelDefinitionError, match="move it to the outermost Annotated"):
            _made(case, inside)


def _refuse(value: Any) -> Any:  # noqa: ANN401 -- any value
    raise ValueError(value)


def _refuse_call(value: Any, _: object) -> Any:  # noqa: ANN401 -- any value
    raise ValueError(value)


@pytest.mark.parametrize(
    "validator",
    [
        PlainValidator(_refuse),
        BeforeValidator(_refuse),
        AfterValidator(_refuse),
        WrapValidator(_refuse_call),
        validate_as(...).transform(_refuse),
        _Chained(_refuse),
        _Around(_refuse),
    ],
    ids=["plain", "before", "after", "wrap", "pipeline", "chain", "hook"],
)
@pytest.mark.parametrize("case", [case for case in MARKED if not isinstance(case.marker, NotStored)], ids=str)
def test_a_validator_runs_under_each_marker(case: Marked, validator: object) -> None:
    model = _made(case, Annotated[case.type, validator, case.marker])
    item = _item(_bare(case), case.values[-1])
    with pytest.raises(ItemDecodeError, match="refused by a validator of the model"):
        codec_of(model).load(item)
    with pytest.raises(InvalidValue):
        codec_of(model).validated("v", case.values[-1])
