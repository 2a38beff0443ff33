"""The law of conditions on parts: a query gives exactly what a filter over all items gives, in their order."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py import DynamoModel, IndexNotFound, InvalidExpression, Key, PartitionKey, SortKey, fields, key_of
from dynamorm_py._model import codec_of
from dynamorm_py._model.model_table import bind
from dynamorm_py._operations import prepare_query
from dynamorm_py.errors import InvalidKey, InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._expressions import Condition

WORDS = st.text("ab#!/\u00e9\uffff\U0001f600\U0010ffff", min_size=1, max_size=4)
NUMBERS = st.integers(-2, 1100)
COMPARISONS: dict[str, Any] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Last(DynamoModel, table="law"):
    group: str
    word: str
    pk = PartitionKey("G#{group}")
    sk = SortKey("W#{word}")


class Bare(DynamoModel, table="law"):
    group: str
    word: str
    pk = PartitionKey("{group}")
    sk = SortKey("{word}")


class Inner(DynamoModel, table="law"):
    group: str
    word: str
    number: int
    pk = PartitionKey("G#{group}")
    sk = SortKey("W#{word}##{number:03}")


class Numbers(DynamoModel, table="law"):
    group: str
    number: int
    word: str
    pk = PartitionKey("G#{group}")
    sk = SortKey("N#{number:03}#{word}")


class Encoded(DynamoModel, table="law"):
    group: str
    word: str
    number: int
    pk = PartitionKey("G#{group}")
    sk = SortKey("{word:percent}#{number:03}")


MODELS = [Last, Bare, Inner, Numbers, Encoded]


@st.composite
def items(draw: st.DrawFn, model: type[DynamoModel]) -> list[Any]:
    found: dict[str, Any] = {}
    for _ in range(draw(st.integers(1, 8))):
        values = {n: draw(NUMBERS if n == "number" else WORDS) for n in model.model_fields if n != "group"}
        try:
            item: Any = model.model_validate({"group": "g", **values})
            found[item.sk] = item
        except InvalidValue:
            continue
    return [found[key] for key in sorted(found, key=str.encode)]


def built(key: Any, word: str, first: Any, second: Any) -> Any:  # noqa: ANN401 -- of any part
    if word == "between":
        return key.between(first, second)
    return key.begins_with(first) if word == "begins_with" else COMPARISONS[word](key, first)


def holds(word: str, value: Any, first: Any, second: Any) -> bool:  # noqa: ANN401 -- of any part
    if word == "between":
        return first <= value <= second
    return value.startswith(first) if word == "begins_with" else COMPARISONS[word](value, first)


def passes(condition: Condition | None, item: Any) -> bool:  # noqa: ANN401 -- of any model
    """Apply the filter of a query, which is a comparison of one attribute."""
    if condition is None:
        return True
    text: Any = condition
    name = condition.paths[0][0]
    value = next(iter(item.to_item()[name].values()))
    match type(condition).__name__:
        case "Between":
            return text.low.value["S"] <= value <= text.high.value["S"]
        case "FunctionCall":
            return value.startswith(text.argument.value["S"])
        case _:
            return COMPARISONS[text.comparator](value, text.right.value["S"])


@pytest.mark.parametrize("model", MODELS)
@given(data=st.data())
def test_a_condition_on_a_part_selects_what_a_filter_would(model: type[Any], data: st.DataObject) -> None:
    stored = data.draw(items(model))
    reference: Any = fields(model)
    name = "number" if model is Numbers else "word"
    first = data.draw(NUMBERS if name == "number" else WORDS)
    word: str = data.draw(st.sampled_from([*COMPARISONS, "between", *(["begins_with"] if name == "word" else [])]))
    key: Any = Key(getattr(reference, name))
    ends = (first, data.draw(NUMBERS if name == "number" else WORDS))
    try:
        condition = built(key, word, *ends)
        read = prepare_query(bind(model, "law"), codec_of(model), [Key(reference.group) == "g", condition])
    except (InvalidExpression, InvalidValue, InvalidKey):
        return
    selected = [
        item
        for item in stored
        if all(each.holds({"S": getattr(item, str(each.path[0]))}) for each in read.conditions)
        and passes(read.filter, item)
    ]
    assert selected == [item for item in stored if holds(word, getattr(item, name), *ends)]
    literal = codec_of(model).derived["sk"].template.head
    assert all(text["S"].startswith(literal) for each in read.conditions[1:] for text in each.values)


def test_the_conditions_choose_table_or_index_by_the_parts_named() -> None:
    class Order(DynamoModel, table="shop"):
        customer_id: str
        number: int
        status: str
        pk = PartitionKey("C#{customer_id}")
        sk = SortKey("O#{number:06}")
        gsi1pk = PartitionKey("S#{status}", index="gsi1")
        gsi1sk = SortKey("{customer_id}#{number:06}", index="gsi1")

    table, codec, o = bind(Order, "shop"), codec_of(Order), fields(Order)
    read = prepare_query(table, codec, [Key(o.customer_id) == "7", Key(o.number) > 5])
    assert read.index is None
    assert [c.operator for c in read.conditions] == ["=", "between"]
    assert read.conditions[0].values == (key_of(Order, customer_id="7", number=1).attributes["pk"],)
    read = prepare_query(table, codec, [Key(o.status) == "open", Key(o.customer_id) == "7"])
    assert read.index is not None
    assert (read.conditions[1].operator, read.conditions[1].values) == ("begins_with", ({"S": "7#"},))
    for wrong in ([Key(o.number) == 5], [Key(o.status) == "open", Key(o.number) == 5], [Key(o.customer_id) > "7"]):
        with pytest.raises(IndexNotFound, match="fits"):
            prepare_query(table, codec, wrong)
