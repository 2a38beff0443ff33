"""The only way out: a request becomes a call of a boto3 client, an AWS fault one of our errors.

`as_client` takes whatever a user passes as `client=`, `as_kms` for the client of an
encryption. boto3 and botocore are imported at the first call, never before. Nothing here knows plans,
models or items, and nothing global of botocore is touched: the client we make lives in a session of
its own.
"""

from __future__ import annotations

from dynamorm_py._transport.adapters import (
    as_client,
    as_kms,
    as_streams,
    as_sts,
    close,
    default_client,
    lane_of,
    observed,
)
from dynamorm_py._transport.botocore_session import Limits, OwnClients
from dynamorm_py._transport.client import Client
from dynamorm_py._transport.credentials import assumed_role

__all__ = [
    "Client",
    "Limits",
    "OwnClients",
    "as_client",
    "as_kms",
    "as_streams",
    "as_sts",
    "assumed_role",
    "close",
    "default_client",
    "lane_of",
    "observed",
]
