"""The laws of the codec: what is written is read back equal, with equal types, whatever the model."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, cast

from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from dynamorm_py import ItemDecodeError, OmitEmpty
from dynamorm_py._model import codec_of
from tests.support.building import same, written
from tests.support.shapes import Shape, attribute_values, instances, models, shapes

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from dynamorm_py import DynamoModel


@given(instances())
def test_what_is_written_is_read_back_equal_with_equal_types(instance: DynamoModel) -> None:
    assert same(type(instance).from_item(instance.to_item()), instance)


@given(instances())
def test_both_doors_read_the_same(instance: DynamoModel) -> None:
    codec = codec_of(type(instance))
    item = instance.to_item()
    body = json.dumps({"Items": [item]}, default=lambda blob: base64.b64encode(blob).decode()).encode()
    (from_bytes,) = codec.decode_response(body)["Items"]
    (from_dictionary,) = codec.decode_response({"Items": [item]})["Items"]
    assert same(from_bytes, instance)
    assert same(from_dictionary, instance)


@given(instances())
def test_writing_what_was_read_changes_nothing(instance: DynamoModel) -> None:
    item = instance.to_item()
    assert type(instance).from_item(item).to_item() == item


@given(st.data(), shapes().filter(lambda shape: shape.empty is not None))
def test_omit_empty_leaves_out_exactly_the_empty_values(data: st.DataObject, shape: Shape) -> None:
    value = data.draw(shape.values)
    default = Field(default_factory=cast("Any", shape.empty))
    assert (written(Annotated[shape.annotation, OmitEmpty()], value, default) is None) == (not value)


@given(st.data(), models())
def test_any_item_gives_an_instance_or_one_typed_error(
    data: st.DataObject, drawn: tuple[type[DynamoModel], SearchStrategy[DynamoModel]]
) -> None:
    model, values = drawn
    item: dict[str, Any] = {"pk": {"S": "k"}}
    for attribute in codec_of(model).attributes.values():
        item[attribute] = data.draw(attribute_values | st.just(item["pk"]))
    kept = data.draw(st.sets(st.sampled_from(sorted(item))))
    item |= {name: value for name, value in data.draw(values).to_item().items() if name in kept}
    with suppress(ItemDecodeError):
        assert type(model.from_item(item)) is model
