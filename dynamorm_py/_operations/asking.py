"""A request whose answer a plan uses in boto3's form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._codec import damaged
from dynamorm_py._kernel.plans import Request
from dynamorm_py._kernel.response import MalformedBody

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.response import Response


def ask(operation: str, parameters: Mapping[str, Any], service: str = "dynamodb") -> Plan[Mapping[str, Any]]:
    """Ask AWS, and return the answer in boto3's form. Raises ConnectionFailed for a body that is not JSON."""
    response: Response = yield Request(operation, parameters, service)
    try:
        return response.document
    except MalformedBody as error:
        raise damaged(operation, response.metadata.get("RequestId")) from error
