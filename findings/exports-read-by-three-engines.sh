#!/usr/bin/env bash
# DuckDB 2.0.1, pyarrow 26.0.1, Polars 2.1.0: DynamoDB JSON says S, and two of three read a date.
# Guessed: `{"S": "2026-01-01"}` is text, as DynamoDB's JSON says, and a key is what it was.
# Seen:    DuckDB infers DATE, pyarrow timestamp[s], Polars String; text of digits ("001") stays text in all.
# Matters: a join of two exports on such a key fails or finds nothing, and what is written back is another key.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "duckdb==2.0.1" "polars==2.1.0" "pyarrow==26.0.1"
"$dir/venv/bin/python" - <<'PYTHON'
import json
import pathlib
import tempfile

import duckdb
import polars
import pyarrow.json

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "part.json")
    rows = [{"Item": {"id": {"S": f"2026-01-0{n}"}, "no": {"S": f"00{n}"}}} for n in range(1, 5)]
    path.write_text("\n".join(map(json.dumps, rows)))
    by_duckdb = duckdb.sql(f"select typeof(Item.id.S), typeof(Item.no.S) from read_json_auto('{path}')").fetchall()[0]
    arrow = pyarrow.json.read_json(path).schema.field("Item").type
    by_arrow = tuple(str(arrow.field(name).type.field("S").type) for name in ("id", "no"))
    item = polars.read_ndjson(path)["Item"]
    by_polars = tuple(str(item.struct.field(name).struct.field("S").dtype) for name in ("id", "no"))
print(f"DuckDB {by_duckdb}, pyarrow {by_arrow}, Polars {by_polars}")
assert by_duckdb == ("DATE", "VARCHAR")
assert by_arrow == ("timestamp[s]", "string")
assert by_polars == ("String", "String")
PYTHON
