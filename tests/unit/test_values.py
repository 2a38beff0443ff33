"""What is written is what is read: names, wrappers and contexts that once changed a value in silence."""

from __future__ import annotations

import datetime as dt
import decimal
import time
import uuid
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import AfterValidator, BeforeValidator, PlainValidator, WrapValidator, create_model

from dynamorm_py import (
    AsBinary,
    AsJson,
    AsSet,
    Attribute,
    DynamoModel,
    InvalidValue,
    ItemDecodeError,
    ModelDefinitionError,
    PartitionKey,
    SortKey,
    TimeToLive,
)

_WORDS_OF_SCHEMAS = (
    *("config", "default", "expected", "members", "metadata", "function", "serialization", "type", "ref", "fields"),
    *("choices", "definitions", "cls"),
)
_NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def _model(**fields: Any) -> type[DynamoModel]:  # noqa: ANN401 -- as create_model takes them
    build: Any = create_model
    return build(
        "M",
        __base__=DynamoModel,
        __cls_kwargs__={"table": "things"},
        pk=(Annotated[str, PartitionKey()], "a"),
        **fields,
    )


@pytest.mark.parametrize("name", _WORDS_OF_SCHEMAS)
def test_a_field_may_have_the_name_of_a_core_schemas_entry(name: str) -> None:
    model = _model(**{name: (dict[str, bytes], {"a": b"\xfe"})}, blobs=(list[bytes], [b"\x00\x01"]))
    assert model.from_item(model().to_item()) == model()


@pytest.mark.parametrize("name", _WORDS_OF_SCHEMAS)
def test_a_field_inside_json_may_have_the_name_of_a_core_schemas_entry(name: str) -> None:
    build: Any = create_model
    inner = build("Inner", **{name: (dict[str, bytes] | None, {"a": b"\xfe"})}, blob=(bytes, b"\xff"))
    model = _model(text=(Annotated[inner, AsJson()], inner()))
    assert model.from_item(model().to_item()) == model()


def _moment(value: object) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))


@pytest.mark.parametrize(
    "wrapper",
    [
        PlainValidator(_moment),
        BeforeValidator(_moment),
        AfterValidator(_moment),
        WrapValidator(lambda value, inner: inner(value)),
    ],
    ids=["plain", "before", "after", "wrap"],
)
@pytest.mark.parametrize("marker", [TimeToLive(), SortKey(), Attribute(format="unix_seconds")], ids=str)
def test_a_marker_holds_behind_each_validator(wrapper: object, marker: object) -> None:
    wrapped = _model(at=(Annotated[dt.datetime, wrapper, marker], _NOON))
    bare = _model(at=(Annotated[dt.datetime, marker], _NOON))
    assert wrapped().to_item() == bare().to_item()
    assert wrapped.from_item(wrapped().to_item()) == wrapped()


def test_markers_of_form_hold_behind_a_plain_validator() -> None:
    model = _model(
        tags=(Annotated[list[str], PlainValidator(list), AsSet()], ["a"]),
        uid=(Annotated[uuid.UUID, PlainValidator(lambda v: v), AsBinary()], uuid.UUID(int=5)),
    )
    item = model().to_item()
    assert (item["tags"], item["uid"]) == ({"SS": ["a"]}, {"B": uuid.UUID(int=5).bytes})
    assert model.from_item(item) == model()


def test_no_decimal_context_touches_a_value() -> None:
    model = _model(text=(Annotated[float, AsJson()], 1.2345678901234567), plain=(float, 123456.789))
    with decimal.localcontext(decimal.Context(prec=3, traps=[decimal.Inexact, decimal.Rounded])):
        item = model().to_item()
        assert model.from_item(item) == model()
    assert (item["text"], item["plain"]) == ({"S": "1.2345678901234567"}, {"N": "123456.789"})


