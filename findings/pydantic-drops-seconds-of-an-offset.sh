#!/usr/bin/env bash
# pydantic 2.14.4: a datetime whose offset has seconds is written as another instant.
# Guessed: its JSON names the same instant, rounded to nothing: ISO 8601 as Python writes it has +00:19:32.
# Seen:    the seconds of the offset are cut while the clock time stays, so Amsterdam's 1930 comes back 32 seconds later.
# Matters: dates of birth and of archives have such offsets (local mean time, before 1937). The library writes instants in UTC.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "pydantic==2.14.4" "tzdata"
"$dir/venv/bin/python" - <<'PYTHON'
import datetime as dt
from zoneinfo import ZoneInfo

import pydantic

value = dt.datetime(1930, 1, 1, 12, tzinfo=ZoneInfo("Europe/Amsterdam"))
adapter = pydantic.TypeAdapter(dt.datetime)
text = adapter.dump_json(value).decode()
moved = adapter.validate_json(text) - value
print(f"pydantic {pydantic.VERSION}: {value.isoformat()} -> {text}, moved by {moved}")
assert value.isoformat() == "1930-01-01T12:00:00+00:19:32"
assert dt.datetime.fromisoformat(value.isoformat()) == value
assert moved == dt.timedelta(seconds=32)
PYTHON
