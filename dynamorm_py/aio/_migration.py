"""Moving data, awaited: the whole migration runs in a thread of the pool."""
# The stub beside it has the types.
# pyright: basic, reportIncompatibleMethodOverride=false, reportReturnType=false

from __future__ import annotations

from functools import wraps
from typing import Any

from dynamorm_py._runtime.tasks import in_thread
from dynamorm_py.migration import migrate as sync_migrate


@wraps(sync_migrate, assigned=("__doc__",))
async def migrate(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 -- as the synchronous one
    """Move every item of one repository, transformed, into another; see `dynamorm_py.migrate`."""
    return await in_thread(lambda: sync_migrate(*arguments, **options))
