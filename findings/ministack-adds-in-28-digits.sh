#!/usr/bin/env bash
# ministack 1.5.33: SET n = n + :v and ADD round to 28 digits.
# Guessed: DynamoDB's 38 digits, or an error beyond what it can.
# Seen:    12345678901234567890123456789012345678 + 1 ends in zeros, without a word; a put of that number keeps it whole.
# Matters: it is the default context of Python's decimal module; a mapper's own arithmetic has to bring a context of 38 digits.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill "${server:-}" 2> /dev/null && wait; rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "ministack==1.5.33" "boto3==1.43.106"
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
export AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:$port" AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 "$dir/venv/bin/python" -I -m ministack > "$dir/log" 2>&1 &
server=$!
until (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do kill -0 "$server" || { cat "$dir/log"; exit 1; }; sleep 0.1; done
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
from decimal import Decimal

import boto3

db = boto3.client("dynamodb")
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
PYTHON
