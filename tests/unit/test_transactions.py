"""Transactions: limits, one token for all attempts, reasons of a cancellation."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest
from botocore.exceptions import ClientError

from dynamorm_py import (
    Attr,
    CancellationReason,
    Check,
    ConditionFailed,
    Create,
    Delete,
    DynamoModel,
    Get,
    InternalServerError,
    InvalidExpression,
    InvalidTransaction,
    PartitionKey,
    Put,
    Repo,
    RequestTimeout,
    Throttled,
    TransactionCancelled,
    TransactionConflict,
    Update,
    UpdatedAt,
    Version,
    fields,
    transact_get,
    transact_write,
)
from dynamorm_py._kernel.plans import Request, Sleep
from dynamorm_py._kernel.response import Response
from dynamorm_py._operations import prepare_transact_get, prepare_transact_write
from dynamorm_py._operations import transact_get as plan_transact_get
from dynamorm_py._operations import transact_write as plan_transact_write
from dynamorm_py._transport.exceptions import translate
from dynamorm_py.errors import AccessDenied, ConditionalTransactionCancelled, ConnectionFailed, TransactionInProgress
from tests.support.faulty import Faulty, Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._operations import Write

_NOW = dt.datetime(2024, 1, 2, tzinfo=dt.UTC)


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    score: int = 0
    seen: Annotated[dt.datetime | None, UpdatedAt()] = None
    version: Annotated[int, Version()] = 0


class Order(DynamoModel, table="orders"):
    pk: Annotated[str, PartitionKey()]
    text: str = ""


TRANSPORT = Faulty(Truth())
u = fields(User)
users = Repo(User, client=TRANSPORT, clock=lambda: _NOW)
orders = Repo(Order, client=TRANSPORT, clock=lambda: _NOW)


def sending(*writes: Write[Any], retries: int = 5) -> Plan[Any]:
    """Return the plan of a transaction with a token."""
    return plan_transact_write(prepare_transact_write(writes, "token"), retries)


def cancelled(*reasons: dict[str, Any]) -> Exception:
    code = "TransactionCanceledException"
    answer: dict[str, Any] = {"Error": {"Code": code}, "CancellationReasons": reasons}
    return translate(ClientError(cast("Any", answer), "TransactWriteItems"), Request("TransactWriteItems", {}))


def codes(*names: str) -> Exception:
    return cancelled(*({"Code": name} for name in names))


def test_every_write_says_in_a_transaction_what_it_says_alone() -> None:
    held = User(pk="held", version=3)
    plan = sending(
        Put(users, held),
        Create(orders, Order(pk="new")),
        Update(users, "up", Attr(u.score).add(2), must_exist=True),
        Delete(orders, "old", condition=Attr(fields(Order).text) == "x"),
        Check(users, "seen", Attr(u.score) > 3),
    )
    request = next(plan)
    assert isinstance(request, Request)
    assert request.parameters["ClientRequestToken"] == "token"
    put, create, update, delete, check = request.parameters["TransactItems"]
    stamp = {"S": "2024-01-02T00:00:00Z"}
    assert put["Put"] == {
        "TableName": "users",
        "Item": {"pk": {"S": "held"}, "score": {"N": "0"}, "seen": stamp, "version": {"N": "4"}},
        "ConditionExpression": "#n0 = :v0",
        "ExpressionAttributeNames": {"#n0": "version"},
        "ExpressionAttributeValues": {":v0": {"N": "3"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    assert create["Put"]["ConditionExpression"] == "attribute_not_exists(#n0)"
    assert update["Update"]["UpdateExpression"] == "SET #n0 = :v0 ADD #n1 :v1, #n2 :v2"
    assert update["Update"]["ExpressionAttributeValues"] == {":v0": stamp, ":v1": {"N": "2"}, ":v2": {"N": "1"}}
    assert update["Update"]["ConditionExpression"] == "attribute_exists(#n3)"
    assert delete["Delete"]["Key"] == {"pk": {"S": "old"}}
    assert check["ConditionCheck"]["ConditionExpression"] == "#n0 > :v0"
    with pytest.raises(StopIteration) as ended:
        plan.send(Response(document={}))
    assert ended.value.value == (User(pk="held", version=4, seen=_NOW), Order(pk="new"), None, None, None)


def test_the_clock_is_read_once() -> None:
    readings: list[dt.datetime] = []

    def clock() -> dt.datetime:
        readings.append(_NOW)
        return _NOW

    timed = Repo(User, client=TRANSPORT, clock=clock)
    transact_write([Put(timed, User(pk="a")), Put(timed, User(pk="b"))])
    assert len(readings) == 1


@pytest.mark.parametrize(
    "fault",
    [
        RequestTimeout("no answer"),
        ConnectionFailed("broke"),
        InternalServerError("500"),
        Throttled("slow down"),
        TransactionConflict("conflict"),
        TransactionInProgress("running"),
        codes("None", "TransactionConflict"),
        codes("ThrottlingError", "ProvisionedThroughputExceeded"),
        codes("InternalServerError"),
    ],
)
def test_what_may_pass_is_sent_again_with_the_same_token_until_the_retries_are_spent(fault: Exception) -> None:
    plan = sending(Put(users, User(pk="a")), retries=2)
    first = next(plan)
    for seconds in (0.05, 0.1):
        assert plan.throw(fault) == Sleep(seconds, jitter=0.5)
        assert plan.send(None) is first
    with pytest.raises(type(fault)):
        plan.throw(fault)


@pytest.mark.parametrize(
    "fault",
    [
        codes("None", "None"),
        codes("TransactionConflict", "ConditionalCheckFailed"),
        codes("ValidationError"),
        codes(),
        AccessDenied("no"),
    ],
)
def test_what_would_not_pass_is_raised_at_once(fault: Exception) -> None:
    plan = sending(Put(users, User(pk="a")))
    next(plan)
    with pytest.raises(type(fault)):
        plan.throw(fault)


def test_a_transaction_whose_answer_was_lost_is_applied_once() -> None:
    class Plain(DynamoModel, table="plain"):
        pk: Annotated[str, PartitionKey()]
        score: int = 0

    truth = Truth()
    transport = Faulty(truth, ["lost after", "500 after", "broken"])
    plain = Repo(Plain, client=transport)
    update = Update(plain, "a", Attr(fields(Plain).score).add(5))
    plan = plan_transact_write(prepare_transact_write([update], "token"), 5)
    _perform(transport, plan)
    assert truth.items["plain", "a"]["score"] == {"N": "5"}
    assert [asked.parameters["ClientRequestToken"] for asked in transport.asked] == ["token"] * 4


def _perform(transport: Faulty, plan: Plan[Any]) -> None:
    from dynamorm_py._runtime.run import run

    run(transport, plan, sleep=lambda _: None)


def test_each_call_has_a_token_of_its_own_unless_one_is_given() -> None:
    before = len(TRANSPORT.asked)
    for name in ("a", "b"):
        transact_write([Put(orders, Order(pk=name))])
    transact_write([Put(orders, Order(pk="c"))], token="mine")
    first, second, third = (asked.parameters["ClientRequestToken"] for asked in TRANSPORT.asked[before:])
    assert first != second
    assert len(first) == 36
    assert third == "mine"


def test_reasons_are_typed_and_carry_the_old_items_as_models() -> None:
    writes = [Put(users, User(pk="a")), Create(orders, Order(pk="b")), Delete(users, "c")]
    plan = sending(*writes)
    next(plan)
    old = {"pk": {"S": "b"}, "text": {"S": "old"}}
    failed = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": old}
    with pytest.raises(ConditionFailed) as caught:
        plan.throw(cancelled({"Code": "None"}, failed, {"Code": "None"}))
    error = cast("ConditionalTransactionCancelled", caught.value)
    item = Order(pk="b", text="old")
    assert error.reasons == (
        CancellationReason(0, writes[0], None),
        CancellationReason(1, writes[1], "ConditionalCheckFailed", "The conditional request failed", item, old),
        CancellationReason(2, writes[2], None),
    )
    assert (error.item, error.raw_item, error.key) == (item, old, {"pk": {"S": "b"}})


def test_an_old_item_that_fits_no_model_does_not_hide_the_cancellation() -> None:
    plan = sending(Create(users, User(pk="a")))
    next(plan)
    odd = {"pk": {"S": "a"}, "score": {"S": "high"}}
    with pytest.raises(ConditionFailed) as caught:
        plan.throw(cancelled({"Code": "ConditionalCheckFailed", "Item": odd}))
    assert (caught.value.item, caught.value.raw_item) == (None, odd)


def test_a_cancellation_is_a_failed_condition_only_when_one_failed() -> None:
    plan = sending(Put(users, User(pk="a")))
    next(plan)
    with pytest.raises(TransactionCancelled) as caught:
        plan.throw(codes("ValidationError"))
    assert not isinstance(caught.value, ConditionFailed)


OTHER = Repo(User, client=Faulty(Truth()))


@pytest.mark.parametrize(
    ("writes", "repair"),
    [
        pytest.param([], "this one 0: leave out the call", id="none"),
        pytest.param([Delete(orders, f"{n}") for n in range(101)], "this one 101", id="101"),
        pytest.param(
            [Delete(users, "a"), Check(users, "a", Attr(u.score) > 3)], "actions 0 and 1", id="two on one item"
        ),
        pytest.param([Delete(users, "a"), Delete(OTHER, "b")], "same client=", id="two clients"),
        pytest.param([Get(users, "a")], "takes Put, Create", id="a read"),
        pytest.param([User(pk="a")], "takes Put, Create", id="an item"),
        pytest.param([Put(orders, Order(pk=f"{n}", text="x" * 390_000)) for n in range(11)], "make it two", id="4 MB"),
    ],
)
def test_what_dynamodb_would_refuse_is_refused_before_anything_is_sent(writes: Sequence[Any], repair: str) -> None:
    before = len(TRANSPORT.asked)
    with pytest.raises(InvalidTransaction, match=repair):
        transact_write(writes)
    assert len(TRANSPORT.asked) == before


@pytest.mark.parametrize("token", ["", "x" * 37, 3])
def test_a_token_that_dynamodb_would_refuse_is_refused(token: Any) -> None:  # noqa: ANN401 -- wrong on purpose
    with pytest.raises(InvalidTransaction, match="1 to 36"):
        transact_write([Delete(users, "a")], token=token)


def test_a_check_without_a_condition_is_refused() -> None:
    with pytest.raises(InvalidExpression, match="Check takes a condition"):
        transact_write([Check(users, "a", cast("Any", None))])


class Score(DynamoModel, abstract=True):
    score: int = 0


def test_items_are_read_at_one_moment_in_the_order_asked() -> None:
    actions = prepare_transact_get([Get(users, "a"), Get(orders, "b"), Get(users, "c", project=Score)])
    plan = plan_transact_get(actions, 5)
    request = next(plan)
    assert isinstance(request, Request)
    assert request.parameters["TransactItems"][2]["Get"]["ProjectionExpression"] == "#n0, #n1"
    plan.throw(codes("None", "TransactionConflict", "None"))
    assert plan.send(None) is request
    with pytest.raises(StopIteration) as ended:
        plan.send(
            Response(
                document={
                    "Responses": [{"Item": {"pk": {"S": "a"}}}, {}, {"Item": {"score": {"N": "7"}, "pk": {"S": "c"}}}]
                }
            )
        )
    assert ended.value.value == (User(pk="a"), None, Score(score=7))


@pytest.mark.parametrize(
    ("gets", "repair"),
    [
        ([], "1 to 100"),
        ([Get(users, "a"), Get(users, "a")], "actions 0 and 1"),
        ([Get(users, "a"), Get(OTHER, "b")], "same client="),
        ([Delete(users, "a")], "takes Get"),
    ],
)
def test_reads_that_dynamodb_would_refuse_are_refused(gets: Sequence[Any], repair: str) -> None:
    with pytest.raises(InvalidTransaction, match=repair):
        transact_get(gets)


def test_two_repositories_of_one_boto3_client_share_it_also_when_one_has_a_key_service() -> None:
    import boto3

    from dynamorm_py._transport import Client, as_client

    boto_client = boto3.client("dynamodb", region_name="eu-north-1")
    keyed = cast("Client", as_client(boto_client)).with_service("kms", object())
    first, second = (Repo(User, client=client).__dynamorm_context__ for client in (boto_client, keyed))
    first.check_shares_client(second, InvalidTransaction)
    with pytest.raises(InvalidTransaction):
        first.check_shares_client(Repo(User).__dynamorm_context__, InvalidTransaction)
