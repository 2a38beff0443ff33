"""The client: bytes where asked for, botocore's own ways otherwise, and what may stand as client=."""

from __future__ import annotations

import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import UnknownServiceError

from dynamorm_py import BatchIncomplete, Put, Repo, transact_write
from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport import Client, as_client, default_client
from dynamorm_py._transport.botocore_session import OwnClients
from dynamorm_py.clients import Response
from dynamorm_py.errors import ClientNotConfigured, ConnectionFailed
from tests.support.people import User

if TYPE_CHECKING:
    from dynamorm_py._kernel.response import ResponseLike
    from tests.unit.conftest import Endpoint

PARAMETERS = {"TableName": "users", "Key": {"pk": {"S": "a"}}}
RAW = Request("GetItem", PARAMETERS, raw=True)
PARSED = Request("GetItem", PARAMETERS)
BODY = b'{"Item":{"pk":{"S":"a"},"b":{"B":"AAE="}}}'
ITEM = {"pk": {"S": "a"}, "b": {"B": b"\0\1"}}


def test_every_answer_is_its_body_and_boto3s_dictionary(endpoint: Endpoint) -> None:
    endpoint.answer(BODY)
    client = default_client("us-east-1", endpoint.url)

    assert client.call(RAW).body == BODY
    assert client.call(PARSED)["Item"] == client.call(RAW)["Item"] == ITEM


def test_a_client_that_the_user_brings_answers_a_raw_request_with_a_dictionary(endpoint: Endpoint) -> None:
    endpoint.answer(BODY)
    client = as_client(boto3.client("dynamodb", endpoint_url=endpoint.url))

    assert Response.of(client.call(RAW))["Item"] == ITEM


def test_threads_that_share_the_client_get_the_whole_answer_of_each(endpoint: Endpoint) -> None:
    endpoint.answer(BODY)
    client = default_client("us-east-1", endpoint.url)
    requests = [RAW, PARSED] * 80

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(client.call, requests))

    assert {(answer.body, str(answer["Item"])) for answer in answers} == {(BODY, str(ITEM))}


