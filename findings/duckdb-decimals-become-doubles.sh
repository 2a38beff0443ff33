#!/usr/bin/env bash
# DuckDB 2.0.1: a Decimal that does not fit DECIMAL(38) is bound as a DOUBLE.
# Guessed: an error for what DECIMAL cannot hold, as a cast of its text gives.
# Seen:    38 nines and a half become 1e+38, and 1E-40 a DOUBLE, where 1E+30 is a DECIMAL(31,0); AVG of decimals is a DOUBLE too.
# Matters: numbers of DynamoDB reach 38 digits at any exponent, so a filter by the exact value compares with a rounded one.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "duckdb==2.0.1"
"$dir/venv/bin/python" - <<'PYTHON'
from decimal import Decimal

import duckdb

seen = {
    text: duckdb.execute("select typeof(?)", [Decimal(text)]).fetchone()[0] for text in ("1E+30", "9" * 38 + ".5", "1E-40")
}
bound = duckdb.execute("select ?", [Decimal("9" * 38 + ".5")]).fetchone()[0]
print(f"DuckDB {duckdb.__version__}: {seen}; bound as {bound!r}")
assert list(seen.values()) == ["DECIMAL(31,0)", "DOUBLE", "DOUBLE"]
assert bound == 1e38
try:
    duckdb.execute("select cast(? as decimal(38, 1))", ["9" * 38 + ".5"])
except duckdb.ConversionException:
    pass
else:
    raise AssertionError("the cast of the text fits now")
PYTHON
