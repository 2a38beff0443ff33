"""How a call goes: which lane is chosen, and that our own wire asks exactly as botocore would."""

from __future__ import annotations

import gc
import os
import shlex
import subprocess
import sys
import threading
import time
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from unittest import mock

import boto3
import pytest
from botocore import configprovider
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import Credentials, RefreshableCredentials

from dynamorm_py import DynamoModel, Key, PartitionKey, Repo, Table, fields, limited
from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport import Client, as_client, default_client
from dynamorm_py._transport.botocore_session import OwnClients
from dynamorm_py._transport.direct import DirectLane
from dynamorm_py._transport.http11 import Answer
from dynamorm_py._transport.settings import LEFT_TO_BOTOCORE, READ_HERE, KeptCredentials
from dynamorm_py._transport.watching import watch
from dynamorm_py.errors import ClientNotConfigured, ConnectionFailed
from dynamorm_py.testing import ScriptedClient
from tests.support.wire import answer, request_on, serving

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from dynamorm_py._transport.exchange import Attempt
    from tests.unit.conftest import Endpoint

_BARE = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-west-1"}
_GET = Request("GetItem", {"TableName": "users", "Key": {"pk": {"S": "a"}}}, raw=True)
_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment with credentials and a region and nothing else: what Lambda has."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "DYNAMORM_")) or "proxy" in name.lower()]:
        monkeypatch.delenv(name)
    for name, value in _BARE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


def test_every_variable_of_botocore_is_understood_or_left_to_it() -> None:
    table: dict[str, Any] = configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES
    named: set[str] = set()
    for _, variables, *_ in table.values():
        named |= {variables} if isinstance(variables, str) else set(variables or ())
    about_other_services_or_providers = {
        "AWS_METADATA_SERVICE_TIMEOUT", "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "AWS_EC2_METADATA_V1_DISABLED", "AWS_IMDS_USE_IPV6",
        "AWS_CSM_HOST", "AWS_CSM_PORT", "AWS_CSM_CLIENT_ID", "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "AWS_DISABLE_REQUEST_COMPRESSION",
        "AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION",
        "AWS_DISABLE_HOST_PREFIX_INJECTION", "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH",
        "AWS_LOGIN_CACHE_DIRECTORY",
        "BOTOCORE_TCP_KEEPALIVE",
    }  # fmt: skip
    assert named - LEFT_TO_BOTOCORE - READ_HERE - about_other_services_or_providers == set()


