"""What is written is what is read: names, wrappers and contexts that once changed a value in silence."""

from __future__ import annotations

import datetime as dt
import decimal
import time
import uuid
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Json,
    PlainValidator,
    RootModel,
    SecretStr,
    Tag,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    create_model,
    field_validator,
    model_validator,
)

from dynamorm_py import (
    AsBinary,
    AsJson,
    AsSet,
    Attribute,
    DynamoModel,
    Encrypted,
    InvalidValue,
    ItemDecodeError,
    ModelDefinitionError,
    NotStored,
    PartitionKey,
    SortKey,
    TimeToLive,
)
from dynamorm_py._codec.normalize import plain_digits
from dynamorm_py._model import codec_of

_WORDS_OF_SCHEMAS = (
    *("config", "default", "expected", "members", "metadata", "function", "serialization", "type", "ref", "fields"),
    *("choices", "definitions", "cls"),
)
_NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def _model(**fields: Any) -> Any:  # noqa: ANN401 -- a class made while the test runs
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


def test_json_too_deep_for_the_parser_is_a_typed_error() -> None:
    model = _model(text=(Annotated[Any, AsJson()], 0))
    with pytest.raises(ItemDecodeError):
        model.from_item({"pk": {"S": "a"}, "text": {"S": "[" * 100_000 + "]" * 100_000}})


def test_deep_json_is_read_or_a_typed_error() -> None:
    """Python 3.14 parses a thousand levels, earlier versions do not."""
    model = _model(text=(Annotated[Any, AsJson()], 0))
    text = "[" * 1_000 + "]" * 1_000
    try:
        value = model.from_item({"pk": {"S": "a"}, "text": {"S": text}}).model_dump()["text"]
    except ItemDecodeError as error:
        assert "text: Invalid JSON" in str(error)  # noqa: PT017 -- one of two right outcomes
    else:
        levels = 0
        while value:
            value, levels = value[0], levels + 1
        assert levels == 999


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
    [
        (set[str] | None, ...),
        (set[str] | None, set[str]()),
        (list[set[str] | None], ...),
        (dict[str, set[int] | None], ...),
        (set[str] | Annotated[int | None, "one"], ...),
    ],
    ids=["required", "default of a set", "in a list", "in a dict", "None in another member"],
)
def test_an_optional_set_without_the_default_none_is_refused(field: Any) -> None:  # noqa: ANN401 -- a field of create_model
    with pytest.raises(ModelDefinitionError, match="default None"):
        _model(tags=field)


def test_the_empty_set_of_a_union_is_refused_where_it_would_read_back_as_another() -> None:
    model = _model(tags=(frozenset[str] | set[int], ...))
    for tags in (frozenset[str](), frozenset({"a"}), {1}):
        assert model.from_item(model(tags=tags).to_item()).tags == tags
    with pytest.raises(InvalidValue, match=r"M\.tags: a set would not read back as itself"):
        model.model_construct(pk="a", tags=set[int]()).to_item()


def test_a_null_is_the_empty_set_also_beside_what_another_writer_stored() -> None:
    model = _model(tags=(set[str], ...), count=(int, 0))
    read = model.from_item({"pk": {"S": "a"}, "tags": {"NULL": True}, "count": {"N": "1.0E2"}})
    assert (read.tags, read.count) == (set(), 100)


def test_a_number_beyond_the_range_is_not_written_out_digit_by_digit() -> None:
    assert plain_digits("1E125") == "1" + "0" * 125
    assert plain_digits("1E999999999") == "1E999999999"
    with pytest.raises(ItemDecodeError, match="count"):
        _model(count=(int, 0)).from_item({"pk": {"S": "a"}, "count": {"N": "1E999999999"}})


def test_a_set_of_bytes_is_read_as_go_stores_it() -> None:
    model = _model(blobs=(set[bytes], set()))
    stored: Any = {"L": [{"L": [{"N": "1"}, {"N": "255"}]}, {"L": list[Any]()}]}
    assert model.from_item({"pk": {"S": "a"}, "blobs": stored}).model_dump()["blobs"] == {b"\x01\xff", b""}


class Nested(BaseModel):
    word: Annotated[str, Encrypted()] = ""


class Left(BaseModel):
    word: Annotated[str, NotStored()] = ""


class Root(RootModel[Annotated[str, Encrypted()]]):
    pass


class Pair(NamedTuple):
    word: Annotated[str, Encrypted()]


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[Nested, AsJson()],
        Annotated[list[Nested], AsJson()],
        Annotated[dict[str, Left] | None, AsJson()],
        Annotated[Pair, AsJson()],
        Annotated[Root, AsJson()],
        Root,
        Pair,
        list[Root],
        list[Nested],
        dict[str, Pair],
    ],
    ids=str,
)
def test_a_marker_where_no_attribute_is_is_refused(annotation: Any) -> None:  # noqa: ANN401 -- any annotation
    with pytest.raises(ModelDefinitionError, match=r"Encrypted\(\)|NotStored\(\)"):
        _model(inside=(annotation, ...))


def test_errors_of_a_model_with_secrets_hold_neither_its_values_nor_its_keys() -> None:
    model = _model(words=(Annotated[dict[str, int], Encrypted()], ...), count=(int, 0))
    outer: Any = create_model("Outer", inside=(model, ...))
    given = {"words": {"a key": "a value"}, "count": "a value"}
    for call in (lambda: model(**given), lambda: outer(inside=given), lambda: model(word={"a key": 1})):
        with pytest.raises(ValidationError) as caught:
            call()
        error = caught.value
        for text in (str(error), str(error.errors()), error.json()):
            assert "a value" not in text
            assert "a key" not in text


