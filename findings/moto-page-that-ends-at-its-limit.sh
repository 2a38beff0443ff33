#!/usr/bin/env bash
# moto 5.2.5: a page that ends at its Limit just where the items end has no LastEvaluatedKey.
# Guessed: there is one, as DynamoDB stops at the Limit and does not look further; the next page is then empty.
# Seen:    three items and Limit=3: no key. The loop "until there is no key" runs once.
# Matters: code that takes a key for "there is more" (a next link, has_more) passes its tests and shows an empty last page at AWS.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "moto[dynamodb]==5.2.5" "boto3==1.44.8"
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
import os

import boto3
from moto import mock_aws

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
with mock_aws():
    db = boto3.client("dynamodb")
    db.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(3):
        db.put_item(TableName="things", Item={"id": {"S": str(number)}})
    pages = {limit: "LastEvaluatedKey" in db.scan(TableName="things", Limit=limit) for limit in (2, 3)}
    print(f"a key after a page of 2 and of 3: {pages}")
    assert pages == {2: True, 3: False}
PYTHON
