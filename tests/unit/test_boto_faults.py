"""AWS faults become our errors: the real client reads recorded answers from a loopback endpoint."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py import ThrottlingReason, errors
from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport import Client, as_client, default_client, exceptions, messages
from dynamorm_py._transport.botocore_session import OwnClients

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Transport
    from tests.unit.conftest import Endpoint

GET = Request("GetItem", {"TableName": "users", "Key": {"pk": {"S": "secret-value"}}}, raw=True)


def fail(request: Request, endpoint_url: str, *, anew: bool = False, brought: bool = False) -> errors.DynamormError:
    """Make the call and return the error it raises.

    `anew` reads the environment of this very test; `brought` calls through a client that a user made.
    """
    client: Transport = default_client("us-east-1", endpoint_url)
    if anew:
        client = Client(OwnClients("us-east-1", endpoint_url, None))
    if brought:
        boto_client: Any = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint_url)
        client = as_client(boto_client)
    with pytest.raises(errors.DynamormError) as caught:
        client.call(request)
    assert "secret-value" not in str(caught.value)
    return caught.value


CODES = [
    ("ConditionalCheckFailedException", 400, errors.ConditionFailed),
    ("TransactionCanceledException", 400, errors.TransactionCancelled),
    ("ResourceNotFoundException", 400, errors.TableNotFound),
    ("TableNotFoundException", 400, errors.TableNotFound),
    ("ResourceInUseException", 400, errors.TableInUse),
    ("ProvisionedThroughputExceededException", 400, errors.Throttled),
    ("ThrottlingException", 400, errors.Throttled),
    ("RequestLimitExceeded", 400, errors.Throttled),
    ("TransactionConflictException", 400, errors.TransactionConflict),
    ("TransactionInProgressException", 400, errors.TransactionInProgress),
    ("IdempotentParameterMismatchException", 400, errors.IdempotentParameterMismatch),
    ("ItemCollectionSizeLimitExceededException", 400, errors.ItemCollectionTooLarge),
    ("RequestEntityTooLarge", 413, errors.RequestTooLarge),
    ("ValidationException", 400, errors.RequestRefused),
    ("SerializationException", 400, errors.RequestRefused),
    ("AccessDeniedException", 400, errors.AccessDenied),
    ("UnrecognizedClientException", 400, errors.AccessDenied),
    ("InvalidSignatureException", 400, errors.AccessDenied),
    ("ExpiredTokenException", 400, errors.CredentialsExpired),
    ("LimitExceededException", 400, errors.LimitExceeded),
    ("RequestTimeout", 408, errors.RequestTimeout),
    ("InternalServerError", 500, errors.InternalServerError),
    ("ServiceUnavailable", 503, errors.InternalServerError),
    ("SomethingNew", 502, errors.InternalServerError),
    ("SomethingNew", 400, errors.DynamoDBError),
]


@pytest.mark.parametrize(("code", "status", "kind"), CODES)
def test_a_code_of_dynamodb_has_its_class_and_says_which_call(
    endpoint: Endpoint, code: str, status: int, kind: type[errors.DynamoDBError]
) -> None:
    endpoint.fail(code, "Some text with secret-value", status=status)

    error = fail(GET, endpoint.url)

    assert type(error) is kind
    assert str(error).startswith("GetItem on table 'users': ")
    assert (error.operation, error.aws_code, error.request_id) == ("GetItem", code, "REQUEST-1")
    assert isinstance(error.__cause__, ClientError)


def test_an_answer_that_is_no_dynamodb_answer_is_a_server_fault(endpoint: Endpoint) -> None:
    endpoint.answer(b"<html><body>Service Unavailable</body></html>", status=503)

    assert isinstance(fail(GET, endpoint.url), errors.InternalServerError)


def test_a_failed_condition_carries_the_item_as_it_was(endpoint: Endpoint) -> None:
    item = {"pk": {"S": "secret-value"}, "avatar": {"B": "AAE="}}
    endpoint.fail("ConditionalCheckFailedException", "The conditional request failed", Item=item)

    error = fail(GET, endpoint.url)

    assert isinstance(error, errors.ConditionFailed)
    assert error.raw_item == {"pk": {"S": "secret-value"}, "avatar": {"B": b"\0\1"}}


TRANSACTION = Request(
    "TransactWriteItems",
    {"TransactItems": [{"Delete": {"TableName": name, "Key": {"pk": {"S": "x"}}}} for name in ("users", "orders")]},
)


@pytest.mark.parametrize("spelling", ["message", "Message"])
def test_a_cancelled_transaction_carries_a_reason_for_each_action(endpoint: Endpoint, spelling: str) -> None:
    reasons: list[dict[str, Any]] = [{"Code": "None"}, {"Code": "TransactionConflict", "Message": "secret-value"}]
    body = {"__type": "TransactionCanceledException", spelling: "cancelled", "CancellationReasons": reasons}
    endpoint.answer(body, status=400)

    error = fail(TRANSACTION, endpoint.url)

    assert type(error) is errors.TransactionCancelled
    assert error.reasons == (
        errors.CancellationReason(0, None, None),
        errors.CancellationReason(1, None, "TransactionConflict", "secret-value"),
    )
    assert "on table 'orders', 'users'" in str(error)
    assert str(error).endswith("(action 1 TransactionConflict)")


def test_a_transaction_cancelled_by_a_condition_is_a_failed_condition_too(endpoint: Endpoint) -> None:
    reasons = [{"Code": "TransactionConflict"}, {"Code": "ConditionalCheckFailed", "Item": {"pk": {"S": "a"}}}]
    endpoint.fail("TransactionCanceledException", CancellationReasons=reasons)

    error = fail(TRANSACTION, endpoint.url)

    assert isinstance(error, errors.TransactionCancelled)
    assert isinstance(error, errors.ConditionFailed)
    assert error.reasons[1].raw_item == {"pk": {"S": "a"}}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("ProvisionedThroughputExceededException", "ThrottlingReasons"),
        ("RequestLimitExceeded", "ThrottlingReasons"),
        ("ThrottlingException", "throttlingReasons"),
    ],
)
def test_a_throttle_names_what_was_throttled(endpoint: Endpoint, code: str, name: str) -> None:
    resource = "arn:aws:dynamodb:::table/users"
    reason = {"reason": "TableReadKeyRangeThroughputExceeded", "resource": resource}
    endpoint.answer({"__type": code, "message": "", name: [reason]}, status=400)

    error = fail(GET, endpoint.url)

    assert isinstance(error, errors.Throttled)
    assert error.reasons == [
        ThrottlingReason("TableReadKeyRangeThroughputExceeded", resource, "users", None, "read", "key range")
    ]
    assert "TableReadKeyRangeThroughputExceeded of arn:aws:dynamodb:::table/users" in str(error)


@pytest.mark.parametrize("access", ["Read", "Write"])
@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ("ProvisionedThroughputExceeded", "provisioned"),
        ("AccountLimitExceeded", "account"),
        ("KeyRangeThroughputExceeded", "key range"),
        ("MaxOnDemandThroughputExceeded", "on-demand maximum"),
        ("SomethingNew", None),
    ],
)
@pytest.mark.parametrize("index", [None, "by-email"])
def test_a_reason_of_throttling_is_taken_apart(
    endpoint: Endpoint, access: str, words: str, limit: str | None, index: str | None
) -> None:
    resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/users" + (f"/index/{index}" if index else "")
    reason = {"reason": f"{'Index' if index else 'Table'}{access}{words}", "resource": resource}
    endpoint.answer({"__type": "ThrottlingException", "message": "", "throttlingReasons": [reason]}, status=400)

    error = fail(GET, endpoint.url)

    assert isinstance(error, errors.Throttled)
    (told,) = error.reasons
    assert (told.table, told.index, told.access, told.limit) == ("users", index, access.lower(), limit)
    assert (told.reason, told.resource) == (reason["reason"], resource)


def test_a_reason_of_throttling_that_is_not_known_is_kept_as_it_came(endpoint: Endpoint) -> None:
    endpoint.answer(
        {"__type": "ThrottlingException", "message": "", "throttlingReasons": [{"reason": "New"}]}, status=400
    )

    error = fail(GET, endpoint.url)

    assert isinstance(error, errors.Throttled)
    assert error.reasons == [ThrottlingReason("New", "")]


def test_a_throttle_is_retried_by_the_client_before_it_is_an_error(
    endpoint: Endpoint, aws_environment: pytest.MonkeyPatch
) -> None:
    aws_environment.setenv("AWS_MAX_ATTEMPTS", "2")
    endpoint.fail("ThrottlingException")
    endpoint.then(b'{"Item":{}}')

    assert Client(OwnClients("us-east-1", endpoint.url, None)).call(GET).body == b'{"Item":{}}'
    assert endpoint.operations == ["GetItem", "GetItem"]


@pytest.mark.parametrize("doing", ["", " to update"])
def test_a_too_large_item_has_the_class_of_the_local_check(endpoint: Endpoint, doing: str) -> None:
    endpoint.fail("ValidationException", f"Item size{doing} has exceeded the maximum allowed size")

    error = fail(GET, endpoint.url)

    assert isinstance(error, errors.ItemTooLarge)
    assert (error.operation, error.aws_code, error.request_id) == ("GetItem", "ValidationException", "REQUEST-1")
    assert isinstance(error.__cause__, ClientError)


def test_a_missing_index_is_named(endpoint: Endpoint) -> None:
    endpoint.fail("ValidationException", "The table does not have the specified index: gsi-email")

    error = fail(GET, endpoint.url)

    assert isinstance(error, errors.IndexNotFound)
    assert "has no index 'gsi-email': build it with table.ensure()" in str(error)


def test_a_denied_permission_is_named(endpoint: Endpoint) -> None:
    endpoint.fail(
        "AccessDeniedException", "User: arn:aws:iam::1:user/al is not authorized to perform: dynamodb:GetItem"
    )

    assert "is not authorized to perform: dynamodb:GetItem" in str(fail(GET, endpoint.url))


def test_a_text_that_cannot_hold_a_value_stands_in_the_message() -> None:
    clash = (
        "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these "
        "paths; path one: [x, [0]], path two: [x]"
    )
    for text in (
        "The provided key element does not match the schema",
        "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N",
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v0, :v1}",
        clash,
    ):
        assert messages.value_free(text) == text


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_text_that_quotes_values_never_passes(one: str, other: str) -> None:
    between = "The BETWEEN operator requires upper bound to be greater than or equal to lower bound"
    for text in (
        f"Invalid KeyConditionExpression: {between}; lower bound operand: AttributeValue: {{S:{one}}}",
        f"One or more parameter values were invalid: Input collection [{one}, {other}] contains duplicates",
        f"The parameter cannot be converted to a numeric value: {one}",
        f"1 validation error detected: Value '{one}' at 'key' failed to satisfy constraint: Member must be {other}",
        f"The provided key element does not match the schema\n{one}",
    ):
        assert messages.value_free(text) is None


def test_a_parameter_that_boto3_does_not_know_is_named_without_its_value(endpoint: Endpoint) -> None:
    wrong = {"TableName": "users", "Key": {"pk": {"S": 5}}, "Colour": "secret-value"}

    error = fail(Request("GetItem", wrong), endpoint.url, brought=True)

    assert isinstance(error, errors.CallError)
    assert str(error) == "GetItem on table 'users': boto3 refused the parameters: unknown parameter 'Colour' in input"
    assert endpoint.operations == []


def test_a_value_of_the_wrong_type_is_named_by_its_place(endpoint: Endpoint) -> None:
    wrong = {"TableName": "users", "Key": {"pk": {"S": ["secret-value"]}}}

    error = fail(Request("GetItem", wrong), endpoint.url, brought=True)

    assert str(error).endswith("invalid type of parameter Key.pk.S")


def test_an_endpoint_that_nobody_listens_on_is_a_failed_connection(aws_environment: pytest.MonkeyPatch) -> None:
    del aws_environment
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]

    error = fail(GET, f"http://127.0.0.1:{port}")

    assert isinstance(error, errors.ConnectionFailed)
    assert error.operation == "GetItem"
    assert "endpoint_url" in str(error)


def test_an_answer_that_comes_too_late_is_a_timeout(endpoint: Endpoint) -> None:
    endpoint.answer({}, delay=0.5)
    config = Config(read_timeout=0.1, retries={"total_max_attempts": 1})
    client = as_client(boto3.client("dynamodb", endpoint_url=endpoint.url, config=config))

    with pytest.raises(errors.RequestTimeout, match="may or may not have happened"):
        client.call(GET)


def test_missing_credentials_tell_how_to_give_them(endpoint: Endpoint, aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.delenv("AWS_ACCESS_KEY_ID")
    aws_environment.delenv("AWS_SECRET_ACCESS_KEY")

    error = fail(GET, endpoint.url, anew=True)

    assert isinstance(error, errors.ClientNotConfigured)
    assert "AWS_ACCESS_KEY_ID" in str(error)


def test_half_of_the_credentials_are_none(endpoint: Endpoint, aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.delenv("AWS_SECRET_ACCESS_KEY")

    assert "incomplete" in str(fail(GET, endpoint.url, anew=True))


def test_a_missing_region_tells_how_to_set_it(aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.delenv("AWS_DEFAULT_REGION")

    with pytest.raises(errors.ClientNotConfigured, match="AWS_DEFAULT_REGION"):
        default_client(endpoint_url="http://127.0.0.1:1").call(GET)


def test_a_profile_that_does_not_exist_is_told(aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(errors.ClientNotConfigured, match="AWS_PROFILE"):
        default_client(endpoint_url="http://127.0.0.1:2").call(GET)


def test_an_endpoint_that_is_no_url_is_told(aws_environment: pytest.MonkeyPatch) -> None:
    del aws_environment
    with pytest.raises(errors.ClientNotConfigured, match=r"like 'http://localhost:8000', .*got 'localhost'"):
        default_client("us-east-1", "localhost").call(GET)


@pytest.mark.parametrize("port", ["99999", "text"])
def test_a_port_that_cannot_be_one_is_told_on_the_botocore_lane(aws_environment: pytest.MonkeyPatch, port: str) -> None:
    aws_environment.setenv("DYNAMORM_TRANSPORT", "botocore")
    with pytest.raises(errors.ClientNotConfigured, match=r"Port .*http://localhost:8000"):
        default_client("us-east-1", f"http://localhost:{port}").call(GET)


def test_a_region_that_cannot_be_one_is_told(aws_environment: pytest.MonkeyPatch) -> None:
    del aws_environment
    with pytest.raises(errors.ClientNotConfigured, match="AWS_DEFAULT_REGION"):
        default_client("not a region").call(GET)


def test_a_fault_while_fetching_credentials_names_its_own_operation() -> None:
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "secret-value"}}, "AssumeRole")

    error = exceptions.translate(denied, GET)

    assert isinstance(error, errors.AccessDenied)
    assert error.operation == "AssumeRole"
    assert str(error).startswith("AssumeRole: the credentials are refused")
    assert "secret-value" not in str(error)
