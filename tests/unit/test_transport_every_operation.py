"""Every operation of the services asks, answers and fails alike on every lane: with each parameter, result and error.

The values are made from botocore's own models, so that an operation which a new version adds is tested too.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from unittest import mock

import botocore.session
import pytest
from botocore.client import BaseClient

from dynamorm_py._kernel.plans import Request
from dynamorm_py._transport import Client
from dynamorm_py._transport.botocore_session import OwnClients
from dynamorm_py.errors import DynamormError
from tests.support.wire import answer, request_on, serving

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

_SESSION = botocore.session.Session()
_MODELS: dict[str, Any] = {name: _SESSION.get_service_model(name) for name in ("dynamodb", "dynamodbstreams")}
_KMS = _SESSION.get_service_model("kms")
_OPERATIONS = [
    *((service, name) for service, model in _MODELS.items() for name in model.operation_names),
    *(("kms", name) for name in ("Decrypt", "Encrypt", "GenerateDataKey")),
]
_LANES = ("direct", "watched", "botocore")
_AT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


def _value(shape: Any, within: tuple[str, ...] = ()) -> Any:  # noqa: ANN401, PLR0911 -- one for each type
    """Return a value of botocore's shape with every member, but for those that contain it."""
    match shape.type_name:
        case "structure":
            if shape.name == "AttributeValue":
                return {"B": b"\xfb\xff\x00"}
            within = (*within, shape.name)
            members = {name: each for name, each in shape.members.items() if each.name not in within}
            return {name: _value(each, within) for name, each in members.items()}
        case "list":
            return [_value(shape.member, within)] * max(1, shape.metadata.get("min", 1))
        case "map":
            return {_value(shape.key): _value(shape.value, within)}
        case "timestamp":
            return _AT
        case "blob":
            return b"\xfb\xff\x00"
        case "boolean":
            return True
        case "integer" | "long":
            return max(1, shape.metadata.get("min", 1))
        case "float" | "double":
            return 1.5
        case _:
            return next(iter(shape.enum), "value".ljust(shape.metadata.get("min", 1), "x"))


def _of(shape: Any) -> dict[str, Any]:  # noqa: ANN401 -- botocore's
    return {} if shape is None else _value(shape)


def _body(value: object) -> bytes:
    def plain(each: object) -> object:
        return base64.b64encode(each).decode() if isinstance(each, bytes) else _AT.timestamp()

    return json.dumps(value, default=plain).encode()


class _Service:
    """What the server answers now, and the requests that it got."""

    def __init__(self) -> None:
        """Answer nothing yet."""
        self.answer = b""
        self.requests: list[bytes] = []
        self.url = ""

    def serve(self, connection: socket.socket, _: int) -> None:
        """Give the answer to every request."""
        while (received := request_on(connection)) is not None:
            self.requests.append(received)
            connection.sendall(self.answer)


@pytest.fixture(scope="module")
def service() -> Iterator[_Service]:
    asked = _Service()
    with serving(asked.serve) as server:
        asked.url = server.url
        yield asked


@pytest.fixture(scope="module")
def clients(service: _Service) -> dict[str, Client]:
    return {lane: Client(OwnClients("us-east-1", service.url, None)) for lane in _LANES}


def _on_lane(service: _Service, clients: dict[str, Client], lane: str, request: Request) -> tuple[str, Any]:
    """Return the lane that a request took, with its answer or error."""
    client = clients[lane]
    original: Any = BaseClient.__dict__["_make_api_call"]

    def traced(self: Any, operation: str, parameters: Any) -> Any:  # noqa: ANN401 -- botocore's
        return original(self, operation, parameters)

    environment = {"AWS_MAX_ATTEMPTS": "1", "AWS_ENDPOINT_URL_KMS": service.url}
    environment |= {"DYNAMORM_TRANSPORT": "botocore"} if lane == "botocore" else {}
    patched = mock.patch.object(BaseClient, "_make_api_call", traced if lane == "watched" else original)
    with mock.patch.dict("os.environ", environment), patched:
        taken = client.lane(request.service)
        try:
            return taken, client.call(request)
        except DynamormError as error:
            return taken, error


def _without_metadata(answered: Any) -> Any:  # noqa: ANN401 -- JSON
    return {name: value for name, value in answered.items() if name != "ResponseMetadata"}


@pytest.mark.parametrize(("service_name", "operation"), _OPERATIONS)
def test_an_operation_is_asked_and_answered_alike(
    service: _Service, clients: dict[str, Client], service_name: str, operation: str
) -> None:
    model: Any = (_MODELS | {"kms": _KMS})[service_name].operation_model(operation)
    parameters = _of(model.input_shape)
    service.answer = answer(_body(_of(model.output_shape)))
    seen: list[tuple[bytes, Any, Any]] = []
    for lane in _LANES:
        service.requests.clear()
        taken, answered = _on_lane(service, clients, lane, Request(operation, parameters, service_name))
        assert taken == lane
        assert not isinstance(answered, DynamormError), answered
        (request,) = service.requests
        head, _, body = request.partition(b"\r\n\r\n")
        target = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"x-amz-target"))
        seen.append((target, json.loads(body), _without_metadata(answered)))
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize(("service_name", "operation"), _OPERATIONS)
def test_every_error_of_an_operation_is_mapped_alike(
    service: _Service, clients: dict[str, Client], service_name: str, operation: str
) -> None:
    model: Any = (_MODELS | {"kms": _KMS})[service_name].operation_model(operation)
    parameters = _of(model.input_shape)
    codes: list[tuple[str, Any]] = [("ValidationException", {}), ("NobodyKnowsThis", {})]
    codes += [(shape.metadata.get("error", {}).get("code", shape.name), _value(shape)) for shape in model.error_shapes]
    for code, members in codes:
        service.answer = answer(_body({**members, "__type": f"com.amazonaws#{code}"}), "400 Bad Request")
        seen: list[object] = []
        for lane in _LANES:
            _, error = _on_lane(service, clients, lane, Request(operation, parameters, service_name))
            assert isinstance(error, DynamormError)
            cause: Any = error.__cause__
            data = {name: value for name, value in vars(error).items() if name != "request_id"}
            seen.append((type(error), str(error), repr(data), cause.response["Error"], cause.operation_name))
        assert seen[0] == seen[1] == seen[2], code
