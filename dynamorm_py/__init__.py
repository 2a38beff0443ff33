"""A pydantic-first, validating ORM for DynamoDB.

Subclass `DynamoModel`, mark fields with `Annotated`, and read and write through `Repo`. The public
names are listed here and nothing else is; importing the package loads neither boto3 nor
cryptography, and a name loads its module when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py._kernel.lazy import lazy

if TYPE_CHECKING:
    from dynamorm_py._codec import is_partial
    from dynamorm_py._expressions import Action, Attr, Condition, Key, KeyCondition, fields, some
    from dynamorm_py._kernel.types import ThrottlingReason
    from dynamorm_py._model import DynamoModel
    from dynamorm_py._model.item_key import ItemKey, key_of
    from dynamorm_py._operations import (
        ANY,
        BadItem,
        Check,
        Create,
        Delete,
        Explanation,
        FoundItems,
        Get,
        Match,
        Matches,
        Put,
        Reencryption,
        Update,
        Updated,
        Write,
        WriteExplanation,
    )
    from dynamorm_py._operations.cursor_format import Cursor, decode_cursor, encode_cursor
    from dynamorm_py._repo import Repo
    from dynamorm_py._repo.batches import BatchWriter, batch_write
    from dynamorm_py._repo.query import Page, Query
    from dynamorm_py._repo.table import Table
    from dynamorm_py._repo.transactions import transact_get, transact_write
    from dynamorm_py._transport import observed
    from dynamorm_py._transport.telemetry import Call
    from dynamorm_py._version import __version__
    from dynamorm_py.encryption import DataKeyReuse, KmsEncryption, StaticEncryption
    from dynamorm_py.errors import (
        AccessDenied,
        AlreadyTaken,
        BatchIncomplete,
        BulkLoadFailed,
        CallError,
        CancellationReason,
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
        FieldNotCarried,
        IdempotentParameterMismatch,
        ImmutableModelMutation,
        IndexNotFound,
        InternalServerError,
        InvalidBatch,
        InvalidCursor,
        InvalidDocument,
        InvalidEncryptedEnvelope,
        InvalidExpression,
        InvalidKey,
        InvalidProjection,
        InvalidTransaction,
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
        ProtectedFieldMutation,
        RequestTimeout,
        TableInUse,
        TableMismatch,
        TableNotFound,
        TableNotReady,
        TableProtected,
        Throttled,
        TransactionCancelled,
        TransactionConflict,
        VersionConflict,
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
        Unique,
        UpdatedAt,
        Vector,
        Version,
    )
    from dynamorm_py.migration import migrate
    from dynamorm_py.tables import TableSettings

__all__ = [
    "ANY",
    "AccessDenied",
    "Action",
    "AlreadyTaken",
    "AsBinary",
    "AsJson",
    "AsSet",
    "Attr",
    "Attribute",
    "BadItem",
    "BatchIncomplete",
    "BatchWriter",
    "BulkLoadFailed",
    "Call",
    "CallError",
    "CancellationReason",
    "Check",
    "ClientNotConfigured",
    "Condition",
    "ConditionFailed",
    "ConnectionFailed",
    "Converter",
    "Create",
    "CreatedAt",
    "CredentialsExpired",
    "Cursor",
    "DataKeyReuse",
    "DeadlineExceeded",
    "Delete",
    "DynamoDBError",
    "DynamoModel",
    "DynamormError",
    "Encrypted",
    "EncryptedFieldNotQueryable",
    "EncryptionError",
    "EncryptionNotConfigured",
    "Explanation",
    "FieldNotCarried",
    "FoundItems",
    "Get",
    "GlobalIndex",
    "IdempotentParameterMismatch",
    "ImmutableModelMutation",
    "IndexNotFound",
    "InternalServerError",
    "InvalidBatch",
    "InvalidCursor",
    "InvalidDocument",
    "InvalidEncryptedEnvelope",
    "InvalidExpression",
    "InvalidKey",
    "InvalidProjection",
    "InvalidTransaction",
    "InvalidValue",
    "ItemAlreadyExists",
    "ItemDecodeError",
    "ItemKey",
    "ItemNotFound",
    "ItemTooLarge",
    "Key",
    "KeyCondition",
    "KmsEncryption",
    "LeaseHeld",
    "LeaseLost",
    "Leases",
    "LocalIndex",
    "Match",
    "Matches",
    "MigrationIncomplete",
    "ModelDefinitionError",
    "MultipleResults",
    "NoResult",
    "NotStored",
    "OmitEmpty",
    "Page",
    "PartitionKey",
    "ProtectedFieldMutation",
    "Put",
    "Query",
    "Reencryption",
    "Repo",
    "RequestTimeout",
    "SortKey",
    "StaticEncryption",
    "Table",
    "TableInUse",
    "TableMismatch",
    "TableNotFound",
    "TableNotReady",
    "TableProtected",
    "TableSettings",
    "Throttled",
    "ThrottlingReason",
    "TimeToLive",
    "TransactionCancelled",
    "TransactionConflict",
    "Unique",
    "Update",
    "Updated",
    "UpdatedAt",
    "Vector",
    "Version",
    "VersionConflict",
    "WaitTimeout",
    "Write",
    "WriteExplanation",
    "__version__",
    "batch_write",
    "decode_cursor",
    "encode_cursor",
    "fields",
    "is_partial",
    "key_of",
    "limited",
    "migrate",
    "observed",
    "some",
    "transact_get",
    "transact_write",
]

_HOMES = {
    "_repo.batches": "BatchWriter batch_write",
    "_model.item_key": "ItemKey key_of",
    "_transport": "observed",
    "_transport.telemetry": "Call",
    "_operations.cursor_format": "Cursor decode_cursor encode_cursor",
    "_codec": "is_partial",
    "_expressions": "Action Attr Condition Key KeyCondition fields some",
    "_model": "DynamoModel",
    "_operations": (
        "ANY BadItem Check Create Delete Explanation FoundItems Get Match Matches Put Reencryption Update Updated "
        "Write WriteExplanation"
    ),
    "_repo.table": "Table",
    "_repo.query": "Page Query",
    "_repo": "Repo",
    "_repo.transactions": "transact_get transact_write",
    "_kernel.types": "ThrottlingReason",
    "_version": "__version__",
    "encryption": "DataKeyReuse KmsEncryption StaticEncryption",
    "errors": (
        "AccessDenied AlreadyTaken BatchIncomplete BulkLoadFailed CallError CancellationReason ClientNotConfigured "
        "ConditionFailed ConnectionFailed CredentialsExpired DeadlineExceeded DynamoDBError DynamormError "
        "EncryptedFieldNotQueryable EncryptionError EncryptionNotConfigured FieldNotCarried "
        "IdempotentParameterMismatch ImmutableModelMutation IndexNotFound "
        "InternalServerError InvalidBatch InvalidCursor InvalidDocument "
        "InvalidEncryptedEnvelope InvalidExpression InvalidKey InvalidProjection InvalidTransaction InvalidValue "
        "ItemAlreadyExists ItemDecodeError ItemNotFound ItemTooLarge LeaseHeld LeaseLost MigrationIncomplete "
        "ModelDefinitionError MultipleResults NoResult ProtectedFieldMutation RequestTimeout TableInUse "
        "TableMismatch TableNotFound TableNotReady TableProtected Throttled TransactionCancelled "
        "TransactionConflict VersionConflict WaitTimeout"
    ),
    "leases": "Leases",
    "limits": "limited",
    "markers": (
        "AsBinary AsJson AsSet Attribute Converter CreatedAt Encrypted GlobalIndex LocalIndex NotStored "
        "OmitEmpty PartitionKey SortKey TimeToLive Unique UpdatedAt Vector Version"
    ),
    "migration": "migrate",
    "tables": "TableSettings",
}
if not TYPE_CHECKING:  # a checker that saw it would take every misspelt name
    __getattr__ = lazy(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
