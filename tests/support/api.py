"""The public API as text: what each module that users may import offers, with kinds and signatures.

`make api` writes it to `tests/unit/public_api.txt`. Annotations are as in the source, so that the text is the
same on every Python; what private bases give to a public class is listed as the class's own. Not `griffe check`: it
reports only what breaks, between two commits; this record shows each addition too, in the commit that makes it.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
import typing
from functools import cache, cached_property
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import dynamorm_py
from dynamorm_py._kernel import values
from tests.support.signatures import functions, shown, signed, source

if typing.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RECORD = Path(__file__).parents[1] / "unit" / "public_api.txt"

_PACKAGE = dynamorm_py.__name__
# What Python, pydantic and pickle call, and users do not.
_MACHINERY = {"__new__", "__init__", "__post_init__", "__reduce__", "__repr_args__"}


def public_api() -> str:
    """Return the text; the root comes last and refers to the modules for what it offers of theirs."""
    modules = [importlib.import_module(name) for name in _public_modules()]
    homes: dict[int, str] = {}
    sections: list[str] = []
    for module in modules:
        offered = {name: getattr(module, name) for name in sorted(_names(module))}
        elsewhere = [f"{name}: see {homes[id(value)]}" for name, value in offered.items() if id(value) in homes]
        here = [_entry(module, name, value) for name, value in offered.items() if id(value) not in homes]
        homes |= {id(value): module.__name__ for value in offered.values() if id(value) not in homes}
        sections.append("\n\n".join(filter(None, [f"# {module.__name__}", "\n".join(elsewhere), *here])))
    return "\n\n\n".join(sections) + "\n"


def _public_modules() -> list[str]:
    found = [module.name for module in pkgutil.walk_packages(dynamorm_py.__path__, f"{_PACKAGE}.")]
    return [*(name for name in sorted(found) if "._" not in name), _PACKAGE]


def _names(module: ModuleType) -> list[str]:
    """Return what a module promises: what `__all__` lists, else what it defines without an underscore."""
    if hasattr(module, "__all__"):
        return [*module.__all__]
    found: list[str] = []
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                found.append(name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                found.append(name)
            case _:
                continue
    return [name for name in found if not name.startswith("_") and not isinstance(getattr(module, name), TypeVar)]


def _entry(module: ModuleType, name: str, value: object) -> str:
    if name == "__version__":
        return f"{name}: str"  # a release is not a change of the API
    fixture = getattr(value, "_get_wrapped_function", None)
    if isinstance(value, type):
        return "\n".join([_heading(name, value), *_indented(_class(value))])
    if fixture is not None:
        return signed(f"fixture {name}", fixture())
    if callable(value) and hasattr(value, "__code__"):
        return "\n".join(functions("def", name, value))
    return f"{name} = {_assigned(module, name) or shown(value)}"


def _assigned(module: ModuleType, name: str) -> str | None:
    """Return the source of an alias; None for what the module takes from elsewhere."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value is not None:
            return ast.unparse(node.value)
    return None


# --- classes -------------------------------------------------------------------------------------


def _is_ours(kind: type) -> bool:
    return kind.__module__.split(".")[0] == _PACKAGE


@cache
def _public_classes() -> frozenset[type]:
    modules = [importlib.import_module(name) for name in _public_modules()]
    return frozenset(
        value for module in modules for name in _names(module) if isinstance(value := getattr(module, name), type)
    )


def _is_private(kind: type) -> bool:
    return _is_ours(kind) and kind not in _public_classes()


def _heading(name: str, kind: type) -> str:
    parameters = ", ".join(_variable(variable) for variable in getattr(kind, "__parameters__", ()))
    bases = ", ".join(dict.fromkeys(_bases(kind)))
    word = "dataclass" if "__dataclass_fields__" in _members(kind) else "class"
    return f"{word} {name}{f'[{parameters}]' if parameters else ''}{f'({bases})' if bases else ''}"


