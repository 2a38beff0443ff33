"""Data keys: which calls of KMS are made, how often, and by whom when many ask at once."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from dynamorm_py import DataKeyReuse, KmsEncryption, Repo
from dynamorm_py._kernel.plans import Parallel, Request
from dynamorm_py._kernel.response import Response
from dynamorm_py._model import codec_of
from dynamorm_py._model.model_table import ModelTable, bind
from dynamorm_py._transport import as_kms
from dynamorm_py.encryption import InvalidDataKey, KmsAccessDenied, KmsError, KmsUnavailable, KmsWrongKey
from dynamorm_py.encryption._data_key import generate_request
from dynamorm_py.encryption._keys import DataKeys
from dynamorm_py.testing import ScriptedClient
from tests.support.encrypting import ARN, OLD_ARN, Patient, ScriptedKms, Shelf, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.response import ResponseLike

THREADS = 32


REUSE = DataKeyReuse()


def repo_with(kms: object, shelf: Shelf | None = None, reuse: DataKeyReuse = REUSE) -> Repo[Patient]:
    return Repo(Patient, client=shelf or Shelf(), encryption=KmsEncryption(ARN, client=kms, reuse=reuse))


def table_with(kms: object) -> ModelTable[Patient]:
    return bind(Patient, "patients", KmsEncryption(ARN, client=kms).cipher(codec_of(Patient), as_kms))


def patient(number: int) -> Patient:
    return Patient(pk="a", sk=number, ssn=f"ssn-{number}", notes=f"notes-{number}")


def write_and_read(repo: Repo[Patient], count: int) -> None:
    for number in range(count):
        repo.put(patient(number))
    assert [repo.get(("a", number)).ssn for number in range(count)] == [f"ssn-{n}" for n in range(count)]


@pytest.fixture
def bodies() -> Iterator[tuple[str, list[tuple[str, bytes]], object]]:
    """A key of moto's KMS, what is sent to it, and its client."""
    with mock_aws():
        client = boto3.client("kms", region_name="us-east-1")
        arn = client.create_key()["KeyMetadata"]["Arn"]
        sent: list[tuple[str, bytes]] = []

        def before_call(event_name: str, params: dict[str, Any], **_: object) -> None:
            sent.append((event_name.rpartition(".")[2], params["body"]))

        client.meta.events.register("before-call.kms", before_call)
        yield arn, sent, client


def test_a_thousand_items_of_two_fields_take_two_calls_each_way_with_exactly_these_bodies(
    bodies: tuple[str, list[tuple[str, bytes]], object],
) -> None:
    arn, sent, client = bodies
    repo = Repo(Patient, client=Shelf(), encryption=KmsEncryption(arn, client=client))

    write_and_read(repo, 1000)

    assert [name for name, _ in sent] == ["GenerateDataKey"] * 2 + ["Decrypt"] * 2
    assert {body for name, body in sent if name == "GenerateDataKey"} == {
        b'{"KeyId": "%s", "KeySpec": "AES_256"}' % arn.encode()
    }
    for name, body in sent:
        if name == "Decrypt":
            assert body.startswith(b'{"CiphertextBlob": "')
            assert body.endswith(b'", "KeyId": "%s"}' % arn.encode())


@pytest.mark.parametrize("settings", [{"reuse": DataKeyReuse.off()}, {"random": os.urandom}])
def test_without_reuse_each_value_has_its_key_and_a_given_randomness_switches_reuse_off(
    settings: dict[str, Any],
) -> None:
    kms = ScriptedKms()

    write_and_read(Repo(Patient, client=Shelf(), encryption=KmsEncryption(ARN, client=kms, **settings)), 3)

    assert kms.operations == ["GenerateDataKey"] * 6 + ["Decrypt"] * 6
    assert len(kms.keys) == 6


def test_a_key_serves_as_many_values_as_the_setting_says() -> None:
    kms = ScriptedKms()

    write_and_read(repo_with(kms, reuse=DataKeyReuse(messages=3)), 6)

    assert kms.operations.count("GenerateDataKey") == 4


