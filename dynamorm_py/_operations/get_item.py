"""GetItem: read one item by its key, whole or through a smaller model.

Source: API Reference, GetItem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dynamorm_py._codec import document_of
from dynamorm_py._expressions import Placeholders, render_projection
from dynamorm_py._kernel.plans import Plan, Request
from dynamorm_py._kernel.response import Response
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.kinds import is_other, telling_attributes
from dynamorm_py._operations.asking import ask
from dynamorm_py.errors import ItemNotFound

if TYPE_CHECKING:
    from pydantic import BaseModel

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.types import AttributePath
    from dynamorm_py._model.model_table import ModelTable

    P = TypeVar("P", bound=BaseModel)

M = TypeVar("M", bound=DynamoModel)


def get(table: ModelTable[M], key: object, codec: Codec[P], *, consistent: bool) -> Plan[P]:
    """Read an item. Raises ItemNotFound."""
    item = yield from get_or_none(table, key, codec, consistent=consistent)
    if item is None:
        raise ItemNotFound(table.model.__name__, table.name, table.key(key))
    return item


def get_or_none(table: ModelTable[M], key: object, codec: Codec[P], *, consistent: bool) -> Plan[P | None]:
    """Read an item, None when there is none."""
    response = yield Request(
        "GetItem", _parameters(table, key, table.attributes(codec), consistent=consistent), raw=True
    )
    return (yield from table.decode_own(response, codec))


def exists(table: ModelTable[M], key: object, *, consistent: bool) -> Plan[bool]:
    """Return whether an item of the model has this key; only its key, and what tells models apart, is sent back."""
    names = dict.fromkeys((table.schema.partition.attribute, *telling_attributes(table.codec)))
    names |= {} if table.expiry is None else {table.expiry: None}
    paths: list[AttributePath] = [(name,) for name in names]
    response = yield from ask("GetItem", _parameters(table, key, paths, consistent=consistent))
    item = document_of(Response(document=response)).get("Item")
    return item is not None and not is_other(table.codec, item) and not table.expired(item)


def _parameters(table: ModelTable[Any], key: object, paths: list[AttributePath], *, consistent: bool) -> dict[str, Any]:
    """Return what a request says; without paths it asks for the whole item."""
    parameters: dict[str, Any] = {"TableName": table.name, "Key": table.key(key)}
    if consistent:
        parameters["ConsistentRead"] = True
    if paths:
        placeholders = Placeholders()
        parameters["ProjectionExpression"] = render_projection(paths, placeholders)
        if placeholders.names:
            parameters["ExpressionAttributeNames"] = placeholders.names
    return parameters
