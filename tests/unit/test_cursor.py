"""Cursors as bytes: the tokens of all languages, round trips, and whatever else arrives in a request."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dynamorm_py import Cursor, InvalidCursor, decode_cursor, encode_cursor
from dynamorm_py._operations.cursor_format import verify

_GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"
_VECTORS: list[dict[str, Any]] = json.loads((_GOLDEN / "cursor.json").read_text())["vectors"]

# The TypeScript writer cannot hold a map entry of this name, so its token says less than the key.
_READS_AS = {"nested_map_proto_key": {"M": {"M": {"a": {"S": "b"}}}}}

each_vector = pytest.mark.parametrize("vector", _VECTORS, ids=[vector["name"] for vector in _VECTORS])


def from_json(value: Any) -> Any:  # noqa: ANN401 -- any JSON
    """Return what boto3 has for a key written in JSON: bytes where that has base64."""
    if isinstance(value, list):
        return [from_json(part) for part in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    found = cast("dict[str, Any]", value)
    if len(found) == 1 and isinstance(found.get("B"), str):
        return {"B": base64.b64decode(found["B"])}
    if len(found) == 1 and isinstance(found.get("BS"), list):
        return {"BS": [base64.b64decode(part) for part in found["BS"]]}
    return {name: from_json(part) for name, part in found.items()}


def token_of(document: object) -> str:
    """Return a token of any JSON at all."""
    text = document if isinstance(document, str) else json.dumps(document)
    return base64.urlsafe_b64encode(text.encode()).decode()


def json_of(token: str) -> str:
    return base64.urlsafe_b64decode(token).decode()


@each_vector
def test_a_cursor_has_the_bytes_of_the_golden_file(vector: dict[str, Any]) -> None:
    assert encode_cursor(from_json(vector["lastKey"]), vector["index"], vector["sort"]) == vector["cursor"]


@each_vector
def test_a_golden_cursor_says_its_key_index_and_direction(vector: dict[str, Any]) -> None:
    if vector["cursor"]:
        expected = Cursor(from_json(vector["lastKey"]), vector["index"], vector["sort"])
        assert decode_cursor(vector["cursor"]) == expected
    else:
        assert decode_cursor("") == Cursor({})


@each_vector
def test_a_cursor_of_the_sisters_is_readable(vector: dict[str, Any]) -> None:
    key = _READS_AS.get(vector["name"], vector["lastKey"])
    for token in vector["also_readable"]:
        assert decode_cursor(token) == Cursor(from_json(key), vector["index"], vector["sort"])


def test_the_cursor_of_the_contract_is_ours_both_ways() -> None:
    token = (_GOLDEN / "cursor" / "cursor_v0.1_basic.cursor").read_text().strip()
    said = json.loads((_GOLDEN / "cursor" / "cursor_v0.1_basic.json").read_text())
    assert encode_cursor(said["lastKey"], said["index"], said["sort"]) == token
    assert decode_cursor(token) == Cursor(said["lastKey"], said["index"], said["sort"])


# --- laws -----------------------------------------------------------------------------------------

texts = st.text(max_size=20) | st.text('<>&\u2028\u2029\\"/\n\b\f\x7fé😀', max_size=8)
numbers = st.integers(-(10**38), 10**38).map(str) | st.sampled_from(["1E+30", "-1.50", "0.000001"])
scalars = (
    st.fixed_dictionaries({"S": texts})
    | st.fixed_dictionaries({"N": numbers})
    | st.fixed_dictionaries({"B": st.binary(max_size=20)})
)
anything = st.recursive(
    scalars
    | st.fixed_dictionaries({"BOOL": st.booleans()})
    | st.just({"NULL": True})
    | st.fixed_dictionaries({"SS": st.lists(texts, max_size=3)})
    | st.fixed_dictionaries({"NS": st.lists(numbers, max_size=3)})
    | st.fixed_dictionaries({"BS": st.lists(st.binary(max_size=5), max_size=3)}),
    lambda inner: (
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"M": st.dictionaries(texts, inner, max_size=3)})
    ),
    max_leaves=5,
)
keys = st.dictionaries(texts, scalars, min_size=1, max_size=6) | st.dictionaries(texts, anything, min_size=1)
names = st.none() | texts.filter(bool)


@given(keys, names, names)
def test_a_cursor_reads_back_as_what_it_was_made_of(key: dict[str, Any], index: str | None, sort: str | None) -> None:
    assert decode_cursor(encode_cursor(key, index, sort)) == Cursor(key, index, sort)


@given(keys, names)
def test_the_text_of_a_cursor_is_compact_sorted_and_escaped_as_go_does(key: dict[str, Any], index: str | None) -> None:
    text = json_of(encode_cursor(key, index))
    said = json.loads(text)
    assert not set("<>&\u2028\u2029") & set(text)
    assert list(said["lastKey"]) == sorted(key)
    unescaped = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    assert text == "".join(f"\\u{ord(c):04x}" if c in "<>&\u2028\u2029" else c for c in unescaped)


@given(keys)
def test_spaces_missing_padding_and_the_other_alphabet_change_nothing(key: dict[str, Any]) -> None:
    token = encode_cursor(key)
    for other in (f" \n{token}\t ", token.rstrip("="), token.replace("-", "+").replace("_", "/")):
        assert decode_cursor(other) == Cursor(key)


def test_a_key_as_long_as_dynamodb_takes_reads_back_also_when_every_character_is_escaped() -> None:
    key = {name: {"S": "<" * size} for name, size in (("pk", 2048), ("sk", 1024), ("gsi_pk", 2048), ("gsi_sk", 1024))}
    assert decode_cursor(encode_cursor(key, "gsi", "ASC")).last_key == key


# --- what else arrives ----------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["lastKey", "index", "sort", "S", "N", "B", "L", "M", "BS", "x"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


def reads_or_refuses(token: str) -> None:
    """Check that nothing but InvalidCursor comes of a token, and that what it says can be sent on."""
    with suppress(InvalidCursor):
        key = decode_cursor(token).last_key
        assert not key or decode_cursor(encode_cursor(key)).last_key == key


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
@example("eyJsYXN0S2V5IjoifQ")
@example("=")
@example("a=b")
@example("\ud800")
def test_any_text_is_read_or_refused(token: str) -> None:
    reads_or_refuses(token)


@given(json_values)
@example({"lastKey": {"pk": {"B": "é"}}})
@example({"lastKey": {"pk": {"S": "\ud800"}}})
@example({"lastKey": {"\ud800": {"S": "a"}}})
def test_a_token_of_any_json_is_read_or_refused(document: object) -> None:
    reads_or_refuses(token_of(json.dumps(document)))


@given(keys, st.data())
def test_a_token_cut_or_changed_anywhere_is_read_or_refused(key: dict[str, Any], data: st.DataObject) -> None:
    token = encode_cursor(key, "gsi", "ASC")
    at = data.draw(st.integers(0, len(token) - 1))
    reads_or_refuses(token[:at])
    reads_or_refuses(token[:at] + data.draw(st.characters()) + token[at + 1 :])


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("A" * 1_000_000, id="1 MB"),
        pytest.param(token_of("[" * 50_000), id="nested lists without end"),
        pytest.param(token_of('{"lastKey":{"a":' + '{"L":[' * 5_000 + "]}" * 5_000 + "}}"), id="nested 5,000 deep"),
        pytest.param(token_of('{"lastKey":{"a":' + '{"L":[' * 40 + "]}" * 40 + "}}"), id="nested 40 deep"),
        pytest.param(token_of("1" * 5_000), id="a number of 5,000 digits"),
        pytest.param(token_of([]), id="no object"),
        pytest.param(token_of({}), id="no key"),
        pytest.param(token_of({"lastKey": {"pk": {"S": "a", "N": "1"}}}), id="two types"),
        pytest.param(token_of({"lastKey": {"pk": {"X": "a"}}}), id="no type of DynamoDB"),
        pytest.param(token_of({"lastKey": {"pk": {"N": 1}}}), id="a number that is not text"),
        pytest.param(token_of({"lastKey": {"pk": {"S": "a"}}, "sort": 1}), id="a direction that is not text"),
        pytest.param(base64.urlsafe_b64encode(b'{"lastKey":{"pk":{"S":"\xff"}}}').decode(), id="bad UTF-8"),
        pytest.param(encode_cursor({"pk": {"S": "abcdef"}})[:-7], id="cut"),
        pytest.param(cast("str", None), id="None"),
        pytest.param(cast("str", b"eyJ9"), id="bytes"),
    ],
)
def test_a_token_that_is_no_cursor_is_refused(token: str) -> None:
    with pytest.raises(InvalidCursor, match=r"start again without a cursor"):
        decode_cursor(token)


@pytest.mark.parametrize("place", ["value", "name"])
def test_a_refusal_does_not_repeat_what_the_token_says(place: str) -> None:
    key = {"pk": {"S": ["secret-word"]}} if place == "value" else {"secret-word": {"S": 1}}
    with pytest.raises(InvalidCursor) as caught:
        decode_cursor(token_of({"lastKey": key}))
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        {"pk": "USER#1"},
        {"pk": {"N": 42}},
        {"pk": {"S": "a", "N": "1"}},
        {"pk": {}},
        {"pk": {"S": "\ud800"}},
        {"pk": {"B": 3}},
        {"pk": {"X": "a"}},
        ["pk"],
    ],
    ids=repr,
)
def test_what_is_no_key_makes_no_cursor(key: dict[str, Any]) -> None:
    with pytest.raises(InvalidCursor, match="pass LastEvaluatedKey"):
        encode_cursor(key)


@pytest.mark.parametrize("token", ["\ud800", "abc.\udfff", "\ud800.abc", "é.abc"])
def test_a_signed_cursor_that_is_no_ascii_is_refused(token: str) -> None:
    with pytest.raises(InvalidCursor, match="not base64url"):
        verify(token, b"secret", "users")
