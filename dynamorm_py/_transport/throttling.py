"""DynamoDB's reasons of throttling, taken apart: table or index, read or write, which limit.

Source: Developer Guide, "Diagnosing throttling"; API Reference, ThrottlingReason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from dynamorm_py._kernel.types import ThrottlingReason

if TYPE_CHECKING:
    from collections.abc import Mapping

_Limit: TypeAlias = Literal["provisioned", "account", "key range", "on-demand maximum"]

_REASON = re.compile(r"(?:Table|Index)(Read|Write)(\w+)")
_RESOURCE = re.compile(r"table/(?P<table>[\w.-]+)(?:/index/(?P<index>[\w.-]+))?$")
_LIMITS: Mapping[str, _Limit] = {
    "ProvisionedThroughputExceeded": "provisioned",
    "AccountLimitExceeded": "account",
    "KeyRangeThroughputExceeded": "key range",
    "MaxOnDemandThroughputExceeded": "on-demand maximum",
}


def throttling_reason(entry: Mapping[str, Any]) -> ThrottlingReason:
    """Return a reason as data; a word that is not known here leaves its part None."""
    reason, resource = str(entry.get("reason", "")), str(entry.get("resource", ""))
    words, place = _REASON.fullmatch(reason), _RESOURCE.search(resource)
    return ThrottlingReason(
        reason,
        resource,
        table=place["table"] if place else None,
        index=place["index"] if place else None,
        access=cast("Literal['read', 'write']", words[1].lower()) if words else None,
        limit=_LIMITS.get(words[2]) if words else None,
    )
