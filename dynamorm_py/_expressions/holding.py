"""The self types of `Attr` and `Key`: which words fit a field by what it holds.

mypy checks a self type as a protocol, and checks no bound of a type variable there; nor does it bind one through a
union. So what a word asks of a field is here, and each collection has an overload of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sized

    from pydantic import BaseModel

V_co = TypeVar("V_co", covariant=True)


class Holds(Protocol[V_co]):
    """An `Attr` or a `Key` of a field that holds this, or something more particular."""

    @property
    def _held(self) -> V_co: ...


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


Countable: TypeAlias = "Sized | BaseModel | _Dataclass"
