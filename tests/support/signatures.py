"""Signatures, annotations and defaults as text: the same on every Python, and as the source has them."""

from __future__ import annotations

import enum
import inspect
import typing
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType
from typing import Any, ForwardRef

if typing.TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH = 110


@dataclass(frozen=True, slots=True)
class _As:
    """Stands for an annotation or a default in a signature, and is shown as its text."""

    text: str

    def __repr__(self) -> str:
        return self.text


def functions(word: str, name: str, function: Any) -> Iterator[str]:  # noqa: ANN401 -- any callable of Python's
    """Yield a function's signature, or one for each overload."""
    bare = inspect.unwrap(function)
    if bare is not function and inspect.isgeneratorfunction(bare):
        word = "contextmanager"
    overloads = typing.get_overloads(bare)
    for overload in overloads:
        yield signed(f"overload {name}", overload)
    if not overloads:
        yield signed(f"{word} {name}", function)


def signed(head: str, function: Any) -> str:  # noqa: ANN401 -- the same
    """Return a head with the function's signature, over several lines when it is long."""
    signature = inspect.signature(function)
    parameters = [_parameter(parameter) for parameter in signature.parameters.values()]
    written = signature.return_annotation
    returned = written if written is inspect.Signature.empty else _As(source(written))
    signature = signature.replace(parameters=parameters, return_annotation=returned)
    line = f"{head}{signature}"
    return line if len(line) <= _WIDTH else _broken(head, signature)


def _parameter(parameter: inspect.Parameter) -> inspect.Parameter:
    empty = inspect.Parameter.empty
    annotation = empty if parameter.annotation is empty else _As(source(parameter.annotation))
    default = empty if parameter.default is empty else _As(shown(parameter.default))
    return parameter.replace(annotation=annotation, default=default)


def _broken(head: str, signature: inspect.Signature) -> str:
    """Return a long signature with a line for each parameter, so that a change is a line of the diff."""
    lines: list[str] = []
    star = False
    for parameter in signature.parameters.values():
        star = star or parameter.kind is parameter.VAR_POSITIONAL
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            lines.append("    *,")
            star = True
        lines.append(f"    {parameter},")
    returned = signature.return_annotation
    return "\n".join([f"{head}(", *lines, ")" if returned is signature.empty else f") -> {returned!r}"])


# --- texts ---------------------------------------------------------------------------------------


def source(annotation: object) -> str:
    """Return an annotation as its source has it."""
    match annotation:
        case str():
            return annotation
        case ForwardRef():
            return annotation.__forward_arg__
        case type():
            return annotation.__name__
        case _:
            return repr(annotation)


def shown(value: object) -> str:
    """Return a value as text that is the same in every process."""
    match value:
        case enum.Enum():
            return f"{type(value).__name__}.{value.name}"
        case type() | FunctionType() | BuiltinFunctionType():
            return value.__qualname__
        case _:
            text = repr(value)
            return f"<{type(value).__name__}>" if " at 0x" in text else text
