"""What a query or scan will do, for people: the request, the key chosen and why, the cost so far seen."""

from __future__ import annotations

import json
import re
from dataclasses import field
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.plans import without_none
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from dynamorm_py._operations.read import Read

_LAST_TEXT = re.compile(r"(\\udbff\\udfff){2,}(\\u(?:007f|07ff|ffff))?")
"""The end of a range over a text of any length: up to 1,024 bytes of the last character, in JSON."""


@public()
@frozen
class Explanation:
    """A query or scan as it would be sent. Print it.

    `why` says how the table's key or the index was chosen. `key_condition` and `filter` have attribute names,
    and placeholders for values; `attributes` are those asked for, none when all are.
    `request` is in boto3's form. `read_units` estimates what the pages read so far cost, from the
    size of their answers (items filtered out or not projected cost too and are not in it); None
    before a page was read, or with a client that gives no bytes. `vector_bytes` is what a search consumed,
    `skipped` how many items of none of the models, or bad ones, were left out so far.
    `lane` is how the request would go: direct, watched or botocore, under `aio` also whether in a thread; None
    with a client that does not say.
    """

    operation: str
    table: str
    index: str | None
    why: str
    key_condition: str | None
    filter: str | None
    attributes: tuple[str, ...]
    consistent: bool
    scan: bool
    request: dict[str, Any] = field(repr=False)
    read_units: float | None = None
    vector_bytes: float | None = None
    skipped: int = 0
    lane: str | None = None

    def __str__(self) -> str:
        """Lay it out in lines."""
        used = f"index {self.index!r}" if self.index else "the table's key"
        lines = {
            "operation": f"{self.operation} on {self.table!r}" + (" (reads every item)" if self.scan else ""),
            "key": f"{used}: {self.why}",
            "key condition": self.key_condition or "none",
            "filter": self.filter or "none",
            "attributes": ", ".join(self.attributes) or "all that are there",
            "consistency": "strong" if self.consistent else "eventual",
            "read units": "not known, as no page was read or the client gives no sizes"
            if self.read_units is None
            else f"about {self.read_units:g} by the pages read so far",
            "lane": self.lane or "the client's own",
            "request": _LAST_TEXT.sub("...", json.dumps(self.request, default=repr)),
        }
        if self.operation == "SearchVectors":
            del lines["key condition"], lines["read units"]
            lines["vector bytes"] = "not reported" if self.vector_bytes is None else f"{self.vector_bytes:g}"
        return "\n".join(f"{name:>13}: {text}" for name, text in lines.items())


def explain(read: Read[Any], limit: int | None, segments: int) -> Explanation:
    """Explain a read: its first request, of the first segment where it has several."""
    first = without_none(Limit=limit) | ({"Segment": 0, "TotalSegments": segments} if segments > 1 else {})
    request = read.parameters() | first
    return Explanation(
        operation=read.operation,
        table=read.table.name,
        index=read.index_name,
        why=read.why,
        key_condition=spelled(request, "KeyConditionExpression"),
        filter=spelled(request, "FilterExpression"),
        attributes=tuple(read.projected),
        consistent=read.consistent,
        scan=read.operation == "Scan",
        request=request,
        read_units=read.seen.units,
        skipped=read.seen.skipped,
    )


def spelled(request: dict[str, Any], name: str) -> str | None:
    """Return an expression of a request with its attributes' names in it; values stay placeholders."""
    text: str | None = request.get(name)
    names: dict[str, str] = request.get("ExpressionAttributeNames", {})
    return None if text is None else re.sub(r"#n\d+", lambda placeholder: names[placeholder[0]], text)
