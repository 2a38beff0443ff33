"""The ops by name, as our driver performs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract import python_many, python_reads, python_writes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.contract.expectations import Outcome

OPS: Mapping[str, Callable[..., Outcome]] = {
    "create": python_writes.create,
    "put": python_writes.put,
    "get": python_reads.get,
    "update": python_writes.update,
    "delete": python_writes.delete,
    "sleep": python_writes.sleep,
    "query": python_reads.query,
    "scan": python_reads.scan,
    "batch_get": python_many.batch_get,
    "batch_write": python_many.batch_write,
    "transact_write": python_many.transact_write,
    "transact_get": python_many.transact_get,
    "encode_cursor": python_reads.encode_cursor,
    "decode_cursor": python_reads.decode_cursor,
    "unmarshal_stream": python_reads.unmarshal_stream,
}
