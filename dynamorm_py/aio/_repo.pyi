# Written by scripts/write_aio_stubs.py from the synchronous face; do not edit.
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dynamorm_py._expressions import Action
from dynamorm_py._expressions import Condition
from dynamorm_py._expressions import KeyCondition
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.context import Context
from dynamorm_py._model.model_table import ModelTable
from dynamorm_py._operations import AnyVersion
from dynamorm_py._operations import ExpectedVersion
from dynamorm_py._operations import FoundItems
from dynamorm_py._operations import Matches
from dynamorm_py._operations import OnError
from dynamorm_py._operations import Reencryption
from dynamorm_py._operations import Updated
from dynamorm_py.aio._many import BatchWriter
from dynamorm_py.aio._query import Query
from dynamorm_py.aio._table import TableOperations
from dynamorm_py.encryption import KmsEncryption
from dynamorm_py.encryption import StaticEncryption
from pydantic import BaseModel
from typing import Any
from typing import Generic
from typing import Never
from typing import Self
from typing import TypeVar
from typing import overload
import datetime as dt

M = TypeVar("M", bound=DynamoModel)
P = TypeVar("P", bound=BaseModel)

class Repo(Generic[M]):
    def close(self) -> None: ...
    def __init__(
        self,
        model: type[M],
        *more: Never,
        table: str | None = None,
        client: object = None,
        encryption: KmsEncryption | StaticEncryption | None = None,
        clock: Callable[[], dt.datetime] | None = None,
        cursor_secret: str | bytes | None = None,
        hide_expired: bool = False,
        validation_context: object = None,
        **unknown: Never,
    ) -> None: ...
    @property
    def __dynamorm_context__(self) -> Context[M]: ...
    def share(self, together: ModelTable[Any], own: ModelTable[M]) -> None: ...
    @property
    def model(self) -> type[M]: ...
    @overload
    async def get(self, key: object = ..., *, consistent: bool = False, project: None = None, **parts: object) -> M: ...
    @overload
    async def get(self, key: object = ..., *, consistent: bool = False, project: type[P], **parts: object) -> P: ...
    @overload
    async def get_or_none(
        self, key: object = ..., *, consistent: bool = False, project: None = None, **parts: object
    ) -> M | None: ...
    @overload
    async def get_or_none(
        self, key: object = ..., *, consistent: bool = False, project: type[P], **parts: object
    ) -> P | None: ...
    async def exists(self, key: object = ..., *more: Never, consistent: bool = False, **parts: object) -> bool: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        on_error: OnError = "raise",
        project: None = None,
    ) -> Query[M]: ...
    @overload
    def query(
        self,
        *key_conditions: KeyCondition,
        filter: Condition | None = None,
        index: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        on_error: OnError = "raise",
        project: type[P],
    ) -> Query[P]: ...
    @overload
    def scan(
        self,
        *,
        filter: Condition | None = None,
        index: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        segments: int = 1,
        on_error: OnError = "raise",
        project: None = None,
    ) -> Query[M]: ...
    @overload
    def scan(
        self,
        *,
        filter: Condition | None = None,
        index: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
        segments: int = 1,
        on_error: OnError = "raise",
        project: type[P],
    ) -> Query[P]: ...
    @overload
    async def search(
        self,
        field: list[float] | None,
        *,
        near: Iterable[float],
        top: int = 10,
        filter: Condition | None = None,
        index: str | None = None,
        project: None = None,
    ) -> Matches[M]: ...
    @overload
    async def search(
        self,
        field: list[float] | None,
        *,
        near: Iterable[float],
        top: int = 10,
        filter: Condition | None = None,
        index: str | None = None,
        project: type[P],
    ) -> Matches[P]: ...
    @overload
    async def batch_get(
        self,
        keys: Iterable[object],
        *,
        consistent: bool = False,
        on_error: OnError = "raise",
        project: None = None,
        concurrency: int = 1,
        retries: int = ...,
        progress: Callable[[int, int], object] | None = None,
    ) -> FoundItems[M]: ...
    @overload
    async def batch_get(
        self,
        keys: Iterable[object],
        *,
        consistent: bool = False,
        on_error: OnError = "raise",
        project: type[P],
        concurrency: int = 1,
        retries: int = ...,
        progress: Callable[[int, int], object] | None = None,
    ) -> FoundItems[P]: ...
    async def complete(
        self, items: Iterable[M], *, consistent: bool = False, concurrency: int = 1, retries: int = ...
    ) -> FoundItems[M]: ...
    async def put(
        self,
        item: M,
        *more: Never,
        condition: Condition | None = None,
        expected_version: ExpectedVersion = None,
        **unknown: Never,
    ) -> M: ...
    async def create(self, item: M, *more: Never, condition: Condition | None = None, **unknown: Never) -> M: ...
    async def update(
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
    ) -> M: ...
    async def patch(
        self,
        key: object,
        changes: BaseModel | Mapping[str, Any],
        *,
        expected_version: ExpectedVersion = None,
        read: bool = False,
        once: bool = False,
        **unknown: Never,
    ) -> M: ...
    async def delete(
        self,
        key: object = ...,
        *more: Never,
        condition: Condition | None = None,
        expected_version: ExpectedVersion = None,
        **parts: object,
    ) -> M | None: ...
    async def batch_write(
        self,
        *more: Never,
        put: Iterable[M] = (),
        delete: Iterable[object] = (),
        expected_version: AnyVersion | None = None,
        concurrency: int = 1,
        retries: int = ...,
        **unknown: Never,
    ) -> int: ...
    def batch(self, *, expected_version: AnyVersion | None = None, retries: int = ...) -> BatchWriter[M]: ...
    async def update_many(
        self,
        keys: Iterable[object],
        *actions: Action,
        condition: Condition | None = None,
        must_exist: bool = False,
        read: bool = False,
        once: bool = False,
        concurrency: int = 1,
    ) -> list[Updated[M]]: ...
    async def reencrypt(self, items: Iterable[object]) -> Reencryption: ...
    @property
    def table(self) -> TableOperations[M]: ...
    async def aclose(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_: object) -> None: ...
