"""The words of `expect`: each checks what a step gave against what a scenario says. Knows no library."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from tests.contract.comparing import canonical, compare, in_json, lines, part, same_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.contract.proxy import Request


class Unsupported(Exception):
    """The driver's library has no such thing; reported apart from what fails. `args[0]` says what it lacks."""


PORTABLE = frozenset(
    {
        *("ErrInvalidModel", "ErrInvalidTag", "ErrMissingPrimaryKey", "ErrItemNotFound", "ErrTableNotFound"),
        *("ErrConditionFailed", "ErrVersionConflict", "ErrImmutableModelMutation", "ErrProtectedFieldMutation"),
        *("ErrInvalidOperator", "ErrIndexNotFound", "ErrEncryptedFieldNotQueryable", "ErrEncryptionNotConfigured"),
        "ErrInvalidEncryptedEnvelope",
    }
)
"""The codes that all languages share; every other word for an error is ours."""
_IS_A = {"ErrVersionConflict": "ErrConditionFailed"}
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a driver reports of a step: an error's code, an item as logical values of JSON, and what else there is.

    `more` holds the answer's other fields by name: items, cursor, count, missing, left, reasons, change, decoded.
    `message` is the library's own text of a refusal. `own_words` is set of a driver that knows our words for errors.
    """

    error: str | None = None
    item: Mapping[str, Any] | None = None
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])
    message: str = ""
    own_words: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything an expectation may look at.

    `raw` is the stored item, `variables` what was saved, `requests` what DynamoDB was asked, `types` the
    model's types by attribute; `opened` gives the plaintext of a stored envelope; `written` is what a write
    left, or deleted, as logical values.
    """

    outcome: Outcome
    raw: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, "Mapping[str, Any]"])
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    requests: Sequence[Request] = ()
    types: Mapping[str, str] = field(default_factory=dict[str, str])
    opened: Callable[[str, object], str] = lambda name, _: name
    written: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def item(self) -> Mapping[str, Any]:
        """The item that the step gave; after a write whose answer has none, the one that is stored."""
        if self.outcome.item is not None:
            return self.outcome.item
        assert self.written, "the step gave no item"
        return self.written

    def more(self, name: str) -> Any:  # noqa: ANN401 -- JSON
        """Return another part of the answer."""
        assert name in self.outcome.more, f"the step gave no {name}"
        return self.outcome.more[name]

    def field(self, name: str) -> Any:  # noqa: ANN401 -- JSON
        """Return what `save` names: a field of the item, or the cursor."""
        return self.more("cursor") if name == "$cursor" else self.item[name]

    def canonical(self, name: str, value: object) -> object:
        """Return an attribute's logical value so that equal ones compare equal: exact numbers, sets without order."""
        return canonical(value, self.types.get(name))


def check(op: str, expect: Mapping[str, Any], seen: Seen) -> None:
    """Hold a step against its expectations; one without `error` succeeds."""
    unknown = expect.keys() - _WORDS.keys()
    assert not unknown, f"unknown expectations: {sorted(unknown)}"
    if "error" not in expect:
        said = f": {seen.outcome.message}" if seen.outcome.message else ""
        assert seen.outcome.error is None, f"{op} failed with {seen.outcome.error}{said}"
    for word, expected in expect.items():
        _WORDS[word](expected, seen)


# --- one item -----------------------------------------------------------------------------------


def _ok(expected: bool, seen: Seen) -> None:  # noqa: FBT001 -- every word has this signature
    compare("ok", seen.outcome.error is None, expected)


def _error(expected: str, seen: Seen) -> None:
    """Hold a refusal against a code; against a word of ours any refusal of a library that does not know it."""
    found = seen.outcome.error
    if expected not in PORTABLE and not seen.outcome.own_words:
        assert found is not None, f"error is None, not {expected!r} or any other"
        return
    compare("error", found if found == expected else _IS_A.get(found or "", found), expected)


def _item_contains(expected: Mapping[str, Any], seen: Seen) -> None:
    for name, value in expected.items():
        if value in _EMPTY and seen.item.get(name) in _EMPTY:
            continue
        assert name in seen.item, f"{name} is not in the item"
        compare(name, seen.canonical(name, seen.item[name]), seen.canonical(name, value))


_EMPTY: tuple[object, ...] = (None, "", [], {})  # absent and empty are the same to some languages


def _item_has_fields(expected: list[str], seen: Seen) -> None:
    missing = [name for name in expected if seen.item.get(name) is None or name not in seen.raw]
    assert not missing, f"missing: {missing}"


def _item_missing_fields(expected: list[str], seen: Seen) -> None:
    assert seen.raw, "no item is stored"
    present = [name for name in expected if name in seen.raw]
    assert not present, f"stored all the same: {present}"


def _item_field_equals_var(expected: Mapping[str, str], seen: Seen) -> None:
    for name, variable in expected.items():
        compare(name, seen.item[name], seen.variables[variable])


def _item_field_not_equals_var(expected: Mapping[str, str], seen: Seen) -> None:
    for name, variable in expected.items():
        assert seen.item[name] != seen.variables[variable], f"{name} is still what was saved as {variable}"


def _raw_attribute_types(expected: Mapping[str, str], seen: Seen) -> None:
    for name, tag in expected.items():
        compare(name, next(iter(seen.raw.get(name, ())), None), tag)


