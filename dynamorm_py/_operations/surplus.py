"""Arguments that a verb does not take, refused with what takes them: one argument too many, a field by its name.

Python's own TypeError would say that they are too many, and not where they belong.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from dynamorm_py.errors import InvalidCall, UnknownAttribute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

_ARGUMENTS = {
    "update": ("fields", "condition", "expected_version", "must_exist", "read"),
    "query": ("filter", "index", "ascending", "limit", "page_size", "consistent", "project"),
    "scan": ("filter", "index", "limit", "page_size", "consistent", "segments", "project"),
}
_OF_A_FIELD = {
    "update": "write Attr(fields({model}).{name}).set(...), or patch(key, {{{name!r}: ...}})",
    "query": "write query(Key(fields({model}).{name}) == ...), or filter=Attr(fields({model}).{name}) == ...",
    "scan": "write scan(filter=Attr(fields({model}).{name}) == ...)",
}


def refuse_more(verb: str, more: tuple[object, ...], repair: str) -> None:
    """Raise InvalidCall for arguments that stand side by side where one is taken."""
    if more:
        raise InvalidCall(f"{verb} takes one argument, got {len(more) + 1}: write {repair}")


def refuse_unnamed(more: tuple[object, ...]) -> None:
    """Raise InvalidCall for what a batch gets without knowing whether to put or delete it."""
    if more:
        raise InvalidCall("a batch names what it does: write batch_write(put=[...], delete=[...])")


def no_attribute_of_query(query: object, name: str, model: object) -> UnknownAttribute:
    """Return the refusal of an attribute of a query: its results have it, `query()` takes it, or it is misspelt."""
    if name in getattr(model, "model_fields", ()):
        repair = f"its results have it, so write query.first(), query.one(), or [item.{name} for item in query]"
    elif name in _ARGUMENTS["query"]:
        repair = f"pass {name}= to query() or scan()"
    else:
        verbs = [each for each in dir(type(query)) if not each.startswith("_")]
        close = get_close_matches(name, verbs, 1)
        repair = f"did you mean {close[0]}()" if close else f"it has {', '.join(verbs)}"
    return UnknownAttribute(f"{query!r} has no attribute {name!r}: {repair}")


def unknown_arguments(verb: str, names: Iterable[str], model: type[BaseModel]) -> InvalidCall:
    """Return the refusal of keyword arguments: how to write a field's condition, or the word it resembles."""
    name = next(iter(names))
    if name in model.model_fields:
        repair = _OF_A_FIELD[verb].format(model=model.__name__, name=name)
    else:
        close = get_close_matches(name, _ARGUMENTS[verb], 1)
        listed = ", ".join(f"{each}=" for each in _ARGUMENTS[verb])
        repair = f"did you mean {close[0]}=" if close else f"it takes {listed}"
    return InvalidCall(f"{verb} has no argument {name}=: {repair}")
