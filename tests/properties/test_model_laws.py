"""The laws of every model class, over random classes and values; `make soak` holds them over very many more."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.laws.checks import Figures, check_class, check_values
from tests.laws.models import EVERY, Drawn, drawn_models
from tests.laws.soak import soak
from tests.laws.store import Store

pytestmark = pytest.mark.filterwarnings("ignore:Field name:UserWarning")  # which pydantic's models have too
_CLASSES = 200  # in CI: about ten seconds
_seen = Figures()


@settings(
    max_examples=_CLASSES,
    derandomize=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=EVERY,
)
@given(drawn_models(), st.data())
def test_every_class_keeps_every_value_or_is_refused(drawn: Drawn, data: st.DataObject) -> None:
    if _seen.classes % 100 == 0:
        gc.collect()
    if check_class(drawn, _seen):
        for _ in range(2):
            check_values(drawn, data.draw(drawn.contents), data.draw(drawn.contents), _seen)


def test_the_laws_looked_at_enough() -> None:
    """Most classes are accepted, and most values stored: otherwise the laws hold of nothing."""
    if not _seen.classes:
        test_every_class_keeps_every_value_or_is_refused()
    assert _seen.refused < _seen.classes / 3
    assert _seen.values_refused < _seen.values / 5
    assert _seen.updates_refused < _seen.calls / 20


def test_the_soak_tells_what_it_looked_at() -> None:
    figures, faults, _ = soak(classes=20, start=1, values=1, limit=60)
    assert figures.classes >= 20
    assert figures.values > 0
    assert figures.calls > figures.values
    assert not faults.counts, faults.first


def test_the_soak_finds_a_table_that_loses_an_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    keep = Store.GetItem

    def lose(self: Store, parameters: dict[str, Any]) -> dict[str, Any]:
        answer = keep(self, parameters)
        item: dict[str, Any] = answer.get("Item", {})
        for name in [*item][len(self.keys) :]:
            del item[name]
        return answer

    monkeypatch.setattr(Store, "GetItem", lose)
    _, faults, _ = soak(classes=20, start=1, values=1, limit=60)
    assert faults.counts
