"""What a class says of writing its items after they were created: nothing, never again, or not these fields.

Source: DMS 0.2, write_policy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._schema.fields import StoredField

WriteMode: TypeAlias = Literal["mutable", "write_once"]
WRITE_MODES: tuple[str, ...] = get_args(WriteMode)


@frozen
class WritePolicy:
    """`write_once` items are created and never changed; `protected` fields are set by the creation only."""

    mode: WriteMode = "mutable"
    protected: tuple[str, ...] = ()
    """Names of fields, in the order of the class."""


def read_write_policy(
    mode: object, protected: object, fields: Mapping[str, StoredField]
) -> tuple[WritePolicy, list[str]]:
    """Return the policy of a class with everything that is wrong in it, each with the repair."""
    problems: list[str] = []
    if mode is not None and mode not in WRITE_MODES:
        problems.append(f"write_policy {mode!r} is unknown: use {' or '.join(map(repr, WRITE_MODES))}, or leave it out")
    if isinstance(protected, str) or not isinstance(protected, Iterable):
        problems.append('protected= takes a collection of field names: write protected=("total",)')
        protected = ()
    names = set(cast("Iterable[object]", protected))
    stored = [field.name for field in fields.values() if field.stored]
    problems += [
        f"protected= names {name}, which is not a stored field: name another, or leave it out"
        for name in sorted(map(repr, names.difference(stored)))
    ]
    checked = cast("WriteMode", mode) if mode in WRITE_MODES else "mutable"
    return WritePolicy(checked, tuple(name for name in stored if name in names)), problems
