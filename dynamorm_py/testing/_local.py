"""A local DynamoDB: the one that is named, or one that is started for a block.

Knows which one is taken when nothing is named, and speaks HTTP by itself, so no AWS client is needed to have an
endpoint. How a server is started is `_server.py`'s.
"""

from __future__ import annotations

import contextlib
import os
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from dynamorm_py._kernel.public import public
from dynamorm_py.errors import CallError
from dynamorm_py.testing import _dynoxide, _ministack
from dynamorm_py.testing._programs import unavailable
from dynamorm_py.testing._server import started

if TYPE_CHECKING:
    from dynamorm_py.testing._programs import Program
    from dynamorm_py.testing._server import Server

_ANSWER_SECONDS = 5


@public("dynamorm_py.testing")
class LocalDynamoDB:
    """A local DynamoDB for the length of a `with` block.

        with LocalDynamoDB() as local:
            client = boto3.client("dynamodb", endpoint_url=local.endpoint, ...)

    `DYNAMODB_ENDPOINT` names one that runs already. Otherwise a fresh, empty one is started in memory: dynoxide where
    its binary is (named by `DYNOXIDE`, on the PATH, or in the cache), else ministack, which is installed into the cache
    once. It listens on the loopback only, and ends with the block or with the process that entered it, however that
    ends. `backend` chooses: "dynoxide", "ministack", or the URL of one that runs.
    """

    def __init__(self, backend: str | None = None) -> None:
        """Start nothing yet. Raises CallError for another backend."""
        self._backend = _checked(backend)
        self._endpoint: str | None = None
        self._server: Server | None = None

    def __enter__(self) -> Self:
        """Start the server, or check that the named one answers.

        Raises:
            LocalBackendUnavailable: nothing answers at the endpoint, or no server can be had or started.
        """
        if endpoint := _named(self._backend):
            self._endpoint = _answering(endpoint)
        else:
            self._server = started(_program(self._backend))
            self._endpoint = self._server.endpoint
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server, if it was started here, and wait for its end."""
        self._endpoint = None
        if self._server is not None:
            self._server.stop()
            self._server = None

    @property
    def endpoint(self) -> str:
        """Its address. Raises CallError outside of the block."""
        if self._endpoint is None:
            raise CallError("LocalDynamoDB has an endpoint inside its block only: with LocalDynamoDB() as local: ...")
        return self._endpoint


def serves_other_services(endpoint: str) -> bool:
    """Return whether KMS and S3 answer there as well: ministack and LocalStack say so under the same path."""
    try:
        return _status(endpoint, "/_localstack/health") == 200  # noqa: PLR2004 -- HTTP's OK
    except (OSError, HTTPException, ValueError):
        return False


def _checked(backend: str | None) -> str | None:
    if backend in {None, "dynoxide", "ministack"} or _is_url(backend):
        return backend
    if backend == "moto":
        raise CallError("moto has no endpoint: it runs inside the process; name dynoxide, ministack or a URL")
    raise CallError(f"backend must be 'dynoxide', 'ministack' or a URL, got {backend!r}")


def _named(backend: str | None) -> str | None:
    """Return the endpoint that runs already: the URL, or the environment's where nothing is chosen."""
    if backend is None:
        return os.environ.get("DYNAMODB_ENDPOINT")
    return backend if _is_url(backend) else None


def _is_url(backend: str | None) -> bool:
    return isinstance(backend, str) and backend.startswith(("http://", "https://"))


def _program(backend: str | None) -> Program:
    if backend == "dynoxide":
        return _dynoxide.required()
    return (_dynoxide.found() if backend is None else None) or _ministack.required()


def _answering(endpoint: str) -> str:
    try:
        _status(endpoint, "/")
    except (OSError, HTTPException, ValueError) as error:
        raise unavailable(f"nothing answers at {endpoint} ({error})") from error
    return endpoint


def _status(endpoint: str, path: str) -> int:
    parts = urlsplit(endpoint)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=_ANSWER_SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status
