"""The writing half of a repository: each method one line over its plan. No rule is here."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import TYPE_CHECKING, Any, Never, TypeVar, cast
from uuid import UUID, uuid4

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.passed import MISSING, refuses_missing
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.item_key import NO_KEY, chosen_key
from dynamorm_py._repo.connection import Connection
from dynamorm_py.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import BaseModel

    from dynamorm_py._expressions import Action, Condition
    from dynamorm_py._operations import AnyVersion, ExpectedVersion, Reencryption, Updated
    from dynamorm_py._repo.batches import BatchWriter

M = TypeVar("M", bound=DynamoModel)


class Writing(Connection[M]):
    """Writes items: one, many at once, the same change to many."""

    __slots__ = ()

    @refuses_missing
    def put(
        self,
        item: M,
        *more: Never,
        condition: Condition | None = None,
        expected_version: ExpectedVersion = None,
        **unknown: Never,
    ) -> M:
        """Write an item, replacing one with the same key, and return it as stored.

        An instance that holds a version replaces only that version; `expected_version=ANY` replaces any.
        Raises ConditionFailed with the item as it was; InvalidValue, InvalidKey, ItemTooLarge before sending.
        Source: API Reference, PutItem; CONTRACT 4.
        """
        if more or unknown or item is MISSING:  # pyright: ignore[reportUnnecessaryComparison] -- set by refuses_missing
            operations.refuse_more("put", more, "batch_write(put=[...])")
            if unknown:
                raise operations.unknown_arguments(Writing[M].put, unknown, self.model)
            operations.Put(self, item)  # refuses an item that is missing
        request = operations.prepare_replacement(
            self._table, item, self._clock(), condition=condition, expected_version=expected_version
        )
        return self._perform(operations.put(self._table, request))

    @refuses_missing
    def create(self, item: M, *more: Never, condition: Condition | None = None, **unknown: Never) -> M:
        """Write a new item and return it as stored.

        Raises ItemAlreadyExists, a ConditionFailed, with the item that is there; else as `put`.
        """
        if more or unknown or item is MISSING:  # pyright: ignore[reportUnnecessaryComparison] -- set by refuses_missing
            operations.refuse_more("create", more, "transact_write((Create(...), Create(...)))")
            if unknown:
                raise operations.unknown_arguments(Writing[M].create, unknown, self.model)
            operations.Create(self, item)  # refuses an item that is missing
        request = operations.prepare_create(self._table, item, self._clock(), condition=condition)
        return self._perform(operations.create(self._table, request))

    @refuses_missing
    def update(
        self,
        key: object,
        *actions: Action,
        fields: Iterable[str] | None = None,
        condition: Condition | None = None,
        expected_version: ExpectedVersion = None,
        must_exist: bool = False,
        read: bool = False,
        once: bool = False,
        **unknown: Never,
    ) -> M:
        """Change an item by actions and return it as it is now.

        With an instance as `key`, `fields` names fields to set to the instance's values, and the version
        that the instance holds must be the stored one. A missing item is created only where the actions set every
        required field; `must_exist=True` refuses that too. Keys and computed fields that follow from the change are
        written along; `read=True` reads first what they need. After a lost answer the update is sent again, and an
        `add` may count twice; `once=True` sends it as a transaction of one action under a token, which is applied
        once, and reads the item afterwards: twice the write units and a read.
        Raises ConditionFailed with the item as it was; InvalidExpression, InvalidValue, InvalidKey before sending.
        Source: API Reference, UpdateItem and TransactWriteItems; CONTRACT 4 and 5.
        """
        if unknown:
            raise operations.unknown_arguments(Writing[M].update, unknown, self.model)
        write = operations.Update(
            self,
            key,
            *actions,
            fields=fields,
            condition=condition,
            expected_version=expected_version,
            must_exist=must_exist,
            read=read,
        )
        return self._perform(operations.perform_update(self._table, write, self._clock(), _token(once=once)))

    @refuses_missing
    def patch(
        self,
        key: object,
        changes: BaseModel | Mapping[str, Any],
        *,
        expected_version: ExpectedVersion = None,
        read: bool = False,
        once: bool = False,
        **unknown: Never,
    ) -> M:
        """Set what the body of a PATCH says on an item that is there, and return it as it is now.

        `changes` is a mapping, or a pydantic model of which the fields that are set count. Each value is validated
        as the model's field, by its name or alias; None takes an attribute away where it is left out on writing.
        `read` and `once` are as in `update`.
        Raises ConditionFailed, also where no item is; InvalidExpression, InvalidValue, InvalidKey before sending.
        Source: CONTRACT 5.
        """
        if unknown:
            raise operations.unknown_arguments(Writing[M].patch, unknown, self.model)
        actions = operations.patch_actions(self._table, key, changes)
        write = operations.Update(self, key, *actions, expected_version=expected_version, must_exist=True, read=read)
        return self._perform(operations.perform_update(self._table, write, self._clock(), _token(once=once)))

    def delete(
        self,
        key: object = NO_KEY,
        *more: Never,
        condition: Condition | None = None,
        expected_version: ExpectedVersion = None,
        **parts: object,
    ) -> M | None:
        """Delete an item and return it as it was, None when there was none.

        An instance that holds a version deletes only that version. Raises ConditionFailed with the item as it is.
        Source: API Reference, DeleteItem; CONTRACT 4.
        """
        chosen = chosen_key(self.model, key, parts, more)
        write = operations.Delete(self, chosen, condition=condition, expected_version=expected_version)
        return self._perform(operations.delete(self._table, write.prepare(self._table, self._clock())))

    def batch_write(
        self,
        *more: Never,
        put: Iterable[M] = (),
        delete: Iterable[object] = (),
        expected_version: AnyVersion | None = None,
        concurrency: int = 1,
        retries: int = operations.DEFAULT_RETRIES,
        **unknown: Never,
    ) -> int:
        """Put and delete any number of items, the puts first, and return how many were written.

        As the function `batch_write`. `delete` takes keys or instances. An instance that holds a version is
        refused, since a batch cannot check it; `expected_version=ANY` writes over any version.
        Raises BatchIncomplete, InvalidBatch, and what the single writes raise before anything is sent.
        """
        from dynamorm_py._repo.batches import batch_write  # noqa: PLC0415 -- only needed for batches of writes

        operations.refuse_unnamed(more)
        if unknown:
            raise operations.unknown_arguments(Writing[M].batch_write, unknown, self.model)
        items, keys = operations.require_iterable("put=", put), operations.require_keys(self._table, "delete=", delete)
        puts = (operations.Put(self, item, expected_version=expected_version) for item in items)
        deletes = (operations.Delete(self, key, expected_version=expected_version) for key in keys)
        whole = isinstance(put, Collection) and isinstance(delete, Collection)
        writes = [*puts, *deletes] if whole else chain(puts, deletes)
        return batch_write(writes, concurrency=concurrency, retries=retries)

    def batch(
        self, *, expected_version: AnyVersion | None = None, retries: int = operations.DEFAULT_RETRIES
    ) -> BatchWriter[M]:
        """Open a batch to fill one by one: `with users.batch() as b: b.put(user)`. See `BatchWriter`."""
        from dynamorm_py._repo.batches import BatchWriter  # noqa: PLC0415 -- as above

        return BatchWriter(self, expected_version, retries)

    def update_many(
        self,
        keys: Iterable[object],
        *actions: Action,
        condition: Condition | None = None,
        must_exist: bool = False,
        read: bool = False,
        once: bool = False,
        concurrency: int = 1,
    ) -> list[Updated[M]]:
        """Change many items by the same actions, one update each, and return what came of each, in their order.

        `keys` are keys or instances, also straight from a query or scan. A failed condition, or any other error of
        one item, is in its result and does not stop the others; `concurrency` sends that many updates at a time;
        `once` is as in `update`.
        Raises BatchIncomplete with the results so far when an error concerns all, such as a missing table.
        """
        operations.check_int("concurrency", concurrency, 1)
        many = operations.require_keys(self._table, "update_many", keys)
        updates = (
            operations.Update(self, key, *actions, condition=condition, must_exist=must_exist, read=read)
            for key in many
        )
        whole = isinstance(keys, Collection)
        plan = operations.update_each(updates, self._clock(), concurrency, whole=whole, once=_token(once=once))
        return self._perform(plan)

    def reencrypt(self, items: Iterable[object]) -> Reencryption:
        """Move items to the current KMS key, prefix and version, and return how many it moved.

        `items` are instances, such as a query gives, or keys. An item that is current is left alone, so
        a run that broke off is started again; neither lifecycle fields nor versions change.
        Raises EncryptionError, and ConditionFailed for an item that others keep writing.
        """
        return self._perform(
            operations.reencrypt_items(self._table, operations.require_keys(self._table, "reencrypt", items)),
        )


def _token(*, once: bool) -> UUID | None:
    """Return the token of a call that is applied once. Raises CallError for what is neither True nor False."""
    if not isinstance(cast("object", once), bool):
        raise CallError(
            f"once= must be True or False, got {type(once).__name__}: to choose a token, use transact_write(token=...)"
        )
    return uuid4() if once else None
