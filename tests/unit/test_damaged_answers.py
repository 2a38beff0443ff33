"""Answers that are none of DynamoDB's: every operation, over both clients, ends with an error of the tree."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

import boto3
import pytest
from botocore.config import Config

from dynamorm_py import (
    Attr,
    BatchIncomplete,
    ConnectionFailed,
    Create,
    DynamoModel,
    DynamormError,
    Encrypted,
    Get,
    ItemDecodeError,
    Key,
    Leases,
    PartitionKey,
    Repo,
    SortKey,
    Table,
    TimeToLive,
    TransactionCancelled,
    Unique,
    Vector,
    fields,
    key_of,
    transact_get,
    transact_write,
)
from dynamorm_py._model.context import context_of
from dynamorm_py._transport import default_client
from dynamorm_py.encryption import StaticEncryption
from dynamorm_py.errors import RequestRefused
from dynamorm_py.limits import limited
from dynamorm_py.streams import StreamReader
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.conftest import Endpoint


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()] = 0
    n: int = 0
    embedding: Annotated[list[float] | None, Vector("by-embedding", dimensions=2, distance="COSINE")] = None


class Sealed(User):
    secret: Annotated[str | None, Encrypted()] = None
    expires: Annotated[datetime | None, TimeToLive()] = None


class Doc(User, table="docs"):
    kind: Literal["doc"] = "doc"


u = fields(User)
d = fields(Doc)
KEY = ("a", 1)
ONE = User(pk="a")


def _in_batch(users: Repo[User]) -> object:
    with users.batch(retries=0) as batch:
        return batch.put(ONE)


OPERATIONS: dict[str, Callable[[Repo[User]], object]] = {
    "get": lambda users: users.get(KEY),
    "get_or_none": lambda users: users.get_or_none(KEY),
    "exists": lambda users: users.exists(KEY),
    "put": lambda users: users.put(ONE),
    "create": lambda users: users.create(ONE),
    "update": lambda users: users.update(KEY, Attr(u.n).add(1)),
    "patch": lambda users: users.patch(KEY, {"n": 3}),
    "delete": lambda users: users.delete(KEY),
    "query": lambda users: users.query(Key(u.pk) == "a").all(),
    "page": lambda users: users.query(Key(u.pk) == "a").page(),
    "count": lambda users: users.query(Key(u.pk) == "a").count(),
    "scan": lambda users: users.scan(segments=2).all(),
    "sum": lambda users: users.scan().sum(u.n),
    "search": lambda users: users.search(u.embedding, near=[1.0, 0.0], top=3),
    "search of a kind": lambda users: Repo(Doc, client=context_of(users, "a test").client).search(
        d.embedding, near=[1.0, 0.0], top=3
    ),
    "batch_get": lambda users: users.batch_get([KEY], retries=0),
    "batch_write": lambda users: users.batch_write(put=[ONE], retries=0),
    "batch": _in_batch,
    "transact_write": lambda users: transact_write([Create(users, ONE)], retries=0),
    "transact_get": lambda users: transact_get([Get(users, KEY)], retries=0),
    "update_many": lambda users: users.update_many([KEY], Attr(u.n).add(1)),
    "table get": lambda users: Table(User, client=context_of(users, "a test").client).get(key_of(User, pk="a", sk=1)),
    "table query": lambda users: Table(User, client=context_of(users, "a test").client).query(Key(u.pk) == "a").all(),
    "describe": lambda users: users.table.describe(),
    "ensure": lambda users: users.table.ensure(timeout=0),
    "compare": lambda users: users.table.compare(),
    "drop_index": lambda users: users.table.drop_index("by-embedding", timeout=0),
    "bulk_put": lambda users: users.table.bulk_put("s3://bucket/in", "s3://bucket/out").progress(),
    "stream": lambda users: StreamReader(users).poll(),
    "lease": lambda users: Leases(users).acquire(KEY, seconds=3),
}
_MEMBERS = (
    *("Item", "Items", "Attributes", "Count", "ScannedCount", "LastEvaluatedKey", "Responses", "UnprocessedItems"),
    *("UnprocessedKeys", "Table", "TimeToLiveDescription", "SearchResults", "ConsumedCapacity", "StreamDescription"),
    *("BulkOperationDescription",),
)
_VALUES: tuple[Any, ...] = (
    *(None, 3, "x", [], [3], [None], {}, {"a": 3}, [{}], [[]], {"users": 3}, {"users": [3]}, {"users": [{"pk": 3}]}),
    *({"pk": 3}, {"pk": {"S": 3}}, [{"pk": 3}], [{"Item": 3}], {"users": {"Keys": 3}}, {"users": {"Keys": [3]}}),
    *([{"Item": None, "Score": 1}], {"users": [{"PutRequest": None}]}),
    *({"users": [{"PutRequest": None, "DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"N": "0"}}}}]},),
    *({"users": [{"PutRequest": 3}]}, {"users": [{"PutRequest": {"Item": 3}}]}),
)
NOT_JSON = (b"", b"[]", b"null", b"3", b"<html>a portal on the way</html>", b'{"Item":{"pk":{"S":"a"')
MALFORMED = (
    *NOT_JSON,
    b"{}",
    b'{"Table":{"TableName":"users"}',
    b'{"Count":NaN,"Items":[]}',
    b'{"Item":{"pk":{"S":"\xff"}}}',
)
MISSHAPEN = tuple(json.dumps({member: value}).encode() for member in _MEMBERS for value in _VALUES)
DAMAGED = (*MALFORMED, *MISSHAPEN)
# The step has no factor in common with the number of values: it meets every member and every value.
ON_THE_WIRE = (*MALFORMED, *MISSHAPEN[::7])
BROUGHT = ("get", "get_or_none", "exists", "query", "put", "update", "delete", "batch_write", "batch_get")


def _scripted(body: bytes) -> ScriptedClient:
    """Return a client that answers with a body as it came; what is asked after that is refused."""
    return ScriptedClient(body, otherwise=RequestRefused("that is all"))


# The client looks at the shape of a description, not the plan: these take all the damage over the wire.
DESCRIBING = ("describe", "ensure", "compare", "drop_index", "bulk_put", "stream")


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in DESCRIBING])
def test_no_answer_of_the_wrong_shape_leaves_the_tree(name: str) -> None:
    for body in DAMAGED:
        with suppress(DynamormError):
            OPERATIONS[name](Repo(User, client=_scripted(body)))


def test_every_member_and_every_value_of_the_damage_goes_over_the_wire() -> None:
    pairs = [pair for body in ON_THE_WIRE[len(MALFORMED) :] for pair in json.loads(body).items()]
    assert {member for member, _ in pairs} == {*_MEMBERS}
    assert [value for value in _VALUES if value not in [sent for _, sent in pairs]] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_answer_of_the_wrong_shape_over_the_wire_leaves_the_tree(endpoint: Endpoint, name: str) -> None:
    users = Repo(User, client=default_client("us-east-1", endpoint.url))
    for body in DAMAGED if name in DESCRIBING else ON_THE_WIRE:
        endpoint.answer(body)
        endpoint.then({"__type": "ValidationException"}, status=400)  # where a damaged answer asks for more
        with suppress(DynamormError):
            OPERATIONS[name](users)


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_answer_leaves_the_tree_through_limits_encryption_and_expiry(name: str) -> None:
    sealing = StaticEncryption(bytes(32))
    for body in (*NOT_JSON, *(DAMAGED[::5] if name in BROUGHT else ())):
        for of_sealed in (False, True):
            client: Any = limited(_scripted(body), reads_per_second=1e6, writes_per_second=1e6)
            sealed: Any = Repo(Sealed, client=client, hide_expired=True, encryption=sealing)
            with suppress(DynamormError):
                OPERATIONS[name](sealed if of_sealed else Repo(User, client=client))


@pytest.mark.parametrize("wrong", [True, False], ids=["a wrong checksum", "a right one"])
@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "update_many"])
def test_a_cut_or_altered_answer_is_refused_by_every_operation(endpoint: Endpoint, name: str, *, wrong: bool) -> None:
    users = Repo(User, client=default_client("us-east-1", endpoint.url))
    for body in (b'{"Item":{}}', *NOT_JSON) if wrong else NOT_JSON:
        endpoint.answer(body, checksum=1 if wrong else None)
        with pytest.raises((ConnectionFailed, BatchIncomplete)):
            OPERATIONS[name](users)


@pytest.mark.parametrize("body", [*NOT_JSON, b'{"UnprocessedItems":{"users":[{}]}}', b'{"UnprocessedItems":[3]}'])
def test_a_batch_keeps_its_account_when_its_answer_is_damaged(endpoint: Endpoint, body: bytes) -> None:
    users = Repo(User, client=default_client("us-east-1", endpoint.url))
    endpoint.answer(b"{}")
    endpoint.then(body)

    with pytest.raises(BatchIncomplete) as caught:
        users.batch_write(put=[User(pk=f"{number}") for number in range(30)], retries=0)

    assert (len(caught.value.done), len(caught.value.unknown), len(caught.value.left)) == (25, 5, 0)
    assert isinstance(caught.value.__cause__, ConnectionFailed)


@pytest.mark.parametrize("body", [*NOT_JSON, b'{"Responses":{"users":3}}', b'{"UnprocessedKeys":{"users":{}}}'])
def test_a_batch_of_reads_keeps_its_account_when_its_answer_is_damaged(endpoint: Endpoint, body: bytes) -> None:
    users = Repo(User, client=default_client("us-east-1", endpoint.url))
    found = [{"pk": {"S": f"{number}"}, "sk": {"N": "0"}} for number in range(100)]
    endpoint.answer({"Responses": {"users": found}})
    endpoint.then(body)

    with pytest.raises(BatchIncomplete) as caught:
        users.batch_get([(f"{number}", 0) for number in range(120)], retries=0)

    assert (len(caught.value.done), len(caught.value.left)) == (100, 20)


@cache
def _brought(url: str) -> Any:  # noqa: ANN401 -- boto3's
    return boto3.client("dynamodb", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))


REASONS: tuple[Any, ...] = (
    {"a": 1},
    [3],
    [None],
    [{"Code": 5}],
    [{"Code": "ConditionalCheckFailed", "Item": [3]}],
    "x",
)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "update_many"])
def test_an_error_with_parts_of_the_wrong_shape_leaves_the_tree_in_no_operation(endpoint: Endpoint, name: str) -> None:
    users = Repo(User, client=default_client("us-east-1", endpoint.url))
    for reasons in REASONS:
        endpoint.fail("TransactionCanceledException", CancellationReasons=reasons)
        with pytest.raises(DynamormError):
            OPERATIONS[name](users)
        endpoint.fail("ThrottlingException", throttlingReasons=reasons, Item=reasons)
        with pytest.raises(DynamormError):
            OPERATIONS[name](Repo(User, client=default_client("us-east-1", endpoint.url)))


def test_a_cancellation_without_reasons_is_one_for_writes_with_claims_too(endpoint: Endpoint) -> None:
    class Member(DynamoModel, table="members"):
        pk: Annotated[str, PartitionKey()]
        mail: Annotated[str, Unique()]

    members = Repo(Member, client=default_client("us-east-1", endpoint.url))
    endpoint.answer({})
    endpoint.then({"__type": "TransactionCanceledException", "CancellationReasons": [3]}, status=400)
    with pytest.raises(TransactionCancelled):
        members.put(Member(pk="a", mail="b"))


BOTOCORE = (*("get", "exists", "put", "update", "delete", "query", "transact_get", "transact_write"), "describe")


@pytest.mark.parametrize("name", BOTOCORE)
def test_the_botocore_lane_takes_neither_a_wrong_checksum_nor_what_is_nested_without_end(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("DYNAMORM_TRANSPORT", "botocore")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    users = Repo(User, client=default_client("us-east-1", endpoint.url))
    item = {"pk": {"S": "a"}, "sk": {"N": "0"}}
    endpoint.answer({"Item": item, "Attributes": item, "Items": [item], "Responses": [{"Item": item}]}, checksum=1)
    with pytest.raises(ConnectionFailed):
        OPERATIONS[name](users)
    endpoint.answer(b'{"Item":' + b"[" * 5000 + b"]" * 5000 + b"}")
    with suppress(DynamormError):  # a put looks at nothing in its answer
        OPERATIONS[name](users)


@pytest.mark.parametrize("body", [b"", b"<html>a portal on the way</html>", b'{"Item":{"pk":{"S":"a"'])
@pytest.mark.parametrize("name", [*BROUGHT, "transact_get", "transact_write"])
def test_a_client_that_the_user_brings_takes_no_page_of_a_portal_for_an_answer(
    endpoint: Endpoint, name: str, body: bytes
) -> None:
    endpoint.answer(body)

    with pytest.raises((ConnectionFailed, BatchIncomplete)) as caught:
        OPERATIONS[name](Repo(User, client=_brought(endpoint.url)))

    if isinstance(caught.value, BatchIncomplete):
        assert caught.value.done == ()


@pytest.mark.parametrize("name", [*BROUGHT, "transact_get", "describe", "search"])
def test_a_client_that_the_user_brings_leaks_no_error_for_an_answer_of_the_wrong_shape(
    endpoint: Endpoint, name: str
) -> None:
    users = Repo(User, client=_brought(endpoint.url))
    for body in ON_THE_WIRE:
        endpoint.answer(body)
        endpoint.then({"__type": "ValidationException"}, status=400)
        try:
            OPERATIONS[name](users)
        except DynamormError:
            continue


@pytest.mark.parametrize("name", [*BROUGHT, "transact_get", "transact_write"])
def test_a_client_that_the_user_brings_takes_no_answer_without_content_for_a_missing_item(
    endpoint: Endpoint, name: str
) -> None:
    endpoint.answer(b"", status=204)

    with pytest.raises((ConnectionFailed, BatchIncomplete)):
        OPERATIONS[name](Repo(User, client=_brought(endpoint.url)))


@pytest.mark.parametrize("mode", ["standard", "legacy"])
@pytest.mark.parametrize("name", ["get", "put", "transact_get"])
def test_a_checksum_that_is_not_a_number_is_damage_for_a_client_that_the_user_brings_too(
    endpoint: Endpoint, name: str, mode: Literal["standard", "legacy"]
) -> None:
    config = Config(retries={"mode": mode, "total_max_attempts": 2})  # the last answer passes unchecked
    client = boto3.client("dynamodb", endpoint_url=endpoint.url, config=config)
    endpoint.answer(b"{}", checksum="none")

    with pytest.raises(ConnectionFailed, match="damaged"):
        OPERATIONS[name](Repo(User, client=client))


def test_what_a_hook_of_the_user_raises_is_the_users(endpoint: Endpoint) -> None:
    def hook(**_: object) -> None:
        message = "of the hook"
        raise ValueError(message)

    config = Config(retries={"mode": "legacy", "total_max_attempts": 1})
    client = boto3.client("dynamodb", endpoint_url=endpoint.url, config=config)
    client.meta.events.register("before-send.dynamodb.*", hook)
    endpoint.answer(b"{}")

    with pytest.raises(ValueError, match="of the hook"):
        OPERATIONS["put"](Repo(User, client=client))


def test_a_stored_item_that_fits_no_model_is_still_the_items_fault(endpoint: Endpoint) -> None:
    users = Repo(User, client=default_client("us-east-1", endpoint.url))
    endpoint.answer({"Item": {"pk": {"S": "a"}, "sk": {"N": "0"}, "n": {"S": "many"}}})

    with pytest.raises(ItemDecodeError):
        users.get(KEY)
