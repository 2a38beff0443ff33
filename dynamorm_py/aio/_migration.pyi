# Written by scripts/write_aio_stubs.py from the synchronous face; do not edit.
from collections.abc import Callable
from dynamorm_py._expressions import Condition
from dynamorm_py._model import DynamoModel
from dynamorm_py._model.context import HasContext
from dynamorm_py.migration import MigrationProgress, MigrationReport, Transform
from typing import TypeVar
import os

S = TypeVar("S", bound=DynamoModel)
T = TypeVar("T", bound=DynamoModel)

async def migrate(
    source: HasContext[S],
    target: HasContext[T],
    transform: Transform[S, T],
    *,
    filter: Condition | None = None,
    segments: int | range = 4,
    total_segments: int | None = None,
    page_size: int = 500,
    reads_per_second: float | None = None,
    writes_per_second: float | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: Callable[[MigrationProgress], object] | None = None,
    verify: bool = True,
) -> MigrationReport: ...
