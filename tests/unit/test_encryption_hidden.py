"""Where a marker would be passed over, the class is refused; and no error quotes what is encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, Field, ValidateAs, ValidationError, field_validator
from pydantic.experimental.pipeline import validate_as
from pydantic_core import PydanticCustomError
from typing_extensions import TypeVar

from dynamorm_py import (
    Attr,
    Attribute,
    DynamoModel,
    Encrypted,
    EncryptedFieldNotQueryable,
    ItemDecodeError,
    ModelDefinitionError,
    PartitionKey,
    StoredAs,
    fields,
)
from tests.support.building import model_of
from tests.support.encrypting import MARKER

if TYPE_CHECKING:
    from collections.abc import Callable

Secret = Annotated[str, Encrypted()]
Bound = TypeVar("Bound", bound=Secret)
Defaulted = TypeVar("Defaulted", default=Secret)
Constrained = TypeVar("Constrained", Secret, int)


class Box(BaseModel, Generic[Defaulted]):
    text: Defaulted


class Open(BaseModel, extra="allow"):
    __pydantic_extra__: dict[str, Annotated[str, Encrypted()]]  # pyright: ignore[reportIncompatibleVariableOverride] -- as pydantic's pages write it


class Heir(Open):
    number: int = 0


class Sealed(BaseModel):
    text: Secret = ""


@dataclass
class Holding:
    sealed: list[Sealed]


class AsText:
    def to_attribute(self, value: Any) -> str:  # noqa: ANN401 -- of any type
        return repr(value)

    def from_attribute(self, value: str) -> object:
        return value


def text_of(value: object) -> str:
    return str(value)


@pytest.mark.parametrize(
    "annotation",
    [
        pytest.param(list[Bound], id="the bound of a type variable"),  # pyright: ignore[reportGeneralTypeIssues] -- free on purpose
        pytest.param(list[Constrained], id="a constraint of a type variable"),  # pyright: ignore[reportGeneralTypeIssues] -- the same
        pytest.param(Box, id="the default of a type variable"),
        pytest.param(Annotated[str, validate_as(Secret).str_strip()], id="a step of a pipeline"),  # pyright: ignore[reportArgumentType] -- as users may
        pytest.param(Annotated[str, validate_as(str) | validate_as(Secret)], id="a choice of a pipeline"),  # pyright: ignore[reportArgumentType, reportOperatorIssue] -- the same
        pytest.param(Annotated[str, ValidateAs(Secret, text_of)], id="ValidateAs"),
        pytest.param(list[Annotated[str, ValidateAs(Secret, text_of)]], id="ValidateAs inside"),
        pytest.param(Open, id="the type of extra attributes"),
        pytest.param(Heir, id="the inherited type of extra attributes"),
        pytest.param(Annotated[Sealed, Attribute(converter=AsText())], id="a class behind a converter"),
        pytest.param(Annotated[Holding, StoredAs(str, repr, str)], id="a class inside one that is stored as text"),
        pytest.param(list[Annotated[Sealed, StoredAs(str, repr, str)] | None], id="the same as an element"),
    ],
)
def test_encrypted_where_nobody_would_see_it_is_refused(annotation: object) -> None:
    with pytest.raises(ModelDefinitionError, match=r"Encrypted\(\)"):
        model_of(annotation)


class Item(DynamoModel, table="items"):
    pk: Annotated[str, PartitionKey()]
    text: Secret = ""


def test_a_converter_may_refer_to_an_item_that_is_encrypted_in_its_own_table() -> None:
    model_of(Annotated[Item, StoredAs(str, lambda item: item.pk, lambda pk: Item(pk=pk))])


class Codes(DynamoModel, table="codes"):
    pk: Annotated[str, PartitionKey()]
    codes: Annotated[dict[str, int], Encrypted(), Field(validation_alias=AliasPath("body", "codes"))] = Field(
        default_factory=dict[str, int]
    )
    others: Annotated[dict[str, int], Encrypted(), Field(validation_alias=AliasChoices("a", AliasPath("list", 0)))] = (
        Field(default_factory=dict[str, int])
    )


class Outer(BaseModel):
    inner: Codes


def _from_json(text: str) -> Callable[[], object]:
    return lambda: Codes.model_validate_json(text)


@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        (lambda: Codes.model_validate({"pk": "a", "body": {"codes": {MARKER: "x"}}}), "int_parsing"),
        (lambda: Codes.model_validate({"pk": "a", "a": {MARKER: "x"}}), "int_parsing"),
        (lambda: Codes.model_validate({"pk": "a", "list": [{MARKER: "x"}]}), "int_parsing"),
        (lambda: Codes.model_validate([MARKER]), "model_type"),
        (lambda: Outer.model_validate({"inner": [MARKER]}), "model_type"),
        (_from_json(f'{{"pk": "a", "body": "{MARKER}'), "json_invalid"),
        (_from_json(f'{{"pk": "a", "a": {{"{MARKER}": "x"}}}}'), "int_parsing"),
    ],
)
def test_no_error_of_pydantic_quotes_what_is_encrypted(refused: Callable[[], object], kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        refused()

    error = caught.value
    assert [each["type"] for each in error.errors()] == [kind]
    assert MARKER not in f"{error}{error!r}{error.errors()}{error.json()}"


def test_a_model_in_clear_quotes_broken_json_as_pydantic_does() -> None:
    class Plain(DynamoModel, table="plain"):
        pk: Annotated[str, PartitionKey()]

    with pytest.raises(ValidationError, match="json_invalid") as caught:
        Plain.model_validate_json('{"pk": "broken')
    assert caught.value.errors()[0]["input"] == '{"pk": "broken'


def test_a_path_into_an_encrypted_map_is_refused_without_its_key() -> None:
    codes = fields(Codes).codes[MARKER]
    with pytest.raises(EncryptedFieldNotQueryable, match="encrypted attribute: set that as a whole") as caught:
        Attr(codes).set(1)
    assert MARKER not in str(caught.value)


class Picky(DynamoModel, table="picky"):
    pk: Annotated[str, PartitionKey()]
    number: int = 0

    @field_validator("number")
    @classmethod
    def _small(cls, value: int) -> int:
        if value > 3:
            raise PydanticCustomError("less_than_equal", "at most three")
        return value


def test_a_validator_may_use_a_name_of_pydantics_errors() -> None:
    with pytest.raises(ItemDecodeError, match="number: refused by a validator of the model"):
        Picky.from_item({"pk": {"S": "a"}, "number": {"N": "5"}})
