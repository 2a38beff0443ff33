"""`dynamorm item` and `dynamorm cursor`: stored items and cursors, read as models and explained."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dynamorm_py import encode_cursor

if TYPE_CHECKING:
    from tests.support.commands import Run

EVENT = (Path(__file__).parents[2] / "fixtures" / "streams" / "lambda_event.json").read_text()
CURSORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "golden" / "cursor.json").read_text()
)["vectors"]
IMAGE = {"pk": {"S": "A"}, "photo": {"B": "AP8="}, "size": {"N": "3"}}
VALUES = {"pk": "A", "owner": None, "photo": "AP8=", "size": 3}
RECORD = {"eventName": "MODIFY", "dynamodb": {"Keys": {}, "NewImage": IMAGE, "OldImage": {}, "SequenceNumber": "1"}}


@pytest.mark.parametrize(
    "wrapped",
    [
        pytest.param(IMAGE, id="an item"),
        pytest.param({"Item": IMAGE, "ConsumedCapacity": {}}, id="an answer"),
        pytest.param({"NewImage": IMAGE, "OldImage": {}}, id="the images of a change"),
        pytest.param(RECORD, id="a record"),
    ],
)
def test_an_item_is_read_as_its_model(run: Run, wrapped: dict[str, Any]) -> None:
    code, out, _ = run("item decode shop:Item --json", stdin=json.dumps(wrapped))
    assert (code, json.loads(out)) == (0, VALUES)


@pytest.mark.parametrize("named", ["Item", "Attributes", "NewImage", "Records", "Items"])
@pytest.mark.parametrize("value", [{"S": "x"}, {"M": {"a": {"S": "x"}}}, {"L": []}, {"M": {}}])
def test_an_attribute_may_have_the_name_of_a_wrapper(run: Run, named: str, value: dict[str, Any]) -> None:
    assert json.loads(run("item decode shop:Item --json", stdin=json.dumps({**IMAGE, named: value}))[1]) == VALUES


def test_binary_is_printed_in_the_alphabet_of_dynamodb(run: Run) -> None:
    photo = base64.b64encode(b"\xfb\xff").decode()
    assert photo == "+/8="
    out = run("item decode shop:Item --json", stdin=json.dumps({**IMAGE, "photo": {"B": photo}}))[1]
    assert json.loads(out)["photo"] == photo


def test_the_old_image_of_a_record_is_read_when_asked_for(run: Run) -> None:
    record = {"dynamodb": {"NewImage": IMAGE, "OldImage": {**IMAGE, "size": {"N": "2"}}}}
    assert "size\t2" in run("item decode shop:Item --old", stdin=json.dumps(record))[1]


def test_every_record_of_a_lambda_event_is_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(EVENT)
    code, out, _ = run("item decode shop:Item event.json --json")
    assert code == 0
    assert [(each["at"], each["item"]["pk"]) for each in json.loads(out)] == [
        ("Records[0].dynamodb.NewImage", "USER#1"),
        ("Records[1].dynamodb.NewImage", "USER#1"),
        ("Records[2].dynamodb.OldImage", "USER#1"),
    ]
    old = json.loads(run("item decode shop:Item event.json --old --json")[1])
    assert [each["at"] for each in old] == ["Records[1].dynamodb.OldImage", "Records[2].dynamodb.OldImage"]


def test_each_item_of_an_answer_is_read_or_explained(run: Run) -> None:
    answer = json.dumps({"Items": [IMAGE, {**IMAGE, "size": {"S": "three"}}]})
    code, out, _ = run("item decode shop:Item", stdin=answer)
    assert code == 1
    lines = [line.split("\t")[:2] for line in out.splitlines()]
    assert lines == [*(["Items[0]", name] for name in VALUES), ["Items[1]", "size"]]
    good, bad = json.loads(run("item decode shop:Item --json", stdin=answer)[1])
    assert good == {"at": "Items[0]", "item": VALUES}
    assert (bad["at"], bad["model"], bad["key"]) == ("Items[1]", "Item", {"pk": {"S": "A"}})
    assert [problem["attribute"] for problem in bad["problems"]] == ["size"]


def test_an_item_that_does_not_fit_is_explained_and_exits_1(run: Run, tmp_path: Path) -> None:
    (tmp_path / "item.json").write_text(json.dumps({**IMAGE, "size": {"S": "three"}}))
    code, out, _ = run("item decode shop:Item item.json")
    assert code == 1
    assert out.startswith("size\t")
    assert "three" not in out
    (problem,) = json.loads(run("item decode shop:Item item.json --json")[1])["problems"]
    assert problem["attribute"] == "size"


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ({"Q": "x"}, "not one of DynamoDB's types"),
        (3, "not an attribute value"),
        ({"N": "x"}, "integer"),
        ({"S": "\ud800"}, "UTF-8"),
    ],
)
def test_what_dynamodb_would_not_hold_is_explained(run: Run, attribute: object, said: str) -> None:
    code, out, _ = run("item decode shop:Item", stdin=json.dumps({**IMAGE, "size": attribute}))
    assert code == 1
    assert said in out


def test_encrypted_fields_are_told_and_not_opened(run: Run) -> None:
    item = {"pk": {"S": "A"}, "ssn": {"M": {"v": {"N": "1"}}}, "size": {"N": "3"}}
    code, out, _ = run("item decode safe:Secret --json", stdin=json.dumps(item))
    assert (code, json.loads(out)) == (0, {"pk": "A", "size": 3, "ssn": "(encrypted)"})
    assert "ssn" not in run("item decode safe:Secret", stdin=json.dumps({"pk": {"S": "A"}}))[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "[0] is not an item"),
        ("3", "it is not an item"),
        ("{", "it is not JSON"),
        ("[" * 100_000, "nested too deep"),
        (json.dumps({"dynamodb": {"Keys": {"pk": {"S": "A"}}, "SequenceNumber": "1"}}), "there is no image"),
    ],
)
def test_what_holds_no_item_exits_2(run: Run, text: str, said: str) -> None:
    code, out, err = run("item decode shop:Item", stdin=text)
    assert (code, out) == (2, "")
    assert err.startswith("standard input: ")
    assert said in err


# --- cursors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", CURSORS, ids=[vector["name"] for vector in CURSORS])
def test_a_cursor_of_any_language_is_told(run: Run, vector: dict[str, Any]) -> None:
    code, out, _ = run("cursor decode - --json", stdin=vector["cursor"])
    said = json.loads(out)
    assert (code, said["lastKey"]) == (0, vector["lastKey"])
    if vector["cursor"]:
        assert (said["index"], said["sort"]) == (vector["index"], vector["sort"])


def test_a_cursor_is_a_line_for_each_part(run: Run) -> None:
    token = encode_cursor({"pk": {"S": "A"}, "owner": {"S": "O"}}, "by-owner", "DESC")
    code, out, _ = run(f"cursor decode {token} --model shop:Item")
    assert code == 0
    assert out.splitlines() == [
        'lastKey.owner\t{"S": "O"}',
        'lastKey.pk\t{"S": "A"}',
        "index\tby-owner",
        "sort\tDESC",
        "signed\tno",
    ]


def test_a_signed_cursor_is_told_to_be_one(run: Run) -> None:
    token = encode_cursor({"pk": {"S": "A"}}) + ".c2lnbmF0dXJl"
    assert json.loads(run(f"cursor decode {token} --json")[1]) == {
        "lastKey": {"pk": {"S": "A"}},
        "index": None,
        "sort": None,
        "signed": True,
        "problems": [],
    }


@pytest.mark.parametrize(
    ("last_key", "index", "sort", "said"),
    [
        ({"pk": "A"}, "by-size", None, "Item has no index 'by-size': its indexes are by-owner"),
        ({"pk": "A"}, "by-owner", None, "its key lacks 'owner'"),
        ({"pk": "A", "sk": "B"}, None, None, "its key has 'sk': a key of the table of Item has pk"),
        ({"pk": "A"}, None, "UP", "sort is 'UP': it is ASC or DESC"),
        ({"pk": 1}, None, None, "'pk' is N in its key, and S in the table of Item"),
    ],
)
def test_a_cursor_of_another_table_or_index_exits_1_with_the_reason(
    run: Run, last_key: dict[str, object], index: str | None, sort: str | None, said: str
) -> None:
    key = {name: {"S": part} if isinstance(part, str) else {"N": str(part)} for name, part in last_key.items()}
    token = encode_cursor(key, index, sort)
    assert run(f"cursor decode {token}")[0] == 0
    code, _, err = run(f"cursor decode {token} -m shop:Item")
    assert code == 1
    assert said in err
    (problem, *_) = json.loads(run(f"cursor decode {token} -m shop:Item --json")[1])["problems"]
    assert said in problem


def test_a_damaged_cursor_exits_1(run: Run) -> None:
    assert run("cursor decode abc") == (
        1,
        "",
        "the cursor cannot be used: it is not base64url of JSON; start again without a cursor\n",
    )


def test_a_file_with_a_byte_order_mark_is_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "item.json").write_text('{"pk": {"S": "a"}}', encoding="utf-8-sig")
    assert run("item decode shop:Item item.json")[0] == 0
