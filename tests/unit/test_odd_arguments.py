"""What no type checker would let through, refused by an error of the tree."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from dynamorm_py import Attr, DynamoModel, InvalidExpression, PartitionKey, fields
from dynamorm_py.encryption import KmsError
from dynamorm_py.encryption._data_key import read_data_key


class Person(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    age: int = 0


@pytest.mark.parametrize("wire_type", [[], {}, set[str](), ["S"], "X", None, 3])
def test_a_wire_type_of_any_kind_is_refused(wire_type: Any) -> None:  # noqa: ANN401 -- anything may come
    with pytest.raises(InvalidExpression, match="attribute_type takes"):
        Attr(fields(Person).age).attribute_type(wire_type)


@pytest.mark.parametrize("answer", [{}, {"Plaintext": None}, {"Plaintext": "text"}, {"CiphertextBlob": b"w"}, None])
@pytest.mark.parametrize("wrapped", [None, b"w"])
def test_an_answer_of_kms_without_a_data_key_is_an_error_of_kms(answer: Any, wrapped: bytes | None) -> None:  # noqa: ANN401 -- anything may come
    with pytest.raises(KmsError, match="no data key"):
        read_data_key(answer, "arn", wrapped)
