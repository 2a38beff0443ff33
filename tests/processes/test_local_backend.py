"""A local DynamoDB of one's own: which one, on which address, and that it ends with its holder."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from dynamorm_py.errors import CallError, LocalBackendUnavailable
from dynamorm_py.testing import LocalDynamoDB
from dynamorm_py.testing import _dynoxide as dynoxide

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

_HOLD_A_SERVER = """
import os, time
from dynamorm_py.testing import LocalDynamoDB
with LocalDynamoDB({backend!r}) as local:
    print(local.endpoint, flush=True)
    {then}
"""


def _answers(endpoint: str) -> bool:
    with closing(HTTPConnection(urlsplit(endpoint).netloc, timeout=5)) as connection:
        try:
            connection.request("GET", "/")
            return connection.getresponse().status > 0
        except OSError:
            return False


def _goes_away(endpoint: str) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not _answers(endpoint):
            return True
        time.sleep(0.05)
    return False


def _holder(backend: str, then: str) -> subprocess.Popen[str]:
    script = _HOLD_A_SERVER.format(backend=backend, then=then)
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)


def _endpoint_of(holder: subprocess.Popen[str]) -> str:
    assert holder.stdout is not None
    return holder.stdout.readline().strip()


def _program(folder: Path, name: str, script: str) -> Path:
    program = folder / name
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


# --- every server -----------------------------------------------------------------------------------


@pytest.fixture(params=["ministack", "dynoxide"] if dynoxide.found() else ["ministack"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each server that can be started here; CI builds dynoxide first."""
    monkeypatch.delenv("DYNAMODB_ENDPOINT", raising=False)
    return request.param


def test_two_servers_run_side_by_side_and_end_with_their_blocks(kind: str) -> None:
    with LocalDynamoDB(kind) as first:
        with LocalDynamoDB(kind) as second:
            assert first.endpoint != second.endpoint
            assert _answers(first.endpoint)
            gone = second.endpoint
            assert _answers(gone)
        assert not _answers(gone)
        assert _answers(first.endpoint)


def test_a_server_listens_on_the_loopback_only(kind: str) -> None:
    with LocalDynamoDB(kind) as local, socket.socket() as other:
        port = urlsplit(local.endpoint).port
        assert local.endpoint == f"http://127.0.0.1:{port}"
        with pytest.raises(ConnectionRefusedError):  # 127.0.0.2 is this machine too, and no listener's address
            other.connect(("127.0.0.2", port))


