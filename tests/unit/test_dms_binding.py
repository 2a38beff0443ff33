"""Classes bound to a DMS document: `class User(DynamoModel, dms="user.yml")`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from dynamorm_py import (
    CreatedAt,
    DynamoModel,
    ModelDefinitionError,
    OmitEmpty,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
    dms,
)

if TYPE_CHECKING:
    from pathlib import Path


class User(DynamoModel, table="users_contract", naming="camelCase", dms="../../fixtures/dms/v0.1/models/user.yml"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    email_hash: Annotated[str | None, PartitionKey(index="gsi-email")] = None
    nickname: Annotated[str, OmitEmpty()] = ""
    tags: Annotated[set[str], OmitEmpty()] = Field(default_factory=set[str])
    created_at: Annotated[datetime | None, CreatedAt()] = None
    updated_at: Annotated[datetime | None, UpdatedAt()] = None
    version: Annotated[int, Version()] = 0
    ttl: Annotated[datetime | None, TimeToLive(), OmitEmpty()] = None


def bound(path: Path, *, table: str | None = None) -> Any:  # noqa: ANN401 -- a class made here
    """Define a class with a key and a name, bound to a document."""

    class Pet(DynamoModel, dms=path, table=table):
        pk: Annotated[str, PartitionKey()]
        name: str = ""

    return Pet


def pet_document(path: Path) -> Path:
    """Write the document that `bound` equals, with the table `pets`."""
    attributes = [
        {"attribute": "pk", "type": "S", "required": True},
        {"attribute": "name", "type": "S", "optional": True},
    ]
    keys = {"partition": {"attribute": "pk", "type": "S"}}
    model = {"name": "Pet", "table": {"name": "pets"}, "keys": keys, "attributes": attributes}
    path.write_text(dms.dumps(dms.check({"dms_version": "0.1", "models": [model]})))
    return path


def test_a_class_that_equals_its_document_is_defined(tmp_path: Path) -> None:
    file = pet_document(tmp_path / "pets.yml")
    assert bound(file, table="pets")(pk="1").to_item()["pk"] == {"S": "1"}
    assert bound(file).to_dms(table="elsewhere")["name"] == "Pet"  # the repository names the table


def test_a_class_that_drifts_from_its_document_is_refused(tmp_path: Path) -> None:
    file = pet_document(tmp_path / "pets.yml")
    file.write_text(file.read_text().replace('attribute: "name"', 'attribute: "nick"'))
    with pytest.raises(ModelDefinitionError) as caught:
        bound(file, table="cats")
    assert [problem.partition("pets.yml: ")[2] for problem in caught.value.problems] == [
        "table.name: the model says 'cats', the document 'pets'",
        "attributes[name]: the model says 'present', the document nothing",
        "attributes[nick]: the model says nothing, the document 'present'",
    ]


def test_a_document_that_is_wrong_or_missing_refuses_the_class(tmp_path: Path) -> None:
    file = tmp_path / "pets.yml"
    with pytest.raises(ModelDefinitionError, match="cannot be read: No such file"):
        bound(file)
    file.write_text("models: []")
    with pytest.raises(ModelDefinitionError, match="dms_version: is missing"):
        bound(file)


def test_a_relative_path_starts_at_the_file_of_the_class() -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        type("Member", (User,), {"__module__": __name__}, dms="../../fixtures/dms/v0.1/models/user.yml")
    assert [problem.partition("user.yml: ")[2] for problem in caught.value.problems] == [
        "name: the model says 'Member', the document 'User'"
    ]


def test_a_subclass_is_not_bound_to_its_bases_document(tmp_path: Path) -> None:
    base: Any = bound(pet_document(tmp_path / "pets.yml"))

    class Dog(base):
        tail: bool = True

    assert len(Dog.model_fields) == 3
