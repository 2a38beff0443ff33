#!/usr/bin/env bash
# boto3 1.44.8: a Decimal zero with a large exponent is refused, though zero is zero.
# Guessed: every zero is stored as 0: DynamoDB trims zeros, and `Decimal("0E-200") == 0`.
# Seen:    TypeSerializer raises decimal's own Clamped for `0E-200` and `0E+200`; 0E-100 passes.
# Matters: zeros with such exponents come from products and quantize(), so a sum that happens to be zero fails to be stored.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "boto3==1.44.8"
"$dir/venv/bin/python" - <<'PYTHON'
import decimal

import boto3
from boto3.dynamodb.types import TypeSerializer

serialize = TypeSerializer().serialize
seen = {}
for text in ("0E-100", "0E-200", "0E+200"):
    try:
        seen[text] = serialize(decimal.Decimal(text))["N"]
    except decimal.Clamped:
        seen[text] = "Clamped"
print(f"boto3 {boto3.__version__}: {seen}")
assert seen["0E-100"].startswith("0") and seen["0E-200"] == seen["0E+200"] == "Clamped"
assert decimal.Decimal("0E-200") == 0
PYTHON
