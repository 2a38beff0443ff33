"""Values as the library's `repr`s show them: as code, shortened for logs; showing one never raises."""

from __future__ import annotations

from enum import Enum
from reprlib import Repr

_LONGEST = 120  # characters of one value


class _Shortened(Repr):
    """Python's own shortening `repr`, with an enum's member as code."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = _LONGEST

    def repr_instance(self, x: object, level: int) -> str:
        return f"{type(x).__name__}.{x.name}" if isinstance(x, Enum) else super().repr_instance(x, level)


_SHORTENED = _Shortened()


def shown(value: object) -> str:
    """Return a value as code, shortened; its type where its `repr` raises."""
    try:
        return _SHORTENED.repr(value)
    except Exception:  # noqa: BLE001 -- a value's own code: whatever it raises, a repr must not
        return f"<{type(value).__name__}>"
