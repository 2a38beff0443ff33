"""An item together with its JSON, so that it is serialized once for everything that needs the bytes.

It is the dictionary that boto3 takes, for whoever looks at a request; a batch becomes one when somebody looks. This
module knows nothing of models and the wire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

from dynamorm_py._kernel.response import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


class SerializedBatch(Mapping[str, Any]):
    """The parameters of a BatchWriteItem as JSON: a batch waits as bytes, which the garbage collector passes over.

    As a mapping it is what boto3 takes. `tables` are the names of the tables.
    """

    __slots__ = ("_document", "json", "tables")

    def __init__(self, by_table: Mapping[str, Sequence[bytes]]) -> None:
        """Take the writes of each table as JSON."""
        parts = [b'"%b":[%b]' % (name.encode(), b",".join(writes)) for name, writes in by_table.items()]
        self.json: bytes = b'{"RequestItems":{%b}}' % b",".join(parts)
        self.tables: tuple[str, ...] = tuple(by_table)
        self._document: dict[str, Any] | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The parameters in boto3's form."""
        if self._document is None:
            self._document = decode(self.json)
        return self._document

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 -- JSON
        """Return a parameter."""
        return self.document[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the parameters' names."""
        return iter(self.document)

    def __len__(self) -> int:
        """Return how many parameters there are."""
        return len(self.document)

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        """Be copied and pickled as the plain parameters: the copy may be changed."""
        return dict, (self.document,)
