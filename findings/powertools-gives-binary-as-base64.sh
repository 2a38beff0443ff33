#!/usr/bin/env bash
# aws-lambda-powertools 3.37.0: binary of a stream record is its base64 text.
# Guessed: `new_image` is deserialized into Python's types, numbers to Decimal, sets to set, so binary to bytes.
# Seen:    binary and sets of binary stay base64 text, in the data class and in the parser's model alike.
# Matters: the same handler gets bytes from boto3's own TypeDeserializer, and a comparison with stored bytes is false without an error.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "aws-lambda-powertools[parser]==3.37.0"
"$dir/venv/bin/python" - <<'PYTHON'
import base64
import importlib.metadata

from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent
from aws_lambda_powertools.utilities.parser.models import DynamoDBStreamModel

text = base64.b64encode(b"\x00\x01").decode()
image = {"b": {"B": text}, "bs": {"BS": [text]}, "n": {"N": "1.50"}}
change = {"Keys": {"id": {"S": "1"}}, "NewImage": image, "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_IMAGE"}
change["ApproximateCreationDateTime"] = 1767225600
record = {"eventID": "1", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1"}
record |= {"eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/1", "dynamodb": change}
event = {"Records": [record]}
by_class = next(iter(DynamoDBStreamEvent(event).records)).dynamodb.new_image
by_model = DynamoDBStreamModel.model_validate(event).Records[0].dynamodb.NewImage
print(f"powertools {importlib.metadata.version('aws-lambda-powertools')}: {by_class} {by_model}")
for image in (by_class, by_model):
    assert image["b"] == text and image["bs"] == {text}
    assert type(image["n"]).__name__ == "Decimal"
PYTHON
