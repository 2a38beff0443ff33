"""An HTTP answer is read whole whatever the pieces are, and what is not understood is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py._transport.http11 import Answer, AnswerReader, MalformedAnswer

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: R1\r\n"


def _whole(body: bytes) -> bytes:
    return _HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _chunked(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    coded = b"".join(b"%x;note=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return _HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + coded + b"0\r\nTrailer: x\r\n\r\n"


def _fed(data: bytes, cuts: list[int]) -> Answer | None:
    reader, answer, start = AnswerReader(), None, 0
    for cut in [*sorted(set(cuts)), len(data)]:
        if (piece := data[start:cut]) and answer is None:
            answer = reader.feed(piece)
        start = cut
    return answer


@given(st.binary(max_size=300), st.data())
def test_an_answer_in_any_pieces_is_the_same_answer(body: bytes, data: st.DataObject) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n" * data.draw(st.integers(0, 2))
    sent = interim + data.draw(st.sampled_from([_whole(body), _chunked(body, 7)]))
    answer = _fed(sent, data.draw(st.lists(st.integers(0, len(sent)), max_size=8)))
    assert answer is not None
    assert (answer.status, answer.body, answer.reusable) == (200, body, True)
    assert answer.headers["x-amzn-requestid"] == "R1"


@given(st.binary(min_size=1, max_size=100), st.data())
def test_an_answer_that_is_cut_is_never_taken_for_whole(body: bytes, data: st.DataObject) -> None:
    sent = data.draw(st.sampled_from([_whole(body), _chunked(body, 7)]))
    reader = AnswerReader()
    piece = sent[: data.draw(st.integers(0, len(sent) - 1))]
    assert not piece or reader.feed(piece) is None
    assert reader.begun is bool(piece)
    with pytest.raises(MalformedAnswer):
        reader.feed(b"")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_refused(data: bytes) -> None:
    reader = AnswerReader()
    try:
        answer = reader.feed(b"HTTP/1.1 200 OK\r\n" + data)
    except MalformedAnswer:
        return
    assert answer is None or answer.status == 200


def test_any_number_of_interim_answers_is_passed_over() -> None:
    answer = AnswerReader().feed(b"HTTP/1.1 102 \r\n\r\n" * 5000 + _whole(b"{}"))
    assert answer is not None
    assert (answer.body, answer.reusable) == (b"{}", True)


def test_the_bytes_of_a_second_answer_end_the_connection() -> None:
    answer = AnswerReader().feed(_whole(b"{}") + _whole(b"{}"))
    assert answer is not None
    assert (answer.body, answer.reusable) == (b"{}", False)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", id="an older version"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\n{}", id="closed by the server"),
    ],
)
def test_an_answer_that_ends_the_connection_says_so(head: bytes) -> None:
    answer = AnswerReader().feed(head)
    assert answer is not None
    assert (answer.body, answer.reusable) == (b"{}", False)


def test_a_body_without_a_length_ends_with_its_connection() -> None:
    reader = AnswerReader()
    assert reader.feed(b"HTTP/1.1 200 OK\r\n\r\n{") is None
    assert reader.feed(b"}") is None
    assert reader.feed(b"") == Answer(200, {}, b"{}", reusable=False)


def test_an_answer_without_content_has_no_body() -> None:
    assert AnswerReader().feed(b"HTTP/1.1 204 No Content\r\n\r\n") == Answer(204, {}, b"")


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "status line", id="another protocol"),
        pytest.param(b"HTTP/2 200\r\n\r\n", "status line", id="another version"),
        pytest.param(b"HTTP/1.1 2x0 OK\r\n\r\n", "status line", id="no status"),
        pytest.param(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n", "switches", id="another protocol from here"),
        pytest.param(b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "carriage return", id="bare line feeds"),
        pytest.param(b"HTTP/1.1 200 OK\r\nnothing\r\n\r\n", "header line", id="a line without a colon"),
        pytest.param(b"HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", "header line", id="a folded line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nname : x\r\n\r\n", "header line", id="a space before the colon"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "length", id="a negative length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "length", id="a signed length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n", "length", id="two lengths"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "length", id="a length out of range"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "64 MB", id="a length too large"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "coding", id="another coding"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "coding", id="both"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "size", id="a chunk without size"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", "longer", id="a longer chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "64 KB", id="headers without an end"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 70_000, "64 KB", id="a chunk's line"
        ),
    ],
)
def test_what_is_not_understood_is_refused(sent: bytes, why: str) -> None:
    with pytest.raises(MalformedAnswer, match=why):
        AnswerReader().feed(sent)


def test_two_lengths_that_agree_are_one() -> None:
    answer = AnswerReader().feed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}")
    assert answer is not None
    assert answer.body == b"{}"
