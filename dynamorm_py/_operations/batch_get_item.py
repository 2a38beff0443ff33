"""BatchGetItem: any number of items by their keys, 100 in a request.

Source: API Reference, BatchGetItem; CONTRACT 5.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from pydantic import BaseModel

from dynamorm_py._codec import Codec, answer_of, to_json
from dynamorm_py._expressions import Placeholders, render_projection
from dynamorm_py._kernel.answers import SHAPES, fits
from dynamorm_py._kernel.plans import Parallel, Plan, Request, without_none
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model.kinds import is_other
from dynamorm_py._operations.bad_items import check_on_error, decode_items
from dynamorm_py._operations.chunking import chunks, incomplete
from dynamorm_py._operations.functions import require_plain
from dynamorm_py._operations.retries import attempts, may_pass
from dynamorm_py.errors import InvalidKey

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.bad_items import OnError

P = TypeVar("P", bound=BaseModel)

READ_LIMIT = 100  # keys in one request: API Reference, BatchGetItem


@public()
class FoundItems(list[P]):
    """The items of a batch get, in the order of the keys; `.missing` has the caller's keys that have no item.

    `.skipped` counts the items that `on_error=` left out, whose keys are not missing, and those that `unknown=` of a
    `Table` left out, whose keys are.
    """

    def __init__(self, items: Iterable[P] = (), missing: Iterable[object] = (), skipped: int = 0) -> None:
        """Take all."""
        super().__init__(items)
        self.missing: list[object] = list(missing)
        self.skipped = skipped


@frozen
class BatchGet(Generic[P]):
    """A checked batch get: the keys, each once in the order asked, and how their items are read."""

    table: ModelTable[Any]
    codec: Codec[Any]
    consistent: bool
    keys: Mapping[Hashable, Item]
    originals: Mapping[Hashable, object]
    on_error: OnError = "raise"

    def request(self, requested: Iterable[Hashable]) -> Request:
        """Return the request for some of the keys."""
        placeholders = Placeholders()
        named = self.table.attributes(self.codec, keys=True)
        parameters = without_none(
            Keys=[self.keys[identity] for identity in requested],
            ConsistentRead=self.consistent or None,
            ProjectionExpression=render_projection(named, placeholders) if named else None,
            ExpressionAttributeNames=placeholders.names,
        )
        return Request("BatchGetItem", {"RequestItems": {self.table.name: parameters}}, raw=True)

    def read_at_once(self, response: Response) -> tuple[dict[Hashable, P], set[Hashable]] | None:
        """Return the items of an answer, by what identifies them, and what identifies the keys it leaves over.

        In one pass from the body to models; None where that cannot be, and the items are looked at first.
        """
        table = self.table
        if not isinstance(cast("object", self.codec), Codec) or self.codec is not table.codec or table.looks_at_items:
            return None
        answer = self.codec.decode_at_once(response)
        if answer is None or not fits(SHAPES["BatchGetItem"], {"UnprocessedKeys": answer.get("UnprocessedKeys")}):
            return None
        items: Iterable[P] = chain.from_iterable(answer.get("Responses", {}).values())
        with suppress(InvalidKey):
            found = {table.identity(table.key(item)): item for item in items}
            if found.keys() <= self.keys.keys():
                return found, _left_over(self, answer)
        return None

    def read(self, items: list[Item]) -> Plan[tuple[dict[Hashable, P], set[Hashable], int]]:
        """Return the items of an answer, in DynamoDB's JSON, by what identifies them, and what identifies bad ones.

        The number is of those that are of none of the models. Raises ItemDecodeError, unless bad items are left out.
        """
        if self.table.codec.told_apart:
            items = [item for item in items if not is_other(self.table.codec, item)]
        items = [item for item in items if not self.table.expired(item)]
        identities = [self.table.identity(item) for item in items]
        page = Response(to_json({"Items": items}))
        answer = yield from decode_items(self.table, page, page, self.codec, self.on_error)
        read: list[int] = answer.get("Positions", range(len(items)))
        bad: list[int] = answer.get("Bad", [])
        by_identity = zip((identities[position] for position in read), answer["Items"], strict=True)
        return dict(by_identity), {identities[position] for position in bad}, len(items) - len(read) - len(bad)


@dataclass(slots=True)
class BatchGetResult(Generic[P]):
    """What came of one chunk: the items found, and the keys that are still open."""

    left: list[Hashable]
    found: dict[Hashable, P] = field(default_factory=dict[Any, Any])
    bad: set[Hashable] = field(default_factory=set[Any])
    strays: int = 0
    fault: Exception | None = None


def prepare_batch_get(
    table: ModelTable[Any],
    keys: Iterable[object],
    codec: Codec[P],
    *,
    consistent: bool,
    on_error: OnError = "raise",
) -> BatchGet[P]:
    """Check the call; each key is kept once. Raises InvalidKey, CallError."""
    check_on_error(on_error)
    originals: dict[Hashable, object] = {}
    stored: dict[Hashable, Item] = {}
    for key in keys:
        wire_key = table.key(key)
        identity = table.identity(wire_key)
        originals.setdefault(identity, key)
        stored.setdefault(identity, wire_key)
    return BatchGet(table, codec, consistent, stored, originals, on_error)


def batch_get(
    batch: BatchGet[P], *, retries: int, concurrency: int, progress: Callable[[int, int], object] | None
) -> Plan[FoundItems[P]]:
    """Read all items, at most `concurrency` requests at a time. Raises BatchIncomplete, ItemDecodeError."""
    require_plain("progress=", progress)
    items: dict[Hashable, P] = {}
    bad: set[Hashable] = set()
    keys = list(batch.keys)
    asked = strays = 0
    for wave in chunks(keys, READ_LIMIT * concurrency):
        got: list[BatchGetResult[P]] = yield Parallel(
            [ask_for(batch, chunk, retries) for chunk in chunks(wave, READ_LIMIT)]
        )
        asked += len(wave)
        for each in got:
            items |= each.found
            bad |= each.bad
            strays += each.strays
        left = [identity for each in got for identity in each.left]
        if left:
            fault = next((each.fault for each in got if each.fault is not None), None)
            _stop(batch, items, [*left, *keys[asked:]], fault)
        if progress is not None:
            progress(asked, len(keys))
    answered = items.keys() | bad
    missing = [batch.originals[identity] for identity in keys if identity not in answered]
    return FoundItems((items[identity] for identity in keys if identity in items), missing, len(bad) + strays)


def complete(batch: BatchGet[P], items: Iterable[object], *, retries: int, concurrency: int) -> Plan[FoundItems[P]]:
    """Read items whole, one for each that is passed and in their order. Raises as `batch_get`."""
    found = yield from batch_get(batch, retries=retries, concurrency=concurrency, progress=None)
    whole = {batch.table.identity(batch.table.key(item)): item for item in found}
    identities = [batch.table.identity(batch.table.key(item)) for item in items]
    return FoundItems((whole[identity] for identity in identities if identity in whole), found.missing, found.skipped)


def ask_for(batch: BatchGet[P], requested: Iterable[Hashable], retries: int) -> Plan[BatchGetResult[P]]:
    """Read the items of one request, again while keys are left over or the fault may pass."""
    got: BatchGetResult[P] = BatchGetResult(list(requested))
    for pause in attempts(retries):
        try:
            if pause is not None:
                yield pause
            response = yield batch.request(got.left)
            whole = batch.read_at_once(response)
            items, left = _unwrap(batch, response) if whole is None else ([], whole[1])
        except Exception as error:  # noqa: BLE001 -- raised again, with what other requests found
            got.fault = error
            if not may_pass(error):
                break
        else:
            found, bad, strays = (yield from batch.read(items)) if whole is None else (whole[0], set[Any](), 0)
            got.found |= found
            got.bad |= bad
            got.strays += strays
            unknown = left.difference(got.left)  # an answer that names what was not asked: only what came is sure
            if unknown:
                left |= set(got.left) - got.found.keys() - got.bad
            got.left = [key for key in got.left if key in left]
            got.fault = None
            if not got.left:
                break
    return got


def _unwrap(batch: BatchGet[Any], response: Response) -> tuple[list[Item], set[Hashable]]:
    """Return the items of an answer, and what identifies the keys that it leaves over.

    There is one table, whatever the answer names it: for one that was asked by its ARN some name it shortly.
    """
    document = answer_of(response, "BatchGetItem")
    responses: dict[str, list[Item]] = document.get("Responses") or {}
    return [item for items in responses.values() for item in items], _left_over(batch, document)


def _left_over(batch: BatchGet[Any], document: Mapping[str, Any]) -> set[Hashable]:
    leftovers: dict[str, dict[str, list[Item]]] = document.get("UnprocessedKeys") or {}
    return {batch.table.identity(key) for part in leftovers.values() for key in part["Keys"]}


def _stop(batch: BatchGet[P], items: Mapping[Hashable, P], left: list[Hashable], fault: Exception | None) -> None:
    """Raise BatchIncomplete; or the fault itself when it cannot pass and nothing was found."""
    if fault is not None and not (items or may_pass(fault)):
        raise fault
    done = [items[identity] for identity in batch.keys if identity in items]
    raise incomplete("BatchGetItem", done, [batch.originals[identity] for identity in left], (), fault) from fault
