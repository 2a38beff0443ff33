"""Each tool sees each call once, with its operation and table, and what it adds to a request reaches DynamoDB.

Tools that cannot be taken out of botocore again run in a process of their own.
"""

# pyright: basic, reportMissingImports=false, reportMissingTypeStubs=false

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from dynamorm_py import Repo
from dynamorm_py._transport.watching import watch
from tests.tracers.rows import Row

if TYPE_CHECKING:
    from tests.tracers.rows import Rows

_ROOT = Path(__file__).parents[2]


def _in_a_process(code: str) -> str:
    """Run code beside the rows of conftest, in a fresh interpreter; return what it printed."""
    start = "from tests.tracers.rows import Row, Rows\nimport os\n"
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/nowhere",
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONPATH": str(_ROOT),
        "DD_TRACE_ENABLED": "true",
        "DD_REMOTE_CONFIGURATION_ENABLED": "false",
        "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
    }
    done = subprocess.run(
        [sys.executable, "-c", start + code], capture_output=True, text=True, check=False, env=environment, cwd=_ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_opentelemetry_sees_each_call_and_its_trace_header_reaches_dynamodb(rows: Rows) -> None:
    from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    BotocoreInstrumentor().instrument(tracer_provider=provider)
    try:
        assert rows.client.lane() == "watched"
        rows.repo.get("a")
        rows.repo.put(Row(pk="a"))
    finally:
        BotocoreInstrumentor().uninstrument()
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["DynamoDB.GetItem", "DynamoDB.PutItem"]
    context: Any = spans[0].context
    trace_id = f"{context.trace_id:032x}"
    assert f"Root=1-{trace_id[:8]}-{trace_id[8:]}" in rows.requests[0]
    assert watch() == "nobody"


def test_xray_sees_each_call_and_its_trace_header_reaches_dynamodb() -> None:
    printed = _in_a_process("""
from aws_xray_sdk.core import patch, xray_recorder
xray_recorder.configure(sampling=False, context_missing="LOG_ERROR")
patch(["botocore"])
rows = Rows()
segment = xray_recorder.begin_segment("test")
rows.repo.get("a")
print(rows.client.lane(), [(s.name, s.aws["operation"], s.aws["table_name"]) for s in segment.subsegments])
print(segment.trace_id in rows.requests[0])
""")
    assert printed.splitlines() == ["watched [('dynamodb', 'GetItem', 'rows')]", "True"]


def test_ddtrace_sees_each_call() -> None:
    printed = _in_a_process("""
from ddtrace import patch
from ddtrace.trace import TraceFilter, tracer
seen = []
class Keep(TraceFilter):
    def process_trace(self, trace):
        seen.extend(trace)
        return None
tracer.configure(trace_processors=[Keep()])
patch(botocore=True)
rows = Rows()
with tracer.trace("root"):
    rows.repo.get("a")
print(rows.client.lane(), [s.resource for s in seen if s.name != "root"])
""")
    assert printed.splitlines() == ["watched ['dynamodb.getitem']"]


def test_sentry_sees_each_call() -> None:
    printed = _in_a_process("""
import sentry_sdk
from sentry_sdk.integrations.boto3 import Boto3Integration
events = []
sentry_sdk.init(dsn="http://k@127.0.0.1:1/1", integrations=[Boto3Integration()], traces_sample_rate=1.0,
                before_send_transaction=lambda event, hint: events.append(event))
rows = Rows()
with sentry_sdk.start_transaction(name="root"):
    rows.repo.get("a")
print(rows.client.lane(), [s["description"] for s in events[0]["spans"]][:1])
""")
    assert printed.splitlines() == ["botocore ['aws.dynamodb.GetItem']"]


def test_powertools_tracer_sees_each_call() -> None:
    printed = _in_a_process("""
from aws_xray_sdk.core import xray_recorder
from aws_lambda_powertools import Tracer
xray_recorder.configure(sampling=False, context_missing="LOG_ERROR")
os.environ["LAMBDA_TASK_ROOT"] = "/var/task"  # set after the recorder looked: outside Lambda the tracer is off
tracer = Tracer(service="test", auto_patch=False)
tracer.patch(["botocore"])
sent = []
xray_recorder.emitter.send_entity = sent.append  # Powertools sends each subsegment when it ends
rows = Rows()
xray_recorder.begin_segment("test")
rows.repo.get("a")
print(rows.client.lane(), [s.aws["operation"] for s in sent])
""")
    assert printed.splitlines() == ["watched ['GetItem']"]


def test_a_stubber_on_a_brought_client_answers_its_calls(rows: Rows) -> None:
    client: Any = boto3.client("dynamodb", endpoint_url=rows.url)
    with Stubber(client) as stubber:
        stubber.add_response(
            "get_item", {"Item": {"pk": {"S": "stubbed"}}}, {"TableName": "rows", "Key": {"pk": {"S": "a"}}}
        )
        assert Repo(Row, client=client).get("a") == Row(pk="stubbed")
        stubber.add_client_error("put_item", "ConditionalCheckFailedException")
        with pytest.raises(Exception, match="an item with this key exists"):
            Repo(Row, client=client).create(Row(pk="a"))
    assert rows.requests == []


def test_vcr_records_and_plays_back(rows: Rows, tmp_path: Path) -> None:
    import vcr

    cassette = str(tmp_path / "rows.yaml")
    with vcr.use_cassette(cassette):
        assert rows.client.lane() == "botocore"
        recorded = rows.repo.get("a")
    with vcr.use_cassette(cassette, record_mode="none"):
        assert rows.repo.get("a") == recorded
    assert len(rows.requests) == 1
    assert rows.client.lane() == "direct"
