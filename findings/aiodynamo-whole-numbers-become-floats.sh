#!/usr/bin/env bash
# aiodynamo 26.4: a whole number over 2**53 is read as the float beside it.
# Guessed: int for whole numbers, as boto3's Decimal and the number that was written.
# Seen:    9007199254740993 is written exactly and read as 9007199254740992.0; every number is a float.
# Matters: an identifier or a counter that is read and written back is another number, and every test with small ones passes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "aiodynamo[httpx]==26.4" "moto[dynamodb,server]==5.2.5" "boto3==1.44.8"
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
import os
import socket
import subprocess
import sys
import time

import boto3
import httpx
from aiodynamo.client import Client
from aiodynamo.credentials import Key, StaticCredentials
from aiodynamo.http.httpx import HTTPX
from yarl import URL

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = subprocess.Popen(
    [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
)
for _ in range(300):
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            break
    time.sleep(0.1)
url = f"http://127.0.0.1:{port}"
db = boto3.client("dynamodb", endpoint_url=url)
db.create_table(
    TableName="things",
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    BillingMode="PAY_PER_REQUEST",
)


async def written_and_read():
    async with httpx.AsyncClient() as http:
        client = Client(HTTPX(http), StaticCredentials(Key("x", "x")), "us-east-1", endpoint=URL(url))
        await client.put_item("things", {"id": "1", "number": 2**53 + 1})
        return await client.get_item("things", {"id": "1"})


read = asyncio.run(written_and_read())
stored = db.get_item(TableName="things", Key={"id": {"S": "1"}})["Item"]["number"]["N"]
server.terminate()
print(f"stored {stored}, read {read['number']!r}")
assert stored == "9007199254740993"
assert read["number"] == 9007199254740992.0
PYTHON
