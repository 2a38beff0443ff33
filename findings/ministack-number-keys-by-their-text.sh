#!/usr/bin/env bash
# ministack 1.5.33: the key 1.0 is another item than the key 1.
# Guessed: numbers are compared as numbers; DynamoDB keeps one form of each, so 1 and 1.0 are one key.
# Seen:    an item put under {"N": "1"} is not found under {"N": "1.0"}, and an update there makes a second item.
# Matters: a client that sends Decimal("1.0") for the key 1 works at AWS and makes twins here.
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
PYTHON
