"""What a newcomer writes first is refused with the repair in its message."""

from __future__ import annotations

from typing import Annotated, Any, cast

import pytest
from pydantic import BaseModel

from dynamorm_py import Attr, DynamoModel, PartitionKey, Repo, fields
from dynamorm_py.errors import CallError, InvalidExpression


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    age: int = 0


class Plain(BaseModel):
    pk: str


def test_a_pydantic_model_is_to_be_derived_from_dynamomodel() -> None:
    with pytest.raises(CallError, match="derive it from DynamoModel"):
        Repo(cast("Any", Plain))


def test_an_instance_in_place_of_the_class() -> None:
    with pytest.raises(CallError, match="pass the class itself"):
        Repo(cast("Any", User(pk="1")))


def test_the_first_result_by_its_number() -> None:
    with pytest.raises(CallError, match=r"query\.first\(\)"):
        Repo(User).scan()[0]  # pyright: ignore[reportIndexIssue] -- what it shows


def test_a_value_of_an_instance_in_attr() -> None:
    with pytest.raises(InvalidExpression, match=r"use fields\(User\)\.age"):
        Attr(User(pk="1").age)


def test_a_reference_in_an_f_string_says_how_to_show_it() -> None:
    u = fields(User)
    for make in (lambda: f"USER#{u.pk}", lambda: str(u.pk), lambda: f"{u.pk:>9}"):
        with pytest.raises(InvalidExpression, match=r"\{u\.name!r\}"):
            make()
    assert f"{u.pk!r}" == "<field User.pk>"