def _variable(variable: TypeVar) -> str:
    bound = variable.__bound__
    return variable.__name__ if bound is None else f"{variable.__name__}: {source(bound)}"


def _bases(kind: type) -> Iterator[str]:
    """Yield the bases that users know; a private one is replaced by its own."""
    for base in kind.__bases__:
        if _is_private(base):
            yield from _bases(base)
        elif base is not object and base is not typing.Generic:
            yield (
                base.__name__
                if _is_ours(base) or base.__module__ == "builtins"
                else f"{base.__module__}.{base.__name__}"
            )


def _class(kind: type) -> Iterator[str]:
    """Yield the constructor, then the attributes, then the methods, each group in order."""
    own = [owner for owner in kind.__mro__ if _is_ours(owner) and (owner is kind or _is_private(owner))]
    members: dict[str, object] = {}
    attributes: dict[str, str] = {}
    for owner in own:
        members = {**_members(owner), **members}
        attributes = {**_attributes(owner), **attributes}
    for name in ("__new__", "__init__"):
        if isinstance(members.get(name), FunctionType | staticmethod) and not getattr(kind, "_is_protocol", False):
            yield from functions("def", name, getattr(kind, name))
    yield from (line for name, line in sorted(attributes.items()) if not name.startswith("_"))
    for name, member in sorted(members.items()):
        if name not in attributes and _is_shown(name, member):
            yield from _member(name, member)


def _attributes(owner: type) -> dict[str, str]:
    """Return a line for each annotated attribute, and for each that the constructor sets."""
    found: dict[str, str] = {}
    for name, annotation in inspect.get_annotations(owner).items():
        found[name] = f"{name}: {source(annotation)}{_preset(owner, name)}"
    init = _members(owner).get("__init__")
    if isinstance(init, FunctionType) and _is_written(init):
        found = {**{name: f".{name}" for name in _set_by(init)}, **found}
    return found


def _set_by(init: FunctionType) -> Iterator[str]:
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(init)))):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name
            case _:
                continue


def _preset(owner: type, name: str) -> str:
    field = getattr(owner, "__pydantic_fields__", {}).get(name)
    if field is not None:
        return "" if field.is_required() else f" = {shown(field.get_default(call_default_factory=True))}"
    value = _members(owner).get(name, inspect)
    return "" if value is inspect or inspect.ismemberdescriptor(value) else f" = {shown(value)}"


def _members(owner: type) -> Mapping[str, object]:
    return vars(owner)


def _is_written(function: object) -> bool:
    """Return whether a function stands in the package's source, and was not made by a decorator."""
    code = getattr(inspect.unwrap(typing.cast("Any", function)), "__code__", None)
    if code is None or code.co_filename == values.__file__:
        return False
    return Path(code.co_filename).is_relative_to(Path(dynamorm_py.__path__[0]))


def _is_shown(name: str, member: object) -> bool:
    if name.startswith("__"):
        return name not in _MACHINERY and not name.startswith("__pydantic") and _is_written(member)
    return not name.startswith("_") and not isinstance(member, ModuleType)


def _member(name: str, member: object) -> Iterator[str]:
    match member:
        case classmethod():
            yield from functions("classmethod", name, typing.cast("Any", member).__func__)
        case staticmethod():
            yield from functions("staticmethod", name, typing.cast("Any", member).__func__)
        case property(fget=getter) | cached_property(func=getter):
            yield f"property {name} -> {source(inspect.signature(typing.cast('Any', getter)).return_annotation)}"
        case _ if callable(member) and hasattr(inspect.unwrap(member), "__code__"):
            yield from functions("def", name, member)
        case _ if inspect.ismemberdescriptor(member):
            yield f".{name}"
        case _:
            yield f"{name} = {shown(member)}"


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (textwrap.indent(line, "    ") for line in lines)


if __name__ == "__main__":
    RECORD.write_text(public_api())
