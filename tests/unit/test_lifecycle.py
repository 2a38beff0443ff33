"""What a write sets by itself and which version it expects: the requests, without a backend."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    ANY,
    Attr,
    Attribute,
    CallError,
    CreatedAt,
    DynamoModel,
    InvalidExpression,
    InvalidValue,
    PartitionKey,
    Repo,
    UpdatedAt,
    Version,
    fields,
)
from dynamorm_py.testing import ScriptedClient
from tests.support.people import Clock, Order, User

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py._operations import ExpectedVersion

u = fields(User)
KEY = ("A", "PROFILE")
LONG_AGO = datetime(2001, 2, 3, tzinfo=UTC)
NOW = {"S": "2024-01-01T00:00:01Z"}  # the clock's first reading
ONE_READING: list[Callable[[Repo[User]], object]] = [
    lambda users: users.put(User(pk="A")),
    lambda users: users.create(User(pk="A")),
    lambda users: users.update(KEY, Attr(u.age).set(3)),
    lambda users: users.update(User(pk="A", nickname="Al"), fields={"nickname"}),
]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client() -> ScriptedClient:
    return ScriptedClient({"Attributes": {"PK": {"S": "A"}, "SK": {"S": "B"}}}, otherwise={})


@pytest.fixture
def users(client: ScriptedClient, clock: Clock) -> Repo[User]:
    return Repo(User, client=client, clock=clock)


ADOPTED = "((attribute_exists(PK)) AND (attribute_not_exists(version))) OR (version = 0)"


def sent(client: ScriptedClient) -> Mapping[str, Any]:
    """Return the parameters of the only request."""
    (request,) = client.requests
    return request.parameters


def spelled(parameters: Mapping[str, Any], name: str) -> str | None:
    """Return an expression with its names and values in place."""
    text: str | None = parameters.get(name)
    if text is None:
        return None
    for placeholder, attribute in parameters.get("ExpressionAttributeNames", {}).items():
        text = text.replace(placeholder, attribute)
    for placeholder, value in parameters.get("ExpressionAttributeValues", {}).items():
        text = text.replace(placeholder, str(next(iter(value.values()))))
    return text


def condition(client: ScriptedClient) -> str | None:
    return spelled(sent(client), "ConditionExpression")


@pytest.mark.parametrize("write", ONE_READING)
def test_a_write_reads_the_clock_once(users: Repo[User], clock: Clock, write: Callable[[Repo[User]], object]) -> None:
    write(users)
    assert clock.readings == 1


@pytest.mark.parametrize("write", ONE_READING)
def test_a_naive_clock_is_refused_and_nothing_is_sent(
    client: ScriptedClient, write: Callable[[Repo[User]], object]
) -> None:
    users = Repo(User, client=client, clock=lambda: datetime(2024, 1, 1))  # noqa: DTZ001 -- what is refused
    with pytest.raises(CallError, match=r"naive datetime.*return datetime\.now\(UTC\)"):
        write(users)
    assert client.requests == []


def test_the_default_clock_gives_the_time_in_utc(client: ScriptedClient) -> None:
    before = datetime.now(UTC)
    stored = Repo(User, client=client).create(User(pk="A"))
    assert stored.created is not None
    assert before <= stored.created <= datetime.now(UTC)


# --- put and create ------------------------------------------------------------------------------


def test_a_fresh_instance_is_put_with_both_times_and_version_0_where_no_version_is(
    users: Repo[User], client: ScriptedClient
) -> None:
    users.put(User(pk="A"))
    item = sent(client)["Item"]
    assert (item["createdAt"], item["updatedAt"], item["version"]) == (NOW, NOW, {"N": "0"})
    assert condition(client) == "attribute_not_exists(version)"


def test_put_keeps_a_creation_time_that_the_instance_holds(users: Repo[User], client: ScriptedClient) -> None:
    users.put(User(pk="A", created=LONG_AGO, updated=LONG_AGO))
    item = sent(client)["Item"]
    assert (item["createdAt"], item["updatedAt"]) == ({"S": "2001-02-03T00:00:00Z"}, NOW)


def test_put_sets_a_creation_time_that_is_held_as_none(users: Repo[User], client: ScriptedClient) -> None:
    users.put(User(pk="A", created=None))
    assert sent(client)["Item"]["createdAt"] == NOW


def test_create_sets_every_lifecycle_field_whatever_the_instance_holds(
    users: Repo[User], client: ScriptedClient
) -> None:
    users.create(User(pk="A", created=LONG_AGO, updated=LONG_AGO, version=7))
    item = sent(client)["Item"]
    assert (item["createdAt"], item["updatedAt"], item["version"]) == (NOW, NOW, {"N": "0"})
    assert condition(client) == "attribute_not_exists(PK)"


def test_create_takes_a_further_condition(users: Repo[User], client: ScriptedClient) -> None:
    users.create(User(pk="A"), condition=Attr(u.age) > 3)
    assert condition(client) == "(attribute_not_exists(PK)) AND (age > 3)"


@pytest.mark.parametrize(
    ("held", "expected", "guard", "written"),
    [
        (None, None, "attribute_not_exists(version)", "0"),
        (4, None, "version = 4", "5"),
        (0, None, ADOPTED, "1"),
        (None, 4, "version = 4", "5"),
        (7, 4, "version = 4", "5"),
        (None, ANY, None, "0"),
        (4, ANY, None, "5"),
    ],
)
def test_put_checks_the_version_held_or_named_and_counts_it_up(
    client: ScriptedClient, held: int | None, expected: ExpectedVersion, guard: str | None, written: str
) -> None:
    user = User(pk="A") if held is None else User(pk="A", version=held)
    Repo(User, client=client).put(user, expected_version=expected)
    assert condition(client) == guard
    assert sent(client)["Item"]["version"] == {"N": written}


def test_a_version_set_by_assignment_is_held(users: Repo[User], client: ScriptedClient) -> None:
    user = User(pk="A")
    user.version = 4
    users.put(user)
    assert condition(client) == "version = 4"


def test_a_version_that_was_read_is_held(users: Repo[User], client: ScriptedClient) -> None:
    users.put(User.from_item({"PK": {"S": "A"}, "SK": {"S": "B"}, "version": {"N": "4"}}))
    assert condition(client) == "version = 4"


def test_an_item_that_was_read_without_a_version_holds_none(users: Repo[User], client: ScriptedClient) -> None:
    users.put(User.from_item({"PK": {"S": "A"}, "SK": {"S": "B"}}))
    assert condition(client) == "attribute_not_exists(version)"


def test_the_guard_stands_beside_the_callers_condition(users: Repo[User], client: ScriptedClient) -> None:
    users.put(User(pk="A", version=4), condition=(Attr(u.age) > 3) | (Attr(u.active) == True))  # noqa: E712
    assert condition(client) == "((age > 3) OR (active = True)) AND (version = 4)"


# --- update and delete ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "expected", "guard"),
    [
        (KEY, None, None),
        (KEY, 4, "version = 4"),
        (KEY, ANY, None),
        (User(pk="A"), None, None),
        (User(pk="A", version=4), None, "version = 4"),
        (User(pk="A", version=4), 5, "version = 5"),
        (User(pk="A", version=4), ANY, None),
    ],
)
def test_update_and_delete_check_the_version_held_or_named(
    client: ScriptedClient, users: Repo[User], key: object, expected: ExpectedVersion, guard: str | None
) -> None:
    users.update(key, Attr(u.age).set(3), expected_version=expected)
    users.delete(key, expected_version=expected)
    update, delete = (request.parameters for request in client.requests)
    assert spelled(update, "ConditionExpression") == guard
    assert spelled(delete, "ConditionExpression") == guard


def test_every_update_sets_the_time_and_counts_the_version(users: Repo[User], client: ScriptedClient) -> None:
    users.update(KEY, Attr(u.nickname).remove())
    update = spelled(sent(client), "UpdateExpression")
    assert update == (
        "SET updatedAt = 2024-01-01T00:00:01Z, createdAt = if_not_exists(createdAt, 2024-01-01T00:00:01Z) "
        "REMOVE nickname ADD version 1"
    )


def test_an_update_of_version_0_adopts_an_item_and_makes_none(users: Repo[User], client: ScriptedClient) -> None:
    users.update(User(pk="A", version=0, nickname="Al"), fields={"nickname"})
    assert condition(client) == ADOPTED


def test_a_delete_of_version_0_takes_an_item_without_one() -> None:
    client = ScriptedClient({})
    Repo(User, client=client).delete(User(pk="A", version=0))
    assert condition(client) == ADOPTED


def test_must_exist_asks_for_the_item(users: Repo[User], client: ScriptedClient) -> None:
    users.update(KEY, Attr(u.age).set(3), must_exist=True, condition=Attr(u.age) < 3, expected_version=2)
    assert condition(client) == "(age < 3) AND (version = 2)"  # which no missing item has


def test_must_exist_without_a_version_asks_for_the_item(users: Repo[User], client: ScriptedClient) -> None:
    users.update(KEY, Attr(u.age).set(3), must_exist=True)
    assert condition(client) == "attribute_exists(PK)"


@pytest.mark.parametrize("name", ["created", "updated", "version"])
def test_a_lifecycle_field_is_no_field_to_set(users: Repo[User], client: ScriptedClient, name: str) -> None:
    with pytest.raises(InvalidExpression, match=rf"User\.{name} is set by the library: leave it out"):
        users.update(User(pk="A"), fields=[name])
    assert client.requests == []


@pytest.mark.parametrize("build", [lambda: Attr(u.created).set(LONG_AGO), lambda: Attr(u.version).add(1)])
def test_a_lifecycle_attribute_takes_no_action(build: Callable[[], object]) -> None:
    with pytest.raises(InvalidExpression, match="is set by the library"):
        build()


# --- other models --------------------------------------------------------------------------------


class Event(DynamoModel, table="events"):
    pk: Annotated[str, PartitionKey()]
    made: Annotated[datetime | None, CreatedAt(), Attribute(format="unix_seconds")] = None
    changed: Annotated[datetime | None, UpdatedAt(), Attribute(format="fixed_nano")] = None


class Revision(DynamoModel, table="revisions"):
    pk: Annotated[str, PartitionKey()]
    number: Annotated[int | None, Version()] = None


def test_a_lifecycle_time_is_written_in_the_format_of_its_field(client: ScriptedClient) -> None:
    made = datetime(2024, 1, 1, 0, 0, 1, 250000, tzinfo=UTC)
    stored = Repo(Event, client=client, clock=lambda: made).create(Event(pk="A"))
    item = sent(client)["Item"]
    assert (item["made"], item["changed"]) == ({"N": "1704067201"}, {"S": "2024-01-01T00:00:01.250000000Z"})
    assert (stored.made, stored.changed) == (made.replace(microsecond=0), made)


def test_a_version_of_none_is_none_held(client: ScriptedClient) -> None:
    Repo(Revision, client=client).put(Revision(pk="A", number=None))
    assert condition(client) == "attribute_not_exists(number)"
    assert sent(client)["Item"]["number"] == {"N": "0"}


def test_a_model_without_lifecycle_fields_is_stored_as_it_is(client: ScriptedClient) -> None:
    Repo(Order, client=client).put(Order(number=1), expected_version=ANY)
    assert sent(client) == {"TableName": "orders", "Item": {"number": {"N": "1"}, "total": {"N": "0"}}}


def test_a_version_named_for_a_model_without_one_is_refused(client: ScriptedClient) -> None:
    with pytest.raises(InvalidValue, match=r"Order has no version: mark an int field with Version\(\)"):
        Repo(Order, client=client).put(Order(number=1), expected_version=3)
    assert client.requests == []


@pytest.mark.parametrize("expected", ["4", 4.0, True])
def test_a_version_that_is_no_int_is_refused(
    users: Repo[User],
    client: ScriptedClient,
    expected: Any,  # noqa: ANN401 -- wrong on purpose
) -> None:
    for write in (
        lambda: users.put(User(pk="A"), expected_version=expected),
        lambda: users.update(KEY, Attr(u.age).set(3), expected_version=expected),
        lambda: users.delete(KEY, expected_version=expected),
    ):
        with pytest.raises(InvalidValue, match=r"User\.version: expected int"):
            write()
    assert client.requests == []
