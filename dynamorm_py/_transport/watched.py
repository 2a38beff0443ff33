"""The watched lane: a call of a botocore client, which every tracer sees, sent over our own wire.

botocore makes the request, its public `before-call` event hands it over, and what comes back goes through
`after-call` as ever. Retries are ours, so a tracer sees one call.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from dynamorm_py._transport import raw_bodies
from dynamorm_py._transport.aws_json import FIRST_ERROR_STATUS, error_response
from dynamorm_py._transport.direct import user_agent
from dynamorm_py._transport.endpoints import endpoint_of
from dynamorm_py._transport.settings import names_another_host
from dynamorm_py._transport.watching import is_own

if TYPE_CHECKING:
    from dynamorm_py._kernel.plans import Request
    from dynamorm_py._kernel.response import Response
    from dynamorm_py._transport.direct import DirectLane

_asked: ContextVar[tuple[Any, DirectLane, Request] | None] = ContextVar("dynamorm_py.watched_request", default=None)


def watch_calls(boto_client: Any) -> None:  # noqa: ANN401 -- a boto3 client has no static type
    """Have a client of our own hand over the calls that `ask` makes; others it makes as ever."""
    service_id = boto_client.meta.service_model.service_id.hyphenize()
    boto_client.meta.events.register_last(f"before-call.{service_id}", _send, unique_id="dynamorm_py.watched_request")
    usual = getattr(boto_client, "_user_agent_creator", None)
    if usual is not None:
        boto_client._user_agent_creator = _UserAgent(usual)  # noqa: SLF001 -- nothing public stands for it
    rules = getattr(boto_client, "_ruleset_resolver", None)
    if rules is not None:
        boto_client._ruleset_resolver = _EndpointRules(rules)  # noqa: SLF001 -- the same


class _UserAgent:
    """The user agent of a client, which botocore puts together again for every call: a fifth of a watched one."""

    def __init__(self, usual: Any) -> None:  # noqa: ANN401 -- botocore's own
        self._usual = usual

    def to_string(self) -> str:
        """Return botocore's own; for a watched call, whose headers are ours, what these say."""
        return self._usual.to_string() if _asked.get() is None else user_agent()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever else botocore asks of it
        return getattr(self._usual, name)


class _EndpointRules:
    """The endpoint rules of a client, whose parameters botocore gathers again for every call: a sixth of a watched one.

    What they answer is kept for each operation and account; requests that may go to another host ask them every time.
    """

    def __init__(self, usual: Any) -> None:  # noqa: ANN401 -- botocore's own
        self._usual = usual
        self._kept: dict[tuple[str, str | None], Any] = {}

    def construct_endpoint(self, operation_model: Any, call_args: Any, request_context: Any) -> Any:  # noqa: ANN401
        """Return botocore's own answer, that of an earlier watched call where it must be the same."""
        asked = _asked.get()
        if asked is None or asked[2].operation != operation_model.name or names_another_host(asked[2]):
            return self._usual.construct_endpoint(operation_model, call_args, request_context)
        key = operation_model.name, asked[1].settings.credentials().account_id
        if key not in self._kept:
            self._kept[key] = self._usual.construct_endpoint(operation_model, call_args, request_context)
        return self._kept[key]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever else botocore asks of it
        return getattr(self._usual, name)


def ask(boto_client: Any, lane: DirectLane, request: Request) -> Response:  # noqa: ANN401
    """Make a call of the client over the lane's wire. Raises what the client raises."""
    token = _asked.set((boto_client, lane, request))
    try:
        return raw_bodies.ask(boto_client, request)
    finally:
        _asked.reset(token)


def _send(params: dict[str, Any], context: dict[str, Any], model: Any, **_: object) -> Any:  # noqa: ANN401
    asked = _asked.get()
    if asked is None or asked[2].operation != model.name:
        return None
    from botocore.awsrequest import AWSResponse

    boto_client, lane, request = asked
    body = params["body"]
    body = body.encode() if isinstance(body, str) else body
    extra = _added_headers(boto_client, params)
    outcome = lane.outcome(lane.exchange(request, endpoint_of(params, context, model), body, extra))
    headers: Any = outcome.answer.headers
    answer: Any = AWSResponse(params["url"], outcome.answer.status, headers, None)
    answer._content = outcome.answer.body  # noqa: SLF001 -- it was read already, and `raw` is for what is not
    if outcome.answer.status >= FIRST_ERROR_STATUS:
        return answer, error_response(outcome.answer, outcome.retries)
    return answer, raw_bodies.parsed(outcome)


def _added_headers(boto_client: Any, params: dict[str, Any]) -> str:  # noqa: ANN401
    """Return the headers that a tracer adds to a request, such as the one that carries its trace to DynamoDB.

    Tracers add them where botocore prepares a request for the wire, which is done here only when that was replaced.
    """
    from botocore.awsrequest import AWSRequest
    from botocore.endpoint import Endpoint

    if is_own(Endpoint.__dict__["prepare_request"]):
        return ""
    request: Any = AWSRequest("POST", params["url"], dict(params["headers"]))
    boto_client._endpoint.prepare_request(request)  # noqa: SLF001 -- what tracers wrap
    added = {name: value for name, value in request.headers.items() if name not in params["headers"]}
    texts = {name: value.decode("latin-1") if isinstance(value, bytes) else str(value) for name, value in added.items()}
    return "".join(f"{name}: {text}\r\n" for name, text in texts.items() if not {"\r", "\n"} & set(name + text))
