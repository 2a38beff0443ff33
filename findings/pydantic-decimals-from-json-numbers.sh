#!/usr/bin/env bash
# pydantic 2.14.4: a Decimal field reads a JSON number with 17 digits, though its text has more.
# Guessed: exact: the field is a Decimal, and the text of the number is there.
# Seen:    0.1234567890123456789012345 becomes 0.12345678901234568, in strict mode too; as a JSON string it is exact.
# Matters: the body of a request loses digits before any rule of a model can see them; ask clients for strings.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "pydantic==2.14.4"
"$dir/venv/bin/python" - <<'PYTHON'
from decimal import Decimal

import pydantic


class Price(pydantic.BaseModel):
    amount: Decimal


digits = "0.1234567890123456789012345"
number = Price.model_validate_json(f'{{"amount": {digits}}}').amount
text = Price.model_validate_json(f'{{"amount": "{digits}"}}').amount
print(f"pydantic {pydantic.VERSION}: number {number}, text {text}")
assert text == Decimal(digits)
assert number == Decimal("0.12345678901234568")
PYTHON
