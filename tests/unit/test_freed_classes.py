"""Classes made at run time are freed when nobody holds them: models, and what items are projected into."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import BaseModel, computed_field, create_model

from dynamorm_py import (
    Attr,
    Attribute,
    DynamoModel,
    Encrypted,
    Get,
    Key,
    PartitionKey,
    Repo,
    Table,
    Update,
    aio,
    fields,
    transact_get,
    transact_write,
)
from dynamorm_py.streams import read_change
from tests.laws.store import Store
from tests.support.building import define
from tests.support.reading import Scripted

if TYPE_CHECKING:
    from collections.abc import Callable

_MANY = 30


class Summary(BaseModel):
    """What outlives the models that it is read from."""

    score: int


class Person(DynamoModel, table="people"):
    """What outlives the classes that it is projected into."""

    pk: Annotated[str, PartitionKey()]
    kind: Literal["person"] = "person"
    score: int = 0


def _made() -> Any:  # noqa: ANN401 -- a class made at run time
    """Return a model with a stored computed field and a derived index key."""

    def label(self: Any) -> str:  # noqa: ANN401 -- the instance
        return f"{self.score}!"

    label.__annotations__ = {"return": Annotated[str, Attribute(reads=("score",))]}
    annotations = {"pk": Annotated[str, PartitionKey()], "kind": Literal["made"], "score": int, "team": str}
    body: dict[str, Any] = {
        "__module__": __name__,
        "__annotations__": annotations,
        "kind": "made",
        "score": 0,
        "team": "a",
        "by_team": PartitionKey("TEAM#{team}", index="by-team"),
        "label": computed_field(property(label)),
    }
    make: Any = type(DynamoModel)
    return make("Made", (DynamoModel,), body, table="things")


def _read(item: dict[str, Any]) -> dict[str, Any]:
    return {"Items": [item], "Count": 1, "ScannedCount": 1}


def _written_and_read() -> object:
    pk, secret = (Annotated[str, PartitionKey()], "a"), (Annotated[str, Encrypted()], "s")
    model: Any = define({"pk": pk, "secret": secret}, table="things")
    repr(model.from_item(model().to_item()))
    return model


def _updated() -> object:
    model, store = _made(), Store()
    store.keys = ("pk",)
    users = Repo(model, client=store)
    users.put(model(pk="a"))
    assert users.update("a", Attr(fields(model).score).set(3)).label == "3!"
    assert users.update("a", Attr(fields(model).team).set("b")).by_team == "TEAM#b"
    assert users.update(users.get("a"), fields={"score"}).score == 3
    return model


def _queried() -> object:
    model = _made()
    page = _read(model(pk="a").to_item())
    users = Repo(model, client=Scripted(page, page))
    assert users.query(Key(fields(model).pk) == "a").one() == model(pk="a")
    assert users.scan(project=Summary).one() == Summary(score=0)
    return model


def _streamed() -> object:
    model = _made()
    image = model(pk="a").to_item()
    for images in ({"NewImage": image}, {}):
        record = {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": "a"}}, "SequenceNumber": "1", **images}}
        assert read_change(model, record).key == "a"
    return model


def _of_a_table() -> object:
    model = _made()
    table = Table(model, Person, name="things", client=Scripted({"Item": model(pk="a").to_item()}))
    assert table[model].get("a").pk == "a"
    return model


def _projected_into() -> object:
    target = create_model("Target", score=(int, ...))
    page = _read({"pk": {"S": "a"}, "score": {"N": "1"}})
    assert Repo(Person, client=Scripted(page)).scan(project=target).one() == target(score=1)
    return target


def _in_transactions() -> object:
    model = _made()
    item = model(pk="a").to_item()
    users = Repo(model, client=Scripted({}, {"Responses": [{"Item": item}]}, {"Responses": {"things": [item]}}))
    transact_write([Update(users, "a", Attr(fields(model).score).set(3))])
    assert transact_get([Get(users, "a", project=Summary)])[0] == Summary(score=0)
    assert list(users.batch_get(["a"])) == [model(pk="a")]
    return model


def _asynchronously() -> object:
    model = _made()
    page = _read(model(pk="a").to_item())

    async def read() -> object:
        users = aio.Repo(model, client=Scripted(page))
        return await users.scan(project=Summary).one()

    assert asyncio.run(read()) == Summary(score=0)
    return model


_USES = [
    _written_and_read,
    _updated,
    _queried,
    _streamed,
    _of_a_table,
    _projected_into,
    _in_transactions,
    _asynchronously,
]


@pytest.mark.parametrize("use", _USES)
def test_a_class_that_nobody_holds_is_freed(use: Callable[[], object]) -> None:
    made = [weakref.ref(use()) for _ in range(_MANY)]
    gc.collect()
    gc.collect()
    assert [each for each in made if each() is not None] == []
