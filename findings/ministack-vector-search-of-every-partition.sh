#!/usr/bin/env bash
# ministack 1.5.33: a vector search with a condition on a filter alone searches every partition of the index.
# Guessed: it is refused, as is a search without any condition: an index whose search schema has a HASH is searched one partition at a time.
# Seen:    with "lang = :lang" alone items of both tenants come back.
# Matters: a forgotten tenant condition passes every test and would be an error, or worse a leak, elsewhere: check it before the request.
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
    index = {
        "IndexName": "by-v",
        "VectorAttribute": {"AttributeName": "v"},
        "SearchSchema": [
            {"AttributeName": "tenant", "SearchSchemaElementType": "HASH"},
            {"AttributeName": "lang", "SearchSchemaElementType": "INLINE_FILTER"},
        ],
        "Projection": {"ProjectionType": "ALL"},
        "Dimensions": 2,
        "DistanceFunction": "EUCLIDEAN",
    }
    db.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "tenant", "lang")],
        BillingMode="PAY_PER_REQUEST",
        VectorIndexes=[index],
    )
    for tenant in ("a", "b"):
        vector = {"L": [{"N": "1"}, {"N": "0"}]}
        item = {"id": {"S": tenant}, "tenant": {"S": tenant}, "lang": {"S": "en"}, "v": vector}
        db.put_item(TableName="things", Item=item)
    found = db.search_vectors(
        TableName="things",
        IndexName="by-v",
        SearchVector=[{"N": "1"}, {"N": "0"}],
        TopK=5,
        SearchConditionExpression="lang = :lang",
        ExpressionAttributeValues={":lang": {"S": "en"}},
    )
    tenants = sorted(result["Item"]["tenant"]["S"] for result in found["SearchResults"])
    print(f"with a condition on the filter only: {tenants}")
    assert tenants == ["a", "b"]
finally:
    server.terminate()
    server.wait()
PYTHON
