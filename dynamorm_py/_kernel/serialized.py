"""An item together with its JSON, so that it is serialized once for everything that needs the bytes.

It is the dictionary that boto3 takes, for whoever looks at a request. It knows nothing of models and the wire.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

if TYPE_CHECKING:
    _Item: TypeAlias = dict[str, Any]
else:
    _Item = dict


class SerializedItem(_Item):
    """An item in boto3's form. `json` is DynamoDB's JSON of it, None once an attribute was set or taken away."""

    __slots__ = ("json",)
    json: bytes | None

    @classmethod
    def of(cls, item: dict[str, Any], json: bytes) -> SerializedItem:
        """Return an item with its bytes."""
        made = cls(item)
        made.json = json
        return made

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        """Be copied and pickled as the plain item: the copy's values may be changed."""
        return dict, (dict(self),)


def _forgetting(change: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(change)
    def forget(self: SerializedItem, *args: object, **named: object) -> object:
        self.json = None
        return change(self, *args, **named)

    return forget


for _name in ("__setitem__", "__delitem__", "__ior__", "update", "pop", "popitem", "clear", "setdefault"):
    setattr(SerializedItem, _name, _forgetting(getattr(dict, _name)))
