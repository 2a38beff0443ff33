"""A pydantic-first, validating ORM for DynamoDB.

Subclass `DynamoModel`, mark fields with `Annotated`, and read and write through `Repo`. The public
names are listed here and nothing else is; importing the package loads neither boto3 nor
cryptography, and a name loads its module when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynamorm_py._boto import observed
    from dynamorm_py._boto.calls import Call
    from dynamorm_py._expressions import Action, Attr, Condition, Key, KeyCondition, fields, some
    from dynamorm_py._model import DynamoModel
    from dynamorm_py._operations import ANY
    from dynamorm_py._repo import Repo
    from dynamorm_py._types import ThrottlingReason
    from dynamorm_py.errors import (
        AccessDenied,
        CallError,
        ClientNotConfigured,
        ConditionFailed,
        ConnectionFailed,
        CredentialsExpired,
        DeadlineExceeded,
        DynamoDBError,
        DynamormError,
        EncryptedFieldNotQueryable,
        EncryptionError,
        EncryptionNotConfigured,
        InvalidEncryptedEnvelope,
        InvalidExpression,
        InvalidKey,
        InvalidProjection,
        InvalidValue,
        ItemAlreadyExists,
        ItemDecodeError,
        ItemNotFound,
        ItemTooLarge,
        ModelDefinitionError,
        TableNotFound,
        Throttled,
    )
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

__all__ = [
    "ANY",
    "AccessDenied",
    "Action",
    "AsBinary",
    "AsJson",
    "AsSet",
    "Attr",
    "Attribute",
    "Call",
    "CallError",
    "ClientNotConfigured",
    "Condition",
    "ConditionFailed",
    "ConnectionFailed",
    "Converter",
    "CreatedAt",
    "CredentialsExpired",
    "DeadlineExceeded",
    "DynamoDBError",
    "DynamoModel",
    "DynamormError",
    "Encrypted",
    "EncryptedFieldNotQueryable",
    "EncryptionError",
    "EncryptionNotConfigured",
    "GlobalIndex",
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
    "LocalIndex",
    "ModelDefinitionError",
    "NotStored",
    "OmitEmpty",
    "PartitionKey",
    "Repo",
    "SortKey",
    "TableNotFound",
    "Throttled",
    "ThrottlingReason",
    "TimeToLive",
    "UpdatedAt",
    "Version",
    "fields",
    "observed",
    "some",
]

_HOMES = {
    "_boto": ("observed",),
    "_boto.calls": ("Call",),
    "_expressions": ("Action", "Attr", "Condition", "Key", "KeyCondition", "fields", "some"),
    "_model": ("DynamoModel",),
    "_operations": ("ANY",),
    "_repo": ("Repo",),
    "_types": ("ThrottlingReason",),
    "markers": (
        *("AsBinary", "AsJson", "AsSet", "Attribute", "Converter", "CreatedAt", "Encrypted", "GlobalIndex"),
        *("LocalIndex", "NotStored", "OmitEmpty", "PartitionKey", "SortKey", "TimeToLive", "UpdatedAt", "Version"),
    ),
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