def test_paths_of_problems_end_at_an_encrypted_attribute() -> None:
    model = _model(words=(Annotated[dict[str, int], Encrypted()], ...))
    with pytest.raises(ItemDecodeError) as caught:
        model.from_item({"pk": {"S": "a"}, "words": {"M": {"a key": {"S": "x"}}}})
    assert [path for path, _ in caught.value.problems] == ["words"]
    with pytest.raises(InvalidValue) as refused:
        model.model_construct(pk="a", words={"a key": "x"}).to_item()
    assert "a key" not in f"{refused.value} {refused.value.path}"


def test_native_json_is_stored_by_types_and_both_forms_are_read() -> None:
    model = _model(data=(Annotated[dict[str, Any] | None, AsJson(form="native")], None))
    instance = model(data={"a": [1, "b"]})
    assert instance.to_item()["data"] == {"M": {"a": {"L": [{"N": "1"}, {"S": "b"}]}}}
    assert model.from_item(instance.to_item()) == instance
    assert model.from_item({"pk": {"S": "a"}, "data": {"S": '{"a": [1, "b"]}'}}) == instance


def test_json_that_stands_as_a_map_with_binary_is_read() -> None:
    model = _model(data=(Annotated[dict[str, bytes], AsJson()], ...))
    assert model.from_item({"pk": {"S": "a"}, "data": {"M": {"a": {"B": b"\xfb\xff"}}}}) == model(
        data={"a": b"\xfb\xff"}
    )


class Cat(BaseModel):
    sound: int = 1


class Dog(BaseModel):
    sound: int = 2


def _animal(value: Any) -> str:  # noqa: ANN401 -- what a payload holds, or an instance
    sound: int = value.sound if isinstance(value, Cat | Dog) else value["sound"]
    return ("cat", "dog")[sound % 2]


def test_a_callable_discriminator_chooses_on_reading_too() -> None:
    union = Annotated[Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Discriminator(_animal)]
    model = _model(pets=(list[union], ...))
    instance = model.model_validate({"pets": [Dog(sound=3), Cat(sound=4)]})
    assert model.from_item(instance.to_item()) == instance


class One(BaseModel):
    kind: Literal[1] = Field(default=1, alias="type")


class Two(BaseModel):
    kind: Literal[2] = Field(default=2, alias="type")


def test_an_item_without_its_tag_is_refused_not_read_as_the_first_member() -> None:
    model = _model(part=(One | Two, Field(discriminator="kind")))
    instance = model(part=Two())
    assert model.from_item(instance.to_item()) == instance
    with pytest.raises(ItemDecodeError):
        model.from_item({"pk": {"S": "a"}, "part": {"M": {}}})


class Told(DynamoModel, table="things"):
    pk: Annotated[str, PartitionKey()] = "a"
    word: str = "x"

    @field_validator("word")
    @classmethod
    def known(cls, word: str, info: ValidationInfo) -> str:
        assert not isinstance(info.context, dict) or word in info.context["words"]  # type: ignore[reportUnknownMemberType]
        return word + 0 if word == "broken" else word  # type: ignore[operator]


def test_validators_get_the_context_when_items_are_read() -> None:
    codec = codec_of(Told).in_context({"words": {"y"}})
    assert codec.load({"pk": {"S": "a"}, "word": {"S": "y"}}) == Told(word="y")
    with pytest.raises(ItemDecodeError):
        codec.load({"pk": {"S": "a"}, "word": {"S": "z"}})


def test_what_a_validator_raises_is_the_cause() -> None:
    with pytest.raises(ItemDecodeError, match="TypeError") as caught:
        Told.from_item({"pk": {"S": "a"}, "word": {"S": "broken"}})
    assert isinstance(caught.value.__cause__, TypeError)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(SecretStr, SecretStr("x")), (Path, Path("/a")), (Json[list[int]], "[1]")],
    ids=["SecretStr", "Path", "Json"],
)
@pytest.mark.parametrize(
    "wrapper",
    [BeforeValidator(lambda value: value), WrapValidator(lambda value, inner: inner(value))],
    ids=["before", "wrap"],
)
def test_types_that_json_writes_as_text_are_read_behind_validators(
    annotation: Any,  # noqa: ANN401 -- any annotation
    value: object,
    wrapper: object,
) -> None:
    model = _model(one=(Annotated[annotation, wrapper], value))
    instance = model(one=value)
    assert model.from_item(instance.to_item()) == instance


class Credentials(NamedTuple):
    word: SecretStr
    at: Path


class Checked(BaseModel):
    word: SecretStr
    at: Path
    numbers: Json[list[int]]

    @model_validator(mode="before")
    @classmethod
    def passed(cls, data: object) -> object:
        return data


def test_types_that_json_writes_as_text_are_read_within_structures() -> None:
    model = _model(pair=(Credentials, ...), checked=(Checked, ...))
    checked = Checked.model_validate({"word": "x", "at": "/a", "numbers": "[1]"})
    instance = model(pair=Credentials(SecretStr("x"), Path("/a")), checked=checked)
    assert model.from_item(instance.to_item()) == instance
