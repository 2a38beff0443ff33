#!/usr/bin/env bash
# Powertools for AWS Lambda 3.37.0: what an idempotent function returns has other types when the call is repeated.
# Guessed: the answer that was stored is given back as it was, or a type that cannot be kept is refused.
# Seen:    the first call returns Decimal("12.50") and a tuple, the second "12.50", a text, and a list; and the arguments 1 and 1.0, which are equal in
#          Python and one number in DynamoDB, are two different requests.
# Matters: code that adds to the total works, and fails only on the retry, which tests seldom reach.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "aws-lambda-powertools==3.37.0" "moto[dynamodb]==5.2.5" "boto3==1.44.8"
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
import os
from decimal import Decimal

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from moto import mock_aws

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
with mock_aws():
    db = boto3.client("dynamodb")
    db.create_table(
        TableName="requests",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    options = {"persistence_store": DynamoDBPersistenceLayer(table_name="requests"), "config": IdempotencyConfig()}
    runs = []

    @idempotent_function(data_keyword_argument="order", **options)
    def charge(order):
        runs.append(order)
        return {"total": Decimal("12.50"), "ids": (1, 2)}

    first, again = charge(order={"amount": 1}), charge(order={"amount": 1})
    charge(order={"amount": 1.0})
    print(f"first {first}, again {again}, ran for {runs}")
    assert first == {"total": Decimal("12.50"), "ids": (1, 2)}
    assert again == {"total": "12.50", "ids": [1, 2]}
    assert len(runs) == 2
PYTHON
