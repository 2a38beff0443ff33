"""Re-encryption under faults: a write in between is never lost, and a run that broke off is started again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest

from dynamorm_py import (
    CallError,
    ConditionFailed,
    DynamoModel,
    Encrypted,
    KmsEncryption,
    PartitionKey,
    Repo,
    SortKey,
)
from dynamorm_py.encryption import KmsThrottled, NestedEnvelope
from dynamorm_py.testing import Fail, FaultyClient, Recorder
from tests.support.encrypting import ARN, Patient, ScriptedKms, Shelf, key_of

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import ResponseLike


def prepared(conflicts: int, kms: ScriptedKms) -> tuple[Shelf, Recorder, Repo[Patient]]:
    """Return a table with items of an earlier prefix, and a repository of the current one.

    Another writer comes between a read and a write, as often as there are conflicts. The recorder has what
    the repository asks.
    """
    shelf = Shelf()
    earlier = Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=kms, aad_prefix="theorydb"))
    for number in range(3):
        earlier.put(Patient(pk="a", sk=number, ssn="x", notes="y"))
    conflict = Fail(ConditionFailed("the condition did not hold"), "UpdateItem", times=conflicts)
    recorder = Recorder(FaultyClient(shelf, [conflict]))
    return shelf, recorder, Repo(Patient, client=recorder, encryption=KmsEncryption(ARN, client=kms))


def test_new_envelopes_are_written_where_the_ones_that_were_read_still_stand() -> None:
    table, recorder, repo = prepared(0, ScriptedKms())

    assert repo.reencrypt([Patient(pk="a", sk=1)]).moved == 1

    read, write = recorder.requests
    assert read.parameters["ConsistentRead"] is True
    assert write.parameters["Key"] == key_of(1)
    assert write.parameters["UpdateExpression"] == "SET #n0 = :v0, #n1 = :v1"
    assert write.parameters["ConditionExpression"] == "(#n0 = :v2) AND (#n1 = :v3)"
    stored = table.items[str(key_of(1))]
    values = write.parameters["ExpressionAttributeValues"]
    assert [values[":v2"], values[":v3"]] == [stored["notes"], stored["ssn"]]
    assert values[":v0"] != values[":v2"]


def test_an_item_that_was_written_in_between_is_read_again() -> None:
    _, recorder, repo = prepared(2, ScriptedKms())

    assert repo.reencrypt([("a", 1)]).moved == 1
    assert recorder.operations == ["GetItem", "UpdateItem"] * 3


def test_an_item_that_others_keep_writing_is_the_error_of_its_failed_condition() -> None:
    _, recorder, repo = prepared(99, ScriptedKms())

    with pytest.raises(ConditionFailed) as caught:
        repo.reencrypt([("a", 1)])
    assert caught.value.key == key_of(1)
    assert len(recorder.requests) == 10


def test_a_fault_of_kms_ends_the_run_and_leaves_what_is_done() -> None:
    kms = ScriptedKms()
    table, recorder, repo = prepared(0, kms)

    def keys() -> list[tuple[str, int]]:
        return [("a", number) for number in range(3)]

    def fail(_: Request) -> None:
        if "UpdateItem" in recorder.operations:
            raise KmsThrottled("slow down")

    kms.before = fail
    table.items[str(key_of(1))] |= {"notes": other_key(kms)}
    with pytest.raises(KmsThrottled, match="slow down"):
        repo.reencrypt(keys())
    assert [parameters["Key"] for parameters in recorder.parameters("UpdateItem")] == [key_of(0)]


def other_key(kms: ScriptedKms) -> dict[str, object]:
    """Return an envelope under a data key that no repository has asked for yet."""
    shelf = Shelf()
    other = KmsEncryption(ARN, client=kms, aad_prefix="theorydb")
    Repo(Patient, client=shelf, encryption=other).put(Patient(pk="a", notes="z"))
    return dict(shelf.only["notes"])


class Open(DynamoModel, table="open"):
    pk: Annotated[str, PartitionKey()]


def test_a_model_without_encrypted_fields_has_nothing_to_move() -> None:
    with pytest.raises(CallError, match="nothing to re-encrypt"):
        Repo(Open, client=Shelf()).reencrypt([])


# --- encrypted twice -------------------------------------------------------------------------------


class Sealing(DynamoModel, table="patients"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()] = 1
    ssn: Annotated[dict[str, int | bytes], Encrypted()]


class Stored(Shelf):
    """A table that applies updates of the one item on it."""

    def call(self, request: Request, /) -> ResponseLike:
        if request.operation == "UpdateItem":
            parameters = request.parameters
            for assignment in parameters["UpdateExpression"].removeprefix("SET ").split(", "):
                name, value = assignment.split(" = ")
                self.only[parameters["ExpressionAttributeNames"][name]] = parameters["ExpressionAttributeValues"][value]
            return {}
        return super().call(request)


def encrypted_twice(kms: ScriptedKms, times: int) -> tuple[Stored, Repo[Patient]]:
    """Return a table whose item's `ssn` was sealed again and again, as a batch that was repeated did."""
    shelf = Stored()
    repo = Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=kms))
    repo.put(Patient(pk="a", ssn="x", notes="y"))
    sealing = Repo(Sealing, client=shelf, encryption=KmsEncryption(ARN, client=kms))
    for _ in range(times):
        once = shelf.only
        envelope = {name: int(part["N"]) if "N" in part else part["B"] for name, part in once["ssn"]["M"].items()}
        sealing.put(Sealing(pk="a", sk=1, ssn=envelope))
        shelf.only["notes"] = once["notes"]
    return shelf, repo


@pytest.mark.parametrize("times", [1, 2])
def test_a_value_that_was_encrypted_twice_is_told_and_unwrapped(times: int) -> None:
    shelf, repo = encrypted_twice(ScriptedKms(), times)
    with pytest.raises(NestedEnvelope, match=r"reencrypt\(\) unwraps it") as told:
        repo.get(("a", 1))
    assert (told.value.code, told.value.attribute) == ("ErrInvalidEncryptedEnvelope", "ssn")

    assert repo.reencrypt([("a", 1)]).moved == 1
    assert repo.get(("a", 1)) == Patient(pk="a", ssn="x", notes="y")
    assert repo.reencrypt([("a", 1)]).current == 1
    assert set(shelf.only["ssn"]["M"]) == {"v", "edk", "nonce", "ct"}
