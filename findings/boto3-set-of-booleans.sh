#!/usr/bin/env bash
# boto3 1.44.8: a set of booleans is stored as a set of numbers.
# Guessed: TypeError: DynamoDB has no set of booleans, and a boolean alone is BOOL.
# Seen:    `{True, False}` becomes NS ["0", "1"] and comes back as Decimals; `{1, 2, True}` loses nothing but the type.
# Matters: flags kept in a set come back as numbers, and `True in flags` still holds, so that no test sees it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "boto3==1.44.8"
"$dir/venv/bin/python" - <<'PYTHON'
import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

stored = TypeSerializer().serialize({True, False})
back = TypeDeserializer().deserialize(stored)
print(f"boto3 {boto3.__version__}: {stored} -> {back}")
assert TypeSerializer().serialize(True) == {"BOOL": True}
assert list(stored) == ["NS"] and sorted(stored["NS"]) == ["0", "1"]
assert {type(each).__name__ for each in back} == {"Decimal"}
PYTHON
