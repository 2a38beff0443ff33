"""Frozen, slotted dataclasses, as the standard library makes them but at a quarter of the time.

A cold start makes about fifty of them. For each, the standard library compiles six functions from text; here five are
closures, and only `__init__` is compiled, which sets slots directly and so makes a value faster as well. `fields`,
`replace`, `match` and pickle work as for any dataclass. `benchmarks/import_time.py` measures it.
"""

from __future__ import annotations

import sys
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Never, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from dataclasses import Field

T = TypeVar("T")


class _Factory:
    """Stands in a signature for a default that is made for each value."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(
    *, init: bool = True, repr: bool = True, eq: bool = True, kw_only: bool = False
) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(
    cls: type[Any] | None = None,
    /,
    *,
    init: bool = True,
    repr: bool = True,  # noqa: A002 -- dataclass's word
    eq: bool = True,
    kw_only: bool = False,
) -> Any:
    """Make a class a dataclass that is frozen and has slots; the options are those of `dataclass`.

    What the class itself defines stays. Subclasses that are dataclasses are made by this decorator too. A class with a
    method `_refuse_unknown` has it called with keyword arguments that are not fields, before any field is set.
    """

    def made(plain: type[T]) -> type[T]:
        own = {name for name, value in vars(plain).items() if value is not None}  # Python sets __hash__ to None
        cls = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(plain)
        methods = _guards(cls) | (_init(cls) if init else {}) | (_repr(cls) if repr else {}) | (_eq(cls) if eq else {})
        for name in methods.keys() - own:
            _add(cls, name, methods[name])
        return cls

    return made if cls is None else made(cls)


def _add(cls: type[Any], name: str, method: Callable[..., Any]) -> None:
    method.__qualname__ = f"{cls.__qualname__}.{name}"
    setattr(cls, name, method)


def _init(cls: type[Any]) -> dict[str, Callable[..., Any]]:
    """Return `__init__`, whose text names each field, so that its signature and its errors do."""
    every = fields(cls)
    used: dict[str, Any] = {f"_set_{each.name}": getattr(cls, each.name).__set__ for each in every}
    used |= {f"_default_{each.name}": each.default for each in every if each.default is not MISSING}
    used |= {f"_make_{each.name}": each.default_factory for each in every if each.default_factory is not MISSING}
    used["_FACTORY"] = _FACTORY
    by_position = [_parameter(each) for each in every if each.init and not each.kw_only]
    by_name = [_parameter(each) for each in every if each.init and each.kw_only]
    refuses = hasattr(cls, "_refuse_unknown")
    others = ["**unknown"] if refuses else []
    parameters = ", ".join(["self", *by_position, *(["*"] if by_name else []), *by_name, *others])
    lines = ["if unknown: self._refuse_unknown(unknown)"] if refuses else []
    lines += [line for each in every if (line := _assignment(each))]
    lines += ["self.__post_init__()"] if hasattr(cls, "__post_init__") else []
    body = "\n  ".join(lines or ["pass"])
    compiled: dict[str, Any] = {}
    text = f"def using({', '.join(used)}):\n def __init__({parameters}):\n  {body}\n return __init__"
    exec(text, vars(sys.modules[cls.__module__]), compiled)  # noqa: S102 -- made of names alone, as by dataclass
    made = compiled["using"](**used)
    made.__annotations__ = {each.name: each.type for each in every if each.init}
    made.__annotations__ |= ({"unknown": Never} if refuses else {}) | {"return": None}
    return {"__init__": made}


def _parameter(each: Field[Any]) -> str:
    if each.default is not MISSING:
        return f"{each.name}=_default_{each.name}"
    return each.name if each.default_factory is MISSING else f"{each.name}=_FACTORY"


def _assignment(each: Field[Any]) -> str:
    """Return the line that sets a field; none where `__post_init__` shall set it."""
    made = f"_make_{each.name}()"
    if each.init:
        value = each.name if each.default_factory is MISSING else f"{made} if {each.name} is _FACTORY else {each.name}"
    elif each.default_factory is not MISSING:
        value = made
    elif each.default is not MISSING:
        value = f"_default_{each.name}"
    else:
        return ""
    return f"_set_{each.name}(self, {value})"


def _guards(cls: type[Any]) -> dict[str, Callable[..., Any]]:
    """Return what refuses to change a value, and what lets pickle and copy fill one."""
    names = tuple(each.name for each in fields(cls))

    def __setattr__(self: object, name: str, value: object) -> None:  # noqa: N807 -- becomes the class's own
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: object, name: str) -> None:  # noqa: N807
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    def __getstate__(self: object) -> list[object]:  # noqa: N807
        return [getattr(self, name) for name in names]

    def __setstate__(self: object, state: list[object]) -> None:  # noqa: N807
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {each.__name__: each for each in (__setattr__, __delattr__, __getstate__, __setstate__)}


def _repr(cls: type[Any]) -> dict[str, Callable[..., Any]]:
    names = tuple(each.name for each in fields(cls) if each.repr)

    @recursive_repr()
    def __repr__(self: object) -> str:  # noqa: N807
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({shown})"

    return {"__repr__": __repr__}


def _getter(names: Iterable[str]) -> Callable[[object], tuple[object, ...]]:
    """Return what gathers attributes, always into a tuple."""
    several = tuple(names)
    if len(several) > 1:
        return attrgetter(*several)
    return lambda value: tuple(getattr(value, name) for name in several)


def _eq(cls: type[Any]) -> dict[str, Callable[..., Any]]:
    compared = _getter(each.name for each in fields(cls) if each.compare)
    hashed = _getter(each.name for each in fields(cls) if (each.compare if each.hash is None else each.hash))

    def __eq__(self: object, other: object) -> bool:  # noqa: N807
        return compared(self) == compared(other) if type(self) is type(other) else NotImplemented

    def __hash__(self: object) -> int:  # noqa: N807
        return hash(hashed(self))

    return {"__eq__": __eq__, "__hash__": __hash__}