def test_a_key_serves_as_long_as_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    import aws_encryption_sdk.caches as sdk  # pyright: ignore[reportMissingTypeStubs] -- it has none

    kms = ScriptedKms()
    repo = repo_with(kms, reuse=DataKeyReuse(seconds=60))
    now = [1000.0]
    monkeypatch.setattr(sdk.time, "time", lambda: now[0])  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType, reportAttributeAccessIssue] -- the same
    for at in (0, 59, 61):
        now[0] = 1000.0 + at
        repo.put(patient(1))
        repo.get(("a", 1))

    assert kms.operations == ["GenerateDataKey", "Decrypt", "GenerateDataKey", "Decrypt"]


def test_reading_many_keys_does_not_evict_the_one_in_use_for_writing() -> None:
    kms, shelf = ScriptedKms(), Shelf()
    write_and_read(repo_with(kms, shelf, reuse=DataKeyReuse.off()), 5)
    kms.asked.clear()

    repo = repo_with(kms, shelf, reuse=DataKeyReuse(read_keys=2))
    repo.put(patient(100))
    for number in range(5):
        repo.get(("a", number))
    repo.put(patient(101))

    assert kms.operations.count("GenerateDataKey") == 1


def in_threads(work: Callable[[int], object]) -> list[object]:
    """Do the work in many threads that begin together, and return results and errors."""
    together = Barrier(THREADS)

    def begin(number: int) -> object:
        together.wait()
        try:
            return work(number)
        except KmsError as error:
            return error

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(begin, range(THREADS)))


frames = sys._current_frames  # pyright: ignore[reportPrivateUsage] -- documented, "for internal and specialized purposes"


def all_wait(_: Request) -> None:
    """Go on when every other thread waits for this one's answer."""
    while len([f for f in frames().values() if f.f_code.co_qualname == "_Flight.run"]) < THREADS - 1:
        os.sched_yield()


def test_many_cold_threads_make_one_call_each_way() -> None:
    kms, shelf = ScriptedKms(), Shelf()
    kms.before = all_wait
    repo = repo_with(kms, shelf, reuse=DataKeyReuse(messages=100))

    in_threads(lambda number: repo.put(patient(number)))
    read = in_threads(lambda number: repo.get(("a", number)).ssn)

    assert kms.operations == ["GenerateDataKey", "Decrypt"]
    assert read == [f"ssn-{number}" for number in range(THREADS)]


def test_threads_that_wait_for_a_call_that_fails_fail_with_it_and_the_next_asks_again() -> None:
    kms = ScriptedKms()
    repo = repo_with(kms)

    def fail(request: Request) -> None:
        all_wait(request)
        raise KmsUnavailable("KMS is down") from TimeoutError()

    kms.before = fail
    failed = in_threads(lambda number: repo.put(patient(number)))
    assert [type(error) for error in failed] == [KmsUnavailable] * THREADS
    assert len({id(error) for error in failed}) == THREADS
    assert {str(error) for error in failed} == {"Patient, attribute 'ssn': KMS is down"}
    assert all(isinstance(error, KmsUnavailable) and isinstance(error.__cause__, TimeoutError) for error in failed)
    assert len(kms.asked) == 1

    kms.before = lambda _: None
    assert repo.put(patient(1)) == patient(1)


def test_a_page_asks_for_all_its_distinct_keys_at_once() -> None:
    kms, shelf = ScriptedKms(), Shelf()
    repo = repo_with(kms, shelf, reuse=DataKeyReuse(messages=4))
    for number in range(6):
        repo.put(patient(number))

    table = table_with(kms)
    plan = table.decode_response(Response(document={"Items": [*shelf.items.values()]}), table.codec)
    wanted = next(plan)

    assert isinstance(wanted, Parallel)
    requests = [asked(plan) for plan in wanted.plans]
    assert [(r.operation, r.service, dict(r.parameters)) for r in requests] == [
        ("Decrypt", "kms", {"CiphertextBlob": wrapped, "KeyId": ARN}) for wrapped in kms.keys
    ]
    with pytest.raises(StopIteration) as done:
        plan.send([kms.call(request) for request in requests])
    assert [item.notes for item in done.value.value["Items"]] == [f"notes-{number}" for number in range(6)]


