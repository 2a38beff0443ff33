"""How an error goes into another process, and which attributes go with it. It does not know the errors themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

E = TypeVar("E", bound=Exception)


def restored(kind: type[E], args: tuple[object, ...], attributes: Mapping[str, object]) -> E:
    """Return an error with these attributes, whatever its constructor takes."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error


def portable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that can be pickled, with a note about those that cannot.

    A write that a batch has left holds its repository, and that holds locks; the other process shall see the
    error nevertheless, and not pickle's.
    """
    kept = {name: value for name, value in attributes.items() if _travels(value)}
    lost = ", ".join(f".{name}" for name in attributes if name not in kept)
    if lost:
        kept["__notes__"] = [*kept.get("__notes__", ()), f"{lost} cannot be pickled, and stayed behind"]
    return kept


def _travels(value: object) -> bool:
    import pickle  # noqa: PLC0415 -- seldom needed, and errors load first of all

    try:
        pickle.dumps(value)
    except Exception:  # noqa: BLE001 -- pickle raises whatever the value's own methods do
        return False
    return True
