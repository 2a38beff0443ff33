#!/usr/bin/env bash
# ministack 1.5.33: a vector search with a condition on a filter alone searches every partition of the index.
# Guessed: it is refused, as is a search without any condition: an index whose search schema has a HASH is searched one partition at a time.
# Seen:    with "lang = :lang" alone items of both tenants come back.
# Matters: a forgotten tenant condition passes every test and would be an error, or worse a leak, elsewhere: check it before the request.
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
PYTHON
