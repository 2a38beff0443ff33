#!/usr/bin/env bash
# dynamodb-json 1.4.2: an item with an attribute called S is read as that attribute alone.
# Guessed: each attribute is read by its type, whatever it is called.
# Seen:    {"S": {"S": "x"}, "b": {"S": "y"}} is read as the text "x", and b is gone; inside an item a map with a key BOOL likewise. A number
#          set comes back as a set of texts.
# Matters: legacy tables have one-letter attribute names, and nothing says that the item was cut.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "dynamodb-json==1.4.2" "boto3==1.44.8"
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
from dynamodb_json import json_util

whole = json_util.loads('{"S": {"S": "x"}, "b": {"S": "y"}}')
inside = json_util.loads('{"a": {"M": {"BOOL": {"S": "x"}, "other": {"S": "y"}}}}')
numbers = json_util.loads('{"a": {"NS": ["1", "2.5"]}}')
print(f"dynamodb-json: {whole!r}, {inside!r}, {sorted(numbers['a'])!r}")
assert whole == "x"
assert inside == {"a": "x"}
assert numbers == {"a": {"1", "2.5"}}
PYTHON
