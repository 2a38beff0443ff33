#!/usr/bin/env bash
# opentelemetry-instrumentation-botocore 0.66b2: a span of a transaction says neither its tables nor what it consumed.
# Guessed: TransactWriteItems and TransactGetItems have aws.dynamodb.table_names and consumed_capacity, as BatchWriteItem has.
# Seen:    only the operation's name; PutItem and BatchWriteItem beside them have both.
# Matters: costs by table leave out the dearest requests. Spans of your own have to fill the gap.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "opentelemetry-instrumentation-botocore==0.66b2" "opentelemetry-sdk==1.45.2" "moto[dynamodb]==5.2.5" "boto3==1.44.8"
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
import os

import boto3
from moto import mock_aws
from opentelemetry import trace
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
BotocoreInstrumentor().instrument()
item, told = {"id": {"S": "1"}}, {"ReturnConsumedCapacity": "TOTAL"}
with mock_aws():
    db = boto3.client("dynamodb")
    db.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    db.put_item(TableName="things", Item=item, **told)
    db.batch_write_item(RequestItems={"things": [{"PutRequest": {"Item": item}}]}, **told)
    db.transact_write_items(TransactItems=[{"Put": {"TableName": "things", "Item": item}}], **told)
    db.transact_get_items(TransactItems=[{"Get": {"TableName": "things", "Key": item}}], **told)
seen = {}
for span in exporter.get_finished_spans()[1:]:
    seen[span.name.split(".")[1]] = [name for name in ("table_names", "consumed_capacity") if f"aws.dynamodb.{name}" in span.attributes]
print(seen)
assert seen["PutItem"] == seen["BatchWriteItem"] == ["table_names", "consumed_capacity"]
assert seen["TransactWriteItems"] == seen["TransactGetItems"] == []
PYTHON
