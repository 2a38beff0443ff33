"""Credentials of a role, for a session of our own: botocore renews them, thread-safe, before they run out.

It knows botocore's credentials; where new ones come from is a function.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_METHOD = "dynamorm-assume-role"
_RENEW_BEFORE = 300  # seconds before the end: one thread renews, a failure leaves the others the old ones
_RENEW_LATEST = 60  # seconds before the end: every thread waits for new ones, and a failure is raised


def assumed_role(assume: Callable[[], dict[str, str]], clock: Callable[[], dt.datetime]) -> object:
    """Return what a session takes as its "credential_provider", over a function that assumes the role.

    The function returns `access_key`, `secret_key`, `token` and `expiry_time`, in ISO 8601 by the clock.
    """
    return _Resolver(assume, clock)


class _Resolver:
    """Gives a session its credentials; botocore asks once, when the first client is made."""

    def __init__(self, assume: Callable[[], dict[str, str]], clock: Callable[[], dt.datetime]) -> None:
        self._assume, self._clock = assume, clock

    def load_credentials(self) -> Any:  # noqa: ANN401 -- botocore's credentials
        """Assume the role, and return credentials that renew themselves."""
        from botocore.credentials import RefreshableCredentials

        first = self._assume()
        return RefreshableCredentials(
            first["access_key"],
            first["secret_key"],
            first["token"],
            dt.datetime.fromisoformat(first["expiry_time"]),
            self._assume,
            _METHOD,
            time_fetcher=self._clock,
            advisory_timeout=_RENEW_BEFORE,
            mandatory_timeout=_RENEW_LATEST,
        )
