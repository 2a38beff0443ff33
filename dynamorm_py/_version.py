"""The version: the package's metadata, its tag and the changelog follow what stands here."""

from __future__ import annotations

__version__ = "0.1.0"
