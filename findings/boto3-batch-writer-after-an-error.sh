#!/usr/bin/env bash
# boto3 1.44.8: `batch_writer` writes what is buffered although the block under it failed.
# Guessed: an exception abandons what was not sent yet, as a database transaction does.
# Seen:    the item is written while the exception passes; PutItem calls before the fault and after it cannot be told apart.
# Matters: a loop that fails half way has written its first half, up to the very item before the fault.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "boto3==1.44.8" "moto[dynamodb]==5.2.5"
"$dir/venv/bin/python" - <<'PYTHON'
import os

import boto3
from moto import mock_aws

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
with mock_aws():
    table = boto3.resource("dynamodb").create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    try:
        with table.batch_writer() as batch:
            batch.put_item(Item={"id": "1"})
            before = table.scan()["Count"]
            raise RuntimeError("the loop fails")
    except RuntimeError:
        after = table.scan()["Count"]
print(f"boto3 {boto3.__version__}: {before} items when the block failed, {after} after it")
assert (before, after) == (0, 1)
PYTHON
