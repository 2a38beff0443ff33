"""Which certificates are trusted: the choice of botocore, found without importing it."""

from __future__ import annotations

import ssl
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def tls_context(bundle: str | None) -> ssl.SSLContext:
    """Return the context for an own bundle of certificates (a file or a folder), or for botocore's default.

    Raises OSError for a bundle that cannot be read.
    """
    path = bundle or default_bundle()
    folder = Path(path).is_dir()
    context = ssl.create_default_context(cafile=None if folder else path, capath=path if folder else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET  # as botocore: a ticket that comes late would look like an answer
    return context


def default_bundle() -> str:
    """Return the file that botocore trusts by default. Source: botocore.httpsession.get_cert_path."""
    if find_spec("certifi") is not None:
        import certifi

        return certifi.where()
    spec = find_spec("botocore")
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    return str(Path(folders[0], "cacert.pem")) if folders else ""
