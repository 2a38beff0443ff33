"""Model classes made at run time are freed when nobody holds them."""

from __future__ import annotations

import gc
import weakref
from typing import Annotated, Any

from pydantic import create_model

from dynamorm_py import DynamoModel, Encrypted, PartitionKey


def _used_class() -> weakref.ref[Any]:
    build: Any = create_model
    pk, secret = (Annotated[str, PartitionKey()], "a"), (Annotated[str, Encrypted()], "s")
    model = build("Made", __base__=DynamoModel, __cls_kwargs__={"table": "things"}, pk=pk, secret=secret)
    repr(model.from_item(model().to_item()))
    return weakref.ref(model)


def test_a_class_that_nobody_holds_is_freed() -> None:
    made = [_used_class() for _ in range(10)]
    gc.collect()
    gc.collect()
    assert [each for each in made if each() is not None] == []
