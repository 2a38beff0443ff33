"""A stream record becomes a change: every kind, every view type, and what is wrong with records and images."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynamorm_py import (
    BadItem,
    CallError,
    DynamoModel,
    Encrypted,
    EncryptionNotConfigured,
    ItemDecodeError,
    PartitionKey,
    Repo,
    errors,
)
from dynamorm_py._kernel.plans import Plan, Request
from dynamorm_py._kernel.response import Response
from dynamorm_py._model.model_table import ModelTable, bind
from dynamorm_py.streams import (
    Change,
    FieldChange,
    ImageMissing,
    InvalidStreamRecord,
    StreamRouter,
    on_record,
    partial_batch,
    read_change,
    read_changes,
    read_image,
)
from dynamorm_py.streams._changes import change_of
from dynamorm_py.streams._records import parse_record
from tests.support.streaming import ADA, Prefs, User, event, record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._kernel.types import Item

LATER = ADA.model_copy(update={"score": 4, "prefs": Prefs(theme="light")})


def test_an_event_becomes_typed_changes() -> None:
    inserted, modified, expired = read_changes(User, event())

    assert (inserted.kind, inserted.old, inserted.new) == ("INSERT", None, ADA)
    assert (modified.kind, modified.old, modified.new) == ("MODIFY", ADA, LATER)
    assert (expired.kind, expired.old, expired.new) == ("REMOVE", LATER, None)
    assert [change.expired for change in (inserted, modified, expired)] == [False, False, True]


def test_a_change_says_where_and_when_it_happened() -> None:
    change = read_change(Repo(User), record())

    assert change.keys == {"pk": "USER#1", "sk": "PROFILE"}
    assert change.key == ("USER#1", "PROFILE")
    assert (change.sequence_number, change.table) == ("222", "users")
    assert change.at == dt.datetime(2024, 11, 22, 0, 0, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("view", "left_out", "old", "new"),
    [
        ("KEYS_ONLY", ("OldImage", "NewImage"), None, None),
        ("NEW_IMAGE", ("OldImage",), None, LATER),
        ("OLD_IMAGE", ("NewImage",), ADA, None),
        ("NEW_AND_OLD_IMAGES", (), ADA, LATER),
    ],
)
def test_an_image_that_the_view_type_leaves_out_is_none_and_the_key_is_there(
    view: str, left_out: tuple[str, ...], old: User | None, new: User | None
) -> None:
    change = read_change(User, record(StreamViewType=view, **dict.fromkeys(left_out)))

    assert (change.old, change.new, change.key) == (old, new, ("USER#1", "PROFILE"))


def test_boto3s_form_of_a_record_reads_as_lambdas() -> None:
    told = record()
    for image in ("OldImage", "NewImage"):
        told["dynamodb"][image]["avatar"] = {"B": b"\0\1\xfe"}
    told["dynamodb"]["ApproximateCreationDateTime"] = dt.datetime(
        2024, 11, 22, 2, 0, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))
    )

    assert read_change(User, told) == read_change(User, record())


def test_a_deletion_by_time_to_live_is_told_in_boto3s_spelling_too() -> None:
    told = record("REMOVE")
    told["userIdentity"] = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    assert read_change(User, told).expired

    told["userIdentity"] = {"type": "AssumedRole", "principalId": "someone"}
    assert not read_change(User, told).expired


def test_a_test_event_without_time_and_arn_is_read() -> None:
    told = record(ApproximateCreationDateTime=None)
    told["eventSourceARN"] = "eventsourcearn"

    change = read_change(User, told)

    assert (change.at, change.table, change.new) == (None, None, LATER)


def test_an_image_alone_is_read() -> None:
    assert read_image(User, record()["dynamodb"]["NewImage"]) == LATER


def test_reading_records_loads_no_boto3() -> None:
    program = (
        "import sys, json; from tests.support.streaming import User, event; "
        "from dynamorm_py.streams import read_changes; "
        "print(len(read_changes(User, event())), sorted({'boto3', 'botocore', 'cryptography'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    fresh = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)
    assert (fresh.stdout, fresh.stderr) == ("3 []\n", "")


# --- what changed --------------------------------------------------------------------------------


def test_diff_names_the_fields_that_changed() -> None:
    assert read_change(User, record()).diff() == {
        "score": FieldChange(3, 4),
        "prefs": FieldChange(Prefs(theme="dark"), Prefs(theme="light")),
    }


def test_diff_of_an_item_that_came_or_went_names_every_field() -> None:
    inserted, _, expired = read_changes(User, event())

    assert set(inserted.diff()) == set(expired.diff()) == set(User.model_fields)
    assert (inserted.diff()["score"], expired.diff()["score"]) == (FieldChange(None, 3), FieldChange(4, None))


def test_diff_shows_no_value_of_an_encrypted_field() -> None:
    old, new = Secret(pk="1", code="hidden-one"), Secret(pk="1", code="hidden-two")
    change = Change("MODIFY", {"pk": "1"}, old, new, "1", None, expired=False, table="secrets")

    assert change.diff() == {"code": FieldChange("hidden-one", "hidden-two")}
    assert repr(change.diff()) == "{'code': FieldChange(encrypted)}"
    assert repr(FieldChange(3, 4)) == "FieldChange(3, 4)"


@pytest.mark.parametrize("image", ["OldImage", "NewImage"])
def test_diff_without_both_images_says_which_view_type_has_them(image: str) -> None:
    with pytest.raises(ImageMissing, match="NEW_AND_OLD_IMAGES"):
        read_change(User, record(**{image: None})).diff()


def test_diff_looks_at_stored_types_too() -> None:
    class Loose(DynamoModel):
        pk: Annotated[str, PartitionKey()]
        v: Any = None

    images: dict[str, object] = {
        "OldImage": {"pk": {"S": "a"}, "v": {"N": "1"}},
        "NewImage": {"pk": {"S": "a"}, "v": {"BOOL": True}},
    }
    change = read_change(Loose, record(Keys={"pk": {"S": "a"}}, **images))

    assert change.diff() == {"v": FieldChange(1, True)}  # noqa: FBT003 -- the value


# --- what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "image"),
    [("new", "NewImage"), ("old", "OldImage")],
)
def test_an_image_that_does_not_fit_the_model_names_image_path_and_record_but_no_value(which: str, image: str) -> None:
    told = record()
    told["dynamodb"][image]["score"] = {"S": "s3cret"}

    with pytest.raises(ItemDecodeError) as caught:
        read_change(User, told)

    assert caught.value.path == "score"
    assert caught.value.key == {"pk": {"S": "USER#1"}, "sk": {"S": "PROFILE"}}
    assert caught.value.__notes__ == [f"it is the {which} image of stream record 222"]
    assert "s3cret" not in str(caught.value)


def test_an_image_of_an_older_model_without_a_required_attribute_is_a_typed_error() -> None:
    class Newer(DynamoModel):
        pk: Annotated[str, PartitionKey()]
        email: str

    told = record(
        Keys={"pk": {"S": "a"}}, NewImage={"pk": {"S": "a"}, "email": {"S": "x"}}, OldImage={"pk": {"S": "a"}}
    )
    with pytest.raises(ItemDecodeError) as caught:
        read_change(Newer, told)
    assert caught.value.path == "email"


def test_a_key_that_does_not_fit_the_model_is_a_typed_error() -> None:
    keys = {"pk": {"N": "1"}, "sk": {"S": "PROFILE"}}
    with pytest.raises(ItemDecodeError, match="pk"):
        read_change(User, record(Keys=keys, NewImage=None, OldImage=None))


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "record",
        {},
        {"messageId": "1", "body": "{}", "eventSource": "aws:sqs"},
        record() | {"eventName": "UPDATE"},
        record() | {"dynamodb": None},
        record(SequenceNumber=None),
        record(SequenceNumber=111),
        record(Keys=None),
        record(Keys={}),
        record(NewImage=[]),
        record("REMOVE") | {"userIdentity": "Service"},
        record(ApproximateCreationDateTime="2024"),
        record(ApproximateCreationDateTime=1732233600000000),
        record(ApproximateCreationDateTime=dt.datetime(2024, 1, 1)),  # noqa: DTZ001 -- the fault
    ],
)
def test_what_is_no_stream_record_is_refused(broken: object) -> None:
    with pytest.raises(InvalidStreamRecord):
        read_change(User, broken)


@pytest.mark.parametrize("broken", [None, {}, {"Records": None}, {"detail": {}}, "[]"])
def test_what_is_no_event_is_refused(broken: object) -> None:
    with pytest.raises(InvalidStreamRecord, match="Records"):
        read_changes(User, broken)


def test_the_list_of_an_eventbridge_pipe_is_an_event() -> None:
    assert read_changes(User, event()["Records"]) == read_changes(User, event())


def test_a_source_that_is_neither_repository_nor_model_is_refused() -> None:
    wrong: Any = dict
    with pytest.raises(errors.CallError, match="repository"):
        read_change(wrong, record())


# --- encrypted images ----------------------------------------------------------------------------


class Secret(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    code: Annotated[str, Encrypted()] = ""


class Opening:
    """Opens envelopes `{"M": {"ct": ...}}` with one request to a key service for each response."""

    bound_to: tuple[str, ...] = ()

    def seal(self, item: Item, key: Item) -> Plan[Item]:
        raise NotImplementedError

    def concealed(self, item: Mapping[str, Any], response: Response) -> Mapping[str, Any]:
        raise NotImplementedError

    def renewed(self, item: Item) -> Plan[Item]:
        raise NotImplementedError

    def open(self, response: Response, requested: object = None) -> Plan[Response]:
        del requested
        answer = yield Request("Decrypt", {}, service="kms")
        item = dict(response["Item"])
        if "M" not in item["code"]:
            raise errors.InvalidEncryptedEnvelope("Secret.code is not an envelope")
        return Response(document={"Item": item | {"code": {"S": answer["Plaintext"]}}})


def secret_change(new: object) -> Plan[Change[Secret]]:
    table: Any = bind(Secret, "secrets")
    sealed: ModelTable[Secret] = ModelTable("secrets", Secret, table.codec, Opening())
    return change_of(sealed, parse_record(record("INSERT", Keys={"pk": {"S": "a"}}, NewImage=new)))


def test_an_encrypted_image_is_opened_as_a_step_of_the_plan() -> None:
    plan = secret_change({"pk": {"S": "a"}, "code": {"M": {"ct": {"B": "AA=="}}}})

    assert next(plan) == Request("Decrypt", {}, service="kms")
    with pytest.raises(StopIteration) as done:
        plan.send(Response(document={"Plaintext": "open"}))
    assert done.value.value.new == Secret(pk="a", code="open")


def test_an_envelope_that_does_not_open_names_image_and_record() -> None:
    plan = secret_change({"pk": {"S": "a"}, "code": {"S": "clear"}})
    next(plan)

    with pytest.raises(errors.InvalidEncryptedEnvelope) as caught:
        plan.send(Response(document={"Plaintext": "open"}))
    assert caught.value.__notes__ == ["it is the new image of stream record 111"]


def test_a_model_alone_cannot_open_encrypted_fields() -> None:
    with pytest.raises(EncryptionNotConfigured, match="repository"):
        read_change(Secret, record())


WRONG: dict[str, Any] = {**record()["dynamodb"]["NewImage"], "score": {"S": "high"}}


def test_a_record_whose_image_does_not_fit_is_left_out_and_counted_where_that_is_asked() -> None:
    records = {"Records": [record("INSERT"), record(NewImage=WRONG), record("REMOVE")]}
    with pytest.raises(ItemDecodeError):
        read_changes(User, records)
    changes = read_changes(User, records, on_error="skip")
    assert ([change.kind for change in changes], changes.skipped) == (["INSERT", "REMOVE"], 1)
    assert read_changes(User, event(), on_error="skip").skipped == 0


@pytest.mark.parametrize("image", ["OldImage", "NewImage"])
def test_a_function_gets_the_image_that_does_not_fit(image: str) -> None:
    seen: list[BadItem] = []
    assert read_changes(Repo(User), {"Records": [record(**{image: WRONG})]}, on_error=seen.append) == []
    assert seen[0].key == {"pk": {"S": "USER#1"}, "sk": {"S": "PROFILE"}}
    assert seen[0].raw_item["score"] == {"S": "high"}
    assert seen[0].raw_item["avatar"] == {"B": b"\0\1\xfe"}
    assert seen[0].problems == (("score", "it is stored as S, the field as N"),)


def test_a_bad_key_of_a_record_without_images_is_handed_over() -> None:
    seen: list[BadItem] = []
    keys = {"pk": {"N": "1"}, "sk": {"S": "PROFILE"}}
    bare = record(OldImage=None, NewImage=None, Keys=keys)
    assert read_changes(User, {"Records": [bare]}, on_error=seen.append) == []
    assert seen[0].key == keys


def test_a_handler_is_not_called_for_a_record_that_is_left_out() -> None:
    handled: list[str] = []
    seen: list[BadItem] = []
    batch = {"Records": [record(NewImage=WRONG), record()]}

    def handle(change: Change[User]) -> None:
        handled.append(change.kind)

    assert partial_batch(on_record(User)(handle))(batch, None)["batchItemFailures"] == [{"itemIdentifier": "222"}]
    assert handled == []
    router = StreamRouter()
    router.on(User, on_error=seen.append)(handle)
    for handler in (on_record(User, on_error=seen.append)(handle), router):
        assert partial_batch(handler)(batch, None) == {"batchItemFailures": []}
    assert (handled, len(seen)) == (["MODIFY", "MODIFY"], 2)
    for call in (on_record, StreamRouter().on):
        with pytest.raises(CallError, match="on_error="):
            call(User, on_error="ignore")  # pyright: ignore[reportArgumentType, reportCallIssue] -- what is refused
