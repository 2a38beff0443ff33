"""A pydantic-first, validating ORM for DynamoDB.

Subclass `DynamoModel`, mark fields with `Annotated`, and read and write through `Repo`. The public
names are listed here and nothing else is; importing the package loads neither boto3 nor
cryptography, and a name loads its module when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynamorm_py._cursor import Cursor, decode_cursor, encode_cursor
    from dynamorm_py._expressions import Action, Attr, Condition, Key, KeyCondition, fields, some
    from dynamorm_py._model import DynamoModel
    from dynamorm_py._operations import ANY, Explanation
    from dynamorm_py._query import Page, Query
    from dynamorm_py._repo import Repo
    from dynamorm_py.errors import (
        AccessDenied,
        CallError,
        ClientNotConfigured,
        ConditionFailed,
        ConnectionFailed,
        DynamoDBError,
        DynamormError,
        EncryptedFieldNotQueryable,
        EncryptionError,
        EncryptionNotConfigured,
        IndexNotFound,
        InvalidCursor,
        InvalidEncryptedEnvelope,
        InvalidExpression,
        InvalidKey,
        InvalidProjection,
        InvalidValue,
        ItemAlreadyExists,
        ItemDecodeError,
        ItemNotFound,
        ItemTooLarge,
        LeaseHeld,
        LeaseLost,
        MigrationIncomplete,
        ModelDefinitionError,
        MultipleResults,
        NoResult,
        TableInUse,
        TableMismatch,
        TableNotFound,
        TableNotReady,
        TableProtected,
        Throttled,
        WaitTimeout,
    )
    from dynamorm_py.leases import Leases
    from dynamorm_py.limits import limited
    from dynamorm_py.markers import (
        AsBinary,
        AsJson,
        AsSet,
        Attribute,
        Converter,
        CreatedAt,
        Encrypted,
        GlobalIndex,
        LocalIndex,
        NotStored,
        OmitEmpty,
        PartitionKey,
        SortKey,
        TimeToLive,
        UpdatedAt,
        Version,
    )
    from dynamorm_py.migration import migrate
    from dynamorm_py.tables import TableSettings

__all__ = [
    "ANY",
    "AccessDenied",
    "Action",
    "AsBinary",
    "AsJson",
    "AsSet",
    "Attr",
    "Attribute",
    "CallError",
    "ClientNotConfigured",
    "Condition",
    "ConditionFailed",
    "ConnectionFailed",
    "Converter",
    "CreatedAt",
    "Cursor",
    "DynamoDBError",
    "DynamoModel",
    "DynamormError",
    "Encrypted",
    "EncryptedFieldNotQueryable",
    "EncryptionError",
    "EncryptionNotConfigured",
    "Explanation",
    "GlobalIndex",
    "IndexNotFound",
    "InvalidCursor",
    "InvalidEncryptedEnvelope",
    "InvalidExpression",
    "InvalidKey",
    "InvalidProjection",
    "InvalidValue",
    "ItemAlreadyExists",
    "ItemDecodeError",
    "ItemNotFound",
    "ItemTooLarge",
    "Key",
    "KeyCondition",
    "LeaseHeld",
    "LeaseLost",
    "Leases",
    "LocalIndex",
    "MigrationIncomplete",
    "ModelDefinitionError",
    "MultipleResults",
    "NoResult",
    "NotStored",
    "OmitEmpty",
    "Page",
    "PartitionKey",
    "Query",
    "Repo",
    "SortKey",
    "TableInUse",
    "TableMismatch",
    "TableNotFound",
    "TableNotReady",
    "TableProtected",
    "TableSettings",
    "Throttled",
    "TimeToLive",
    "UpdatedAt",
    "Version",
    "WaitTimeout",
    "decode_cursor",
    "encode_cursor",
    "fields",
    "limited",
    "migrate",
    "some",
]

_HOMES = {
    "_expressions": ("Action", "Attr", "Condition", "Key", "KeyCondition", "fields", "some"),
    "_model": ("DynamoModel",),
    "_cursor": ("Cursor", "decode_cursor", "encode_cursor"),
    "_operations": ("ANY", "Explanation"),
    "_query": ("Page", "Query"),
    "_repo": ("Repo",),
    "leases": ("Leases",),
    "limits": ("limited",),
    "markers": (
        *("AsBinary", "AsJson", "AsSet", "Attribute", "Converter", "CreatedAt", "Encrypted", "GlobalIndex"),
        *("LocalIndex", "NotStored", "OmitEmpty", "PartitionKey", "SortKey", "TimeToLive", "UpdatedAt", "Version"),
    ),
    "migration": ("migrate",),
    "tables": ("TableSettings",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(f"{__name__}.{_HOME_OF.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
