"""Updates keep a vector one that its index holds; hidden items need a time to live that the index carries."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import pytest

from dynamorm_py import (
    Attr,
    DynamoModel,
    InvalidExpression,
    InvalidValue,
    PartitionKey,
    Repo,
    TimeToLive,
    Update,
    Vector,
    fields,
)

if TYPE_CHECKING:
    from dynamorm_py import Action


class Doc(DynamoModel, table="vector-docs"):
    id: Annotated[str, PartitionKey()]
    until: Annotated[int | None, TimeToLive()] = None
    spot: Annotated[list[float], Vector("by-spot", dimensions=2, projection="KEYS_ONLY")]


docs, d = Repo(Doc), fields(Doc)


@pytest.mark.parametrize(
    "action",
    [
        Attr(d.spot).list_append([1.0]),
        Attr(d.spot).list_prepend([1.0]),
        Attr(d.spot[0]).remove(),
        Attr(d.spot[0]).add(0.1),
        Attr(d.spot[0]).set(Attr(d.spot[1]) + 0.1),
    ],
    ids=repr,
)
def test_an_update_that_would_leave_no_vector_of_the_index_is_refused(action: Action) -> None:
    with pytest.raises(InvalidExpression, match="spot has 2 elements of 32 bits in index 'by-spot'"):
        docs.update("1", action)
    with pytest.raises(InvalidExpression, match="spot has 2 elements"):
        Update(docs, "1", action).explain()


@pytest.mark.parametrize("bad", [[1.0], [1.0, math.nan], [1.0, 1e39]])
def test_a_value_that_is_no_vector_of_the_index_is_refused(bad: list[float]) -> None:
    with pytest.raises(InvalidValue):
        docs.update("1", Attr(d.spot).set(bad))


def test_a_search_that_cannot_tell_what_has_expired_is_refused() -> None:
    hiding = Repo(Doc, hide_expired=True)
    with pytest.raises(InvalidExpression, match="'by-spot' does not carry until, by which hide_expired="):
        hiding.search(d.spot, near=[1.0, 2.0])
