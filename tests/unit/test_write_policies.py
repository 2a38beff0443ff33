"""Write policies: what a model forbids after the creation of an item is refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    Attr,
    Check,
    Create,
    Delete,
    DynamoModel,
    ImmutableModelMutation,
    ModelDefinitionError,
    PartitionKey,
    ProtectedFieldMutation,
    Put,
    Repo,
    Update,
    Version,
    fields,
    transact_write,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.conftest import Endpoint


class Event(DynamoModel, table="events", write_policy="write_once"):
    pk: Annotated[str, PartitionKey()]
    total: int = 0


class Account(DynamoModel, table="accounts", naming="camelCase", protected=("opened_with", "limits")):
    pk: Annotated[str, PartitionKey()]
    opened_with: int = 0
    limits: dict[str, int] = {}  # noqa: RUF012 -- pydantic copies it
    balance: int = 0
    version: Annotated[int, Version()] = 0


class Both(Account, write_policy="write_once"):
    pass


e, a = fields(Event), fields(Account)


@pytest.fixture
def events(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Repo[Event]:
    return Repo(Event, client=client(endpoint, monkeypatch))


@pytest.fixture
def accounts(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Repo[Account]:
    return Repo(Account, client=client(endpoint, monkeypatch))


def client(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> object:
    import boto3

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint.url)


EVENT = Event(pk="E1", total=1)
CHANGES: dict[str, Callable[[Repo[Event]], Any]] = {
    "put": lambda r: r.put(EVENT),
    "put under a condition": lambda r: r.put(EVENT, condition=Attr(e.total) > 1),
    "update": lambda r: r.update("E1", Attr(e.total).add(1)),
    "update from an instance": lambda r: r.update(EVENT, fields={"total"}),
    "update_many": lambda r: r.update_many(["E1"], Attr(e.total).set(1)),
    "update after reading": lambda r: r.update("E1", Attr(e.total).set(1), read=True),
    "patch": lambda r: r.patch("E1", {"total": 2}),
    "delete": lambda r: r.delete("E1"),
    "delete of an instance": lambda r: r.delete(EVENT),
    "batch put": lambda r: r.batch_write(put=[EVENT]),
    "batch delete": lambda r: r.batch_write(delete=["E1"]),
    "batch block": lambda r: r.batch().put(EVENT),
    "transaction put": lambda r: transact_write([Put(r, EVENT)]),
    "transaction update": lambda r: transact_write([Create(r, EVENT), Update(r, "E2", Attr(e.total).add(1))]),
    "transaction delete": lambda r: transact_write([Delete(r, "E1")]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_item_that_is_written_once_is_never_changed(change: str, events: Repo[Event], endpoint: Endpoint) -> None:
    with pytest.raises(ImmutableModelMutation, match="Event is written once") as refused:
        CHANGES[change](events)
    assert refused.value.code == "ErrImmutableModelMutation"
    assert endpoint.operations == []


def test_an_item_that_is_written_once_is_created_and_checked(events: Repo[Event], endpoint: Endpoint) -> None:
    assert events.create(EVENT) == EVENT
    transact_write([Create(events, EVENT), Check(events, "E2", Attr(e.total) > 0)])
    assert endpoint.operations == ["PutItem", "TransactWriteItems"]


ACCOUNT = Account(pk="A1", opened_with=5)
PROTECTED: dict[str, Callable[[Repo[Account]], Any]] = {
    "put": lambda r: r.put(ACCOUNT),
    "batch put": lambda r: r.batch_write(put=[ACCOUNT]),
    "transaction put": lambda r: transact_write([Put(r, ACCOUNT)]),
    "set": lambda r: r.update("A1", Attr(a.balance).set(1), Attr(a.opened_with).set(6)),
    "remove": lambda r: r.update("A1", Attr(a.opened_with).remove()),
    "add": lambda r: r.update("A1", Attr(a.opened_with).add(6)),
    "if_not_exists": lambda r: r.update("A1", Attr(a.opened_with).if_not_exists(6)),
    "below it": lambda r: r.update("A1", Attr(a.limits["day"]).set(6)),
    "fields": lambda r: r.update(ACCOUNT, fields={"balance", "opened_with"}),
    "update_many": lambda r: r.update_many(["A1"], Attr(a.opened_with).set(1)),
    "update after reading": lambda r: r.update("A1", Attr(a.opened_with).set(1), read=True),
    "patch": lambda r: r.patch("A1", {"opened_with": 2}),
    "transaction update": lambda r: transact_write([Update(r, "A1", Attr(a.opened_with).set(1))]),
}


@pytest.mark.parametrize("change", PROTECTED)
def test_a_protected_field_is_set_by_the_creation_only(
    change: str, accounts: Repo[Account], endpoint: Endpoint
) -> None:
    with pytest.raises(ProtectedFieldMutation, match=r"Account\.(opened_with|limits)") as refused:
        PROTECTED[change](accounts)
    assert refused.value.code == "ErrProtectedFieldMutation"
    assert set(refused.value.fields) & {"opened_with", "limits"}
    assert endpoint.operations == []


def test_other_fields_of_a_protecting_model_are_updated_and_its_items_deleted(
    accounts: Repo[Account], endpoint: Endpoint
) -> None:
    endpoint.answer({"Attributes": {"pk": {"S": "A1"}, "PK": {"S": "A1"}, "balance": {"N": "1"}}})
    assert accounts.update("A1", Attr(a.balance).set(1)).balance == 1
    accounts.delete("A1")
    assert endpoint.operations == ["UpdateItem", "DeleteItem"]


def test_a_subclass_inherits_what_is_protected_and_write_once_comes_first(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(Both, client=client(endpoint, monkeypatch))
    assert Both.to_dms(version="0.2")["write_policy"] == {
        "mode": "write_once",
        "protected_attributes": ["openedWith", "limits"],
    }
    with pytest.raises(ImmutableModelMutation):
        repo.update("A1", Attr(fields(Both).opened_with).set(1))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"write_policy": "frozen"}, "write_policy 'frozen' is unknown: use 'mutable' or 'write_once'"),
        ({"protected": ("totl",)}, "protected= names 'totl', which is not a stored field"),
        ({"protected": "total"}, "protected= takes a collection of field names"),
        ({"protected": (1,)}, "protected= names 1, which is not a stored field"),
    ],
)
def test_a_policy_that_means_nothing_is_refused_with_the_class(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ModelDefinitionError, match=problem.replace("(", r"\(")):

        class Wrong(DynamoModel, table="wrong", **arguments):  # pyright: ignore[reportUnusedClass] -- never made
            pk: Annotated[str, PartitionKey()]
            total: int = 0