def test_a_port_that_is_taken_meanwhile_is_left_for_another(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalDynamoDB(kind) as taken:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            free = listener.getsockname()[1]
        ports = iter([urlsplit(taken.endpoint).port, free])
        monkeypatch.setattr("dynamorm_py.testing._server._free_port", lambda: next(ports))
        with LocalDynamoDB(kind) as local:
            assert local.endpoint == f"http://127.0.0.1:{free}"


def test_the_server_ends_when_its_holder_is_killed(kind: str) -> None:
    with _holder(kind, then="time.sleep(600)") as holder:
        endpoint = _endpoint_of(holder)
        assert _answers(endpoint)
        os.kill(holder.pid, signal.SIGKILL)
    assert _goes_away(endpoint)


def test_the_server_ends_when_its_holder_crashes(kind: str) -> None:
    with _holder(kind, then="os.abort()") as holder:
        endpoint = _endpoint_of(holder)
    assert _goes_away(endpoint)


def test_the_server_ends_with_its_holder_though_a_forked_child_lives_on(kind: str) -> None:
    with _holder(
        kind, then="os.fork() or (os.close(1), time.sleep(15), os._exit(0)); time.sleep(1); os.abort()"
    ) as holder:
        endpoint = _endpoint_of(holder)
    assert _goes_away(endpoint)


def test_it_has_an_endpoint_inside_its_block_only(kind: str) -> None:
    local = LocalDynamoDB(kind)
    for _ in range(2):  # a block may follow another
        with pytest.raises(CallError, match="inside its block"):
            _ = local.endpoint
        with local as entered:
            assert entered is local
            assert _answers(local.endpoint)


# --- which one --------------------------------------------------------------------------------------


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing on the PATH but what a test puts there, nothing in the cache, nothing named."""
    for name in ("DYNAMODB_ENDPOINT", "DYNOXIDE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("DYNAMORM_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


_SAYS_WHO = "echo $0; exit 1"


@pytest.mark.parametrize(
    "path", ["named/by/me", "bin/dynoxide", "cache/dynoxide-3.2.0/bin/dynoxide"], ids=["DYNOXIDE", "PATH", "cache"]
)
@pytest.mark.parametrize("backend", [None, "dynoxide"])
def test_dynoxide_is_taken_where_its_binary_is(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, path: str, backend: str | None
) -> None:
    binary = _program(bare_machine, path, _SAYS_WHO)
    if path == "named/by/me":
        monkeypatch.setenv("DYNOXIDE", str(binary))
    with pytest.raises(
        LocalBackendUnavailable, match=f"dynoxide ended as soon as it was started; its output: {binary}"
    ):
        LocalDynamoDB(backend).__enter__()


def test_a_binary_named_relative_to_the_tests_is_found(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = _program(bare_machine, "tools/dynoxide", _SAYS_WHO)
    monkeypatch.chdir(bare_machine)
    monkeypatch.setenv("DYNOXIDE", "tools/dynoxide")
    with pytest.raises(LocalBackendUnavailable, match=f"its output: {binary}"):
        LocalDynamoDB().__enter__()


@pytest.mark.parametrize("backend", [None, "dynoxide"])
def test_a_name_that_names_no_program_is_an_error(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, backend: str | None
) -> None:
    monkeypatch.setenv("DYNOXIDE", str(bare_machine / "nothing"))
    with pytest.raises(LocalBackendUnavailable, match=r"DYNOXIDE=.*/nothing names no program"):
        LocalDynamoDB(backend).__enter__()


@pytest.mark.usefixtures("bare_machine")
def test_dynoxide_that_is_nowhere_is_an_error_when_it_is_chosen() -> None:
    with pytest.raises(LocalBackendUnavailable, match="not named by DYNOXIDE, not on the PATH and not in the cache"):
        LocalDynamoDB("dynoxide").__enter__()


@pytest.mark.parametrize("choose", ["by the environment", "by the argument"])
def test_a_named_endpoint_is_used_and_left_running(
    dynamodb_endpoint: str, monkeypatch: pytest.MonkeyPatch, choose: str
) -> None:
    by_environment = choose == "by the environment"
    monkeypatch.setenv("DYNAMODB_ENDPOINT", dynamodb_endpoint if by_environment else "http://127.0.0.1:1")
    with LocalDynamoDB(None if by_environment else dynamodb_endpoint) as local:
        assert local.endpoint == dynamodb_endpoint
    assert _answers(dynamodb_endpoint)


def test_a_server_that_is_chosen_is_started_whatever_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("DYNAMODB_ENDPOINT", "http://127.0.0.1:1")
    with LocalDynamoDB(kind) as local:
        assert _answers(local.endpoint)


def test_a_named_endpoint_where_nobody_listens_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as bound_but_silent:
        bound_but_silent.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{bound_but_silent.getsockname()[1]}"
        monkeypatch.setenv("DYNAMODB_ENDPOINT", address)
        with pytest.raises(LocalBackendUnavailable, match=f"nothing answers at {address}"):
            LocalDynamoDB().__enter__()


@pytest.mark.parametrize(
    ("backend", "message"),
    [("moto", "moto has no endpoint"), ("local", "'dynoxide', 'ministack' or a URL, got 'local'")],
)
def test_another_backend_is_refused(backend: str, message: str) -> None:
    with pytest.raises(CallError, match=message):
        LocalDynamoDB(backend)


# --- how they get there -------------------------------------------------------------------------------


def test_offline_the_error_names_every_way(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(bare_machine))
    with pytest.raises(LocalBackendUnavailable, match=r"ministack could not be installed: python.* failed") as caught:
        LocalDynamoDB().__enter__()
    ways = ("DYNAMODB_ENDPOINT=http", "DYNOXIDE=", "--dynamodb=dynoxide", "package index", "--dynamodb=moto")
    assert [way for way in ways if way not in str(caught.value)] == []
    left = [path.name for path in (bare_machine / "cache").iterdir() if not path.name.endswith(".lock")]
    assert left == []  # no half of an installation


@pytest.mark.usefixtures("bare_machine")
def test_processes_that_ask_at_once_install_once() -> None:
    script = (
        "import sys, time; from pathlib import Path; from dynamorm_py.testing._cache import kept\n"
        "def fill(home):\n"
        "    time.sleep(0.3); home.mkdir(); (home / 'program').write_text('whole'); print('filled')\n"
        "print(kept('server', 'program', fill).read_text())"
    )
    together = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = sorted(word for process in together for word in process.communicate()[0].split())
    assert said == ["filled", *["whole"] * 4]


@pytest.fixture
def keep(bare_machine: Path) -> Callable[[str], Path]:
    """Give a function that keeps a program with this content in the cache."""
    del bare_machine
    from dynamorm_py.testing._cache import kept

    def fill(home: Path, content: str) -> None:
        home.mkdir()
        (home / "program").write_text(content)

    return lambda content: kept("server", "program", lambda home: fill(home, content))


def test_what_is_kept_is_made_once_and_again_only_when_its_program_is_gone(keep: Callable[[str], Path]) -> None:
    first = keep("first")
    assert keep("second") == first
    assert first.read_text() == "first"
    first.unlink()
    assert keep("third").read_text() == "third"


@pytest.mark.usefixtures("bare_machine")
def test_building_dynoxide_without_cargo_is_an_error() -> None:
    with pytest.raises(LocalBackendUnavailable, match=r"dynoxide 3\.2\.0 could not be built: cargo is not on the PATH"):
        dynoxide.build()


def test_dynoxide_is_built_from_the_pinned_crate_into_the_cache(bare_machine: Path) -> None:
    _program(
        bare_machine,
        "bin/cargo",
        'echo "$@" > asked; eval "root=\\${10}"; /bin/mkdir -p $root/bin; echo > $root/bin/dynoxide',
    )
    with pytest.MonkeyPatch.context() as inside:
        inside.chdir(bare_machine)
        assert dynoxide.build() == bare_machine / "cache" / "dynoxide-3.2.0" / "bin" / "dynoxide"
    asked = (bare_machine / "asked").read_text()
    assert asked.startswith(
        "install dynoxide-rs --version 3.2.0 --locked --no-default-features --features native-sqlite,"
    )


# --- what is served -----------------------------------------------------------------------------------


def test_the_session_client_talks_to_a_real_dynamodb(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    dynamodb.create_table(
        TableName=unique_table_name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=unique_table_name, Item={"pk": {"S": "a"}, "n": {"N": "1.50"}})
    found = dynamodb.get_item(TableName=unique_table_name, Key={"pk": {"S": "a"}})
    assert found.get("Item") == {"pk": {"S": "a"}, "n": {"N": "1.5"}}


def test_kms_and_s3_are_there_beside_every_backend(dynamorm_kms: KMSClient, dynamorm_s3: S3Client) -> None:
    key = dynamorm_kms.create_key()["KeyMetadata"]["KeyId"]
    data_key = dynamorm_kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    opened = dynamorm_kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])
    assert opened["Plaintext"] == data_key["Plaintext"]

    dynamorm_s3.create_bucket(Bucket="kept-here")
    dynamorm_s3.put_object(Bucket="kept-here", Key="a", Body=b"content")
    assert dynamorm_s3.get_object(Bucket="kept-here", Key="a")["Body"].read() == b"content"
