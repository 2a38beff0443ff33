"""Faults of KMS as they come over the wire, and that no log or traceback shows a plaintext or a key."""

from __future__ import annotations

import base64
import copy
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from dynamorm_py import (
    Attr,
    ConditionFailed,
    DataKeyReuse,
    DynamoModel,
    Encrypted,
    EncryptionError,
    ItemDecodeError,
    KmsEncryption,
    PartitionKey,
    Repo,
    SortKey,
    StaticEncryption,
    fields,
)
from dynamorm_py.encryption import (
    InvalidDataKey,
    KmsAccessDenied,
    KmsError,
    KmsKeyDisabled,
    KmsKeyNotFound,
    KmsKeyNotUsable,
    KmsThrottled,
    KmsUnavailable,
    KmsWrongKey,
)
from dynamorm_py.errors import InvalidEncryptedEnvelope
from tests.support.encrypting import ARN, MARKER, Patient, ScriptedKms, Shelf

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import ResponseLike
    from tests.unit.conftest import Endpoint

FAULTS = [
    ("AccessDeniedException", 400, KmsAccessDenied, False),
    ("UnrecognizedClientException", 400, KmsAccessDenied, False),
    ("NotFoundException", 400, KmsKeyNotFound, False),
    ("DisabledException", 400, KmsKeyDisabled, False),
    ("KMSInvalidStateException", 400, KmsKeyNotUsable, False),
    ("InvalidKeyUsageException", 400, KmsKeyNotUsable, False),
    ("IncorrectKeyException", 400, KmsWrongKey, False),
    ("InvalidCiphertextException", 400, InvalidDataKey, False),
    ("ThrottlingException", 400, KmsThrottled, True),
    ("LimitExceededException", 400, KmsThrottled, True),
    ("KMSInternalException", 500, KmsUnavailable, True),
    ("KeyUnavailableException", 500, KmsUnavailable, True),
    ("DependencyTimeoutException", 503, KmsUnavailable, True),
    ("SomethingNew", 502, KmsUnavailable, True),
    ("SomethingNew", 400, KmsError, False),
]


def wired(endpoint: Endpoint, **settings: Any) -> tuple[Repo[Patient], Shelf]:  # noqa: ANN401 -- settings of any type
    kms = boto3.client("kms", endpoint_url=endpoint.url, region_name="us-east-1")
    shelf = Shelf()
    return Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=kms, **settings)), shelf


def data_key(endpoint: Endpoint) -> None:
    key = base64.b64encode(MARKER.encode().ljust(32)).decode()
    endpoint.answer({"Plaintext": key, "CiphertextBlob": base64.b64encode(b"wrapped").decode(), "KeyId": ARN})


@pytest.mark.parametrize(("code", "status", "kind", "retryable"), FAULTS)
def test_a_fault_of_kms_is_the_error_of_its_kind_in_writing_and_in_reading(
    endpoint: Endpoint, code: str, status: int, kind: type[KmsError], *, retryable: bool
) -> None:
    repo, shelf = wired(endpoint, reuse=DataKeyReuse.off())
    data_key(endpoint)
    repo.put(Patient(pk="a", ssn=MARKER))
    endpoint.fail(code, status=status)

    for operation, call in (
        ("GenerateDataKey", lambda: repo.put(Patient(pk="a", ssn=MARKER))),
        ("Decrypt", read(repo)),
    ):
        with pytest.raises(kind) as caught:
            call()
        error = caught.value
        assert type(error) is kind
        assert (error.operation, error.aws_code, error.request_id) == (operation, code, "REQUEST-1")
        assert (error.model, error.attribute, error.retryable) == ("Patient", "ssn", retryable)
        assert str(error).startswith(f"Patient, attribute 'ssn': {operation} with KMS key {ARN}: ")
        assert isinstance(error.__cause__, ClientError)
    assert len([r for r in shelf.asked if r.operation == "PutItem"]) == 1


def read(repo: Repo[Patient]) -> Any:  # noqa: ANN401 -- a call
    return lambda: repo.get(("a", 1))


def test_a_data_key_that_kms_does_not_know_is_an_invalid_envelope_too(endpoint: Endpoint) -> None:
    repo, _ = wired(endpoint)
    data_key(endpoint)
    repo.put(Patient(pk="a", ssn="x"))
    endpoint.fail("InvalidCiphertextException")

    with pytest.raises(InvalidEncryptedEnvelope) as caught:
        repo.get(("a", 1))
    assert caught.value.code == "ErrInvalidEncryptedEnvelope"


