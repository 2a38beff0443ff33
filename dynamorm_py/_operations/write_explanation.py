"""What a write will do, for people: the operation, its condition, and what unique fields add to its cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._codec import item_size
from dynamorm_py._expressions import Placeholders
from dynamorm_py._kernel.plans import without_none
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.claims import ClaimingWrite, changes_of, check_assignments, touches_claims
from dynamorm_py._operations.explanation import spelled
from dynamorm_py._operations.write_conditions import render_optional, together

if TYPE_CHECKING:
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.write_conditions import PreparedWrite

_UNIT = 1024  # bytes: Developer Guide, "Write capacity unit consumption"
_TRANSACTED = 2  # times the units of a plain write: Developer Guide, "Capacity management for transactions"


@public()
@frozen
class WriteExplanation:
    """A write as it would be sent. Print it.

    `operation` is TransactWriteItems where the write changes claims of unique fields, which `unique` names. Then
    `reads` is 1 where the item is read first, and `claims` the most claims that are made or released, each two write
    units. `write_units` is the most that the whole write consumes in the table, indexes aside; None where the size
    of the item is not known before it is written, as that of an update. `condition` has attribute names, and
    placeholders for values.
    """

    operation: str
    table: str
    condition: str | None
    unique: tuple[str, ...] = ()
    reads: int = 0
    claims: int = 0
    write_units: int | None = None

    def __str__(self) -> str:
        """Lay it out in lines."""
        units = "not known before the item is" if self.write_units is None else f"at most {self.write_units}"
        lines = {
            "operation": f"{self.operation} on {self.table!r}",
            "condition": self.condition or "none",
            "unique": ", ".join(self.unique) or "none",
            "reads": "the item, first" if self.reads else "none",
            "claims": f"at most {self.claims} are made or released" if self.claims else "none",
            "write units": units,
        }
        return "\n".join(f"{name:>13}: {text}" for name, text in lines.items())


def explain_write(table: ModelTable[Any], kind: str, prepared: PreparedWrite) -> WriteExplanation:
    """Explain a write alone; `kind` is its operation's, such as Put. Raises InvalidExpression."""
    write = ClaimingWrite(table, kind, prepared)
    check_assignments(write)
    claiming = touches_claims(write)
    new = bool(getattr(prepared, "new", False))
    changes = changes_of(write, {}) if claiming else []
    made = sum(change.new is not None for change in changes)
    claims = made if new else made + len(changes)
    return WriteExplanation(
        operation="TransactWriteItems" if claiming or kind == "ConditionCheck" else f"{kind}Item",
        table=table.name,
        condition=_condition(prepared),
        unique=tuple(change.field.name for change in changes),
        reads=int(claiming and not new),
        claims=claims,
        write_units=_units(prepared, claims, transacted=claiming),
    )


def _condition(prepared: PreparedWrite) -> str | None:
    names = Placeholders()
    text = render_optional(together(prepared.condition, getattr(prepared, "kind", None)), names)
    return spelled(without_none(text=text, ExpressionAttributeNames=names.names), "text")


def _units(prepared: PreparedWrite, claims: int, *, transacted: bool) -> int | None:
    item = getattr(prepared, "item", None)
    if item is None:
        return None
    own = -(-item_size(item) // _UNIT)
    return _TRANSACTED * (own + claims) if transacted else own
