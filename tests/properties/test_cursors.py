"""Every cursor, decoded by the command, says what it holds."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from dynamorm_py import encode_cursor
from dynamorm_py.cli._app import app
from tests.support.shapes import attribute_values


@given(
    st.dictionaries(st.text(min_size=1, max_size=4), attribute_values, min_size=1, max_size=3),
    st.none() | st.text(min_size=1, max_size=8),
    st.sampled_from([None, "ASC", "DESC"]),
)
def test_the_command_shows_what_a_cursor_holds(last_key: dict[str, Any], index: str | None, sort: str | None) -> None:
    token = encode_cursor(last_key, index, sort)
    ran = CliRunner().invoke(app, ["cursor", "decode", token, "--json"])
    shown = {name: part for name, part in json.loads(ran.stdout).items() if part is not None}
    assert ran.exit_code == 0
    assert shown == json.loads(base64.urlsafe_b64decode(token)) | {"signed": False, "problems": []}
