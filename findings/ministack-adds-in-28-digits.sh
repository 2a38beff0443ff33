#!/usr/bin/env bash
# ministack 1.5.33: SET n = n + :v and ADD round to 28 digits.
# Guessed: DynamoDB's 38 digits, or an error beyond what it can.
# Seen:    12345678901234567890123456789012345678 + 1 ends in zeros, without a word; a put of that number keeps it whole.
# Matters: it is the default context of Python's decimal module; a mapper's own arithmetic has to bring a context of 38 digits.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "ministack==1.5.33" "boto3==1.43.106"
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
import os
import socket
import subprocess
import sys
import time
from decimal import Decimal

import boto3

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
server = subprocess.Popen(
    [sys.executable, "-I", "-m", "ministack"], env=os.environ | settings,
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
)
try:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    options = {
        "endpoint_url": f"http://127.0.0.1:{port}", "region_name": "us-east-1",
        "aws_access_key_id": "x", "aws_secret_access_key": "x",
    }
    db = boto3.client("dynamodb", **options)
    db.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    many = "12345678901234567890123456789012345678"
    db.put_item(TableName="things", Item={"id": {"S": "1"}, "n": {"N": many}})
    kept = db.get_item(TableName="things", Key={"id": {"S": "1"}})["Item"]["n"]["N"]
    added = db.update_item(
        TableName="things",
        Key={"id": {"S": "1"}},
        UpdateExpression="SET n = n + :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )["Attributes"]["n"]["N"]
    print(f"put {kept}, after + 1 {added}")
    assert kept == many
    assert len(Decimal(added).normalize().as_tuple().digits) <= 28
finally:
    server.terminate()
    server.wait()
PYTHON
