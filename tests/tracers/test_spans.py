"""Spans of our own: on the direct lane of both faces, by OpenTelemetry's conventions, and never beside another's."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.botocore import (  # pyright: ignore[reportMissingTypeStubs] -- it publishes no types
    BotocoreInstrumentor,
)
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import dynamorm_py
from dynamorm_py import Check, ConditionFailed, Create, DynamoModel, Key, PartitionKey, Repo, SortKey, aio, fields
from dynamorm_py._transport import Client
from dynamorm_py._transport.botocore_session import OwnClients
from tests.support.awaited import AwaitedRepo
from tests.support.in_loop import LoopThread
from tests.support.wire import answer, request_on, serving

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

_SECRET = "in-no-span"
_CAPACITY = {"TableName": "orders", "CapacityUnits": 2.5}
_ANSWERS: dict[str, Any] = {
    "GetItem": {"Item": {"pk": {"S": _SECRET}, "sk": {"S": "1"}}, "ConsumedCapacity": _CAPACITY},
    "PutItem": {"ConsumedCapacity": _CAPACITY},
    "Query": {"Items": [], "Count": 0, "ScannedCount": 7, "ConsumedCapacity": _CAPACITY},
    "TransactWriteItems": {"ConsumedCapacity": [_CAPACITY, {"TableName": "others", "CapacityUnits": 1}]},
}


class Order(DynamoModel, table="orders"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    status: Annotated[str, PartitionKey(index="by-status")] = "open"


o = fields(Order)


class Server:
    """Answers by the operation, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refuses = False
        self.silent = False

    def serve(self, connection: socket.socket, _: int) -> None:
        while (request := request_on(connection)) is not None:
            head, _sep, body = request.partition(b"\r\n\r\n")
            self.asked.append(json.loads(body))
            if self.silent:
                time.sleep(2)
            operation = head.partition(b"DynamoDB_20120810.")[2].partition(b"\r\n")[0].decode()
            if self.refuses:
                said = {"__type": "x#ConditionalCheckFailedException", "message": _SECRET}
                connection.sendall(answer(json.dumps(said).encode(), "400 Bad Request"))
            else:
                connection.sendall(answer(json.dumps(_ANSWERS[operation]).encode()))


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Set a provider for the test, as an application does at its start, and keep the spans."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)  # it can be set only once in a process
    yield exporter
    provider.shutdown()


@pytest.fixture
def server() -> Iterator[tuple[Server, str]]:
    server = Server()
    with serving(server.serve) as loopback:
        yield server, loopback.url


@pytest.fixture
def client(server: tuple[Server, str]) -> Iterator[Client]:
    made = Client(OwnClients("us-east-1", server[1], None))
    yield made
    made.close()


@pytest.fixture(params=["synchronous", "asyncio"])
def orders(request: pytest.FixtureRequest, client: Client) -> Iterator[Any]:
    """Give a repository of either face, with the words of the synchronous one."""
    if request.param == "synchronous":
        yield Repo(Order, client=client)
        return
    loop = LoopThread()
    yield AwaitedRepo(loop, aio.Repo(Order, client=client))
    loop.close()


def _only(spans: InMemorySpanExporter) -> Any:  # noqa: ANN401 -- a span, with attributes of any type
    (span,) = spans.get_finished_spans()
    return span


def test_a_read_says_what_was_asked_and_what_it_cost(spans: InMemorySpanExporter, orders: Any, client: Client) -> None:  # noqa: ANN401
    assert orders.query(Key(o.status) == _SECRET, limit=3).all() == []
    span = _only(spans)
    attributes = dict(span.attributes)
    assert (span.name, span.kind, client.lane()) == ("DynamoDB.Query", SpanKind.CLIENT, "direct")
    assert json.loads(attributes.pop("aws.dynamodb.consumed_capacity")[0]) == _CAPACITY
    assert isinstance(attributes.pop("server.port"), int)
    assert attributes == {
        "rpc.system": "aws-api",
        "rpc.service": "DynamoDB",
        "rpc.method": "Query",
        "db.system.name": "aws.dynamodb",
        "db.operation.name": "Query",
        "db.collection.name": "orders",
        "aws.dynamodb.table_names": ("orders",),
        "aws.dynamodb.index_name": "by-status",
        "aws.dynamodb.limit": 3,
        "aws.dynamodb.count": 0,
        "aws.dynamodb.scanned_count": 7,
        "aws.request_id": "R",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "cloud.region": "us-east-1",
    }
    assert _SECRET not in span.to_json()


