"""`Table`: several models in one table, each item read as its own model.

One line over each plan; what tells models apart is in `_model.several`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never, TypedDict, TypeVar, cast, overload

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel, codec_of
from dynamorm_py._model.several import several
from dynamorm_py._repo import Repo
from dynamorm_py._repo.closing import Closing
from dynamorm_py._repo.connection import checked_model
from dynamorm_py._repo.table_reading import TableReading
from dynamorm_py.errors import CallError, InvalidCall

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from pydantic import BaseModel
    from typing_extensions import Unpack

    from dynamorm_py.encryption import KmsEncryption, StaticEncryption
    from dynamorm_py.tables import TableOperations

M = TypeVar("M", bound=DynamoModel)
T = TypeVar("T", bound=DynamoModel)
P = TypeVar("P", bound="BaseModel")
A = TypeVar("A", bound=DynamoModel)
B = TypeVar("B", bound=DynamoModel)
C = TypeVar("C", bound=DynamoModel)
D = TypeVar("D", bound=DynamoModel)
E = TypeVar("E", bound=DynamoModel)
F = TypeVar("F", bound=DynamoModel)
G = TypeVar("G", bound=DynamoModel)
H = TypeVar("H", bound=DynamoModel)
J = TypeVar("J", bound=DynamoModel)
K = TypeVar("K", bound=DynamoModel)
L = TypeVar("L", bound=DynamoModel)
N = TypeVar("N", bound=DynamoModel)


class TableOptions(TypedDict, total=False):
    """The options of a table, which are those of `Repo` for all of its models."""

    name: str | None
    client: object
    encryption: KmsEncryption | StaticEncryption | None
    clock: Callable[[], dt.datetime] | None
    cursor_secret: str | bytes | None
    hide_expired: bool
    validation_context: object


@public()
class Table(Closing, TableReading[M]):
    """Several models in one table: `Table(Customer, Order, Line, name="shop")`.

    `shop[Order]` is the repository of one model, `shop.table` creates, compares and exports the table for all of them;
    reads of the table itself give each item as its own model. Models that nothing tells apart, or whose keys could be
    one another's, are refused. The options are those of `Repo`, for all of its repositories.

    Raises ModelDefinitionError, CallError, EncryptionNotConfigured when it is made.
    """

    __slots__ = ("_repos",)

    @overload
    def __init__(self: Table[A], _a: type[A], /, **options: Unpack[TableOptions]) -> None: ...
    @overload
    def __init__(self: Table[A | B], _a: type[A], _b: type[B], /, **options: Unpack[TableOptions]) -> None: ...
    @overload
    def __init__(
        self: Table[A | B | C], _a: type[A], _b: type[B], _c: type[C], /, **options: Unpack[TableOptions]
    ) -> None: ...
    @overload
    def __init__(
        self: Table[A | B | C | D],
        _a: type[A],
        _b: type[B],
        _c: type[C],
        _d: type[D],
        /,
        **options: Unpack[TableOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Table[A | B | C | D | E],
        _a: type[A],
        _b: type[B],
        _c: type[C],
        _d: type[D],
        _e: type[E],
        /,
        **options: Unpack[TableOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Table[A | B | C | D | E | F],
        _a: type[A],
        _b: type[B],
        _c: type[C],
        _d: type[D],
        _e: type[E],
        _f: type[F],
        /,
        **options: Unpack[TableOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Table[A | B | C | D | E | F | G],
        _a: type[A],
        _b: type[B],
        _c: type[C],
        _d: type[D],
        _e: type[E],
        _f: type[F],
        _g: type[G],
        /,
        **options: Unpack[TableOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Table[A | B | C | D | E | F | G | H],
        _a: type[A],
        _b: type[B],
        _c: type[C],
        _d: type[D],
        _e: type[E],
        _f: type[F],
        _g: type[G],
        _h: type[H],
        /,
        **options: Unpack[TableOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Table[A | B | C | D | E | F | G | H | J],
        _a: type[A],
        _b: type[B],
        _c: type[C],
        _d: type[D],
        _e: type[E],
        _f: type[F],
        _g: type[G],
        _h: type[H],
        _j: type[J],
        /,
        **options: Unpack[TableOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Table[A | B | C | D | E | F | G | H | J | K],
        _a: type[A],
        _b: type[B],
        _c: type[C],
        _d: type[D],
        _e: type[E],
        _f: type[F],
        _g: type[G],
        _h: type[H],
        _j: type[J],
        _k: type[K],
        /,
        **options: Unpack[TableOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Table[A | B | C | D | E | F | G | H | J | K | L],
        _a: type[A],
        _b: type[B],
        _c: type[C],
        _d: type[D],
        _e: type[E],
        _f: type[F],
        _g: type[G],
        _h: type[H],
        _j: type[J],
        _k: type[K],
        _l: type[L],
        /,
        **options: Unpack[TableOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Table[A | B | C | D | E | F | G | H | J | K | L | N],
        _a: type[A],
        _b: type[B],
        _c: type[C],
        _d: type[D],
        _e: type[E],
        _f: type[F],
        _g: type[G],
        _h: type[H],
        _j: type[J],
        _k: type[K],
        _l: type[L],
        _n: type[N],
        /,
        **options: Unpack[TableOptions],
    ) -> None: ...
    def __init__(
        self,
        *models: type[Any],
        name: str | None = None,
        client: object = None,
        encryption: KmsEncryption | StaticEncryption | None = None,
        clock: Callable[[], dt.datetime] | None = None,
        cursor_secret: str | bytes | None = None,
        hide_expired: bool = False,
        validation_context: object = None,
        **unknown: Never,
    ) -> None:
        """Put the models together; nothing is sent."""
        if unknown:
            raise operations.unknown_options(Table, unknown)
        for model in models:
            checked_model(model, "Table")
        if not models or len(set(models)) < len(models):
            raise InvalidCall("Table() takes models, each once: Table(Customer, Order, name=...)")
        self._repos: dict[type[Any], Repo[Any]] = {}
        for model in models:
            repo: Repo[Any] = self._repo_type()(
                model,
                table=name,
                client=client,
                encryption=encryption,
                clock=clock,
                cursor_secret=cursor_secret,
                hide_expired=hide_expired and codec_of(model).schema.role("ttl") is not None,
                validation_context=validation_context,
            )
            client = repo.__dynamorm_context__.client  # one for all, also where it is made here
            self._repos[model] = repo
        contexts = [repo.__dynamorm_context__ for repo in self._repos.values()]
        _one_name([context.table.name for context in contexts])
        together = several(contexts[0].table.name, [context.table for context in contexts])
        for repo, own in zip(self._repos.values(), together.tables, strict=True):
            repo.share(together, own)
        secret = cursor_secret.encode() if isinstance(cursor_secret, str) else cursor_secret
        super().__init__(together, contexts[0].client, secret)

    @staticmethod
    def _repo_type() -> type[Repo[Any]]:
        """Return the class of the repositories; the asynchronous face has its own."""
        return Repo

    def __repr__(self) -> str:
        """Name the models and the table."""
        return f"Table({self._several.model.__name__}, name={self._several.name!r})"

    if not TYPE_CHECKING:  # a checker that saw it would take every misspelt name

        def __getattr__(self, name: str) -> object:
            """Refuse a verb of the repositories, of another library, or a misspelt one."""
            if name.startswith("_"):  # copy, pickle, inspect and notebooks probe for such names
                raise AttributeError(name)
            where = f"its repositories have it, shop[Model].{name}(...)" if hasattr(Repo, name) else None
            raise operations.no_verb(type(self), name, where)

    def __getitem__(self, model: type[T]) -> Repo[T]:
        """Return the repository of one of the models. Raises InvalidExpression for another."""
        self._several.table_of(model)
        return cast("Repo[T]", self._repos[model])

    @property
    def models(self) -> tuple[type[M], ...]:
        """The models, in the order in which they were put together."""
        return tuple(self._repos)

    @property
    def table(self) -> TableOperations[Any]:
        """The operations of the table itself, for all models: create, ensure, compare, describe, delete, exports."""
        from dynamorm_py.tables import TableOperations  # noqa: PLC0415 -- a service seldom asks for it at its start

        return TableOperations(self._several, self._client)


def _one_name(names: list[str]) -> None:
    if len(set(names)) > 1:
        raise CallError(f"the models name different tables ({', '.join(dict.fromkeys(names))}): pass name=")
