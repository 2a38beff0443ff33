#!/usr/bin/env bash
# ministack 1.5.33: REMOVE l[1], l[2] removes the elements 1 and 3.
# Guessed: both numbers mean the list before the update, as every path of an update expression does.
# Seen:    of a, b, c, d what stays is a, c: the list shifts after the first removal.
# Matters: a test of a removal by several numbers passes with the wrong elements gone, or fails with the right code.
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
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    letters = [{"S": letter} for letter in "abcd"]
    db.put_item(TableName="things", Item={"id": {"S": "1"}, "l": {"L": letters}})
    db.update_item(TableName="things", Key={"id": {"S": "1"}}, UpdateExpression="REMOVE l[1], l[2]")
    left = [each["S"] for each in db.get_item(TableName="things", Key={"id": {"S": "1"}})["Item"]["l"]["L"]]
    print(f"left: {left}")
    assert left == ["a", "c"]
finally:
    server.terminate()
    server.wait()
PYTHON
