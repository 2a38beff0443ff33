#!/usr/bin/env bash
# ministack 1.5.33: REMOVE l[1], l[2] removes the elements 1 and 3.
# Guessed: both numbers mean the list before the update, as every path of an update expression does.
# Seen:    of a, b, c, d what stays is a, c: the list shifts after the first removal.
# Matters: a test of a removal by several numbers passes with the wrong elements gone, or fails with the right code.
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
import boto3

db = boto3.client("dynamodb")
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
PYTHON
