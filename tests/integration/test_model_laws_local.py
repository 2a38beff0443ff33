"""The laws of random model classes, against a local DynamoDB."""

from __future__ import annotations

import dataclasses
import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dynamorm_py._model import codec_of
from dynamorm_py._transport import default_client
from dynamorm_py.clients import Response
from tests.laws.checks import Figures, check_class, check_values
from tests.laws.models import EVERY, Drawn, drawn_models

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py._kernel.plans import Request

pytestmark = pytest.mark.filterwarnings("ignore:Field name:UserWarning")  # which pydantic's models have too
_CLASSES = 60


class InOrder:
    """Asks DynamoDB, and gives sets in their order: a list that is stored as a set shows it."""

    def __init__(self, client: Any, table: str) -> None:  # noqa: ANN401 -- our own client
        self.client, self.table, self.calls = client, table, 0

    def call(self, request: Request, /) -> Any:  # noqa: ANN401 -- boto3's dictionary
        self.calls += 1
        answer = dict(Response.of(self.client.call(dataclasses.replace(request, raw=False))))
        for name in answer.keys() & {"Item", "Attributes"}:
            answer[name] = _in_order({"M": answer[name]})["M"]
        return answer


def _in_order(value: dict[str, Any]) -> dict[str, Any]:
    ((tag, payload),) = value.items()
    match tag:
        case "SS" | "BS" | "NS":
            return {tag: sorted(payload, key=Decimal if tag == "NS" else None)}
        case "L":
            return {tag: [_in_order(each) for each in payload]}
        case "M":
            return {tag: {name: _in_order(each) for name, each in payload.items()}}
        case _:
            return value


@pytest.fixture(scope="module")
def client_of(dynamodb: DynamoDBClient, dynamodb_endpoint: str) -> Iterator[Callable[[Drawn], InOrder]]:
    """Give the client for a class, with a table that has its key."""
    client, tables = default_client("us-east-1", dynamodb_endpoint), dict[str, str]()

    def client_for(drawn: Drawn) -> InOrder:
        assert drawn.model is not None
        nodes = codec_of(drawn.model).node.fields
        keys = [(nodes[name].attribute, *nodes[name].node.types) for name in drawn.keys]
        if str(keys) not in tables:
            tables[str(keys)] = _create(dynamodb, keys)
        return InOrder(client, tables[str(keys)])

    yield client_for
    for name in tables.values():
        dynamodb.delete_table(TableName=name)


def _create(dynamodb: DynamoDBClient, keys: list[tuple[str, ...]]) -> str:
    name = f"laws-{secrets.token_hex(8)}"
    definition: Any = {
        "KeySchema": [{"AttributeName": k[0], "KeyType": t} for k, t in zip(keys, ("HASH", "RANGE"), strict=False)],
        "AttributeDefinitions": [{"AttributeName": key[0], "AttributeType": key[1]} for key in keys],
    }
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **definition)
    return name


@settings(max_examples=_CLASSES, derandomize=True, phases=[Phase.generate], suppress_health_check=EVERY)
@given(drawn_models(), st.data())
def test_every_class_keeps_every_value_in_a_real_table(
    client_of: Callable[[Drawn], InOrder], drawn: Drawn, data: st.DataObject
) -> None:
    figures = Figures()
    if check_class(drawn, figures):
        check_values(drawn, data.draw(drawn.contents), data.draw(drawn.contents), figures, client_of)
