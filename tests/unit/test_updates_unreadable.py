"""Actions after which an item could not be read by its own model are refused when they are written."""

from __future__ import annotations

from decimal import Decimal, localcontext
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, PlainValidator, RootModel, ValidationInfo, field_validator

from dynamorm_py import Attr, DynamoModel, InvalidExpression, InvalidValue, PartitionKey, Repo, fields
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Callable


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Card(BaseModel):
    kind: Literal["card"] = "card"
    number: str = ""


class Cash(BaseModel):
    kind: Literal["cash"] = "cash"


class Note(BaseModel):
    text: str = ""


class Account(DynamoModel, table="accounts"):
    pk: Annotated[str, PartitionKey()]
    count: int = 0
    other: int | None = 0
    counts: list[int] = Field(default_factory=list[int])
    named: int | str = 0
    exact: Decimal = Decimal(0)
    rough: float = 0.0
    level: Level = Level.LOW
    same: Level | None = None
    chosen: Literal[1, 2] = 1
    mixed: Level | str = Level.LOW
    paid: Annotated[Card | Cash, Field(discriminator="kind")] = Cash()
    loose: Card | Note = Note()
    note: Note = Note()


a: Any = fields(Account)


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (lambda: Attr(a.count).add(1.5), "whole numbers"),
        (lambda: Attr(a.count).add(Decimal("0.5")), "whole numbers"),
        (lambda: Attr(a.other).add(1.5), "whole numbers"),
        (lambda: Attr(a.counts[0]).add(1.5), "whole numbers"),
        (lambda: Attr(a.named).add(1.5), "whole numbers"),
        (lambda: Attr(a.count).set(Attr(a.count) + Decimal("0.5")), "whole numbers"),
        (lambda: Attr(a.count).set(Attr(a.count) - Attr(a.exact)), "whole numbers"),
        (lambda: Attr(a.count).set(Attr(a.count).if_not_exists(0) + Decimal("0.5")), "whole numbers"),
        (lambda: Attr(a.count).set(Attr(a.rough)), "whole numbers"),
        (lambda: Attr(a.count).if_not_exists(Attr(a.exact)), "whole numbers"),
        (lambda: Attr(a.mixed).add(1), "enum or a literal"),
        (lambda: Attr(a.level).set(Attr(a.count)), "does not take"),
        (lambda: Attr(a.chosen).set(Attr(a.count)), "does not take"),
        (lambda: Attr(a.chosen).if_not_exists(Attr(a.other)), "does not take"),
        (lambda: Attr(a.note).set(Attr(a.paid)), "does not take"),
        (lambda: Attr(a.paid).set(Attr(a.note)), "does not take"),
        (lambda: Attr(a.paid.kind).remove(), "is required"),
    ],
)
def test_what_would_leave_an_item_that_is_not_read_back_is_refused(action: Callable[[], object], reason: str) -> None:
    with pytest.raises(InvalidExpression, match=reason):
        action()


@pytest.mark.parametrize(
    "action",
    [
        lambda: Attr(a.count).add(Decimal("2.0")),
        lambda: Attr(a.count).add(2.0),
        lambda: Attr(a.count).set(Attr(a.other) + 1),
        lambda: Attr(a.count).set(Attr(a.level)),
        lambda: Attr(a.exact).add(Decimal("0.5")),
        lambda: Attr(a.exact).set(Attr(a.count) + Decimal("0.5")),
        lambda: Attr(a.rough).set(Attr(a.count)),
        lambda: Attr(a.level).set(Attr(a.same)),
        lambda: Attr(a.same).set(Attr(a.level)),
        lambda: Attr(a.chosen).if_not_exists(Attr(a.level)),
        lambda: Attr(a.loose).set(Attr(a.note)),
        lambda: Attr(a.loose.text).remove(),
        lambda: Attr(a.paid.number).remove(),
    ],
)
def test_what_is_read_back_is_not_refused(action: Callable[[], object]) -> None:
    action()


def test_no_context_of_the_caller_decides_whether_a_number_is_whole() -> None:
    with localcontext(prec=3):
        Attr(a.count).add(10**37)
        with pytest.raises(InvalidExpression, match="whole numbers"):
            Attr(a.count).add(Decimal("12345678.5"))


def _from_text(value: object) -> object:
    assert isinstance(value, str), "text only"
    return value.split(",")


def _beside(value: object, _: ValidationInfo) -> object:
    return value


class Word(BaseModel):
    low: str
    high: str

    @field_validator("high")
    @classmethod
    def above(cls, high: str, info: ValidationInfo) -> str:
        assert high > info.data["low"]
        return high


class Page(DynamoModel, table="pages"):
    pk: Annotated[str, PartitionKey()]
    marks: Annotated[RootModel[list[Annotated[list[str], PlainValidator(_from_text)]]], AfterValidator(_beside)] = (
        RootModel[list[Annotated[list[str], PlainValidator(_from_text)]]]([])
    )
    words: list[Word] = Field(default_factory=list[Word])


PAGE = Page.model_validate({"pk": "a", "marks": ["x,y"]})


_UPDATES: dict[str, Callable[[Repo[Page]], object]] = {
    "set": lambda pages: pages.update("a", Attr(fields(Page).marks).set(PAGE.marks)),
    "if_not_exists": lambda pages: pages.update("a", Attr(fields(Page).marks).if_not_exists(PAGE.marks)),
    "fields": lambda pages: pages.update(PAGE, fields={"marks"}),
    "patch": lambda pages: pages.patch("a", {"marks": PAGE.marks}),
}


@pytest.mark.parametrize("update", _UPDATES.values(), ids=_UPDATES)
def test_a_value_is_read_back_up_to_a_validator_that_asks_for_other_fields(
    update: Callable[[Repo[Page]], object],
) -> None:
    client = ScriptedClient(otherwise={})
    with pytest.raises(InvalidValue, match="could not be read back"):
        update(Repo(Page, client=client))
    assert not client.requests


def test_a_validator_inside_a_model_gets_the_fields_of_that_model_when_a_value_is_read_back() -> None:
    client = ScriptedClient({"Attributes": {"pk": {"S": "a"}}})
    words = [Word(low="a", high="b")]
    Repo(Page, client=client).update("a", Attr(fields(Page).words).set(words))
    assert client.requests[0].parameters["ExpressionAttributeValues"] == {
        ":v0": {"L": [{"M": {"low": {"S": "a"}, "high": {"S": "b"}}}]}
    }