def test_a_time_whose_zone_has_no_fixed_offset_is_refused() -> None:
    model = _model(at=(dt.time, dt.time(12, tzinfo=ZoneInfo("Europe/Berlin"))))
    with pytest.raises(InvalidValue, match="no fixed offset"):
        model().to_item()


def test_a_union_takes_the_doubled_hour_of_autumn() -> None:
    doubled = dt.datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    model = _model(at=(dt.datetime | dt.date, doubled))
    assert model.from_item(model().to_item()).model_dump()["at"].timestamp() == doubled.timestamp()


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_deep_json_is_a_typed_error(depth: int) -> None:
    model = _model(text=(Annotated[Any, AsJson()], 0))
    with pytest.raises(ItemDecodeError):
        model.from_item({"pk": {"S": "a"}, "text": {"S": "[" * depth + "]" * depth}})


@pytest.mark.parametrize("depth", [300, 5_000])
def test_deep_values_are_refused_before_they_are_written(depth: int) -> None:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    for marker in (AsJson(), None):
        with pytest.raises(InvalidValue):
            _model(value=(Annotated[Any, marker], ...))(value=value).to_item()


@pytest.mark.parametrize(
    "value",
    [{"L": [{"S": "x"}] * 8000}, {"L": [{"N": "1.5"}] * 8000}, {"L": [{"L": [{"S": "x"}] * 4000}]}],
    ids=["another type", "bad numbers", "nested"],
)
def test_refusing_is_linear_and_its_message_bounded(value: dict[str, Any]) -> None:
    model = _model(numbers=(list[int], []))
    start = time.process_time()
    with pytest.raises(ItemDecodeError) as caught:
        model.from_item({"pk": {"S": "a"}, "numbers": value})
    assert time.process_time() - start < 5
    assert len(str(caught.value)) < 2_000


def test_none_of_a_field_whose_default_is_none_is_left_out() -> None:
    build: Any = create_model
    inner = build("Inner", a=(int | None, None), b=(int | None, ...))
    model = _model(
        x=(str | None, None), y=(str | None, "y"), inner=(inner, inner(b=None)), z=(Annotated[Any, AsJson()], None)
    )
    instance = model(y=None)
    assert instance.to_item() == {"pk": {"S": "a"}, "y": {"NULL": True}, "inner": {"M": {"b": {"NULL": True}}}}
    assert model.from_item(instance.to_item()) == instance
    assert model.from_item({**instance.to_item(), "x": {"NULL": True}}) == instance


@pytest.mark.parametrize(
    "annotation", [set[str] | None, set[str] | Annotated[int | None, "one"], set[str] | int | None]
)
def test_an_optional_set_tells_none_from_empty_by_absence(annotation: Any) -> None:  # noqa: ANN401 -- any annotation
    model = _model(tags=(annotation, None))
    empty, absent = model(tags=set()), model(tags=None)
    assert empty.to_item()["tags"] == {"NULL": True}
    assert "tags" not in absent.to_item()
    assert model.from_item(empty.to_item()) == empty
    assert model.from_item(absent.to_item()) == absent


@pytest.mark.parametrize(
    "field",
    [(set[str] | None, ...), (set[str] | None, set()), (list[set[str] | None], []), (dict[str, set[int] | None], {})],
    ids=["required", "default of a set", "in a list", "in a dict"],
)
def test_an_optional_set_without_the_default_none_is_refused(field: Any) -> None:  # noqa: ANN401 -- a field of create_model
    with pytest.raises(ModelDefinitionError, match="default None"):
        _model(tags=field)


def test_a_set_of_bytes_is_read_as_go_stores_it() -> None:
    model = _model(blobs=(set[bytes], set()))
    stored = {"L": [{"L": [{"N": "1"}, {"N": "255"}]}, {"L": []}]}
    assert model.from_item({"pk": {"S": "a"}, "blobs": stored}).model_dump()["blobs"] == {b"\x01\xff", b""}
