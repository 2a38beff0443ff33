"""Has botocore find and read its models of the few services we call in less time: a fifth of a client's making.

It knows botocore's loader by its public attributes alone, and falls back to it for whatever it does not know.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from pydantic_core import from_json

_OURS = frozenset({"dynamodb", "dynamodbstreams", "kms", "sts"})
_UNPACKED: dict[str, Callable[[bytes], bytes]] = {".json": bytes, ".json.gz": gzip.decompress}


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


class _Files:
    """Reads botocore's files with pydantic's parser; the list of all endpoints alone has 1.2 MB."""

    def __init__(self, usual: Any) -> None:  # noqa: ANN401 -- botocore's own
        self.exists: Callable[[str], bool] = usual.exists
        self._load_otherwise: Callable[[str], object] = usual.load_file

    def load_file(self, file_path: str) -> object:
        """Return what a file holds, named without its ending; None when there is none."""
        for ending, unpacked in _UNPACKED.items():
            path = Path(file_path + ending)
            if path.is_file():
                return from_json(unpacked(path.read_bytes()))
        return self._load_otherwise(file_path)


def load_ours_quickly(loader: Any) -> None:  # noqa: ANN401 -- botocore's loader, of a session of our own
    """Have this loader name our services without a walk over the folders of all, and read files fast."""
    listed = loader.list_available_services

    def list_services(type_name: str) -> Collection[str]:
        return _Services(lambda: listed(type_name))

    loader.list_available_services = list_services
    loader.file_loader = _Files(loader.file_loader)
