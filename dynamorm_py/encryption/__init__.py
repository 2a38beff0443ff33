"""Encrypted attributes: `Repo(User, encryption=KmsEncryption(key_arn))`.

A field marked `Encrypted()` is stored as an envelope: AES-256-GCM under a data key that AWS KMS
wrapped, in the form that the sister languages share (CONTRACT 6). Here stand the settings and the
envelope; it knows items and plans, but no table, no client and no operation.

Encryption is a part of the plan. A plan asks for one data key a value, as the sisters do, with KMS's
own request; `Request.client` answers it, here `DataKeys`, which reuses keys. So a plan reads the
same whether keys are cached or not, and one transaction over two repositories asks each one's key.

Importing this loads neither cryptography nor the AWS Encryption SDK: `_sdk` does, at the first value.
"""

from __future__ import annotations

from dynamorm_py.encryption._envelope_errors import (
    EnvelopeTampered,
    InvalidDataKey,
    InvalidKeyArn,
    KmsAccessDenied,
    KmsError,
    KmsKeyDisabled,
    KmsKeyNotFound,
    KmsKeyNotUsable,
    KmsThrottled,
    KmsUnavailable,
    KmsWrongKey,
    NestedEnvelope,
    NotEncrypted,
    UnknownEnvelopeVersion,
)
from dynamorm_py.encryption._kms import KmsEncryption
from dynamorm_py.encryption._reuse import DataKeyReuse
from dynamorm_py.encryption._static import StaticEncryption

__all__ = [
    "DataKeyReuse",
    "EnvelopeTampered",
    "InvalidDataKey",
    "InvalidKeyArn",
    "KmsAccessDenied",
    "KmsEncryption",
    "KmsError",
    "KmsKeyDisabled",
    "KmsKeyNotFound",
    "KmsKeyNotUsable",
    "KmsThrottled",
    "KmsUnavailable",
    "KmsWrongKey",
    "NestedEnvelope",
    "NotEncrypted",
    "StaticEncryption",
    "UnknownEnvelopeVersion",
]
