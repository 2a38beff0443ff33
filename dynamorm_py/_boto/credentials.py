"""Credentials of a role, for a session of our own: botocore renews them, thread-safe, before they run out.

It knows botocore's credentials; where new ones come from is a function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_METHOD = "dynamorm-assume-role"
_RENEW_BEFORE = 300  # seconds before the end: one thread renews, a failure leaves the others the old ones
_RENEW_LATEST = 60  # seconds before the end: every thread waits for new ones, and a failure is raised


def assumed_role(assume: Callable[[], dict[str, str]]) -> object:
    """Return what a session takes as its "credential_provider", over a function that assumes the role.

    The function returns `access_key`, `secret_key`, `token` and `expiry_time`, in ISO 8601.
    """
    return _Resolver(assume)


class _Resolver:
    """Gives a session its credentials; botocore asks once, when the first client is made."""

    def __init__(self, assume: Callable[[], dict[str, str]]) -> None:
        self._assume = assume

    def load_credentials(self) -> Any:  # noqa: ANN401 -- botocore's credentials
        """Assume the role, and return credentials that renew themselves."""
        from botocore.credentials import RefreshableCredentials

        return RefreshableCredentials.create_from_metadata(
            metadata=self._assume(),
            refresh_using=self._assume,
            method=_METHOD,
            advisory_timeout=_RENEW_BEFORE,
            mandatory_timeout=_RENEW_LATEST,
        )
