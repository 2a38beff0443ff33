"""What goes between two processes that read an export is the same after it."""

from __future__ import annotations

import datetime as dt
import pickle
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from dynamorm_py import DynamoModel, PartitionKey
from dynamorm_py.exports import Deleted
from dynamorm_py.exports._packing import Packer, unpack

if TYPE_CHECKING:
    from typing import Self


class Place(BaseModel):
    city: str = "Oslo"
    lines: list[str] = []


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str = ""


class Counted(BaseModel):
    name: str = ""
    _count: int = PrivateAttr(default=0)

    def count(self) -> Self:
        """Count in a private attribute."""
        self._count += 1
        return self

    @property
    def counted(self) -> int:
        """What was counted."""
        return self._count


class Own(BaseModel):
    """A class that says itself how it is pickled."""

    name: str = ""

    def __getstate__(self) -> dict[Any, Any]:
        return {**super().__getstate__(), "own": True}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        assert state.pop("own")
        super().__setstate__(state)


class Whole(DynamoModel, table="whole"):
    pk: Annotated[str, PartitionKey()]
    place: Place | None = None
    places: dict[str, list[Place]] = Field(default_factory=dict)
    loose: Loose = Loose()
    counted: Counted = Counted()
    own: Own = Own()
    at: dt.datetime | None = None
    amount: Decimal = Decimal(0)
    tags: set[str] = Field(default_factory=set)


A = Whole(
    pk="a",
    place=Place(lines=["x"]),
    places={"k": [Place(city="Bergen"), Place()]},
    loose=Loose.model_validate({"name": "n", "more": [1]}),
    counted=Counted(name="c").count().count(),
    own=Own(name="o"),
    at=dt.datetime(2026, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=2))),
    amount=Decimal("1.50"),
    tags={"x"},  # of two, the order may be another
)


@pytest.mark.parametrize("value", [A, Whole(pk="b"), Deleted(("a", 1), A, None, Whole), None])
def test_what_is_packed_is_what_is_unpacked(value: object) -> None:
    (again,) = unpack(Packer([Whole]).pack([value]))
    assert again == value
    assert repr(again) == repr(value)


def test_models_keep_what_was_set_what_is_extra_and_what_is_private() -> None:
    (again,) = unpack(Packer([Whole]).pack([A]))
    assert again.model_fields_set == A.model_fields_set
    assert again.place.model_fields_set == {"lines"}
    assert again.places["k"][1].model_fields_set == set()
    assert again.loose.model_extra == {"more": [1]}
    assert again.counted.counted == 2
    assert again.model_copy(update={"pk": "z"}).pk == "z"


def test_models_are_packed_shorter_than_pickled() -> None:
    assert len(Packer([Whole]).pack([A])) < len(pickle.dumps([A]))


class Noted(DynamoModel, table="noted", extra="allow"):
    pk: Annotated[str, PartitionKey()]
    _notes: list[str] = PrivateAttr(default_factory=list[str])

    def model_post_init(self, context: object, /) -> None:  # noqa: ARG002 -- pydantic passes it
        """Note each time that the model is made."""
        self._notes.append(f"made {self.pk}")

    @property
    def notes(self) -> list[str]:
        """What was noted."""
        return self._notes


def test_a_model_is_made_once_and_keeps_its_private_attributes() -> None:
    (again,) = unpack(Packer([Noted]).pack([Noted.model_validate({"pk": "a", "more": 1})]))
    assert type(again) is Noted
    assert again.notes == ["made a"]
    assert again.model_extra == {"more": 1}
