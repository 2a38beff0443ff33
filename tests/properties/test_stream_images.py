"""Whatever the model: an image in Lambda's JSON, and in boto3's form, reads as the item that was written."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, cast

from hypothesis import given

from dynamorm_py.streams import read_image
from tests.support.building import same
from tests.support.shapes import instances

if TYPE_CHECKING:
    from dynamorm_py import DynamoModel


@given(instance=instances())
def test_an_image_reads_as_its_item_in_either_form(instance: DynamoModel) -> None:
    item = instance.to_item()
    assert same(read_image(type(instance), item), instance)
    assert same(read_image(type(instance), in_json(item)), instance)


def in_json(value: Any) -> Any:  # noqa: ANN401 -- any part of an item
    """Return boto3's form as Lambda's event has it: binary as base64 text."""
    if isinstance(value, dict):
        return {name: in_json(part) for name, part in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [in_json(part) for part in cast("list[Any]", value)]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
