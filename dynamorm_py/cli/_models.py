"""Model classes and documents as the command line names them: `package.module:Model`, a file."""

from __future__ import annotations

import difflib
import importlib
import io
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import typer

from dynamorm_py import DynamoModel, Table, dms
from dynamorm_py.cli._output import USAGE, complain
from dynamorm_py.errors import InvalidDocument, ModelDefinitionError

if TYPE_CHECKING:
    from types import ModuleType


def models_of(name: str) -> list[type[DynamoModel]]:
    """Return the class named `module:Class`, or every model that `module` defines. Exits 2 when there is none."""
    models = defined_models(name)
    if not models:
        module_name, _, class_name = name.partition(":")
        suggestion = _suggestion(_module(module_name), module_name, class_name)
        raise complain(f"{name} names no DynamoModel class: {suggestion}", USAGE)
    return models


def defined_models(name: str) -> list[type[DynamoModel]]:
    """Return the class named `module:Class`, or every model that `module` defines; none where there is none."""
    module_name, _, class_name = name.partition(":")
    module = _module(module_name)
    candidates = [getattr(module, class_name, None)] if class_name else list(vars(module).values())
    return [cast("type[DynamoModel]", each) for each in candidates if _is_model(each, module, named=bool(class_name))]


def tables_of(name: str) -> list[Table[Any]]:
    """Return the Table object named `module:shop`, or those of `module`; none where there is none. Exits 2."""
    module_name, _, object_name = name.partition(":")
    module = _module(module_name)
    candidates: list[object] = [getattr(module, object_name, None)] if object_name else list(vars(module).values())
    found = [cast("Table[Any]", each) for each in candidates if isinstance(each, Table)]
    return list({id(each): each for each in found}.values())


def _suggestion(module: ModuleType, module_name: str, class_name: str) -> str:
    """Return what was meant, by the names of the module's models."""
    names = [name for name, each in vars(module).items() if _is_model(each, module, named=False)]
    close = difflib.get_close_matches(class_name, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean {module_name}:{close[0]}?"
    return f"write {module_name}:{names[0]}" if names else "write module:Class"


def complete_model(incomplete: str) -> list[str]:
    """Return the models that complete a name: modules of the working directory, then a module's classes.

    Of the only module that fits the classes are named at once: a shell ends a single answer with a space.
    """
    module_name, colon, start = incomplete.partition(":")
    if colon:
        return [name for name in _classes(module_name) if name.startswith(f"{module_name}:{start}")]
    modules = _modules(incomplete)
    if len(modules) == 1 and not modules[0].endswith("."):
        return _classes(modules[0]) or [f"{modules[0]}:"]
    return [name if name.endswith(".") else f"{name}:" for name in modules]


def _modules(incomplete: str) -> list[str]:
    """Return the modules of the working directory and its packages that begin so; a package ends with a dot."""
    package, _, start = incomplete.rpartition(".")
    before = f"{package}." if package else ""
    found = [path.stem for path in Path(*package.split(".")).glob("*.py") if path.stem != "__init__"]
    found += [f"{path.parent.name}." for path in Path(*package.split(".")).glob("*/__init__.py")]
    return sorted(f"{before}{name}" for name in found if name.startswith(start))


def _classes(module_name: str) -> list[str]:
    """Return the models of a module for completion: nothing that its import prints or raises reaches the shell."""
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            module = _module(module_name)
    except (typer.Exit, ModelDefinitionError):
        return []
    return [f"{module_name}:{name}" for name, each in vars(module).items() if _is_model(each, module, named=False)]


def model_of(name: str) -> type[DynamoModel]:
    """Return the class named `module:Class`. Exits 2 for a module that defines several."""
    models = models_of(name)
    if len(models) > 1:
        listed = ", ".join(model.__name__ for model in models)
        raise complain(f"{name} defines {listed}: write {name}:{models[0].__name__}", USAGE)
    return models[0]


def document_of(name: str) -> dms.Document:
    """Return the document in a file, or of `module:Model`. Exits 2 when it is not there; raises InvalidDocument."""
    if _names_module(name):
        models = models_of(name)
        try:
            return document_of_models(models)
        except InvalidDocument:
            return document_of_models(models, version="0.2")  # which can say more
    try:
        return dms.load(name)
    except OSError as error:
        raise complain(f"{name}: {error.strerror}", USAGE) from None


def document_of_models(
    models: list[type[DynamoModel]], namespace: str | None = None, version: dms.DmsVersion = "0.1"
) -> dms.Document:
    """Return the document of classes. Raises InvalidDocument when DMS has no word for something."""
    data: dict[str, object] = {"dms_version": version, "models": [model.to_dms(version=version) for model in models]}
    return dms.check(data | ({"namespace": namespace} if namespace else {}))


def _names_module(name: str) -> bool:
    return not (Path(name).is_file() or "/" in name or name.endswith((".yml", ".yaml", ".json")))


def _module(name: str) -> ModuleType:
    """Import a module. Exits 2 for whatever the user's code raises on the way."""
    sys.path.insert(0, "")  # as `python -m` does: the user's modules are in the working directory
    try:
        return importlib.import_module(name)
    except ModelDefinitionError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 -- the user's code may raise anything
        problem = f"{name or 'the module'} cannot be imported: {_reason(error, name)}"
    finally:
        sys.path.remove("")
    raise complain(problem, USAGE)


def _reason(error: BaseException, name: str) -> str:
    """Return what went wrong, in the user's code or in the name of the module, and the repair."""
    text = str(error) if isinstance(error, ImportError | SyntaxError) else f"{type(error).__name__}: {error}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    if isinstance(error, SyntaxError):
        return f"{text}: correct it"
    if place.filename == importlib.__file__ or not Path(place.filename).is_file():  # nothing of the user's ran
        close = difflib.get_close_matches(name, [path.stem for path in Path().glob("*.py")], 1)
        meant = f"did you mean {close[0]}? " if close else ""
        return f"{text}: {meant}write module:Class, of the working directory or of what is installed"
    return f"{text} ({place.filename}, line {place.lineno}): correct it"


def _is_model(candidate: object, module: ModuleType, *, named: bool) -> bool:
    """Say whether it is a class with items of its own; of a whole module only what it defines."""
    if not (isinstance(candidate, type) and issubclass(candidate, DynamoModel)) or candidate is DynamoModel:
        return False
    options = candidate.__dynamorm_options__
    return named or (not options.abstract and candidate.__module__ == module.__name__)
