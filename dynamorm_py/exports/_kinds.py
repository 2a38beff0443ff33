"""What the lines of an export are read into: the model of a repository, or those of a table.

The narrow place where exports meet repositories: everything else here sees `Kinds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from dynamorm_py._model import DynamoModel, part_of
from dynamorm_py._model.context import context_of
from dynamorm_py._model.table import bind
from dynamorm_py._runtime.run import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamorm_py._kernel.plans import Transport
    from dynamorm_py._model.context import HasContext
    from dynamorm_py._model.table import ModelTable

M = TypeVar("M", bound=DynamoModel)
M_co = TypeVar("M_co", bound=DynamoModel, covariant=True)


class Kinds(Protocol[M_co]):
    """Reads items in DynamoDB's JSON into models."""

    def read_all(self, items: Sequence[bytes]) -> list[Any]:
        """Return the models of some items. Raises ItemDecodeError, EncryptionError; ValueError for no JSON."""
        ...

    def key(self, key: dict[str, Any], image: object) -> Any:  # noqa: ANN401 -- a value, or a tuple of two
        """Return a key as a repository takes it; `image` is a model of the item, where the export has one."""
        ...

    @property
    def model(self) -> type[DynamoModel]:
        """The model, where there is one. Raises CallError for several."""
        ...

    @property
    def portable(self) -> Portable | None:
        """What another process makes the same reader from; None where it cannot, as with encrypted fields."""
        ...


@dataclass(frozen=True, slots=True)
class Portable:
    """The model of a reader that needs no client."""

    model: type[DynamoModel]

    def kinds(self) -> Kinds[Any]:
        """Return the reader."""
        return _Repository(bind(self.model, self.model.__dynamorm_options__.table or ""), _NoClient())


class _NoClient:
    def call(self, request: object, /) -> Any:  # noqa: ANN401 -- never returns
        """Refuse: reading items without encrypted fields asks nobody."""
        raise AssertionError(request)


@dataclass(frozen=True)
class _Repository(Generic[M]):
    """One model."""

    table: ModelTable[M]
    client: Transport

    def read_all(self, items: Sequence[bytes]) -> list[M]:
        body = b'{"Items":[' + b",".join(items) + b"]}"
        return run(self.client, self.table.decode_response(body, self.table.codec))["Items"]

    def key(self, key: dict[str, Any], image: object) -> Any:  # noqa: ANN401 -- see Kinds
        source = image if image is not None else self._plain(key)
        values = tuple(
            key[field.attribute]["S"] if field.template is not None else getattr(source, field.name)
            for field in self.table.schema.keys
        )
        return values[0] if len(values) == 1 else values

    def _plain(self, key: dict[str, Any]) -> object:
        """Return a model of the key's fields; a derived key is no field, and is text as it stands."""
        return None if self._keys is None else self._keys.load(key)

    @cached_property
    def _keys(self) -> Any:  # noqa: ANN401 -- the codec of a model made here
        model = self.table.model
        names = [field.name for field in self.table.schema.keys if field.template is None]
        return self.table.codec.projected(part_of(model, names, "Key")) if names else None

    @property
    def model(self) -> type[M]:
        return self.table.model

    @property
    def portable(self) -> Portable | None:
        return None if self.table.cipher is not None else Portable(self.table.model)


def kinds_of(source: HasContext[M]) -> Kinds[M]:
    """Return the reader of a repository's items. Raises CallError for anything else."""
    context = context_of(source, "exports.read")
    return cast("Kinds[M]", _Repository(context.table, context.client))
