# Written by scripts/write_aio_stubs.py from the synchronous face; do not edit.
from collections.abc import Callable
from collections.abc import Iterable
from dynamorm_py._kernel.plans import Transport
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.model_table import ModelTable
from dynamorm_py._operations import Difference
from dynamorm_py._operations import LoadProgress
from dynamorm_py._operations import TableSettings
from dynamorm_py._operations.bulk_load import Compression
from dynamorm_py._operations.bulk_load import Tier
from dynamorm_py.tables import Progress
from typing import Any
from typing import Generic
from typing import TypeVar

M = TypeVar("M", bound=DynamoModel)

class TableOperations(Generic[M]):
    def __init__(self, table: ModelTable[M], client: Transport) -> None: ...
    async def create(
        self, settings: TableSettings | None = None, *, timeout: float = ..., progress: Progress | None = None
    ) -> None: ...
    async def ensure(
        self, settings: TableSettings | None = None, *, timeout: float = ..., progress: Progress | None = None
    ) -> list[Difference]: ...
    async def describe(self) -> dict[str, Any]: ...
    async def compare(self, settings: TableSettings | None = None) -> list[Difference]: ...
    async def delete(self, *, timeout: float = ..., progress: Progress | None = None) -> None: ...
    async def drop_index(self, index: str, *, timeout: float = ..., progress: Progress | None = None) -> None: ...
    async def import_from_s3(
        self,
        source: str,
        settings: TableSettings | None = None,
        *,
        compression: Compression = "GZIP",
        source_owner: str | None = None,
        token: str | None = None,
        timeout: float = ...,
        progress: Callable[[LoadProgress], object] | None = None,
    ) -> LoadProgress: ...
    async def bulk_put(
        self,
        source: str,
        report: str,
        *,
        compression: Compression = "GZIP",
        source_owner: str | None = None,
        report_owner: str | None = None,
        writes_per_second: int | None = None,
        tier: Tier | None = None,
        token: str | None = None,
    ) -> BulkPut: ...
    def cloudformation(self, settings: TableSettings | None = None) -> dict[str, Any]: ...
    def terraform(self, settings: TableSettings | None = None) -> dict[str, Any]: ...
    def policy(
        self, *names: str, leading_keys: Iterable[str] | None = None, region: str = "*", account: str = "*"
    ) -> dict[str, Any]: ...

class BulkPut:
    def __init__(self, arn: str, client: Transport) -> None: ...
    async def progress(self) -> LoadProgress: ...
    async def wait(
        self, *, timeout: float = ..., progress: Callable[[LoadProgress], object] | None = None
    ) -> LoadProgress: ...
    async def cancel(self) -> str: ...
