"""Arguments that are missing or unknown, refused by what they are for instead of by Python's plain TypeError.

A checker sees the signature as it is written; what is here acts at run time only, and costs a call nothing.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

F = TypeVar("F", bound="Callable[..., Any]")
C = TypeVar("C", bound=type[Any])

_OF_ATTRIBUTE = frozenset({"name", "format", "converter"})


class Missing:
    """Stands for a required argument that was not passed."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Say so in the signature that `help` shows."""
        return "<required>"


MISSING = Missing()


def refuses_missing(function: F) -> F:
    """Let a function get MISSING for what was not passed, so that its own checks say what belongs there."""
    written: Any = function
    required = written.__code__.co_argcount - len(written.__defaults__ or ())
    required -= written.__code__.co_varnames[:1] == ("self",)
    written.__defaults__ = (MISSING,) * required + (written.__defaults__ or ())
    return function


def refuses_missing_values(cls: C) -> C:
    """Do the same for the constructor of a dataclass."""
    refuses_missing(cls.__init__)
    return cls


def names_arguments(refusal: Callable[[str], Exception]) -> Callable[[C], C]:
    """Let a dataclass refuse arguments that it does not take with those it does; for what a program makes once."""

    def decorate(cls: C) -> C:
        init: Callable[..., None] = cls.__init__

        @functools.wraps(init)
        def __init__(self: object, *values: object, **named: object) -> None:  # noqa: N807 -- it becomes the method
            try:
                init(self, *values, **named)
            except TypeError as error:
                if error.__traceback__ is None or error.__traceback__.tb_next is not None:  # from within it
                    raise
                name = type(self).__name__
                raise refusal(f"{name}() {_fault(name, init, values, named)}") from None

        cls.__init__ = __init__
        return cls

    return decorate


def _fault(name: str, init: Any, values: tuple[object, ...], named: Mapping[str, object]) -> str:  # noqa: ANN401 -- a function
    """Say what is wrong with the arguments: one is unknown, there are too many, or some are missing."""
    from dynamorm_py._kernel.other_words import meant_argument  # noqa: PLC0415 -- only needed for the message

    code = init.__code__
    positional = code.co_varnames[1 : code.co_argcount]
    arguments = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    if not arguments:
        beside = next((f", and Attribute({each}=...) beside it" for each in named if each in _OF_ATTRIBUTE), "")
        return f"takes no arguments: write {name}(){beside}"
    unknown = next((each for each in named if each not in arguments), None)
    if unknown is not None:
        return f"has no argument {unknown}=: {meant_argument(unknown, arguments)}"
    if len(values) > len(positional):
        return f"got {len(values)} arguments without a name: write {', '.join(f'{each}=' for each in arguments)}"
    required = positional[: len(positional) - len(init.__defaults__ or ())]
    left = [each for each in required[len(values) :] if each not in named]
    return f"needs {' and '.join(left)}: write {name}({', '.join(f'{each}=...' for each in required)})"
