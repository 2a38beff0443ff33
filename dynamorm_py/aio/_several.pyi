# Written by scripts/write_aio_stubs.py from the synchronous face; do not edit.
from collections.abc import Iterable
from dynamorm_py._expressions import Condition
from dynamorm_py._expressions import KeyCondition
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.context import SeveralContext
from dynamorm_py._model.item_key import ItemKey
from dynamorm_py._model.several import Unknown
from dynamorm_py._operations import FoundItems
from dynamorm_py._operations import OnError
from dynamorm_py._repo.table import TableOptions
from dynamorm_py._repo.table_reading import QueryOptions, ScanOptions
from dynamorm_py.aio._query import Query
from dynamorm_py.aio._repo import Repo
from dynamorm_py.aio._table import TableOperations
from pydantic import BaseModel
from typing import Any
from typing import Generic
from typing import Never
from typing import Self
from typing import TypeVar
from typing import overload
from typing_extensions import Unpack

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
M = TypeVar("M", bound=DynamoModel)
N = TypeVar("N", bound=DynamoModel)
P = TypeVar("P", bound="BaseModel")
T = TypeVar("T", bound=DynamoModel)

class Table(Generic[M]):
    def close(self) -> None: ...
    @property
    def __dynamorm_several__(self) -> SeveralContext[M]: ...
    @overload
    async def get(self, key: ItemKey[T], *, consistent: bool = False, unknown: Unknown = "raise") -> T: ...
    @overload
    async def get(self, key: object, *, consistent: bool = False, unknown: Unknown = "raise") -> M: ...
    @overload
    async def get_or_none(
        self, key: ItemKey[T], *, consistent: bool = False, unknown: Unknown = "raise"
    ) -> T | None: ...
    @overload
    async def get_or_none(self, key: object, *, consistent: bool = False, unknown: Unknown = "raise") -> M | None: ...
    async def exists(self, key: object, *more: Never, consistent: bool = False) -> bool: ...
    @overload
    async def batch_get(
        self,
        keys: Iterable[ItemKey[T]],
        *,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
    ) -> FoundItems[T]: ...
    @overload
    async def batch_get(
        self,
        keys: Iterable[object],
        *,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
    ) -> FoundItems[M]: ...
    async def complete(self, items: Iterable[T], *, consistent: bool = False) -> FoundItems[T]: ...
    @overload
    def query(
        self, *key_conditions: KeyCondition, of: tuple[type[A], type[B]], **options: Unpack[QueryOptions]
    ) -> Query[A | B]: ...
    @overload
    def query(
        self, *key_conditions: KeyCondition, of: tuple[type[A], type[B], type[C]], **options: Unpack[QueryOptions]
    ) -> Query[A | B | C]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: tuple[type[A], type[B], type[C], type[D]],
        **options: Unpack[QueryOptions],
    ) -> Query[A | B | C | D]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: tuple[type[A], type[B], type[C], type[D], type[E]],
        **options: Unpack[QueryOptions],
    ) -> Query[A | B | C | D | E]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: tuple[type[A], type[B], type[C], type[D], type[E], type[F]],
        **options: Unpack[QueryOptions],
    ) -> Query[A | B | C | D | E | F]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: type[T] | tuple[type[T], ...],
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
        project: None = None,
    ) -> Query[T]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: None = None,
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
        project: None = None,
    ) -> Query[M]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        of: type[Any] | tuple[type[Any], ...] | None = None,
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
        project: type[P],
    ) -> Query[P]: ...
    @overload
    def scan(self, *, of: tuple[type[A], type[B]], **options: Unpack[ScanOptions]) -> Query[A | B]: ...
    @overload
    def scan(self, *, of: tuple[type[A], type[B], type[C]], **options: Unpack[ScanOptions]) -> Query[A | B | C]: ...
    @overload
    def scan(
        self, *, of: tuple[type[A], type[B], type[C], type[D]], **options: Unpack[ScanOptions]
    ) -> Query[A | B | C | D]: ...
    @overload
    def scan(
        self, *, of: tuple[type[A], type[B], type[C], type[D], type[E]], **options: Unpack[ScanOptions]
    ) -> Query[A | B | C | D | E]: ...
    @overload
    def scan(
        self, *, of: tuple[type[A], type[B], type[C], type[D], type[E], type[F]], **options: Unpack[ScanOptions]
    ) -> Query[A | B | C | D | E | F]: ...
    @overload
    def scan(
        self,
        *,
        of: type[T] | tuple[type[T], ...],
        filter: Condition | None = None,
        index: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        segments: int = 1,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
    ) -> Query[T]: ...
    @overload
    def scan(
        self,
        *,
        of: None = None,
        filter: Condition | None = None,
        index: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        segments: int = 1,
        unknown: Unknown = "raise",
        on_error: OnError = "raise",
    ) -> Query[M]: ...
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
    def __getitem__(self, model: type[T]) -> Repo[T]: ...
    @property
    def models(self) -> tuple[type[M], ...]: ...
    @property
    def table(self) -> TableOperations[Any]: ...
    async def aclose(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_: object) -> None: ...
