#!/usr/bin/env bash
# moto 5.2.5: a local index gives nothing for an attribute that it does not carry.
# Guessed: it is fetched from the table, which is what tells a local index from a global one.
# Seen:    a query of a KEYS_ONLY local index with ProjectionExpression="note" gives {} for an item that has a note.
# Matters: code that relies on the fetch seems broken, and what the fetch costs at AWS (a read of the whole item each) is never seen.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "moto[dynamodb]==5.2.5" "boto3==1.44.8"
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
import os

import boto3
from moto import mock_aws

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
with mock_aws():
    db = boto3.client("dynamodb")
    local = {
        "IndexName": "by-day",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "day", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    db.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "sort", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "sort", "day")],
        LocalSecondaryIndexes=[local],
        BillingMode="PAY_PER_REQUEST",
    )
    db.put_item(TableName="things", Item={name: {"S": "1"} for name in ("id", "sort", "day", "note")})
    page = db.query(
        TableName="things",
        IndexName="by-day",
        KeyConditionExpression="id = :id",
        ProjectionExpression="note",
        ExpressionAttributeValues={":id": {"S": "1"}},
    )
    print(page["Items"])
    assert page["Items"] == [{}]
PYTHON
