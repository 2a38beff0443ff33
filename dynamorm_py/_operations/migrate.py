"""What a migration asks of its target: writing whole items as they are, and looking whether they arrived.

Puts without a condition may be done any number of times, so whatever stops a migration, doing a page again
is right. How a request is repeated is in the files of the batches. Source: API Reference, BatchWriteItem, BatchGetItem.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from dynamorm_py._kernel.words import kind_of, with_article
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.context import context_of
from dynamorm_py._operations.batch_get_item import READ_LIMIT, BatchGet, ask_for
from dynamorm_py._operations.batch_write_item import WRITE_LIMIT, batch_entry, delete_body, put_body, send
from dynamorm_py._operations.chunking import chunks
from dynamorm_py._operations.claims import ClaimingWrite, changes_of, claims_of, merged_claims
from dynamorm_py._operations.put_item import PutRequest
from dynamorm_py._operations.writes import Put
from dynamorm_py.errors import CallError, DynamoDBError, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.context import HasContext
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.batch_write_item import BatchEntry
    from dynamorm_py._operations.claims import Claim

    ByKey: TypeAlias = dict[Hashable, PutRequest[Any]]

M = TypeVar("M", bound=DynamoModel)

_RETRIES = 25  # about 20 seconds; a table under load needs longer than a single batch waits


def prepare_items(table: ModelTable[M], instances: Iterable[M]) -> ByKey:
    """Encode instances as they are, lifecycle fields too, and return their puts by what identifies them.

    Raises InvalidValue, InvalidKey, ItemTooLarge; CallError when two that differ have the same key.
    """
    prepared: ByKey = {}
    for instance in instances:
        value = cast("object", instance)
        if type(value) is not table.model:
            raise InvalidValue(f"transform gives {kind_of(value)}, not {with_article(table.model.__name__)}")
        item = table.codec.encode(instance)
        serialized = table.codec.serialized(item)
        put = PutRequest(table.key_of_item(item), serialized, None, table.codec, table.codec.read_back(serialized))
        if prepared.setdefault(table.identity(put.key), put).item != item:
            raise CallError(
                f"transform gives two different {table.model.__name__} with one key: one would replace the other"
            )
    return prepared


def write_items(target: HasContext[Any], prepared: ByKey) -> Plan[None]:
    """Put every item with its claims, whatever is there. Raises the last fault when a batch's retries are spent."""
    context = context_of(target, "migrate")
    entries = [batch_entry(Put(target, put.stored), context, put) for put in prepared.values()]
    if context.table.schema.unique:
        entries += _claims(entries, context.table, prepared.values())
    for chunk in chunks(entries, WRITE_LIMIT):
        sent = yield from send(chunk, _RETRIES)
        _check_done("BatchWriteItem", context.table, [*sent.left, *sent.unknown], sent.error)


def _claims(entries: Sequence[BatchEntry], table: ModelTable[Any], puts: Iterable[PutRequest[Any]]) -> list[BatchEntry]:
    """Return the puts of what claims the items' unique values. Raises AlreadyTaken where two have one value."""
    claims: list[Claim] = []
    for number, put in enumerate(puts):
        write = ClaimingWrite(table, "Put", put)
        claims += claims_of(number, write, changes_of(write, {}), {})
    return [
        replace(entries[claim.number], identity=claim.identity, body=_claim_body(claim), key=None, item=None)
        for claim in merged_claims(claims)
    ]


def _claim_body(claim: Claim) -> bytes:
    return delete_body(claim.key) if claim.item is None else put_body(claim.item)


def differing_keys(table: ModelTable[M], prepared: ByKey) -> Plan[list[Item]]:
    """Return the keys of those items that the table does not have exactly so, read consistently."""
    keys = {identity: put.key for identity, put in prepared.items()}
    batch: BatchGet[M] = BatchGet(table, table.codec, consistent=True, keys=keys, originals=keys)
    wrong: list[Item] = []
    for chunk in chunks(list(keys), READ_LIMIT):
        got = yield from ask_for(batch, chunk, _RETRIES)
        _check_done("BatchGetItem", table, got.left, got.fault)
        stored = {identity: table.codec.encode(instance) for identity, instance in got.found.items()}
        wrong += [keys[identity] for identity in chunk if stored.get(identity) != prepared[identity].item]
    return wrong


def _check_done(operation: str, table: ModelTable[Any], left: Sequence[object], fault: Exception | None) -> None:
    """Raise what stopped a batch; the migration is resumed, so no account is needed."""
    if fault is not None:
        raise fault
    if left:
        raise DynamoDBError(
            f"{operation} on table {table.name!r}: DynamoDB left items unprocessed {_RETRIES + 1} times: "
            "set a lower writes_per_second=, or raise the capacity; then resume",
            operation=operation,
        )
