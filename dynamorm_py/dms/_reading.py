"""Text to a checked document: parse, check shapes, check rules, and report everything at once.

Strict by default. Lenient reading leaves out what it does not know and warns; what could change how
items are stored is refused in both.
"""

from __future__ import annotations

import warnings
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.types import spelled_path
from dynamorm_py.dms import _json
from dynamorm_py.dms._document import SUPPORTED_VERSIONS, Document, Model
from dynamorm_py.dms._parsed import Parsed, Path, Problem
from dynamorm_py.dms._plain import copied
from dynamorm_py.dms._rules import duplicate_models, model_faults, naming_faults
from dynamorm_py.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

    from pydantic_core import ErrorDetails

    from dynamorm_py.dms._document import DmsVersion

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of DMS: remove it, or put it under tags",
    "too_short": "is empty",
}
_TYPES = {
    "string_type": "a string",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
}


@public("dynamorm_py.dms")
class DocumentWarning(UserWarning):
    """Something that a lenient reading left out of a document: `.problem` in `.source`."""

    source: str
    problem: Problem

    def __init__(self, source: str, problem: Problem) -> None:
        """Keep the problem; the message says where it is."""
        self.source, self.problem = source, problem
        super().__init__(f"{source}:{problem}")


def load(path: str | PathLike[str], *, lenient: bool = False) -> Document:
    """Read a document from a file: `.json` is JSON, anything else YAML or JSON.

    Raises InvalidDocument with every problem, each with line, column and path; OSError.
    """
    file = FilePath(path)
    return loads(file.read_bytes(), source=str(path), lenient=lenient, json_only=file.suffix == ".json")


def loads(text: str | bytes, *, source: str = "<text>", lenient: bool = False, json_only: bool = False) -> Document:
    """Read a document from text, YAML 1.2 restricted to JSON's data model, or JSON.

    `source` names the text in messages. `lenient` leaves out unknown fields, roles and formats, and takes
    names that break the convention, with a DocumentWarning for each. YAML needs the extra `dms`; JSON does not.
    Raises InvalidDocument with every problem, each with line, column and path.
    """
    return _checked(parse(text, source, json_only=json_only), source, lenient=lenient)


def check(data: Mapping[str, Any], *, source: str = "<data>", lenient: bool = False) -> Document:
    """Return the document of plain data, such as `{"dms_version": "0.1", "models": [User.to_dms()]}`.

    Raises InvalidDocument with every problem and its path.
    """
    return _checked(copied(data), source, lenient=lenient)  # a copy, since a lenient reading takes out of it


def parse(text: str | bytes, source: str, *, json_only: bool) -> Parsed:
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        problem = Problem(f"byte {error.start} is not UTF-8: save the file as UTF-8")
        raise InvalidDocument(source, [problem]) from None
    decoded = decoded.removeprefix("\ufeff")
    if json_only or decoded.lstrip(" \t\r\n").startswith("{"):
        parsed = _json.parse(decoded)
        if json_only or not parsed.problems:
            return parsed
    return _parse_yaml(decoded)  # also what begins as JSON does and is none: it may be a flow mapping


def _parse_yaml(text: str) -> Parsed:
    try:
        from dynamorm_py.dms import _yaml  # noqa: PLC0415 -- PyYAML comes with an extra; JSON needs none
    except ModuleNotFoundError as error:
        message = 'a DMS document in YAML needs PyYAML: pip install "dynamorm-py[dms]", or write it as JSON'
        raise ModuleNotFoundError(message, name=error.name) from error
    return _yaml.parse(text)


def _checked(parsed: Parsed, source: str, *, lenient: bool) -> Document:
    problems = [*parsed.problems, *_unless_faulty(parsed, _problems(parsed, lenient=lenient))]
    blocking = [problem for problem in problems if not (lenient and problem.ignorable)]
    if blocking:
        blocking.sort(key=lambda problem: (problem.line, problem.column))
        raise InvalidDocument(source, blocking)
    for problem in problems:
        warnings.warn(DocumentWarning(source, problem), stacklevel=4)
    return Document.model_validate(parsed.value)


def _unless_faulty(parsed: Parsed, problems: Iterator[tuple[Path, Problem]]) -> Iterator[Problem]:
    """Leave out what only follows from a fault of the text at the same place, or above it."""
    for path, problem in problems:
        if not any(path[:length] in parsed.faulty for length in range(len(path) + 1)):
            yield problem


