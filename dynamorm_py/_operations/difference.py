"""One difference between a model and its table, as a value; and the requests that settle it."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from dynamorm_py._kernel.plans import Request
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._model.model_table import ModelTable


@public("dynamorm_py.tables")
@frozen
class Difference:
    """One difference between a model and its table: what each has, and what makes them equal.

    `kind` is `"change"` when `ensure` makes it, `"conflict"` when only you can decide, `"extra"` when the
    table has more than the model asks for; `ensure` refuses a conflict and leaves the extra alone.
    """

    kind: Literal["change", "conflict", "extra"]
    subject: str
    wanted: object
    found: object
    repair: str
    request: Request | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        """Say it as a sentence."""
        return f"{self.subject}: the model has {_spelled(self.wanted)}, the table {_spelled(self.found)}: {self.repair}"


@frozen
class LiveTable:
    """What is there, in DynamoDB's words."""

    description: Mapping[str, Any]
    time_to_live: Mapping[str, Any]
    recovery: str | None = None
    tags: Mapping[str, str] | None = None


def change(subject: str, wanted: object, found: object, request: Request) -> Difference:
    """Return a difference that `ensure` settles with a request."""
    return Difference("change", subject, wanted, found, "ensure() does it", request)


def update_table(table: ModelTable[Any], **parameters: object) -> Request:
    """Return a change of the table."""
    return Request("UpdateTable", {"TableName": table.name, **parameters})


def _spelled(value: object) -> str:
    return "none" if value is None else str(value)