def test_a_kms_that_is_down_is_unavailable(aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")
    arn = ARN.replace("us-east-1", "eu-south-1")  # no default client of another test's endpoint
    repo = Repo(Patient, client=Shelf(), encryption=KmsEncryption(arn))

    with pytest.raises(KmsUnavailable, match="could not be reached") as caught:
        repo.put(Patient(pk="a", ssn="x"))
    assert caught.value.__cause__ is not None
    assert caught.value.retryable


def test_errors_of_encryption_are_copied_and_pickled_with_what_they_carry() -> None:
    error = KmsUnavailable("down", operation="Decrypt", aws_code="KMSInternalException")
    error.attribute = "ssn"

    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301 -- its own bytes
        assert type(other) is KmsUnavailable
        assert (str(other), other.operation, other.attribute) == ("down", "Decrypt", "ssn")


# --- nothing shows ------------------------------------------------------------------------------


@pytest.mark.parametrize("brought", [True, False])
def test_the_debug_log_shows_no_data_key_and_no_plaintext(
    endpoint: Endpoint, aws_environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, brought: bool
) -> None:
    aws_environment.setenv("AWS_ENDPOINT_URL", endpoint.url)
    arn = ARN if brought else ARN.replace("us-east-1", "eu-north-1")  # no default client of another test's endpoint
    client = boto3.client("kms", endpoint_url=endpoint.url) if brought else None
    caplog.set_level(logging.DEBUG)
    data_key(endpoint)
    endpoint.then({})
    dynamodb = boto3.client("dynamodb", endpoint_url=endpoint.url)

    Repo(Patient, client=dynamodb, encryption=KmsEncryption(arn, client=client)).put(Patient(pk="a", ssn=MARKER))

    secret = base64.b64encode(MARKER.encode().ljust(32)).decode()
    assert endpoint.operations == ["GenerateDataKey", "PutItem"]
    assert ("not shown: it may hold a data key" in caplog.text) is brought  # our own wire logs no body
    assert secret not in caplog.text
    assert MARKER not in caplog.text


class Wrong(DynamoModel, table="patients"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()] = 1
    ssn: Annotated[int, Encrypted()] = 0


def test_an_item_that_does_not_fit_its_model_is_in_the_error_only_encrypted() -> None:
    shelf = Shelf()
    encryption = StaticEncryption(bytes(32))
    Repo(Patient, client=shelf, encryption=encryption).put(Patient(pk="a", ssn=MARKER))

    with pytest.raises(ItemDecodeError) as caught:
        Repo(Wrong, client=shelf, encryption=encryption).get(("a", 1))

    assert caught.value.raw_item == shelf.only
    assert MARKER not in "".join(traceback.format_exception(caught.value))
    assert MARKER not in repr(vars(caught.value))


class Refusing(Shelf):
    """A table whose writes fail with the item that is there."""

    def call(self, request: Request, /) -> ResponseLike:
        if request.operation == "PutItem" and self.items:
            error = ConditionFailed("the condition did not hold")
            error.raw_item = self.only
            raise error
        return super().call(request)


def test_a_failed_condition_carries_the_old_item_opened_and_the_raw_one_as_it_is_stored() -> None:
    repo = Repo(Patient, client=Refusing(), encryption=StaticEncryption(bytes(32)))
    repo.put(Patient(pk="a", ssn="old"))

    with pytest.raises(ConditionFailed) as caught:
        repo.put(Patient(pk="a", ssn="new"), condition=Attr(fields(Patient).name) == "x")
    assert isinstance(caught.value.item, Patient)
    assert caught.value.item.ssn == "old"
    assert "M" in (caught.value.raw_item or {})["ssn"]


def test_a_failed_condition_stays_the_news_when_the_old_item_cannot_be_opened() -> None:
    kms, shelf = ScriptedKms(), Refusing()
    repo = Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=kms))
    repo.put(Patient(pk="a", ssn="old"))

    def fail(request: Request) -> None:
        if request.operation == "Decrypt":
            raise KmsUnavailable("KMS is down")

    kms.before = fail
    with pytest.raises(ConditionFailed) as caught:
        repo.put(Patient(pk="a", ssn="new"), condition=Attr(fields(Patient).name) == "x")
    assert caught.value.item is None
    assert any("KMS is down" in note for note in caught.value.__notes__)


def test_a_delete_whose_old_item_cannot_be_opened_says_that_it_was_done() -> None:
    kms = ScriptedKms()
    repo = Repo(Patient, client=(shelf := Deleting()), encryption=KmsEncryption(ARN, client=kms))
    repo.put(Patient(pk="a", ssn="old"))
    stored = shelf.only
    kms.keys.clear()
    kms.before = down

    with pytest.raises(EncryptionError) as caught:
        repo.delete(("a", 1))
    assert any("deleted all the same" in note for note in caught.value.__notes__)
    assert caught.value.raw_item == stored


def down(_: Request) -> None:
    raise KmsUnavailable("KMS is down")


class Deleting(Shelf):
    def call(self, request: Request, /) -> ResponseLike:
        answer: Any = super().call(request)
        return {"Attributes": answer["Item"]} if request.operation == "DeleteItem" else answer
