"""Which cursor a query or scan gives, and which it takes back, signed and unsigned."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from dynamorm_py import (
    Attr,
    CallError,
    DynamoModel,
    InvalidCursor,
    Key,
    PartitionKey,
    Repo,
    SortKey,
    decode_cursor,
    encode_cursor,
    fields,
)
from tests.support.reading import Person, Scripted, answer, page, stored, u

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py import Query

_SECRET = "a secret"


@dataclasses.dataclass
class Reading:
    """A read, as a function of the repository that does it."""

    query: Callable[[Repo[Person]], Query[Person]]
    table: str = "people"
    secret: str | bytes | None = None

    def made(self, *answers: bytes) -> Query[Person]:
        return self.query(Repo(Person, table=self.table, client=Scripted(*answers), cursor_secret=self.secret))


def of_the_table(repo: Repo[Person]) -> Query[Person]:
    return repo.query(Key(u.pk) == "A")


def of_an_index(repo: Repo[Person]) -> Query[Person]:
    return repo.query(Key(u.pk) == "A", Key(u.score) > 0)


OTHERS: dict[str, Reading] = {
    "another index": Reading(of_an_index),
    "another direction": Reading(lambda repo: repo.query(Key(u.pk) == "A", ascending=False)),
    "another partition": Reading(lambda repo: repo.query(Key(u.pk) == "B")),
    "a range it is not in": Reading(lambda repo: repo.query(Key(u.pk) == "A", Key(u.sk) > "001")),
    "a prefix it has not": Reading(lambda repo: repo.query(Key(u.pk) == "A", Key(u.sk).begins_with("1"))),
    "a span it is not in": Reading(lambda repo: repo.query(Key(u.pk) == "A", Key(u.sk).between("002", "004"))),
    "a scan of an index": Reading(lambda repo: repo.scan(index="by-score")),
}
_BOUND_BY_A_SIGNATURE = {
    "another table": Reading(of_the_table, table="persons"),
    "another secret": Reading(of_the_table, secret="another"),
    "a wider key condition": Reading(lambda repo: repo.query(Key(u.pk) == "A", Key(u.sk) >= "000")),
    "a scan": Reading(lambda repo: repo.scan()),
}


def given_out(reading: Reading) -> str:
    cursor = reading.made(page([0, 1], last=1)).page(2).cursor
    assert cursor is not None
    return cursor


def refused(reading: Reading, cursor: str) -> str:
    """Check that a cursor is refused before anything is sent, and return why."""
    query = reading.made()
    with pytest.raises(InvalidCursor) as caught:
        query.page(2, cursor)
    return str(caught.value)


def test_a_cursor_says_the_key_and_the_direction() -> None:
    token = given_out(Reading(of_the_table))
    assert decode_cursor(token).last_key == {"pk": {"S": "A"}, "sk": {"S": "001"}}
    assert (decode_cursor(token).index, decode_cursor(token).sort) == (None, "ASC")


def test_a_cursor_says_the_index_also_when_it_was_inferred() -> None:
    last = {name: stored(1)[name] for name in ("pk", "sk", "score")}
    token = Reading(of_an_index).made(answer([stored(1)], last)).page(1).cursor
    assert token == encode_cursor(last, "by-score", "ASC")


def test_a_scan_has_no_direction() -> None:
    cursor = Reading(lambda repo: repo.scan()).made(page([1], last=1)).page(1).cursor
    assert decode_cursor(cursor or "").sort is None


@pytest.mark.parametrize("secret", [None, _SECRET, b"bytes"])
def test_the_next_page_goes_on_after_the_cursor(secret: str | bytes | None) -> None:
    client = Scripted(page([2], last=2), page([3]))
    query = Repo(Person, client=client, cursor_secret=secret).query(Key(u.pk) == "A")
    first = query.page(1)
    second = query.page(1, first.cursor)
    assert client.starts == [None, "002"]
    assert second.cursor is None


@pytest.mark.parametrize("cursor", [None, "", "  ", encode_cursor({})])
def test_no_cursor_and_an_empty_one_start_at_the_beginning(cursor: str | None) -> None:
    for secret in (None, _SECRET):
        client = Scripted(page([]))
        Repo(Person, client=client, cursor_secret=secret).scan().page(1, cursor)
        assert client.starts == [None]


@pytest.mark.parametrize("name", OTHERS)
def test_a_cursor_of_another_read_is_refused(name: str) -> None:
    message = refused(OTHERS[name], given_out(Reading(of_the_table)))
    assert "use it with the query that gave it" in message
    assert "001" not in message


def test_a_cursor_of_an_index_with_the_same_keys_is_refused() -> None:
    last = {"pk": {"S": "A"}, "sk": {"S": "001"}, "union": {"S": "U"}}
    same_keys = Reading(lambda repo: repo.query(Key(u.union) == "U", index="by-union-c"))
    message = refused(same_keys, encode_cursor(last, "by-union-b", "ASC"))
    assert "it is of index 'by-union-b', this reads index 'by-union-c'" in message


@pytest.mark.parametrize("name", OTHERS | _BOUND_BY_A_SIGNATURE)
def test_a_signed_cursor_is_bound_to_its_read(name: str) -> None:
    other = (OTHERS | _BOUND_BY_A_SIGNATURE)[name]
    signed = dataclasses.replace(other, secret=other.secret or _SECRET)
    assert "signature" in refused(signed, given_out(Reading(of_the_table, secret=_SECRET)))


def test_a_signed_cursor_altered_in_any_place_is_refused() -> None:
    reading = Reading(of_the_table, secret=_SECRET)
    token = given_out(reading)
    for place, character in enumerate(token):
        refused(reading, token[:place] + ("A" if character != "A" else "B") + token[place + 1 :])
        if place:  # nothing at all is not a cursor, and starts at the beginning
            refused(reading, token[:place])


def test_an_unsigned_cursor_is_refused_where_they_are_signed_and_the_other_way_round() -> None:
    plain, signed = Reading(of_the_table), Reading(of_the_table, secret=_SECRET)
    refused(signed, given_out(plain))
    refused(plain, given_out(signed))


def test_a_signature_binds_no_filter_and_no_page_size() -> None:
    client = Scripted(page([2], last=2), page([3]))
    repo = Repo(Person, client=client, cursor_secret=_SECRET)
    cursor = repo.query(Key(u.pk) == "A", page_size=7).page(1).cursor
    repo.query(Key(u.pk) == "A", filter=Attr(u.weight) > 1).page(1, cursor)
    assert client.starts == [None, "002"]


@pytest.mark.parametrize("secret", ["", b"", cast("str", 3), cast("str", ["x"])])
def test_a_secret_that_protects_nothing_is_refused(secret: str) -> None:
    with pytest.raises(CallError, match="not empty"):
        Repo(Person, cursor_secret=secret)


A_KEY = {"pk": {"S": "A"}, "sk": {"S": "001"}}


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ({"pk": {"S": "A"}}, "which has pk, sk"),
        ({**A_KEY, "score": {"N": "1"}}, "which has pk, sk"),
        ({"pk": {"S": "A"}, "SK": {"S": "001"}}, "which has pk, sk"),
        ({"pk": {"S": "A"}, "sk": {"N": "1"}}, "of another type"),
        ({"pk": {"S": "A"}, "sk": {"NULL": True}}, "of another type"),
        ({"pk": {"S": "A"}, "sk": {"L": []}}, "of another type"),
        ({"pk": {"S": "A"}, "sk": {"S": ""}}, "is empty"),
    ],
)
def test_a_key_of_another_shape_is_refused(key: dict[str, Any], reason: str) -> None:
    assert reason in refused(Reading(of_the_table), encode_cursor(key, sort="ASC"))
    assert reason in refused(Reading(lambda repo: repo.scan()), encode_cursor(key))


@pytest.mark.parametrize("number", ["x", "", "NaN", "Infinity", "1E999999999", "1" * 39])
def test_a_key_that_is_no_number_is_refused(number: str) -> None:
    refused(Reading(of_an_index), encode_cursor({**A_KEY, "score": {"N": number}}, "by-score", "ASC"))


def test_an_index_key_that_may_be_missing_is_never_null_in_a_cursor() -> None:
    reading = Reading(lambda repo: repo.scan(index="by-email"))
    assert "of another type" in refused(reading, encode_cursor({**A_KEY, "email": {"NULL": True}}, "by-email"))


def test_a_cursor_without_a_direction_fits_both() -> None:
    for ascending in (True, False):
        client = Scripted(page([2]))
        query = Repo(Person, client=client).query(Key(u.pk) == "A", ascending=ascending)
        query.page(1, encode_cursor(A_KEY))
        assert client.starts == ["001"]


def test_a_direction_is_read_in_any_case() -> None:
    client = Scripted(page([2]))
    Repo(Person, client=client).query(Key(u.pk) == "A").page(1, encode_cursor(A_KEY, sort="asc"))
    assert client.starts == ["001"]


class Priced(DynamoModel, table="readings"):
    price: Annotated[Decimal, PartitionKey()]
    raw: Annotated[bytes, SortKey()]


def test_numbers_in_a_cursor_are_compared_by_value() -> None:
    r = fields(Priced)
    client = Scripted(answer([]), answer([]))
    query = Repo(Priced, client=client).query(Key(r.price) == Decimal("1.50"), Key(r.raw) > b"\0")
    query.page(1, encode_cursor({"price": {"N": "1.5"}, "raw": {"B": b"\x01"}}, sort="ASC"))
    query.page(1, encode_cursor({"price": {"N": "15E-1"}, "raw": {"B": b"\x01"}}, sort="ASC"))
    starts = [request.parameters["ExclusiveStartKey"] for request in client.requests]
    assert starts == [{"price": {"N": "1.5"}, "raw": {"B": b"\x01"}}] * 2


@pytest.mark.parametrize("cursor", [cast("str", 5), cast("str", b"eyJ9"), cast("str", ["a"])])
def test_a_cursor_that_is_no_text_is_refused(cursor: str) -> None:
    for secret in (None, _SECRET):
        refused(Reading(of_the_table, secret=secret), cursor)
