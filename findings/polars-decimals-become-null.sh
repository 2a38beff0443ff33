#!/usr/bin/env bash
# Polars 2.1.0: a Series of Decimals drops the large one beside a small one.
# Guessed: an error, or a wider type: 38 digits are what a DynamoDB number and a Decimal(38) have.
# Seen:    one scale is chosen for all, and a value that then needs more than 38 digits is null, without a word; alone it is kept.
# Matters: a sum over amounts of one export misses rows, and which ones depends on their neighbours.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "polars==2.1.0"
"$dir/venv/bin/python" - <<'PYTHON'
from decimal import Decimal

import polars

large, small = Decimal("9" * 30), Decimal("0.123456789012")
alone, together = polars.Series([large]).to_list(), polars.Series([large, small]).to_list()
print(f"Polars {polars.__version__}: alone {alone}, together {together}")
assert alone == [large]
assert together == [None, small]
PYTHON