def test_instrumentation_and_event_hooks_see_a_raw_call(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint.answer(BODY)
    seen: list[Any] = []
    usual: Any = vars(BaseClient)["_make_api_call"]  # what instrumentations such as OpenTelemetry wrap

    def traced(self: BaseClient, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = usual(self, operation, parameters)
        seen.append((operation, answer["ResponseMetadata"]["RequestId"]))
        return answer

    monkeypatch.setattr(BaseClient, "_make_api_call", traced)
    clients = OwnClients("us-east-1", endpoint.url, None)

    def after_call(parsed: dict[str, Any], **_: object) -> None:
        seen.append(parsed)

    clients("dynamodb").meta.events.register("after-call.dynamodb.GetItem", after_call)

    assert Client(clients).call(RAW).body == BODY
    parsed, call = seen
    assert call == ("GetItem", "REQUEST-1")
    assert parsed["ResponseMetadata"]["RetryAttempts"] == 0
    assert parsed["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_another_call_made_by_a_hook_during_a_raw_call_is_parsed(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNAMORM_TRANSPORT", "botocore")
    endpoint.answer({"TableNames": ["users"]})
    clients = OwnClients("us-east-1", endpoint.url, None)
    boto_client = clients("dynamodb")
    listed: list[Any] = []

    def before_send(**_: object) -> None:
        listed.append(boto_client.list_tables()["TableNames"])

    boto_client.meta.events.register("before-send.dynamodb.GetItem", before_send)

    assert Client(clients).call(RAW).body is not None
    assert listed == [["users"]]


@pytest.mark.parametrize("mode", ["standard", "legacy"])
def test_a_wrong_checksum_is_asked_again_and_the_right_answer_returned(
    endpoint: Endpoint, aws_environment: pytest.MonkeyPatch, mode: str
) -> None:
    aws_environment.setenv("AWS_RETRY_MODE", mode)
    aws_environment.setenv("AWS_MAX_ATTEMPTS", "2")
    endpoint.answer(b'{"Item":{}}', checksum=1)
    endpoint.then(BODY)

    assert Client(OwnClients("us-east-1", endpoint.url, None)).call(RAW).body == BODY
    assert len(endpoint.operations) == 2


@pytest.mark.parametrize("mode", ["standard", "legacy"])
def test_a_checksum_that_stays_wrong_is_an_error(
    endpoint: Endpoint, aws_environment: pytest.MonkeyPatch, mode: str
) -> None:
    aws_environment.setenv("AWS_RETRY_MODE", mode)
    aws_environment.setenv("AWS_MAX_ATTEMPTS", "2")
    endpoint.answer(BODY, checksum=1)

    with pytest.raises(ConnectionFailed):
        Client(OwnClients("us-east-1", endpoint.url, None)).call(RAW)
    assert len(endpoint.operations) == 2


@pytest.mark.parametrize("body", [b"", b"<html>Welcome to the hotel's network</html>"])
def test_an_answer_that_is_not_json_is_an_error_and_not_a_missing_item(endpoint: Endpoint, body: bytes) -> None:
    endpoint.answer(body)

    with pytest.raises(ConnectionFailed, match="not DynamoDB"):
        default_client("us-east-1", endpoint.url).call(RAW)


def test_a_write_that_was_answered_by_something_else_is_not_taken_for_done(endpoint: Endpoint) -> None:
    endpoint.answer(b"<html>a web server, or a portal on the way</html>")
    users = Repo(User, client=default_client("us-east-1", endpoint.url))

    for write in (lambda: users.put(User(pk="A")), lambda: users.delete(("A", "PROFILE"))):
        with pytest.raises(ConnectionFailed, match="not DynamoDB"):
            write()
    with pytest.raises(ConnectionFailed, match="not DynamoDB"):
        transact_write([Put(users, User(pk="A"))], retries=0)
    with pytest.raises(BatchIncomplete) as caught:
        users.batch_write(put=[User(pk="A")], retries=0)
    assert [write.item for write in caught.value.writes if isinstance(write, Put)] == [User(pk="A")]


def test_the_default_client_takes_its_endpoint_from_the_environment_and_names_itself(
    endpoint: Endpoint, aws_environment: pytest.MonkeyPatch
) -> None:
    aws_environment.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint.url)

    Client(OwnClients(None, None, None)).call(RAW)
    Client(OwnClients(None, None, None)).call(PARSED)

    assert endpoint.operations == ["GetItem", "GetItem"]
    assert "dynamorm_py/" in endpoint.headers[0]["user-agent"]


def test_the_default_client_keeps_its_connection(endpoint: Endpoint) -> None:
    for request in (RAW, PARSED, RAW):
        default_client("us-east-1", endpoint.url).call(request)

    assert len(set(endpoint.connections)) == 1


def test_the_default_client_retries_as_the_environment_says_else_in_standard_mode(
    aws_environment: pytest.MonkeyPatch,
) -> None:
    assert OwnClients(None, None, None)("dynamodb").meta.config.retries["mode"] == "standard"
    aws_environment.setenv("AWS_RETRY_MODE", "adaptive")
    assert OwnClients(None, None, None)("dynamodb").meta.config.retries["mode"] == "adaptive"


def test_the_default_client_is_one_a_process_and_a_configuration() -> None:
    assert as_client() is as_client(None) is default_client()
    assert default_client("eu-west-1") is default_client("eu-west-1") is not default_client()


def test_a_client_is_made_once_although_threads_ask_at_once(aws_environment: pytest.MonkeyPatch) -> None:
    del aws_environment
    clients = OwnClients(None, None, None)

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(clients, ["dynamodb"] * 8))

    assert len(set(map(id, made))) == 1


