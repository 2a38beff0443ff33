"""Streams of a local DynamoDB: every view type, from the first record to the last, over restarts."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
import pytest

from dynamorm_py import Attr, ClientNotConfigured, ConditionFailed, Repo, Table, TableNotFound, fields
from dynamorm_py._transport import default_client
from dynamorm_py.aws_lambda import deadline
from dynamorm_py.errors import DeadlineExceeded
from dynamorm_py.streams import (
    Change,
    InMemoryCheckpoints,
    StreamNotFound,
    StreamReader,
    StreamRouter,
    TableCheckpoints,
    read_change,
    read_changes,
)
from tests.support.shop import Customer, Order
from tests.support.streaming import ADA, User

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.literals import StreamViewTypeType

KEY = ("USER#1", "PROFILE")
u = fields(User)


@contextmanager
def table_with_stream(dynamodb: DynamoDBClient, view: StreamViewTypeType) -> Generator[str]:
    name = f"test-{secrets.token_hex(8)}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
    )
    try:
        yield name
    finally:
        dynamodb.delete_table(TableName=name)


@pytest.fixture
def users(dynamodb: DynamoDBClient, dynamodb_endpoint: str) -> Iterator[Repo[User]]:
    """A repository over a table that streams both images."""
    with table_with_stream(dynamodb, "NEW_AND_OLD_IMAGES") as name:
        yield Repo(User, table=name, client=default_client("us-east-1", dynamodb_endpoint))


@pytest.fixture
def checkpoints(dynamodb: DynamoDBClient, dynamodb_endpoint: str, unique_table_name: str) -> Iterator[TableCheckpoints]:
    """A store of checkpoints in a table of its own."""
    dynamodb.create_table(
        TableName=unique_table_name,
        KeySchema=[{"AttributeName": "stream", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "stream", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield TableCheckpoints(unique_table_name, client=default_client("us-east-1", dynamodb_endpoint))
    dynamodb.delete_table(TableName=unique_table_name)


class Counting(InMemoryCheckpoints):
    """Counts how often positions are saved."""

    saved = 0

    def save(self, stream_arn: str, positions: Mapping[str, str], /) -> None:
        """Save, and count."""
        self.saved += 1
        super().save(stream_arn, positions)


def write(users: Repo[User]) -> None:
    """Insert, change and remove an item."""
    users.put(ADA)
    users.update(KEY, Attr(u.score).add(1))
    users.delete(KEY)


def changes(users: Repo[User], reader: StreamReader) -> list[Change[User]]:
    return [read_change(users, record) for record in reader.poll()]


def test_the_changes_of_an_item_come_decoded_in_their_order(users: Repo[User]) -> None:
    write(users)

    inserted, modified, removed = changes(users, StreamReader(users))

    later = ADA.model_copy(update={"score": 4})
    assert (inserted.kind, inserted.old, inserted.new) == ("INSERT", None, ADA)
    assert (modified.kind, modified.old, modified.new) == ("MODIFY", ADA, later)
    assert (removed.kind, removed.old, removed.new, removed.expired) == ("REMOVE", later, None, False)
    assert set(modified.diff()) == {"score"}
    assert inserted.key == KEY
    assert inserted.at is not None
    assert inserted.table is not None
    assert inserted.table in repr(users)


@pytest.mark.parametrize(
    ("view", "old", "new"),
    [("KEYS_ONLY", False, False), ("NEW_IMAGE", False, True), ("OLD_IMAGE", True, False)],
)
def test_each_view_type_gives_its_images(
    dynamodb: DynamoDBClient, dynamodb_endpoint: str, view: StreamViewTypeType, *, old: bool, new: bool
) -> None:
    with table_with_stream(dynamodb, view) as name:
        users = Repo(User, table=name, client=default_client("us-east-1", dynamodb_endpoint))
        write(users)
        _, modified, _ = changes(users, StreamReader(users))

    assert (modified.old is not None, modified.new is not None, modified.key) == (old, new, KEY)


def test_a_client_of_ones_own_needs_one_for_the_stream_too(
    dynamodb: DynamoDBClient, dynamodb_endpoint: str, users: Repo[User]
) -> None:
    write(users)
    brought = Repo(User, table=repr(users).split("'")[1], client=dynamodb)
    streams = boto3.client("dynamodbstreams", endpoint_url=dynamodb_endpoint)

    with pytest.raises(ClientNotConfigured, match="dynamodbstreams"):
        StreamReader(brought).poll()
    assert len(changes(brought, StreamReader(brought, client=streams))) == 3
    with pytest.raises(ClientNotConfigured, match=r'pass boto3.client\("dynamodbstreams"\)'):
        StreamReader(brought, client=dynamodb)
    streams.close()


def test_a_restart_goes_on_behind_the_last_commit(users: Repo[User], checkpoints: TableCheckpoints) -> None:
    write(users)
    reader = StreamReader(users, checkpoints=checkpoints, page_size=2)
    first = changes(users, reader)
    reader.commit()
    lost = changes(users, reader)  # handed out, not committed

    again = changes(users, StreamReader(users, checkpoints=checkpoints))

    assert [change.kind for change in first] == ["INSERT", "MODIFY"]
    assert [change.kind for change in again] == [change.kind for change in lost] == ["REMOVE"]


def test_two_readers_of_one_stream_notice_each_other(
    users: Repo[User], checkpoints: TableCheckpoints, dynamodb_endpoint: str, unique_table_name: str
) -> None:
    users.put(ADA)
    others = TableCheckpoints(unique_table_name, client=default_client("us-east-1", dynamodb_endpoint))
    mine, other = (StreamReader(users, checkpoints=store) for store in (checkpoints, others))
    mine.poll()
    other.poll()
    mine.commit()

    with pytest.raises(ConditionFailed):
        other.commit()


@pytest.mark.differs("dynoxide", row=41)
def test_latest_gives_only_what_happens_after(users: Repo[User]) -> None:
    users.put(ADA)
    reader = StreamReader(users, start="LATEST")
    assert reader.poll() == []

    users.delete(KEY)

    assert [change.kind for change in changes(users, reader)] == ["REMOVE"]


def test_following_commits_a_page_when_the_next_is_due(users: Repo[User]) -> None:
    write(users)
    checkpoints = Counting()
    records = StreamReader(users, checkpoints=checkpoints, page_size=2).follow()

    kinds = [read_change(users, next(records)).kind for _ in range(2)]
    before = checkpoints.saved
    kinds.append(read_change(users, next(records)).kind)

    assert kinds == ["INSERT", "MODIFY", "REMOVE"]
    assert (before, checkpoints.saved) == (0, 1)


def test_following_an_idle_stream_ends_at_the_deadline(users: Repo[User]) -> None:
    with deadline(5.0, reserve=0), pytest.raises(DeadlineExceeded):
        next(StreamReader(users).follow(idle=5.0))


def test_records_read_straight_from_a_stream_are_routed_as_lambdas_are(users: Repo[User]) -> None:
    write(users)
    router = StreamRouter()
    seen: list[Change[User]] = []
    router.on(users, begins_with={"sk": "PROFILE"})(seen.append)

    for record in StreamReader(users).poll():
        router(record)

    assert len(seen) == 3


def test_a_table_without_a_stream_or_no_table_at_all_is_a_typed_error(
    dynamodb_endpoint: str, unique_table_name: str
) -> None:
    client = default_client("us-east-1", dynamodb_endpoint)
    users = Repo(User, table=unique_table_name, client=client)
    with pytest.raises(TableNotFound):
        StreamReader(users).poll()
    users.table.create()
    with pytest.raises(StreamNotFound):
        StreamReader(users).poll()
    users.table.delete()


def test_the_stream_of_a_table_of_several_models_is_read(dynamodb: DynamoDBClient, dynamodb_endpoint: str) -> None:
    with table_with_stream(dynamodb, "NEW_AND_OLD_IMAGES") as name:
        shop = Table(Customer, Order, name=name, client=default_client("us-east-1", dynamodb_endpoint))
        reader = StreamReader(shop)
        shop[Customer].create(Customer(customer_id="7"))
        shop[Order].create(Order(customer_id="7", number=2))
        changes = read_changes(shop, reader.poll())
        assert [change.new for change in changes] == [Customer(customer_id="7"), Order(customer_id="7", number=2)]
