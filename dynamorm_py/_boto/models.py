"""Finds botocore's models of the few services we call, without a walk over the folders of all others.

That walk is a tenth of a client's making. It knows botocore's loader by its public method alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

_OURS = frozenset({"dynamodb", "dynamodbstreams", "kms", "sts"})


class _Services(Collection[str]):
    """The names of all services; the folders are read when one is asked for that is not ours."""

    def __init__(self, every: Callable[[], list[str]]) -> None:
        self._every = every

    def __contains__(self, name: object) -> bool:
        return name in _OURS or name in self._every()

    def __iter__(self) -> Iterator[str]:
        return iter(self._every())

    def __len__(self) -> int:
        return len(self._every())


def find_ours_quickly(loader: Any) -> None:  # noqa: ANN401 -- botocore's loader, of a session of our own
    """Have this loader name our services without listing all."""
    listed = loader.list_available_services

    def list_services(type_name: str) -> Collection[str]:
        return _Services(lambda: listed(type_name))

    loader.list_available_services = list_services