def test_a_span_stands_below_the_one_around_it(spans: InMemorySpanExporter, client: Client) -> None:
    tracer = trace.get_tracer("test")

    async def get() -> None:
        with tracer.start_as_current_span("awaited"):
            await aio.Repo(Order, client=client).get(("a", "1"))

    with tracer.start_as_current_span("plain"):
        Repo(Order, client=client).get(("a", "1"))
    asyncio.run(get())
    found: Any = {span.name: span for span in spans.get_finished_spans() if not span.name.startswith("DynamoDB.")}
    parents = [span.parent.span_id for span in spans.get_finished_spans() if span.parent]
    assert parents == [found["plain"].context.span_id, found["awaited"].context.span_id]


def test_a_transaction_names_its_tables(spans: InMemorySpanExporter, client: Client) -> None:
    orders, others = Repo(Order, client=client), Repo(Order, table="others", client=client)
    writes = (Create(orders, Order(pk=_SECRET, sk="1")), Check(others, ("a", "1"), o_exists()))
    dynamorm_py.transact_write(writes)
    span = _only(spans)
    assert span.attributes["aws.dynamodb.table_names"] == ("orders", "others")
    assert len(span.attributes["aws.dynamodb.consumed_capacity"]) == 2
    assert span.attributes["db.operation.batch.size"] == 2
    assert _SECRET not in span.to_json()


def o_exists() -> Any:  # noqa: ANN401 -- a condition
    return dynamorm_py.Attr(o.status).exists()


def test_a_refusal_is_named_and_its_message_is_not_quoted(
    spans: InMemorySpanExporter,
    orders: Any,  # noqa: ANN401 -- of either face
    server: tuple[Server, str],
) -> None:
    server[0].refuses = True
    with pytest.raises(ConditionFailed):
        orders.create(Order(pk=_SECRET, sk="1"))
    span = _only(spans)
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["error.type"] == "ConditionalCheckFailedException"
    assert span.attributes["db.response.status_code"] == "ConditionalCheckFailedException"
    assert span.attributes["http.response.status_code"] == 400
    assert _SECRET not in span.to_json()


def test_a_cancelled_call_ends_its_span(
    spans: InMemorySpanExporter, client: Client, server: tuple[Server, str]
) -> None:
    server[0].silent = True

    async def cancel() -> None:
        task = asyncio.create_task(aio.Repo(Order, client=client).get(("a", "1")))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cancel())
    assert _only(spans).attributes["error.type"] == "CancelledError"


def test_without_a_provider_nothing_is_made_and_nothing_more_is_asked(
    monkeypatch: pytest.MonkeyPatch,
    orders: Any,  # noqa: ANN401 -- of either face
    server: tuple[Server, str],
) -> None:
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    orders.get(("a", "1"))
    assert "ReturnConsumedCapacity" not in server[0].asked[0]


def test_they_can_be_switched_off(
    spans: InMemorySpanExporter,
    monkeypatch: pytest.MonkeyPatch,
    orders: Any,  # noqa: ANN401 -- of either face
) -> None:
    monkeypatch.setenv("DYNAMORM_OTEL", "off")
    orders.get(("a", "1"))
    assert spans.get_finished_spans() == ()


def test_where_instrumentation_is_suppressed_none_is_made(spans: InMemorySpanExporter, client: Client) -> None:
    with suppress_instrumentation():
        Repo(Order, client=client).get(("a", "1"))
    assert spans.get_finished_spans() == ()


def test_beside_botocores_instrumentation_there_is_one_span_of_a_call(
    spans: InMemorySpanExporter,
    orders: Any,  # noqa: ANN401 -- of either face
) -> None:
    BotocoreInstrumentor().instrument()
    try:
        orders.get(("a", "1"))
    finally:
        BotocoreInstrumentor().uninstrument()
    scope: Any = _only(spans).instrumentation_scope
    assert scope.name.startswith("opentelemetry.instrumentation.botocore")
    orders.get(("a", "1"))
    assert len(spans.get_finished_spans()) == 2


def test_a_client_that_is_brought_has_none_of_ours(spans: InMemorySpanExporter, server: tuple[Server, str]) -> None:
    brought: Any = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=server[1])
    Repo(Order, client=brought).get(("a", "1"))
    brought.close()
    assert spans.get_finished_spans() == ()


def test_calls_in_threads_have_a_span_each(spans: InMemorySpanExporter, client: Client) -> None:
    orders = Repo(Order, client=client)
    threads = [threading.Thread(target=orders.get, args=(("a", "1"),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(spans.get_finished_spans()) == 8
