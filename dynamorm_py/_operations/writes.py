"""Every write as a value that names its repository: the same for a single call, a batch and a transaction.

A value holds what the caller passed and nothing computed. `prepare` checks and encodes it at the time of
the write; the rules are in the file of each operation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY  # noqa: TC003 -- the decorator looks it up
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Never, NoReturn, TypeAlias, TypeVar

from dynamorm_py._kernel.passed import MISSING, refuses_missing, refuses_missing_values
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.context import Context, HasContext, context_of
from dynamorm_py._operations.condition_check import prepare_check
from dynamorm_py._operations.delete_item import prepare_delete
from dynamorm_py._operations.put_item import PutRequest, prepare_create, prepare_replacement
from dynamorm_py._operations.surplus import missing_subject, unknown_arguments
from dynamorm_py._operations.update_item import UpdateRequest, prepare_update
from dynamorm_py._operations.write_conditions import checked_condition

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from dynamorm_py._expressions import Action, Condition
    from dynamorm_py._kernel.types import ExpectedVersion, Item
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.write_conditions import GuardedKey, PreparedWrite
    from dynamorm_py._operations.write_explanation import WriteExplanation

M = TypeVar("M", bound=DynamoModel)
R_co = TypeVar("R_co", covariant=True)


@public()
class Write(Generic[R_co]):
    """A write, or a check, of one item: `Put`, `Create`, `Update`, `Delete` or `Check`.

    `R_co` is what a transaction returns for it: the item that a put or create stored, None for the others.
    """

    __slots__ = ()
    repo: HasContext[Any]
    action_name: ClassVar[str]
    """The key of the action in TransactItems."""
    _subject: ClassVar[str] = "key"
    prepare: Callable[[ModelTable[Any], dt.datetime], PreparedWrite]

    def _refuse_unknown(self, unknown: Mapping[str, object]) -> NoReturn:
        """Refuse keyword arguments that the write does not take. Raises InvalidCall."""
        raise unknown_arguments(type(self), unknown)

    def explain(self) -> WriteExplanation:
        """Return what the write would do, and what unique fields add to its cost; nothing is sent.

        Raises what the write itself raises before it is sent.
        """
        from dynamorm_py._operations.write_explanation import explain_write  # noqa: PLC0415 -- only people ask for it

        context = self.context
        return explain_write(context.table, self.action_name, self.prepare(context.table, context.clock()))

    @property
    def context(self) -> Context[Any]:
        """The repository's table, client and clock."""
        return context_of(self.repo, type(self).__name__)

    def __post_init__(self) -> None:
        """Refuse what names no repository, or holds no condition where one belongs. Raises CallError."""
        context = context_of(self.repo, type(self).__name__)
        if getattr(self, self._subject) is MISSING:
            raise missing_subject(type(self).__name__, self._subject)
        condition: Condition | None = getattr(self, "condition", None)
        if condition is not None:
            checked_condition(context.table, condition)


@public()
@refuses_missing_values
@frozen
class Put(Write[M]):
    """Write an item, replacing one with the same key; as `Repo.put`."""

    repo: HasContext[M]
    item: M
    _: KW_ONLY
    condition: Condition | None = None
    expected_version: ExpectedVersion = None

    action_name = "Put"
    _subject = "item"

    def prepare(self, table: ModelTable[M], now: dt.datetime) -> PutRequest[M]:
        """Check and encode it. Raises as Create does, and what the model's write policy forbids."""
        return prepare_replacement(
            table, self.item, now, condition=self.condition, expected_version=self.expected_version
        )


@public()
@refuses_missing_values
@frozen
class Create(Write[M]):
    """Write a new item, refused where one exists; as `Repo.create`."""

    repo: HasContext[M]
    item: M
    _: KW_ONLY
    condition: Condition | None = None

    action_name = "Put"
    _subject = "item"

    def prepare(self, table: ModelTable[M], now: dt.datetime) -> PutRequest[M]:
        """Check and encode it. Raises InvalidValue, InvalidKey, InvalidExpression, ItemTooLarge."""
        return prepare_create(table, self.item, now, condition=self.condition)


@public()
@frozen(init=False)
class Update(Write[None], Generic[M]):
    """Change an item by actions, or set named fields from an instance; as `Repo.update`."""

    repo: HasContext[M]
    key: object
    actions: tuple[Action, ...]
    fields: tuple[str, ...] | None
    condition: Condition | None
    expected_version: ExpectedVersion
    must_exist: bool
    read: bool

    action_name = "Update"

    @refuses_missing
    def __init__(
        self,
        repo: HasContext[M],
        key: object,
        *actions: Action,
        fields: Iterable[str] | None = None,
        condition: Condition | None = None,
        expected_version: ExpectedVersion = None,
        must_exist: bool = False,
        read: bool = False,
        **unknown: Never,
    ) -> None:
        """Take what `Repo.update` takes, after the repository."""
        if unknown:
            self._refuse_unknown(unknown)
        names: Any = fields
        if fields is not None and isinstance(names, Iterable) and not isinstance(names, str):
            names = tuple(fields)
        values = (repo, key, actions, names, condition, expected_version, must_exist, read)
        for name, value in zip(Update.__slots__, values, strict=True):
            object.__setattr__(self, name, value)
        self.__post_init__()

    def prepare(self, table: ModelTable[M], now: dt.datetime, read: Item | None = None) -> UpdateRequest:
        """Check and encode it, with the item as it was read. Raises InvalidKey, InvalidValue, InvalidExpression."""
        return prepare_update(
            table,
            self.key,
            self.actions,
            now,
            fields=self.fields,
            condition=self.condition,
            expected_version=self.expected_version,
            must_exist=self.must_exist,
            read=read,
        )


@public()
@refuses_missing_values
@frozen
class Delete(Write[None], Generic[M]):
    """Delete an item by its key, or an instance guarded by its version; as `Repo.delete`."""

    repo: HasContext[M]
    key: object
    _: KW_ONLY
    condition: Condition | None = None
    expected_version: ExpectedVersion = None

    action_name = "Delete"

    def prepare(self, table: ModelTable[M], now: dt.datetime) -> GuardedKey:
        """Check and encode it. Raises InvalidKey, InvalidExpression."""
        del now  # what is gone has no lifecycle
        return prepare_delete(table, self.key, condition=self.condition, expected_version=self.expected_version)


@public()
@refuses_missing_values
@frozen
class Check(Write[None], Generic[M]):
    """Let a transaction go ahead only when the condition holds for this item, which is not changed."""

    repo: HasContext[M]
    key: object
    condition: Condition

    action_name = "ConditionCheck"

    def prepare(self, table: ModelTable[M], now: dt.datetime) -> GuardedKey:
        """Check and encode it. Raises InvalidKey, InvalidExpression."""
        del now  # nothing is written
        return prepare_check(table, self.key, self.condition)


BatchWrite: TypeAlias = Put[Any] | Delete[Any]
