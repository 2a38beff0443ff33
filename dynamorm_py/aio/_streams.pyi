# Written by scripts/write_aio_stubs.py from the synchronous face; do not edit.
from collections.abc import AsyncIterator
from dynamorm_py._model.context import Source
from dynamorm_py.streams._checkpoints import Checkpoints
from dynamorm_py.streams._shards import Start
from typing import Any

class StreamReader:
    def __init__(
        self,
        repo: Source[Any],
        *,
        checkpoints: Checkpoints | None = None,
        start: Start = "TRIM_HORIZON",
        page_size: int = ...,
        client: object = None,
    ) -> None: ...
    async def poll(self) -> list[dict[str, Any]]: ...
    async def commit(self) -> None: ...
    def follow(self, *, idle: float = 1.0) -> AsyncIterator[dict[str, Any]]: ...