def _raw_item_contains(expected: Mapping[str, Mapping[str, Any]], seen: Seen) -> None:
    for name, value in expected.items():
        compare(name, in_json(seen.raw.get(name)), in_json(value))


def _raw_envelopes(expected: Mapping[str, str], seen: Seen) -> None:
    for name, plaintext in expected.items():
        compare(f"what {name} encrypts", seen.opened(name, seen.raw.get(name)), plaintext)


# --- many items ---------------------------------------------------------------------------------


def _items(expected: list[Mapping[str, Any] | None], seen: Seen) -> None:
    spoken_of = dict.fromkeys(name for item in expected for name in item or ())
    wanted = chain(expected, repeat(spoken_of or None))
    shown = [part(item, each) for item, each in zip(seen.more("items"), wanted, strict=False)]
    same_lines("items", lines(shown, seen.types), lines(expected, seen.types))


def _items_in_any_order(expected: list[Mapping[str, Any]], seen: Seen) -> None:
    names = {name for item in expected for name in item}
    shown = [{name: item[name] for name in item.keys() & names} for item in seen.more("items")]
    same_lines("items", sorted(lines(shown, seen.types)), sorted(lines(expected, seen.types)))


def _item_count(expected: int, seen: Seen) -> None:
    compare("the number of items", len(seen.more("items")), expected)


def _count(expected: int, seen: Seen) -> None:
    compare("count", seen.more("count"), expected)


def _missing(expected: list[Mapping[str, Any]], seen: Seen) -> None:
    same_lines("missing", lines(seen.more("missing"), seen.types), lines(expected, seen.types))


def _left(expected: list[Mapping[str, Any]], seen: Seen) -> None:
    same_lines("left", sorted(lines(seen.more("left"), seen.types)), sorted(lines(expected, seen.types)))


def _cursor(expected: str | None, seen: Seen) -> None:
    compare("cursor", seen.more("cursor"), expected)


def _decoded(expected: Mapping[str, Any], seen: Seen) -> None:
    for name, value in expected.items():
        compare(name, in_json(seen.more("decoded").get(name)), in_json(value))


def _reasons(expected: list[Mapping[str, Any]], seen: Seen) -> None:
    found: list[Any] = seen.more("reasons")
    shown = [
        {**reason, "item": part(reason["item"], wanted.get("item"))} if "item" in wanted else part(reason, wanted)
        for reason, wanted in zip(found, expected, strict=False)
    ]
    same_lines("reasons", lines([*shown, *found[len(expected) :]], seen.types), lines(expected, seen.types))


def _change(expected: Mapping[str, Any], seen: Seen) -> None:
    change = seen.more("change")
    for name, value in expected.items():
        if name not in {"keys", "old", "new"} or value is None:
            compare(name, change[name], value)
            continue
        assert change[name] is not None, f"the change has no {name}"
        for attribute, each in value.items():
            found = seen.canonical(attribute, change[name].get(attribute))
            compare(f"{name}.{attribute}", found, seen.canonical(attribute, each))


# --- what DynamoDB was asked --------------------------------------------------------------------


def _requests(expected: list[str], seen: Seen) -> None:
    operations = [request.operation for request in seen.requests]
    wrote = next((at for at, operation in enumerate(operations) if operation in _WRITES), len(operations))
    counted = [each for at, each in enumerate(operations) if at <= wrote or each != "GetItem"]
    same_lines("requests", counted, expected)


def _request_contains(expected: Mapping[str, Any], seen: Seen) -> None:
    assert seen.requests, "nothing was asked of DynamoDB"
    for name, value in expected.items():
        compare(name, seen.requests[0].parameters.get(name), value)


def _resent_unchanged(expected: bool, seen: Seen) -> None:  # noqa: FBT001 -- every word has this signature
    first, *others = [_elements(request.parameters) for request in seen.requests]
    assert others, "nothing was sent again"
    changed = [element for sent in others for element in sent if element not in first]
    compare("sent again unchanged", not changed, expected)


def _elements(parameters: Mapping[str, Any]) -> list[str]:
    """Return the entries of a batch as text; of another request the whole."""
    if "RequestItems" not in parameters:
        return [json.dumps(parameters, sort_keys=True)]
    parts: Mapping[str, Any] = parameters["RequestItems"]
    return [
        json.dumps([table, entry], sort_keys=True)
        for table, part in parts.items()
        for entry in (part if isinstance(part, list) else part["Keys"])  # pyright: ignore[reportUnknownVariableType] -- JSON
    ]


_WORDS: Mapping[str, Callable[[Any, Seen], None]] = {
    "ok": _ok,
    "error": _error,
    "item_contains": _item_contains,
    "item_has_fields": _item_has_fields,
    "item_missing_fields": _item_missing_fields,
    "item_field_equals_var": _item_field_equals_var,
    "item_field_not_equals_var": _item_field_not_equals_var,
    "raw_attribute_types": _raw_attribute_types,
    "raw_item_contains": _raw_item_contains,
    "raw_envelopes": _raw_envelopes,
    "items": _items,
    "items_in_any_order": _items_in_any_order,
    "item_count": _item_count,
    "count": _count,
    "missing": _missing,
    "left": _left,
    "cursor": _cursor,
    "decoded": _decoded,
    "reasons": _reasons,
    "change": _change,
    "requests": _requests,
    "request_contains": _request_contains,
    "resent_unchanged": _resent_unchanged,
}
WORDS = frozenset(_WORDS)
