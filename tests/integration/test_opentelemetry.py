"""OpenTelemetry's own instrumentation of botocore sees our calls, whichever client makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.botocore import (  # pyright: ignore[reportMissingTypeStubs] -- it publishes no types
    BotocoreInstrumentor,
)
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from dynamorm_py import Call, ItemAlreadyExists, Key, Repo, fields, observed
from dynamorm_py._transport import default_client
from tests.support.people import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

ADA = User(pk="USER#1", sk="PROFILE", nickname="in no span")
u = fields(User)


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Instrument botocore for the test, and keep the spans."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    BotocoreInstrumentor().instrument(tracer_provider=provider)
    yield exporter
    BotocoreInstrumentor().uninstrument()
    provider.shutdown()


def told(call: Call) -> None:
    """Add what an observed call cost to the span around it, as docs/how-to/lambda.md has it."""
    trace.get_current_span().add_event(call.operation, {"items": call.items or 0, "capacity": call.capacity or 0})


@pytest.fixture(params=["bytes", "parsed"])
def users(
    request: pytest.FixtureRequest, dynamodb: DynamoDBClient, dynamodb_endpoint: str, unique_table_name: str
) -> Iterator[Repo[User]]:
    inner = default_client("us-east-1", dynamodb_endpoint) if request.param == "bytes" else dynamodb
    repo = Repo(User, table=unique_table_name, client=observed(told, inner, capacity="TOTAL"))
    repo.table.create()
    yield repo
    repo.table.delete()


def work(users: Repo[User]) -> None:
    """Write, fail to write, and read."""
    users.create(ADA)
    with pytest.raises(ItemAlreadyExists):
        users.create(ADA)
    assert users.query(Key(u.pk) == ADA.pk, consistent=True).count() == 1
    assert users.get(ADA, consistent=True).nickname == ADA.nickname


def test_every_call_is_a_span_with_operation_and_table_and_a_failed_one_has_its_status(
    users: Repo[User], spans: InMemorySpanExporter, unique_table_name: str
) -> None:
    work(users)

    finished = spans.get_finished_spans()
    assert [(span.name, span.status.status_code) for span in finished] == [
        ("DynamoDB.PutItem", StatusCode.UNSET),
        ("DynamoDB.PutItem", StatusCode.ERROR),
        ("DynamoDB.Query", StatusCode.UNSET),
        ("DynamoDB.GetItem", StatusCode.UNSET),
    ]
    assert {_attribute(span, "aws.dynamodb.table_names") for span in finished} == {(unique_table_name,)}


def test_an_observer_adds_items_and_capacity_to_the_span_around_the_calls(
    users: Repo[User], spans: InMemorySpanExporter
) -> None:
    tracer = TracerProvider().get_tracer("the service")
    with tracer.start_as_current_span("request") as around:
        work(users)

    assert isinstance(around, ReadableSpan)
    assert [(event.name, dict(event.attributes or {})) for event in around.events] == [
        ("PutItem", {"items": 1, "capacity": 1.0}),
        ("PutItem", {"items": 1, "capacity": 0}),
        ("Query", {"items": 1, "capacity": 1.0}),
        ("GetItem", {"items": 1, "capacity": 1.0}),
    ]
    parents = [span.parent for span in spans.get_finished_spans()]
    assert [parent and parent.span_id for parent in parents] == [around.get_span_context().span_id] * 4


def test_no_span_holds_a_value(users: Repo[User], spans: InMemorySpanExporter) -> None:
    work(users)

    written = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "DynamoDB.PutItem" in written
    for value in ("USER#1", "PROFILE", "in no span"):
        assert value not in written


def _attribute(span: ReadableSpan, name: str) -> object:
    return (span.attributes or {}).get(name)
