"""Exports to S3 read as models or as Arrow tables, and files written that DynamoDB loads in bulk.

    for user in exports.read(users, "s3://bucket/AWSDynamoDB/01234567890123-a1b2c3d4"): ...

It reads what ExportTableToPointInTime writes, and writes what ImportTable and StartBulkPutItems read. Nothing here
asks DynamoDB: `users.table.import_from_s3` and `users.table.bulk_put` do.
"""

from __future__ import annotations

from dynamorm_py.exports._arrow import to_arrow, to_polars
from dynamorm_py.exports._export_reader import ExportReader, changes, read
from dynamorm_py.exports._file_errors import DamagedLine, ExportNotFound
from dynamorm_py.exports._line_models import Change, Deleted
from dynamorm_py.exports._problems import LoadProblem, problems
from dynamorm_py.exports._reading import ReadProgress
from dynamorm_py.exports._writer import Written, write

__all__ = [
    "Change",
    "DamagedLine",
    "Deleted",
    "ExportNotFound",
    "ExportReader",
    "LoadProblem",
    "ReadProgress",
    "Written",
    "changes",
    "problems",
    "read",
    "to_arrow",
    "to_polars",
    "write",
]
