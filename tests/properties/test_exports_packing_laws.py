"""What a worker reads of an export, and this process makes of what it was sent, is the same, whatever the model is."""

from __future__ import annotations

import io
import pickle
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from dynamorm_py.errors import DynamormError
from dynamorm_py.exports import _packing
from dynamorm_py.exports._packing import Packer, unpack
from tests.laws.checks import same
from tests.laws.models import EVERY, Drawn, drawn_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py import DynamoModel

pytestmark = pytest.mark.filterwarnings("ignore:Field name:UserWarning")  # which pydantic's models have too
_seen = SimpleNamespace(values=0, not_sent=0)


class _ByNumber(pickle.Pickler):
    """Sends classes by number: the drawn ones have no module to be imported from."""

    classes: list[Any]

    def persistent_id(self, obj: object) -> int | None:
        if not isinstance(obj, type) or getattr(sys.modules.get(obj.__module__), obj.__qualname__, None) is obj:
            return None
        self.classes.append(obj)
        return len(self.classes) - 1


class _FromNumber(pickle.Unpickler):
    def persistent_load(self, pid: int) -> type:
        return _ByNumber.classes[pid]


def _loaded(packed: bytes) -> Any:  # noqa: ANN401 -- what was packed
    return _FromNumber(io.BytesIO(packed)).load()


@pytest.fixture(autouse=True, scope="module")
def by_number() -> Iterator[None]:
    """Pack drawn classes."""
    _ByNumber.classes = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            _packing,
            "pickle",
            SimpleNamespace(
                Pickler=_ByNumber,
                HIGHEST_PROTOCOL=pickle.HIGHEST_PROTOCOL,
                loads=_loaded,
            ),
        )
        yield


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=EVERY,
)
@given(drawn_models(), st.data())
def test_models_of_another_process_are_those_of_this_one(drawn: Drawn, data: st.DataObject) -> None:
    if drawn.model is None:
        return
    read = [each for _ in range(3) if (each := _read(drawn, data.draw(drawn.contents))) is not None]
    _seen.values += len(read)
    try:
        packed = Packer([drawn.model]).pack(read)
    except Exception:  # noqa: BLE001 -- read in this process, see `Work`
        _seen.not_sent += len(read)
        return
    for left, right in zip(read, unpack(packed), strict=True):
        assert same(left, right)
        assert _states(left) == _states(right)


def test_the_law_looked_at_enough() -> None:
    """Nearly every value can be sent: otherwise the law holds of nothing."""
    if not _seen.values:
        test_models_of_another_process_are_those_of_this_one()
    assert _seen.values > 200
    assert _seen.not_sent < _seen.values / 10


def _read(drawn: Drawn, contents: dict[str, Any]) -> DynamoModel | None:
    """Return what is read of an item that is stored; None where the model refuses it."""
    instance = drawn.instance(contents)
    try:
        return None if instance is None else type(instance).from_item(instance.to_item())
    except DynamormError:  # it is not written
        return None


def _states(value: Any) -> list[Any]:  # noqa: ANN401 -- what a field may hold
    """Return what pydantic keeps beside the values, of each model within; without those within sets."""
    if isinstance(value, BaseModel):
        inner = [_states(each) for each in (*value.__dict__.values(), *(value.model_extra or {}).values())]
        return [type(value), value.model_fields_set, value.__pydantic_private__, value.model_extra is None, inner]
    if isinstance(value, dict):
        return list(map(_states, cast("dict[Any, Any]", value).values()))
    return list(map(_states, cast("list[Any]", value))) if isinstance(value, list | tuple) else []
