"""English of messages: a name behind its article."""

from __future__ import annotations

import pytest

from dynamorm_py._kernel.words import kind_of, with_article


@pytest.mark.parametrize(
    "phrase",
    ["an int", "a str", "an Order", "a User", "a UUID", "a URL", "an HTTPError", "a Mapping", "an Update", "a Uniform"],
)
def test_a_name_has_the_article_that_is_spoken(phrase: str) -> None:
    assert with_article(phrase.split()[1]) == phrase


def test_none_is_called_by_its_name() -> None:
    assert (kind_of(None), kind_of(1), kind_of("x")) == ("None", "an int", "a str")
