"""The law of conditions on parts over random templates: a query gives exactly what a filter over all items gives."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from dynamorm_py import DynamoModel, Key, ModelDefinitionError, PartitionKey, SortKey, fields
from dynamorm_py._model import codec_of
from dynamorm_py._model.model_table import bind
from dynamorm_py._operations import prepare_query
from dynamorm_py.errors import InvalidExpression, InvalidKey, InvalidValue
from tests.properties.test_part_conditions import COMPARISONS, NUMBERS, WORDS, built, holds, passes

PARTS = {"word": "{word}", "other": "{other:percent}", "number": "{number:03}", "second": "{second:04}"}
LITERALS = st.text("#/!a\u00e9", min_size=1, max_size=3)


@st.composite
def templates(draw: st.DrawFn) -> tuple[str, tuple[str, ...]]:
    """Give a template of one to three parts, and the names of these in their order."""
    names = tuple(draw(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=3, unique=True)))
    head = draw(st.just("") | LITERALS)
    body = "".join(PARTS[name] + draw(LITERALS) for name in names[:-1]) + PARTS[names[-1]]
    return head + body + draw(st.just("") | LITERALS), names


@cache
def model_of(template: str) -> type[Any] | None:
    """Return a class with this sort key, None where the template is refused."""
    types = {"group": str, "word": str, "other": str, "number": int, "second": int}
    body = {"__module__": __name__, "__annotations__": types}
    keys = {"pk": PartitionKey("G#{group}"), "sk": SortKey(template)}
    try:
        return type("Drawn", (DynamoModel,), {**body, **keys}, table="law")
    except ModelDefinitionError:
        return None


def value_of(name: str) -> st.SearchStrategy[Any]:
    return WORDS if name in {"word", "other"} else NUMBERS


@st.composite
def stored(draw: st.DrawFn, model: type[Any]) -> list[Any]:
    """Give items with different keys, in the order of their sort keys."""
    found: dict[str, Any] = {}
    few = {name: draw(st.lists(value_of(name), min_size=1, max_size=3)) for name in PARTS}
    for _ in range(draw(st.integers(1, 10))):
        values = {name: draw(st.sampled_from(few[name])) for name in PARTS}
        try:
            item = model(group="g", **values)
            found[item.sk] = item
        except InvalidValue:
            continue
    return [found[key] for key in sorted(found, key=str.encode)]


@given(drawn=templates(), data=st.data())
def test_a_prefix_of_equalities_and_one_range_select_what_a_filter_would(
    drawn: tuple[str, tuple[str, ...]], data: st.DataObject
) -> None:
    template, names = drawn
    model = model_of(template)
    assume(model is not None)
    assert model is not None
    items = data.draw(stored(model))
    equal = names[: data.draw(st.integers(0, len(names)))]
    reference: Any = fields(model)
    near = data.draw(st.sampled_from(items)) if items else None
    stored_values = {name: [st.just(getattr(near, name))] * 3 if near else [] for name in names}
    values = {name: st.one_of(value_of(name), *stored_values[name]) for name in names}
    tests: list[tuple[str, str, Any, Any]] = [(name, "==", data.draw(values[name]), None) for name in equal]
    if len(equal) < len(names) and data.draw(st.integers(0, 3)):
        last = names[len(equal)]
        operators = [*COMPARISONS, "between", *(["begins_with"] if last in {"word", "other"} else [])]
        tests.append((last, data.draw(st.sampled_from(operators)), data.draw(values[last]), data.draw(values[last])))
    try:
        conditions = [built(Key(getattr(reference, name)), word, low, high) for name, word, low, high in tests]
        read = prepare_query(bind(model, "law"), codec_of(model), [Key(reference.group) == "g", *conditions])
    except (InvalidExpression, InvalidValue, InvalidKey):
        return
    selected = [
        item
        for item in items
        if all(each.holds({"S": getattr(item, str(each.path[0]))}) for each in read.conditions)
        and passes(read.filter, item)
    ]
    assert selected == [
        item for item in items if all(holds(word, getattr(item, name), low, high) for name, word, low, high in tests)
    ]
    literal = codec_of(model).derived["sk"].template.head
    assert all(text["S"].startswith(literal) for each in read.conditions[1:] for text in each.values)
