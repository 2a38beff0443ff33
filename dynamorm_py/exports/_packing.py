"""Values of a chunk as bytes between two processes of the library: pickled, with a shorter way for pydantic's models.

Pickle asks each model for its state and sets it by two calls of pydantic's, which costs as much as reading it. Here a
model is its class and its `__dict__`. A class that says itself how it is pickled, or an instance with private
attributes, goes the usual way.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pydantic import BaseModel

from dynamorm_py._kernel.values import frozen
from dynamorm_py.exports._file_errors import DamagedLine
from dynamorm_py.exports._lines import CHUNK
from dynamorm_py.exports._workers import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dynamorm_py._model import DynamoModel
    from dynamorm_py.exports._kinds import Kinds, Portable
    from dynamorm_py.exports._lines import Chunk

    Read: TypeAlias = Callable[[Kinds[Any], Chunk], list[Any]]

_OWN_WAYS = ("__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__")


class Packer:
    """Packs values that hold models of these classes, and of the classes within them."""

    def __init__(self, models: Iterable[type[DynamoModel]]) -> None:
        """Look into the classes, once."""
        found = {cls for model in models for cls in _models_in(model)}
        plain = dict.fromkeys((cls for cls in found if not _says_itself(cls)), _reduced)
        self._table: dict[type, Callable[[Any], Any]] = {**copyreg.dispatch_table, **plain}

    def pack(self, values: list[Any]) -> bytes:
        """Return values as bytes for `unpack`, in this process or another."""
        out = io.BytesIO()
        pickler = pickle.Pickler(out, pickle.HIGHEST_PROTOCOL)
        pickler.dispatch_table = self._table
        pickler.dump(values)
        return out.getvalue()


def unpack(packed: bytes) -> list[Any]:
    """Return what was packed."""
    return pickle.loads(packed)  # noqa: S301 -- a worker of this process wrote it


@frozen
class Models:
    """The work of reading models."""

    kinds: Kinds[Any]
    reader: Read
    packer: Packer | None = None
    """What a worker packs with."""

    def read(self, chunk: Chunk) -> list[Any]:
        """Return the values of a chunk."""
        return self.reader(self.kinds, chunk)

    def pack(self, values: list[Any]) -> bytes:
        """Return values as bytes. Raises TypeError for a damaged line, whose cause would not come along."""
        if DamagedLine in map(type, values):
            raise TypeError
        return cast("Packer", self.packer).pack(values)

    def unpack(self, packed: bytes) -> list[Any]:
        """Return what was packed."""
        return unpack(packed)


_AT_ONCE = 16  # chunks that a worker is sent: enough to make the cost of sending small


def job_of_models(kinds: Kinds[Any], read: Read) -> Job[list[Any]]:
    """Return how models are read, in one process or several."""
    portable = kinds.portable
    start = None if portable is None else partial(_in_a_worker, portable, read)
    return Job(Models(kinds, read), start, CHUNK, _AT_ONCE)


def _in_a_worker(portable: Portable, read: Read) -> Models:
    return Models(portable.kinds(), read, Packer(portable.models))


def _says_itself(cls: type[BaseModel]) -> bool:
    return any(getattr(cls, name, None) is not getattr(BaseModel, name, None) for name in _OWN_WAYS)


def _models_in(model: type[DynamoModel]) -> set[type[BaseModel]]:
    """Return the classes of models that an instance may hold, its own among them."""
    found: set[type[BaseModel]] = {model}
    left: list[object] = [model.__pydantic_core_schema__]
    while left:
        schema = left.pop()
        if isinstance(schema, dict):
            parts = cast("dict[str, object]", schema)
            if parts.get("type") == "model":
                found.add(cast("type[BaseModel]", parts["cls"]))
            left += parts.values()
        elif isinstance(schema, list | tuple):
            left += cast("Iterable[object]", schema)
    return found


def _reduced(model: BaseModel) -> Any:  # noqa: ANN401 -- what pickle takes
    if model.__pydantic_private__:
        return model.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    fields = model.__pydantic_fields_set__
    whole = len(fields) == len(model.__dict__) and fields.issuperset(model.__dict__)
    return _made, (type(model), model.__dict__, None if whole else fields, model.__pydantic_extra__)


def _slot(name: str) -> Callable[[BaseModel, object], None]:
    """Return what sets a slot of a model, without the search for it in the classes that setting by name is."""
    return BaseModel.__dict__[name].__set__


_set_values, _set_fields = _slot("__dict__"), _slot("__pydantic_fields_set__")
_set_extra, _set_private = _slot("__pydantic_extra__"), _slot("__pydantic_private__")


def _made(
    cls: type[BaseModel], values: dict[str, Any], fields: set[str] | None, extra: dict[str, Any] | None
) -> object:
    """Return the model as pydantic's own unpickling makes it."""
    model = cls.__new__(cls)
    _set_values(model, values)
    _set_fields(model, set(values) if fields is None else fields)
    _set_extra(model, extra)
    _set_private(model, None)
    return model
