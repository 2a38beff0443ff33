#!/usr/bin/env bash
# PynamoDB 6.1.0: get and save of an item that nobody changed stores another number.
# Guessed: a NumberAttribute keeps the number: DynamoDB has 38 digits, Python has Decimal.
# Seen:    read as a float, written as its shortest text: 29 digits become 17. A Decimal cannot be saved at all (TypeError).
# Matters: a field nobody touches loses digits when any other field is saved.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "pynamodb==6.1.0" "moto[dynamodb]==5.2.5"
"$dir/venv/bin/python" - <<'PYTHON'
import os

import boto3
import pynamodb
from moto import mock_aws
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")


class Thing(Model):
    class Meta:
        table_name, region, billing_mode = "things", "us-east-1", "PAY_PER_REQUEST"

    id = UnicodeAttribute(hash_key=True)
    n = NumberAttribute(null=True)


with mock_aws():
    Thing.create_table(wait=True)
    client, key = boto3.client("dynamodb"), {"id": {"S": "1"}}
    client.put_item(TableName="things", Item={**key, "n": {"N": "0.12345678901234567890123456789"}})
    Thing.get("1").save()
    after = client.get_item(TableName="things", Key=key)["Item"]["n"]["N"]
print(f"PynamoDB {pynamodb.__version__}: 0.12345678901234567890123456789 -> {after}")
assert after == "0.12345678901234568"
PYTHON
