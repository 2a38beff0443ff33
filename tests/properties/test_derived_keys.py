"""The law of derived keys: over random templates and values, a key is composed from one set of parts only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, reject
from hypothesis import strategies as st

from dynamorm_py._schema import Part, Template
from dynamorm_py._schema.templates import parse_template
from dynamorm_py.errors import InvalidValue

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import AttributeValue

_LETTERS = "ab#/"
literals = st.text(_LETTERS, min_size=0, max_size=3)
texts = st.text(_LETTERS, min_size=0, max_size=5)


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """Any head, then parts with the literals that follow them; parts of fixed width may stand side by side."""
    parts: list[Part] = []
    count = draw(st.integers(1, 3))
    for i in range(count):
        width = draw(st.sampled_from([None, None, 3]))
        after = draw(literals if width or i == count - 1 else literals.filter(bool))
        form: Any = "digits" if width else "text"
        parts.append(Part(f"f{i}", after=after, tag="N" if width else "S", form=form, width=width))
    return Template("", draw(literals), tuple(parts))


def values(data: st.DataObject, template: Template) -> dict[str, AttributeValue]:
    return {
        part.field: {"N": str(data.draw(st.integers(0, 1200)))} if part.tag == "N" else {"S": data.draw(texts)}
        for part in template.parts
    }


def composed(template: Template, stored: dict[str, AttributeValue]) -> str:
    try:
        text = template.compose(stored.get)
    except InvalidValue:
        reject()
    assert text is not None
    return text


@given(templates(), st.data())
def test_a_composed_key_is_taken_apart_into_its_parts(template: Template, data: st.DataObject) -> None:
    stored = values(data, template)
    assert template.parse(composed(template, stored)) == stored


@given(templates(), st.data())
def test_different_parts_never_compose_one_key(template: Template, data: st.DataObject) -> None:
    one, other = values(data, template), values(data, template)
    if composed(template, one) == composed(template, other):
        assert one == other


@given(templates(), texts)
def test_a_text_that_parses_is_composed_again_as_it_was(template: Template, text: str) -> None:
    stored = template.parse(text)
    if stored is not None:
        assert composed(template, stored) == text


@given(st.lists(st.tuples(literals, st.sampled_from(["a", "b:06", "c:hex"])), min_size=1), literals)
def test_a_spelling_is_read_as_it_stands(pieces: list[tuple[str, str]], tail: str) -> None:
    source = "".join(f"{literal}{{{part}}}" for literal, part in pieces) + tail
    template, problems = parse_template(source)
    assert problems == []
    assert template.head + "".join(part.spelled + part.after for part in template.parts) == source
