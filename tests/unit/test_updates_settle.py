"""An update sends what will be read, as `put` does: a value that is read as another is sent as that, or refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationInfo

from dynamorm_py import AsJson, Attr, Attribute, DynamoModel, InvalidValue, PartitionKey, Repo, fields, some
from tests.laws.store import Store
from tests.support.building import define

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Label:
    """A dataclass that keeps what it is given; the model around it validates what it reads."""

    text: Annotated[str, AfterValidator(str.upper)]


class Shelf(DynamoModel, table="shelves"):
    pk: Annotated[str, PartitionKey()] = "p"
    label: Label
    labels: list[Label] = Field(default_factory=list[Label])
    by_name: dict[str, Label] = Field(default_factory=dict[str, Label])


def _shelves(model: type[Any] = Shelf) -> tuple[Store, Repo[Any]]:
    store = Store()
    store.keys = ("pk",)
    return store, Repo(model, table="shelves", client=store)


s = fields(Shelf)
_UPDATES: dict[str, Callable[[Repo[Any]], Any]] = {
    "put": lambda repo: repo.put(Shelf(label=Label("b"))),
    "set": lambda repo: repo.update("p", Attr(s.label).set(Label("b"))),
    "fields": lambda repo: repo.update(Shelf(label=Label("b")), fields={"label"}),
    "patch": lambda repo: repo.patch("p", {"label": Label("b")}),
}


@pytest.mark.parametrize("way", _UPDATES)
def test_what_a_call_returns_is_what_is_stored(way: str) -> None:
    store, repo = _shelves()
    repo.put(Shelf(label=Label("A")))
    assert _UPDATES[way](repo).label == Label("B")
    (item,) = store.items.values()
    assert item["label"] == {"M": {"text": {"S": "B"}}}


_B = {"M": {"text": {"S": "B"}}}


def test_what_is_put_inside_an_attribute_is_stored_as_it_will_be_read() -> None:
    assert list(Attr(s.labels).list_append([Label("b")]).elements) == [_B]
    assert list(Attr(s.labels).list_prepend([Label("b")]).elements) == [_B]
    assert Attr(s.labels[0]).set(Label("b")).value == _B
    assert Attr(s.by_name["x"]).set(Label("b")).value == _B


_dates = frozenset({dt.date(2026, 1, 2)})
_Dates = Annotated[frozenset[Annotated[dt.date, BeforeValidator(lambda value: value)]], AsJson()]


def test_a_strict_model_reads_the_json_of_a_type_below_a_validator() -> None:
    model: Any = define({"pk": Annotated[str, PartitionKey()], "v": _Dates}, strict=True)
    instance = model(pk="k", v=_dates)
    assert instance.to_item()["v"] == {"S": '["2026-01-02"]'}
    assert model.from_item(instance.to_item()) == instance


class Strict(BaseModel, strict=True):
    names: Annotated[dict[int, str], BeforeValidator(lambda value: value), AsJson()]


class Outer(DynamoModel, table="shelves", strict=True):
    pk: Annotated[str, PartitionKey()] = "p"
    names: Annotated[dict[int, str], BeforeValidator(lambda value: value), AsJson()]
    inner: Strict | None = None
    inners: list[Strict] = Field(default_factory=list[Strict])


o = fields(Outer)
_NAMES: dict[int, str] = {1: "a"}
_STRICT: dict[str, Callable[[Repo[Any]], Any]] = {
    "put": lambda repo: repo.put(Outer(names=_NAMES)),
    "set": lambda repo: repo.update("p", Attr(o.names).set(_NAMES)),
    "if_not_exists": lambda repo: repo.update("p", Attr(o.names).if_not_exists(_NAMES)),
    "fields": lambda repo: repo.update(Outer(names=_NAMES), fields={"names"}),
    "patch": lambda repo: repo.patch("p", {"names": _NAMES}),
    "inside": lambda repo: repo.update("p", Attr(some(o.inner).names).set(_NAMES)),
    "whole": lambda repo: repo.update("p", Attr(o.inner).set(Strict(names=_NAMES))),
    "element": lambda repo: repo.update("p", Attr(o.inners).list_append([Strict(names=_NAMES)])),
}


@pytest.mark.parametrize("way", _STRICT)
def test_what_a_strict_model_would_not_read_is_refused_before_anything_is_sent(way: str) -> None:
    """pydantic itself reads no keys but text where a validator stands around a dictionary of a strict model."""
    store, repo = _shelves(Outer)
    repo.put(Outer(names={}))
    before = store.calls
    with pytest.raises(InvalidValue, match="could not be read back"):
        _STRICT[way](repo)
    assert store.calls == before


def _longer(value: str, info: ValidationInfo) -> str:
    """Change a value each time it is validated, by another field."""
    return value + "+" * info.data["count"]


class Growing(DynamoModel, table="shelves", naming="camelCase"):
    pk: Annotated[str, PartitionKey()] = "p"
    count: Annotated[int, Attribute("howMany")] = 1
    grown_text: Annotated[str, AfterValidator(_longer)] = "a"


g = fields(Growing)
_GROWN: dict[str, Callable[[Repo[Any]], Any]] = {
    "set": lambda repo: repo.update("p", Attr(g.count).set(1), Attr(g.grown_text).set("b")),
    "fields": lambda repo: repo.update(Growing(count=1, grown_text="b"), fields={"grown_text"}),
    "patch": lambda repo: repo.patch("p", {"count": 1, "grown_text": "b"}),
}


@pytest.mark.parametrize("way", _GROWN)
def test_a_validator_with_info_that_changes_its_own_result_is_refused(way: str) -> None:
    store, repo = _shelves(Growing)
    store.keys = ("PK",)
    repo.put(Growing(count=0))
    before = store.calls
    with pytest.raises(InvalidValue, match="change the value when it is read back"):
        _GROWN[way](repo)
    assert store.calls == before


class Grown(DynamoModel, table="shelves"):
    pk: Annotated[str, PartitionKey()] = "p"
    texts: list[Annotated[str, AfterValidator(lambda text, info: text + "+" * len(info.mode))]] = []  # noqa: RUF012


def test_an_element_that_a_validator_with_info_changes_each_time_is_refused() -> None:
    with pytest.raises(InvalidValue, match="change the value when it is read back"):
        Attr(fields(Grown).texts).list_append(["a"])
    with pytest.raises(InvalidValue, match="change the value when it is read back"):
        Attr(fields(Grown).texts[0]).set("a")