FORK = """
import os, sys
from dynamorm_py._transport import default_client
from dynamorm_py._kernel.plans import Request
request = Request("GetItem", {"TableName": "users", "Key": {"pk": {"S": "a"}}}, raw=True)
client = default_client()
client.call(request)
child = os.fork()
if child == 0:
    client.call(request)
    os._exit(0 if default_client() is client else 3)
_, status = os.waitpid(child, 0)
client.call(request)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_forked_child_opens_a_connection_of_its_own(endpoint: Endpoint, aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_ENDPOINT_URL", endpoint.url)

    subprocess.run([sys.executable, "-c", FORK], check=True, timeout=60)

    parent, child, again = endpoint.connections
    assert parent == again != child


def test_importing_the_client_loads_no_aws_library() -> None:
    code = "import sys, dynamorm_py._transport; print(*(name for name in sys.modules if name in {'boto3', 'botocore'}))"

    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)

    assert done.stdout == "\n"


def test_a_caller_of_the_users_own_is_taken_as_it_is() -> None:
    class Counting:
        def call(self, request: Request) -> ResponseLike:
            return {"asked": request.operation}

    counting = Counting()

    assert as_client(counting) is counting


def test_only_a_low_level_dynamodb_client_is_a_client(aws_environment: pytest.MonkeyPatch) -> None:
    del aws_environment
    resource = boto3.resource("dynamodb")
    for wrong, problem in (
        ("dynamodb", "is a str, not a boto3 client"),
        (boto3, "is a module, not a boto3 client"),
        (boto3.client("kms"), "is a KMS, a client of 'kms'"),
        (resource, "resource layer"),
        (resource.Table("users"), "resource layer"),
        (resource.meta.client, r"\.meta\.client of a boto3 resource"),
    ):
        with pytest.raises(ClientNotConfigured, match=problem) as caught:
            as_client(wrong)
        assert 'pass boto3.client("dynamodb")' in str(caught.value)


def test_an_asynchronous_client_is_refused() -> None:
    class Asynchronous:
        meta = boto3.client("dynamodb", region_name="us-east-1").meta

        async def _make_api_call(self) -> None: ...

    class Awaited:
        async def call(self, request: Request, /) -> None: ...

    for client in (Asynchronous(), Awaited()):
        with pytest.raises(ClientNotConfigured, match="asynchronous"):
            as_client(client)


def test_a_service_that_was_not_given_is_refused_until_it_is(aws_environment: pytest.MonkeyPatch) -> None:
    del aws_environment
    client = as_client(boto3.client("dynamodb"))
    request = Request("GenerateDataKey", {"KeyId": "k", "KeySpec": "AES_256"}, service="kms")
    with pytest.raises(ClientNotConfigured, match="'kms'"):
        client.call(request)

    class Keys:
        def generate_data_key(self, **parameters: str) -> dict[str, str]:
            return parameters

    assert isinstance(client, Client)
    assert client.with_service("kms", Keys()).call(request) == {"KeyId": "k", "KeySpec": "AES_256"}


def test_the_default_client_makes_clients_of_other_services_at_their_own_endpoints(
    endpoint: Endpoint,
) -> None:
    clients = OwnClients("eu-west-1", endpoint.url, None)

    assert clients("dynamodb").meta.endpoint_url == endpoint.url
    assert clients("kms").meta.endpoint_url == "https://kms.eu-west-1.amazonaws.com"


def test_the_client_answers_in_process_under_moto_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from moto import mock_aws

    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        assert default_client("ap-south-1").call(Request("ListTables", {}, raw=True)).body == b'{"TableNames": []}'


def test_services_that_are_not_ours_are_still_found_in_our_session(endpoint: Endpoint) -> None:
    clients = OwnClients("us-east-1", endpoint.url, None)

    assert clients("sqs").meta.service_model.service_name == "sqs"  # a credential provider may need another service
    with pytest.raises(UnknownServiceError, match="sqs"):
        clients("nothing")


@pytest.mark.parametrize("brought", [False, True])
def test_a_token_that_no_header_can_carry_is_in_no_error(
    endpoint: Endpoint, aws_environment: pytest.MonkeyPatch, *, brought: bool
) -> None:
    aws_environment.setenv("AWS_SESSION_TOKEN", "begin\r\nX-Other: hidden")
    aws_environment.setenv("DYNAMORM_TRANSPORT", "botocore")
    own = Client(OwnClients("us-east-1", endpoint.url, None))
    client = as_client(boto3.Session().client("dynamodb", endpoint_url=endpoint.url)) if brought else own

    with pytest.raises(ClientNotConfigured, match="no header can carry") as caught:
        client.call(RAW)

    assert "hidden" not in "".join(traceback.format_exception(caught.value))
    assert endpoint.operations == []
