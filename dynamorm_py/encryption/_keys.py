"""Who answers a plan that asks for a data key.

`DataKeys` answers `GenerateDataKey` and `Decrypt` requests of plans, from the caches of the AWS
Encryption SDK where reuse is on. The SDK's manager is called synchronously and calls KMS itself, so
it stands behind the request, not inside the plan. What it lacks is in front of it here: of many
threads that miss the same key one asks KMS and all share the answer, also a failure; after a fork
the child starts with empty caches and new locks.
"""

from __future__ import annotations

import copy
import os
from threading import Lock
from typing import TYPE_CHECKING, NoReturn, TypeVar
from weakref import WeakSet, WeakValueDictionary

from dynamorm_py.encryption._data_key import KmsKeys
from dynamorm_py.encryption._envelope_errors import KmsError
from dynamorm_py.errors import EncryptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py._kernel.plans import Request, Transport
    from dynamorm_py._kernel.response import ResponseLike
    from dynamorm_py.encryption._data_key import KeySource
    from dynamorm_py.encryption._reuse import DataKeyReuse

T = TypeVar("T")


class DataKeys:
    """Answers the data-key requests of plans. One serves all repositories of an encryption, from any thread."""

    def __init__(self, arns: tuple[str, ...], reuse: DataKeyReuse) -> None:
        """Keep the settings; nothing is asked or imported yet."""
        self._arns, self._reuse = arns, reuse
        self._kms: Transport | None = None
        self.forget()
        _alive.add(self)

    def __reduce__(self) -> NoReturn:
        """Refuse: it may hold data keys."""
        message = "encryption is not pickled, it may hold data keys: make a new one in the other process"
        raise TypeError(message)

    def connect(self, kms: Transport) -> None:
        """Set what performs the calls of KMS; the first one stays."""
        self._kms = self._kms or kms

    def forget(self) -> None:
        """Start over, with empty caches and locks that no other process's thread holds."""
        self._lock = Lock()
        self._generating = _Flight()
        self._unwrapping: WeakValueDictionary[bytes, _Flight] = WeakValueDictionary()
        self._source: KeySource | None = None

    def call(self, request: Request, /) -> ResponseLike:
        """Answer `GenerateDataKey` or `Decrypt` in KMS's form. Raises KmsError."""
        source = self._ready()
        if not self._reuse.seconds:
            wrapped = request.parameters.get("CiphertextBlob")
            return (source.generate() if wrapped is None else source.decrypt(wrapped)).as_response()
        if request.operation == "GenerateDataKey":
            return self._generating.run(source.generate).as_response()
        wrapped = request.parameters["CiphertextBlob"]
        with self._lock:
            flight = self._unwrapping.setdefault(wrapped, _Flight())
        return flight.run(lambda: source.decrypt(wrapped)).as_response()

    def _ready(self) -> KeySource:
        with self._lock:
            if self._source is None:
                self._source = self._make()
            return self._source

    def _make(self) -> KeySource:
        if self._kms is None:
            message = "the encryption is not connected to KMS: give it to a Repo"
            raise KmsError(message)
        keys = KmsKeys(self._arns, self._kms)
        if not self._reuse.seconds:
            return keys
        from dynamorm_py.encryption import _sdk  # noqa: PLC0415 -- it takes 54 ms, so it loads with the first key

        return _sdk.CachedKeys(keys, self._reuse)


class _Flight:
    """Lets one thread work at a time; those that waited while it failed fail with it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._error = EncryptionError("")

    def run(self, work: Callable[[], T]) -> T:
        """Return what the work returns, or raise what it raised for the thread before."""
        before = self._failures
        with self._lock:
            if self._failures != before:
                raise copy.copy(self._error) from self._error.__cause__
            try:
                return work()
            except EncryptionError as error:
                self._failures += 1
                self._error = copy.copy(error)
                self._error.__cause__ = error.__cause__
                raise


_alive: WeakSet[DataKeys] = WeakSet()


def _forget_all() -> None:
    for keys in tuple(_alive):
        keys.forget()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_forget_all)