@pytest.mark.usefixtures("bare")
def test_credentials_and_a_region_in_the_environment_need_no_botocore() -> None:
    code = """
import sys
from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport.botocore_session import OwnClients
from dynamorm_py._transport.direct import DirectLane
from dynamorm_py._transport.http11 import Answer
lane = OwnClients(None, None, None).lanes.direct("dynamodb")
attempt = next(lane.exchange(Request("GetItem", {"TableName": "users", "Key": {}})))
print(attempt.endpoint.url, sorted({"botocore", "boto3", "urllib3"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("https://dynamodb.eu-west-1.amazonaws.com/ []\n", "")


def _lane(**options: Any) -> str:  # noqa: ANN401 -- arguments of a client
    return Client(OwnClients(options.get("region"), options.get("endpoint_url"), options.get("profile"))).lane()


@pytest.mark.parametrize(
    ("variables", "lane"),
    [
        ({}, "direct"),
        ({"AWS_MAX_ATTEMPTS": "2"}, "direct"),
        ({"AWS_RETRY_MODE": "standard"}, "direct"),
        ({"AWS_RETRY_MODE": "legacy"}, "botocore"),
        ({"AWS_RETRY_MODE": "adaptive"}, "botocore"),
        ({"HTTPS_PROXY": "http://proxy:1"}, "botocore"),
        ({"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": ".amazonaws.com"}, "direct"),
        ({"AWS_ENDPOINT_DISCOVERY_ENABLED": "true"}, "botocore"),
        ({"DYNAMORM_TRANSPORT": "botocore"}, "botocore"),
        ({"DYNAMORM_TRANSPORT": "direct"}, "direct"),
    ],
)
def test_what_only_botocore_can_do_is_left_to_it(
    bare: pytest.MonkeyPatch, variables: dict[str, str], lane: str
) -> None:
    for name, value in variables.items():
        bare.setenv(name, value)
    assert _lane() == lane


def _with_profile(bare: pytest.MonkeyPatch, tmp_path: Path, *lines: str) -> None:
    for name in _BARE:
        bare.delenv(name)
    (tmp_path / "config").write_text("\n".join(["[default]", *lines]))
    bare.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


_OF_A_PROFILE = ("region = eu-north-1", "aws_access_key_id = PROFILEKEY", "aws_secret_access_key = secret")


def test_a_profile_with_credentials_and_a_region_needs_no_boto3_client(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _with_profile(bare, tmp_path, *_OF_A_PROFILE)

    def refuse(_: OwnClients, service: str) -> None:
        pytest.fail(f"a client of {service} was made")

    bare.setattr(OwnClients, "__call__", refuse)

    lane = OwnClients(None, None, None).lanes.direct("dynamodb")

    assert lane is not None
    attempt: Any = next(lane.exchange(_GET))
    assert attempt.endpoint.url == "https://dynamodb.eu-north-1.amazonaws.com/"
    assert b"Credential=PROFILEKEY/" in attempt.payload


def test_credentials_that_name_an_account_are_sent_to_its_host(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _with_profile(bare, tmp_path, *_OF_A_PROFILE, "aws_account_id = 111122223333")
    credentials = 'printf \'{"Version": 1, "AccessKeyId": "K", "SecretAccessKey": "s", "AccountId": "444455556666"}\''
    for lines, account in [
        ((*_OF_A_PROFILE, "aws_account_id = 111122223333"), "111122223333"),
        (("region = eu-north-1", f"credential_process = sh -c {shlex.quote(credentials)}"), "444455556666"),
    ]:
        (tmp_path / "config").write_text("\n".join(["[default]", *lines]))
        lane = OwnClients(None, None, None).lanes.direct("dynamodb")
        assert lane is not None
        assert lane.settings.blocks(_GET)
        attempt: Any = next(lane.exchange(_GET))
        assert attempt.endpoint.url == f"https://{account}.ddb.eu-north-1.amazonaws.com/"


@pytest.mark.parametrize("account", [(), ("aws_account_id = 111122223333",), ("use_fips_endpoint = true",)])
def test_a_watched_call_goes_to_the_host_of_the_direct_one(
    bare: pytest.MonkeyPatch, tmp_path: Path, account: tuple[str, ...]
) -> None:
    _with_profile(bare, tmp_path, *_OF_A_PROFILE, *account)
    hosts = list[str]()

    def send(_: DirectLane, attempt: Attempt) -> Answer:
        hosts.append(attempt.endpoint.url)
        return Answer(200, {"x-amz-crc32": str(zlib.crc32(b"{}"))}, b"{}", reusable=True)

    bare.setattr(DirectLane, "send", send)
    base: Any = BaseClient
    original: Any = base._make_api_call

    def traced(self: BaseClient, operation: str, parameters: dict[str, Any]) -> object:
        return original(self, operation, parameters)

    tables = ("users", "arn:aws:dynamodb:eu-north-1:444455556666:table/other", "users", "more")
    asked = [Request("GetItem", {**_GET.parameters, "TableName": table}) for table in tables]
    asked.append(Request("Query", {"TableName": "users", "KeyConditionExpression": "pk = :p"}))
    client = Client(OwnClients(None, None, None))
    for each in asked:
        client.call(each)
    bare.setattr(BaseClient, "_make_api_call", traced)
    assert client.lane() == "watched"
    for each in asked:
        client.call(each)

    assert hosts[: len(asked)] == hosts[len(asked) :]
    assert len(set(hosts)) == (1 if account == ("use_fips_endpoint = true",) else 2)


def test_a_role_is_assumed_in_the_region_of_the_repository(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _with_profile(bare, tmp_path, *_OF_A_PROFILE)
    clients = OwnClients("ap-southeast-2", None, None)

    assert clients.session().get_config_variable("region") == "ap-southeast-2"
    lane = clients.lanes.direct("dynamodb")
    assert lane is not None
    attempt: Any = next(lane.exchange(_GET))
    assert attempt.endpoint.url == "https://dynamodb.ap-southeast-2.amazonaws.com/"


def test_threads_that_begin_together_find_the_credentials_once() -> None:
    found = list[str]()

    class Slow:
        def load_credentials(self) -> Credentials:
            found.append(threading.current_thread().name)
            time.sleep(0.05)
            return Credentials("SLOW", "secret")

    clients = OwnClients("us-east-1", None, None, credentials=Slow)
    lane = clients.lanes.direct("dynamodb")
    assert lane is not None
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(lane.settings.credentials) for _ in range(8)]
        keys = {each.result().access_key for each in asked}

    assert (keys, len(found)) == ({"SLOW"}, 1)


def test_a_profile_that_does_not_exist_is_refused(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _with_profile(bare, tmp_path, *_OF_A_PROFILE)

    with pytest.raises(ClientNotConfigured, match="the AWS profile does not exist"):
        Client(OwnClients(None, None, "missing")).call(_GET)


@pytest.mark.usefixtures("bare")
def test_a_client_that_the_user_brings_makes_its_calls_itself() -> None:
    brought: Any = as_client(boto3.client("dynamodb"))
    assert brought.lane() == "botocore"


def test_a_session_of_the_user_keeps_the_direct_lane(endpoint: Endpoint, aws_environment: pytest.MonkeyPatch) -> None:
    endpoint.answer(b'{"Item":{"pk":{"S":"a"}}}')
    aws_environment.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint.url)
    session = boto3.Session("SESSIONKEY", "secret", region_name="ap-south-1")
    client: Any = as_client(session)

    assert client.lane() == "direct"
    assert client.call(_GET).body == b'{"Item":{"pk":{"S":"a"}}}'
    assert "Credential=SESSIONKEY/" in endpoint.headers[0]["authorization"]
    assert "/ap-south-1/dynamodb/" in endpoint.headers[0]["authorization"]
    assert client.origin == as_client(session).__getattribute__("origin")


def test_a_replaced_call_is_watched_and_sent_over_our_own_wire(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.answer(b'{"Item":{"pk":{"S":"a"}}}')
    client, seen = default_client("us-east-1", endpoint.url), list[Any]()
    base: Any = BaseClient
    original: Any = base._make_api_call

    def traced(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401
        answer = original(self, operation, parameters)
        seen.append((operation, answer["ResponseMetadata"]["HTTPStatusCode"]))
        return answer

    monkeypatch.setattr(BaseClient, "_make_api_call", traced)
    assert (watch(), client.lane()) == ("calls", "watched")
    assert client.call(_GET).body == b'{"Item":{"pk":{"S":"a"}}}'
    assert seen == [("GetItem", 200)]
    assert endpoint.headers[0]["accept-encoding"] == "identity"
    monkeypatch.undo()
    assert watch() == "nobody"


def test_a_mock_in_place_of_the_call_answers_it(endpoint: Endpoint) -> None:
    client = default_client("us-east-1", endpoint.url)
    with mock.patch.object(BaseClient, "_make_api_call", return_value={"Item": {"pk": {"S": "mocked"}}}):
        answer: Any = client.call(_GET)
    assert answer["Item"] == {"pk": {"S": "mocked"}}
    assert endpoint.operations == []


@pytest.mark.parametrize(
    "replaced",
    [
        "botocore.endpoint.Endpoint._send",
        "botocore.client.BaseClient.__init__",
        "botocore.awsrequest.AWSHTTPConnectionPool.ConnectionCls",
    ],
)
def test_who_replaces_what_lies_below_a_call_gets_botocores_own_wire(endpoint: Endpoint, replaced: str) -> None:
    client = default_client("us-east-1", endpoint.url)
    with mock.patch(replaced, type("Other", (), {})):
        assert (watch(), client.lane()) == ("wire", "botocore")
    assert watch() == "nobody"


@pytest.mark.usefixtures("bare")
def test_moto_in_this_process_answers_in_dynamodbs_place() -> None:
    moto: Any = pytest.importorskip("moto")
    with moto.mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="users",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        client: Any = Client(OwnClients(None, None, None))
        assert client.lane() == "direct"
        client.call(Request("PutItem", {"TableName": "users", "Item": {"pk": {"S": "a"}, "b": {"B": b"\xff"}}}))
        assert client.call(Request("GetItem", _GET.parameters))["Item"] == {"pk": {"S": "a"}, "b": {"B": b"\xff"}}


def test_the_trace_of_a_lambda_function_reaches_dynamodb(
    endpoint: Endpoint, aws_environment: pytest.MonkeyPatch
) -> None:
    endpoint.answer(b"{}")
    aws_environment.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    client = Client(OwnClients("us-east-1", endpoint.url, None))
    for trace in ("Root=1-2-3;Sampled=1", "Root=4 é"):
        aws_environment.setenv("_X_AMZN_TRACE_ID", trace)
        client.call(_GET)
    sent = [headers["x-amzn-trace-id"] for headers in endpoint.headers]
    assert sent == ["Root=1-2-3;Sampled=1", "Root=4%20%C3%A9"]


def test_no_credentials_are_looked_for_again_at_the_next_call(
    endpoint: Endpoint, aws_environment: pytest.MonkeyPatch
) -> None:
    endpoint.answer(b"{}")
    aws_environment.delenv("AWS_ACCESS_KEY_ID")
    client = Client(OwnClients("us-east-1", endpoint.url, None))
    with pytest.raises(ClientNotConfigured, match="there are no AWS credentials"):
        client.call(_GET)
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "LATER")
    client.call(_GET)
    assert "Credential=LATER/" in endpoint.headers[0]["authorization"]


def test_credentials_that_renew_themselves_are_asked_again() -> None:
    made = [0]

    def renewed() -> dict[str, str]:
        made[0] += 1
        return {
            "access_key": f"K{made[0]}",
            "secret_key": "s",
            "token": "t",
            "expiry_time": "2000-01-01T00:00:00Z" if made[0] < 3 else "2999-01-01T00:00:00Z",
        }

    credentials = RefreshableCredentials.create_from_metadata(renewed(), renewed, "test")
    kept = KeptCredentials(lambda: credentials, 0.0)
    with pytest.raises(RuntimeError):  # botocore: the provider's are out of date already
        kept()
    assert [kept().access_key, kept().access_key] == ["K3", "K3"]


def test_a_damaged_answer_without_a_checksum_is_refused(endpoint: Endpoint) -> None:
    client = Client(OwnClients("us-east-1", endpoint.url, None))
    for body in (b"", b"<html></html>", b'{"Item":{"pk":{"S":"a"}', b"[]"):
        endpoint.answer(body)
        with pytest.raises(ConnectionFailed, match="damaged"):
            client.call(Request("PutItem", _GET.parameters))


def test_a_closed_client_leaves_no_socket_and_serves_on(endpoint: Endpoint) -> None:
    endpoint.answer(b"{}")
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        client = Client(OwnClients("us-east-1", endpoint.url, None))
        client.call(_GET)
        client.call(_GET)
        client.close()
        client.call(_GET)
        client.call(_GET)
        del client
        gc.collect()
    assert [len(set(endpoint.connections[:2])), len(set(endpoint.connections[2:]))] == [1, 1]
    assert len(set(endpoint.connections)) == 2


def test_legacy_retries_of_a_session_stay_botocores(bare: pytest.MonkeyPatch) -> None:
    assert Config(retries={"mode": "legacy"}) is not None
    session = boto3.Session(region_name="eu-west-1")
    bare.setenv("AWS_RETRY_MODE", "legacy")
    client: Any = as_client(session)
    assert client.lane() == "botocore"


class _Row(DynamoModel, table="rows"):
    pk: Annotated[str, PartitionKey()]


def test_a_repository_closes_its_connections_and_explains_its_lane(endpoint: Endpoint) -> None:
    endpoint.answer(b'{"Item":{"pk":{"S":"a"}}}')
    with Repo(_Row, client=limited(Client(OwnClients("us-east-1", endpoint.url, None)), concurrency=2)) as rows:
        assert rows.get("a") == rows.get("a") == _Row(pk="a")
        explanation = rows.query(Key(fields(_Row).pk) == "a").explain()
    rows.get("a")
    assert len(set(endpoint.connections)) == 2
    assert explanation.lane == "direct"
    assert "lane: direct" in str(explanation)


def test_a_table_of_several_models_closes_the_connections_of_its_repositories(endpoint: Endpoint) -> None:
    endpoint.answer(b'{"Item":{"pk":{"S":"a"}}}')
    with Table(_Row, client=Client(OwnClients("us-east-1", endpoint.url, None))) as table:
        assert table.get("a") == table[_Row].get("a") == _Row(pk="a")
    table.get("a")
    table.close()
    table[_Row].get("a")
    assert len(set(endpoint.connections)) == 3
    assert len(set(endpoint.connections[:2])) == 1


def test_a_client_without_connections_of_its_own_is_closed_without_a_fault() -> None:
    with Repo(_Row, client=ScriptedClient({"Item": {"pk": {"S": "a"}}})) as rows:
        assert rows.get("a").pk == "a"
        assert rows.query(Key(fields(_Row).pk) == "a").explain().lane is None


def test_a_call_that_is_left_to_botocore_keeps_its_user_agent(bare: pytest.MonkeyPatch) -> None:
    requests: list[bytes] = []

    def serve(connection: socket.socket, _: int) -> None:
        while (received := request_on(connection)) is not None:
            requests.append(received)
            connection.sendall(answer(b"{}"))

    original: Any = BaseClient.__dict__["_make_api_call"]

    def traced(self: Any, operation: str, parameters: Any) -> Any:  # noqa: ANN401 -- as a tracer does it
        return original(self, operation, parameters)

    with serving(serve) as server:
        client = Client(OwnClients("us-east-1", server.url, None))
        with mock.patch.object(BaseClient, "_make_api_call", traced):
            assert client.lane() == "watched"
            client.call(_GET)
        bare.setenv("DYNAMORM_TRANSPORT", "botocore")
        Client(OwnClients("us-east-1", server.url, None)).call(_GET)
        client.close()
    agents = [request.partition(b"User-Agent: ")[2].partition(b"\r\n")[0] for request in requests]
    assert [agent.partition(b"/")[0] for agent in agents] == [b"dynamorm_py", b"Botocore"]
    assert b"dynamorm_py/" in agents[1]