def _problems(parsed: Parsed, *, lenient: bool) -> Iterator[tuple[Path, Problem]]:
    """Yield what is wrong with shapes; and with rules, of models whose shape is right. Unknown things are taken out."""
    if lenient:
        yield from _take_out(parsed)
    wrong: set[Path] = set()
    shapes = list(_shape_problems(parsed))
    version = _entry(parsed.value, "dms_version")
    if isinstance(version, str) and version not in SUPPORTED_VERSIONS:
        yield from (each for each in shapes if each[0] == ("dms_version",))
        return  # what else is wrong depends on the version
    for path, problem in shapes:
        wrong.add(path[:2])
        yield path, problem
    models = _entry(parsed.value, "models")
    if not isinstance(models, list):
        return
    entries = cast("list[object]", models)
    for at, entry in enumerate(entries):
        if ("models", at) not in wrong and ("models",) not in wrong:
            yield from _rule_problems(
                parsed, ("models", at), Model.model_validate(entry), "0.2" if version == "0.2" else "0.1"
            )
    for path, message in duplicate_models(str(_entry(entry, "name") or at) for at, entry in enumerate(entries)):
        yield path, _problem(parsed, path, message)


def _entry(value: object, name: str) -> object:
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None


def _rule_problems(parsed: Parsed, at: Path, model: Model, version: DmsVersion) -> Iterator[tuple[Path, Problem]]:
    for path, message in model_faults(model, version):
        yield (*at, *path), _problem(parsed, (*at, *path), message)
    for path, message in naming_faults(model):
        yield (*at, *path), _problem(parsed, (*at, *path), message, ignorable=True)


def _shape_problems(parsed: Parsed) -> Iterator[tuple[Path, Problem]]:
    if not isinstance(cast("object", parsed.value), dict):
        yield (), _problem(parsed, (), "a document is a map with dms_version and models")
        return
    try:
        Document.model_validate(parsed.value)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["type"] == "too_short" and detail["input"]:
                continue  # pydantic counts only the elements that are right
            path: Path = tuple(detail["loc"])
            yield path, _problem(parsed, path, _said(path, detail), of_name=detail["type"] == "extra_forbidden")


def _take_out(parsed: Parsed) -> Iterator[tuple[Path, Problem]]:
    """Take out of the data what a lenient reading leaves out: unknown fields, roles and formats."""
    while True:
        found = [
            (path, problem) for path, problem in _shape_problems(parsed) if _is_unknown(parsed.value, path, problem)
        ]
        if not found:
            return
        for path, problem in reversed(found):
            owner = parsed.value
            for step in path[:-1]:
                owner = owner[step]
            del owner[path[-1]]
            yield path, Problem(problem.message, problem.path, problem.line, problem.column, ignorable=True)


def _is_unknown(value: object, path: Path, problem: Problem) -> bool:
    if problem.message == _WORDS["extra_forbidden"]:
        return True
    is_role_or_format = path[-1:] == ("format",) or path[-2:-1] == ("roles",)
    return is_role_or_format and isinstance(_at(value, path), str)


def _at(value: Any, path: Path) -> object:  # noqa: ANN401 -- any JSON value
    for step in path:
        value = value[step]
    return value


def _problem(parsed: Parsed, path: Path, message: str, *, of_name: bool = False, ignorable: bool = False) -> Problem:
    return Problem(message, spelled_path(path), *parsed.mark(path, of_name=of_name), ignorable=ignorable)


def _said(path: Path, detail: ErrorDetails) -> str:
    """Say in a document's words what pydantic found."""
    kind = detail["type"]
    value: object = detail["input"]
    if path == ("dms_version",) and kind != "missing":
        return f"is {value!r}: this release reads {', '.join(map(repr, SUPPORTED_VERSIONS))}, a string in quotes"
    if kind == "literal_error":
        allowed = detail.get("ctx", {}).get("expected", "")
        return f"is {value!r}: use {allowed}"
    if kind == "string_pattern_mismatch":
        return f"{value!r} is not a role of DMS" if "roles" in path else "is blank"
    if kind in _TYPES:
        return f"is {_kind_of(value)}: expected {_TYPES[kind]}"
    return _WORDS.get(kind, detail["msg"])


def _kind_of(value: object) -> str:
    kinds: dict[type[object], str] = {
        str: "a string",
        bool: "a boolean",
        list: "a list",
        dict: "a map",
        type(None): "null",
    }
    return kinds.get(type(value), "a number")
