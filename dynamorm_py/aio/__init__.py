"""The same words as in `dynamorm_py`, awaited: `await` for a result, `async for` for a read, `async with` for a batch.

    from dynamorm_py.aio import Repo

    users = Repo(User)
    user = await users.get(key)
    async for user in users.query(Key(u.pk) == "USER#1"): ...
    async with users.batch() as batch: await batch.put(user)

Models, fields, expressions, writes, errors, cursors and keys are those of `dynamorm_py`. What is wrong with a call is
raised when it is made, before it is awaited. Requests go out over connections of the running loop; those of a boto3
client, through a proxy or under a tracer that watches botocore from a bounded pool of threads.
"""

from __future__ import annotations

from dynamorm_py._transport import observed
from dynamorm_py.aio._leases import HeldLease, Leases
from dynamorm_py.aio._many import BatchWriter, batch_write, transact_get, transact_write
from dynamorm_py.aio._migration import migrate
from dynamorm_py.aio._query import Query
from dynamorm_py.aio._repo import Repo
from dynamorm_py.aio._several import Table
from dynamorm_py.aio._streams import StreamReader
from dynamorm_py.aio._table import BulkPut, TableOperations
from dynamorm_py.limits import limited

__all__ = [
    "BatchWriter",
    "BulkPut",
    "HeldLease",
    "Leases",
    "Query",
    "Repo",
    "StreamReader",
    "Table",
    "TableOperations",
    "batch_write",
    "limited",
    "migrate",
    "observed",
    "transact_get",
    "transact_write",
]
