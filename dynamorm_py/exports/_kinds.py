"""What the lines of an export are read into: the model of a repository, or those of a table.

The narrow place where exports meet repositories: everything else here sees `Kinds`. A claim of a unique field is an
item of no model, and so is an item of another model to a repository: both are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from dynamorm_py._codec import from_json
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel, codec_of, part_of
from dynamorm_py._model.context import context_of
from dynamorm_py._model.kinds import CLAIM, is_claim, is_other
from dynamorm_py._model.model_table import bind
from dynamorm_py._model.several import several
from dynamorm_py._repo.table_reading import TableReading
from dynamorm_py._runtime.run import run
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from dynamorm_py._kernel.plans import Transport
    from dynamorm_py._model.context import HasContext
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._model.several import SeveralTable, Unknown

M = TypeVar("M", bound=DynamoModel)
M_co = TypeVar("M_co", bound=DynamoModel, covariant=True)

if TYPE_CHECKING:
    Source: TypeAlias = HasContext[M] | TableReading[M]

CLAIM_NAME = f'"{CLAIM}"'.encode()


class Kinds(Protocol[M_co]):
    """Reads items in DynamoDB's JSON into models."""

    def read(self, item: bytes) -> Any:  # noqa: ANN401 -- a model, or None
        """Return the model of an item, None for one that is left out.

        Raises ItemDecodeError, EncryptionError; ValueError for no JSON.
        """
        ...

    def read_joined(self, items: bytes) -> list[Any]:
        """Return the models of items that commas part and none of which is a claim, without what is left out."""
        ...

    def leaves_out(self, item: Mapping[str, Any]) -> bool:
        """Return whether an item, or what is known of one, is of no model that is read."""
        ...

    def key(self, key: dict[str, Any], image: object) -> tuple[Any, type[DynamoModel] | None]:
        """Return a key as a repository takes it, and its model where that is known.

        `image` is a model of the item, where the export has one.
        """
        ...

    @property
    def model(self) -> type[DynamoModel]:
        """The model, where there is one. Raises CallError for several."""
        ...

    @property
    def portable(self) -> Portable | None:
        """What another process makes the same reader from; None where it cannot, as with encrypted fields."""
        ...


@frozen
class Portable:
    """The models of a reader that needs no client."""

    models: tuple[type[DynamoModel], ...]
    unknown: Unknown | None = None
    """What becomes of other items, where the models stand together in a table."""

    def kinds(self) -> Kinds[Any]:
        """Return the reader."""
        tables = [bind(model, self.models[0].__dynamorm_options__.table or "") for model in self.models]
        if self.unknown is None:
            return _Repository(tables[0], _NoClient())
        return _Together(several(tables[0].name, tables).narrowed((), self.unknown), _NoClient())


class _NoClient:
    def call(self, request: object, /) -> Any:  # noqa: ANN401 -- never returns
        """Refuse: reading items without encrypted fields sends no request."""
        raise AssertionError(request)


def _read_one(client: Transport, table: ModelTable[Any], item: bytes) -> Any:  # noqa: ANN401 -- a model, or None
    if CLAIM_NAME in item and CLAIM in from_json(item):
        return None
    return next(iter(_read_joined(client, table, item)), None)


def _read_joined(client: Transport, table: ModelTable[Any], items: bytes) -> list[Any]:
    return run(client, table.decode_page(Response(b'{"Items":[' + items + b"]}"), table.codec))["Items"]


def _portable(table: ModelTable[Any]) -> bool:
    return table.cipher is None and table.codec is codec_of(table.model)


@dataclass(frozen=True)
class _Repository(Generic[M]):
    """One model."""

    table: ModelTable[M]
    client: Transport

    def read(self, item: bytes) -> Any:  # noqa: ANN401 -- see Kinds
        return _read_one(self.client, self.table, item)

    def read_joined(self, items: bytes) -> list[Any]:
        return _read_joined(self.client, self.table, items)

    def leaves_out(self, item: Mapping[str, Any]) -> bool:
        return is_claim(item) or (self.table.codec.told_apart and is_other(self.table.codec, item))

    def key(self, key: dict[str, Any], image: object) -> tuple[Any, type[DynamoModel] | None]:
        source = image if image is not None else self._plain(key)
        values = tuple(
            key[field.attribute]["S"] if field.template is not None else getattr(source, field.name)
            for field in self.table.schema.keys
        )
        return values[0] if len(values) == 1 else values, self.table.model

    def _plain(self, key: dict[str, Any]) -> object:
        """Return a model of the key's fields; a derived key is not a field, and is text as it stands."""
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
        return Portable((self.table.model,)) if _portable(self.table) else None


@dataclass(frozen=True)
class _Together:
    """The models of a table, each item as its own."""

    table: SeveralTable
    client: Transport

    def read(self, item: bytes) -> Any:  # noqa: ANN401 -- see Kinds
        return _read_one(self.client, self.table, item)

    def read_joined(self, items: bytes) -> list[Any]:
        return _read_joined(self.client, self.table, items)

    def leaves_out(self, item: Mapping[str, Any]) -> bool:
        return is_claim(item)

    def key(self, key: dict[str, Any], image: object) -> tuple[Any, type[DynamoModel] | None]:
        if type(image) in self._kinds:
            return self._kinds[type(image)].key(key, image)
        fitting = [kind for kind in self._kinds.values() if not kind.leaves_out(key)]
        value, model = (fitting or list(self._kinds.values()))[0].key(key, None)
        return value, model if len(fitting) == 1 else None

    @cached_property
    def _kinds(self) -> dict[type[Any], _Repository[Any]]:
        return {table.model: _Repository(table, self.client) for table in self.table.tables}

    @property
    def model(self) -> type[DynamoModel]:
        raise CallError(
            f"the columns are those of one model, and the table has {self.table.model.__name__}: pass the repository "
            "of one, such as shop[Order], which reads its own kind"
        )

    @property
    def portable(self) -> Portable | None:
        if callable(self.table.unknown) or not all(map(_portable, self.table.tables)):
            return None
        return Portable(tuple(table.model for table in self.table.tables), self.table.unknown)


def kinds_of(source: Source[M], unknown: Unknown = "raise") -> Kinds[M]:
    """Return the reader of the items of a repository, or of a table. Raises CallError for anything else."""
    if isinstance(source, TableReading):
        together, client = source.__dynamorm_several__
        return cast("Kinds[M]", _Together(together.narrowed((), unknown), client))
    context = context_of(source, "exports.read")
    if unknown != "raise":
        raise CallError("unknown= is about the items of a Table: a repository leaves those of other models out")
    return cast("Kinds[M]", _Repository(context.table, context.client))