def asked(plan: Plan[Any]) -> Request:
    """Return what a plan of one request asks."""
    wanted = next(plan)
    assert isinstance(wanted, Request)
    return wanted


def test_a_key_of_a_page_that_kms_refuses_is_the_error_of_its_item() -> None:
    kms, shelf = ScriptedKms(), Shelf()
    repo = repo_with(kms, shelf, reuse=DataKeyReuse.off())
    for number in range(3):
        repo.put(patient(number))

    table = table_with(kms)
    plan = table.decode_response(Response(document={"Items": [*shelf.items.values()]}), table.codec)
    wanted = next(plan)
    assert isinstance(wanted, Parallel)
    answers: list[Any] = [kms.call(asked(plan)) for plan in wanted.plans]
    answers[3] = InvalidDataKey("altered")

    with pytest.raises(InvalidDataKey, match=r"^Patient, attribute 'ssn': altered$") as caught:
        plan.send(answers)
    assert caught.value.raw_item == shelf.items[str(key_of(1))]


def test_an_item_is_encrypted_once_in_a_write() -> None:
    kms = ScriptedKms()
    repo = repo_with(kms, reuse=DataKeyReuse.off())

    repo.put(Patient(pk="a", ssn="x"))

    assert kms.operations == ["GenerateDataKey"]


def test_data_of_an_earlier_key_is_read_with_it_and_new_data_written_with_the_current_one() -> None:
    old, shelf = ScriptedKms(OLD_ARN), Shelf()
    Repo(Patient, client=shelf, encryption=KmsEncryption(OLD_ARN, client=old)).put(patient(1))

    def answer(request: Request) -> ResponseLike:
        if request.operation == "Decrypt" and request.parameters["KeyId"] != OLD_ARN:
            raise KmsWrongKey("wrapped by another key")
        return old.call(request)

    both = ScriptedClient(otherwise=answer)
    repo = Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=both, read_keys=[OLD_ARN]))
    assert repo.get(("a", 1)).ssn == "ssn-1"

    with pytest.raises(KmsWrongKey):
        Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=both)).get(("a", 1))


def test_of_several_keys_that_refuse_the_one_that_denies_access_is_the_news() -> None:
    shelf = Shelf()
    repo_with(ScriptedKms(), shelf).put(patient(1))
    kms = ScriptedKms()

    def refuse(request: Request) -> None:
        denied = request.parameters["KeyId"] == ARN
        raise KmsAccessDenied("denied") if denied else KmsWrongKey("wrapped by another key")

    kms.before = refuse
    encryption = KmsEncryption(ARN, client=kms, read_keys=[OLD_ARN])
    with pytest.raises(KmsAccessDenied, match="denied"):
        Repo(Patient, client=shelf, encryption=encryption).get(("a", 1))
    assert [request.parameters["KeyId"] for request in kms.asked] == [ARN, OLD_ARN]


def test_a_data_key_of_another_length_is_refused() -> None:
    short = ScriptedClient({"Plaintext": b"short", "CiphertextBlob": b"blob", "KeyId": ARN})

    with pytest.raises(InvalidDataKey, match="5 bytes"):
        repo_with(short).put(patient(1))


def test_an_encryption_that_no_repository_has_says_so() -> None:
    with pytest.raises(KmsError, match="give it to a Repo"):
        DataKeys((ARN,), DataKeyReuse()).call(generate_request(ARN))


FORK = """
import os, sys
from dynamorm_py import KmsEncryption, Repo
from tests.support.encrypting import ARN, Patient, ScriptedKms, Shelf
kms = ScriptedKms()
repo = Repo(Patient, client=Shelf(), encryption=KmsEncryption(ARN, client=kms))
repo.put(Patient(pk="a", ssn="x"))
repo._table.cipher.source._lock.acquire()  # as another thread may hold it at the fork
child = os.fork()
if child == 0:
    repo.put(Patient(pk="a", ssn="x"))
    os._exit(len(kms.asked))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_child_starts_with_empty_caches_and_free_locks() -> None:
    done = subprocess.run([sys.executable, "-c", FORK], check=False, timeout=60)

    assert done.returncode == 2
