#!/usr/bin/env bash
# moto 5.2.5: a transaction that is sent again under its token is applied again.
# Guessed: a ClientRequestToken is kept for ten minutes, as at AWS, since that is all it is for.
# Seen:    the same TransactWriteItems with one token adds 1 twice; another request under the same token is taken too.
# Matters: code whose retries are safe looks wrong under moto, and code whose retries are not cannot be told from it.
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

    def add(number):
        update = {
            "TableName": "things",
            "Key": {"id": {"S": "1"}},
            "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": {":n": {"N": str(number)}},
        }
        db.transact_write_items(TransactItems=[{"Update": update}], ClientRequestToken="one-token")
        return db.get_item(TableName="things", Key={"id": {"S": "1"}})["Item"]["n"]["N"]

    seen = [add(1), add(1), add(5)]
    print(f"after the first, the same again, and another under its token: {seen}")
    assert seen == ["1", "2", "7"]
PYTHON
