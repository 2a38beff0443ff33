"""Types that say how they are stored, on DynamoDB: keys, conditions, actions, indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py import Attr, Key, fields
from tests.unit.test_stored_types import THING, A, B, Money, Thing

if TYPE_CHECKING:
    from dynamorm_py.testing.plugin import MakeRepo


def test_every_operation_takes_values_of_the_type(dynamorm_repo: MakeRepo) -> None:
    things, t = dynamorm_repo(Thing), fields(Thing)
    assert things.put(THING) == THING
    assert things.get((A, 255)) == THING
    assert things.query(Key(t.pk) == A, Key(t.sk) > 3).all() == [THING]
    assert things.query(Key(t.other) == B).all() == [THING]
    assert things.scan(filter=Attr(t.group).contains(A) & (Attr(t.price) == Money(5))).all() == [THING]
    changed = things.update(THING, Attr(t.price).set(Money(8)), Attr(t.group).delete({A}), Attr(t.ids).list_append([B]))
    assert (changed.price, changed.group, changed.ids) == (Money(8), {B}, [A, B, B])
    assert things.batch_get([(A, 255), (B, 1)]) == [changed]
