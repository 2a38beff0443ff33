"""Arguments that a verb does not take, refused with what takes them: one argument too many, a field by its name.

Python's own TypeError would say that they are too many, and not where they belong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dynamorm_py._kernel.other_words import OF_QUERY, OF_REPO, meant_argument, repair
from dynamorm_py.errors import InvalidCall, UnknownAttribute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import BaseModel

_OF_A_FIELD = {
    "update": "write Attr(fields({model}).{name}).set(...), or patch(key, {{{name!r}: ...}})",
    "query": "write query(Key(fields({model}).{name}) == ...), or filter=Attr(fields({model}).{name}) == ...",
    "scan": "write scan(filter=Attr(fields({model}).{name}) == ...)",
    "put": "it takes an instance, put({model}({name}=...))",
    "create": "it takes an instance, create({model}({name}=...))",
    "patch": "it takes the changes in a mapping, patch(key, {{{name!r}: ...}})",
    "batch_get": "it takes a list of keys, batch_get([...])",
    "batch_write": "it takes instances, batch_write(put=[{model}({name}=...)])",
}


def refuse_more(verb: str, more: tuple[object, ...], repair: str) -> None:
    """Raise InvalidCall for several arguments where one is taken."""
    if more:
        raise InvalidCall(f"{verb} takes one argument, got {len(more) + 1}: write {repair}")


def refuse_surplus(
    function: Callable[..., object], more: tuple[object, ...], unknown: Iterable[str], repair: str
) -> None:
    """Raise InvalidCall for several arguments where one is taken, or for one by an unknown name."""
    refuse_more(function.__name__, more, repair)
    if unknown:
        raise unknown_arguments(function, unknown)


def refuse_unnamed(more: tuple[object, ...]) -> None:
    """Raise InvalidCall for what a batch gets without knowing whether to put or delete it."""
    if more:
        raise InvalidCall("a batch names what it does: write batch_write(put=[...], delete=[...])")


def no_attribute_of_query(query: object, name: str, model: object, verb: Callable[..., object]) -> UnknownAttribute:
    """Return the refusal of an attribute of a query: its results have it, the verb takes it, or it is misspelt."""
    if name in getattr(model, "model_fields", ()):
        ours = f"its results have it, so write query.first(), query.one(), or [item.{name} for item in query]"
    elif name in _options(verb):
        ours = f"pass {name}= to query() or scan()"
    else:
        ours = repair(name, dir(type(query)), OF_QUERY, "()")
    return UnknownAttribute(f"{query!r} has no attribute {name!r}: {ours}")


def no_verb(kind: type, name: str, elsewhere: str | None = None) -> UnknownAttribute:
    """Return the refusal of a verb that a repository or a table has not; `elsewhere` is where it is."""
    return UnknownAttribute(f"{kind.__name__} has no verb {name!r}: {elsewhere or repair(name, dir(kind), OF_REPO)}")


def unknown_arguments(verb: Callable[..., object], names: Iterable[str], *models: type[BaseModel]) -> InvalidCall:
    """Return the refusal of keyword arguments: how to write a field's condition, or the word it resembles."""
    name, word = next(iter(names)), verb.__name__
    model = next((each for each in models if name in each.model_fields), None)
    if model is not None:
        ours = _OF_A_FIELD[word].format(model=model.__name__, name=name)
    elif any(isinstance(getattr(each, name, None), property) for each in models):
        ours = f"{name} is composed from fields, which stand in key conditions: query(Key(...) == ...)"
    else:
        ours = meant_argument(name, _options(verb))
    return InvalidCall(f"{word} has no argument {name}=: {ours}")


def unknown_options(kind: type, unknown: Iterable[str]) -> InvalidCall:
    """Return the refusal of what a repository does not take: unknown options, or a second argument without a name."""
    options = _options(cast("Any", kind).__init__)
    for name in unknown:
        word = "Table" if "name" in options else "Repo"
        return InvalidCall(f"{word} has no option {name}=: {meant_argument(name, options)}")
    return InvalidCall(f"Repo takes the model alone, and its options by name: {', '.join(f'{o}=' for o in options)}")


def missing_subject(action: str, name: str) -> InvalidCall:
    """Return the refusal of a write, or a read of a transaction, that names no item."""
    single = "" if action == "Check" else f"users.{action.lower()}({name}), or "
    return InvalidCall(f"{action} needs its {name}: write {single}{action}(users, {name}) in a transaction")


def unknown_paging(unknown: Iterable[str]) -> InvalidCall:
    """Return the refusal of what `page` does not take."""
    name = next(iter(unknown))
    return InvalidCall(f"page has no argument {name}=: {meant_argument(name, ('size', 'cursor'))}")


def _options(function: Callable[..., object]) -> tuple[str, ...]:
    """Return the arguments that a function takes by name only; of a class, all that its constructor takes."""
    if isinstance(function, type):
        code = cast("Any", function).__init__.__code__
        return code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    defaults: dict[str, object] = getattr(function, "__kwdefaults__", None) or {}
    return tuple(defaults)
