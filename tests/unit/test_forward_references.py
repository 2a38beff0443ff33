"""Markers count wherever they stand: also in an annotation that names what is defined later."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import pytest
from pydantic import BaseModel
from pydantic.dataclasses import dataclass as pydantic_dataclass

from dynamorm_py import (
    Attribute,
    DynamoModel,
    Encrypted,
    EncryptionNotConfigured,
    ModelDefinitionError,
    OmitEmpty,
    PartitionKey,
    Repo,
)


class Safe(DynamoModel, table="safes"):
    pk: Annotated[str, PartitionKey()]
    content: Annotated[Content | None, Attribute("inside"), Encrypted()] = None


class Waiting(DynamoModel, table="waiting"):
    pk: Annotated[str, PartitionKey()]
    content: Nowhere | None = None  # noqa: F821 # pyright: ignore[reportUndefinedVariable, reportUnknownVariableType] -- what it shows


class Line(BaseModel):
    weight: Annotated[Kilos, Attribute("w")] = 0
    note: Annotated[Text, OmitEmpty()] = ""
    order: Order | None = None


@dataclasses.dataclass
class Plain:
    weight: Annotated[Kilos, Attribute("w")] = 0
    order: Order | None = None


@pydantic_dataclass
class Checked:
    weight: Annotated[Kilos, Attribute("w")] = 0
    order: Order | None = None


Kilos = int
Text = str


class Order(DynamoModel, table="orders"):
    pk: Annotated[str, PartitionKey()]
    line: Line | None = None
    plain: Plain | None = None
    checked: Checked | None = None


class Content(BaseModel):
    text: str = ""


def test_a_repository_sees_the_markers_of_a_class_that_was_never_used_before() -> None:
    with pytest.raises(EncryptionNotConfigured, match=r"encrypted fields \(content\)"):
        Repo(Safe)
    assert Safe(pk="1").to_item() == {"pk": {"S": "1"}}


def test_a_repository_of_a_class_that_still_waits_is_refused() -> None:
    with pytest.raises(ModelDefinitionError, match="Waiting: 'Nowhere' is not defined"):
        Repo(Waiting)


def test_what_is_within_keeps_its_markers_though_it_was_defined_before_its_types() -> None:
    order = Order(pk="1", line=Line(weight=1), plain=Plain(2), checked=Checked(3))
    assert order.to_item() == {
        "pk": {"S": "1"},
        "line": {"M": {"w": {"N": "1"}}},
        "plain": {"M": {"w": {"N": "2"}}},
        "checked": {"M": {"w": {"N": "3"}}},
    }
    assert Order.from_item(order.to_item()) == order


def test_a_dataclass_whose_markers_cannot_be_seen_is_refused() -> None:
    class Local(BaseModel):
        width: int = 0

    @dataclasses.dataclass
    class Hidden:
        size: Annotated[Local, Attribute("s")]

    with pytest.raises(ModelDefinitionError, match="Hidden names 'Local', which its module does not know"):

        class Outer(DynamoModel):  # pyright: ignore[reportUnusedClass] -- it is refused
            pk: Annotated[str, PartitionKey()]
            hidden: Hidden
