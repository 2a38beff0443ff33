#!/usr/bin/env bash
# ministack 1.5.33: the key 1.0 is another item than the key 1.
# Guessed: numbers are compared as numbers; DynamoDB keeps one form of each, so 1 and 1.0 are one key.
# Seen:    an item put under {"N": "1"} is not found under {"N": "1.0"}, and an update there makes a second item.
# Matters: a client that sends Decimal("1.0") for the key 1 works at AWS and makes twins here.
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
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    db.put_item(TableName="things", Item={"id": {"N": "1"}})
    found = "Item" in db.get_item(TableName="things", Key={"id": {"N": "1.0"}})
    db.update_item(
        TableName="things",
        Key={"id": {"N": "1.0"}},
        UpdateExpression="SET note = :n",
        ExpressionAttributeValues={":n": {"S": "x"}},
    )
    items = db.scan(TableName="things")["Count"]
    print(f"1.0 finds 1: {found}; items after an update of 1.0: {items}")
    assert not found
    assert items == 2
finally:
    server.terminate()
    server.wait()
PYTHON
