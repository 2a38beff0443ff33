"""Signature Version 4 for a POST of JSON to one endpoint, without I/O. The day's key is made once.

It knows what a request to AWS looks like on the wire; it does not know where credentials come from.
Source: AWS General Reference, "Signature Version 4 signing process"; equal to botocore's, which a law tests.
"""

from __future__ import annotations

import hmac
import time
from contextlib import suppress
from dataclasses import field
from hashlib import sha256
from urllib.parse import quote, urlsplit

from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import ClientNotConfigured

_ALGORITHM = "AWS4-HMAC-SHA256"
UNSENDABLE = (
    "the AWS access key or session token has a character that no header can carry, such as a line end: "
    "correct AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, or what provides the credentials"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SIGNED = "content-type;host;x-amz-date;x-amz-target"
_SIGNED_WITH_TOKEN = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"  # noqa: S105 -- names of headers


@frozen
class Credentials:
    """What signs: frozen, so that one request is signed with one set of them."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    account_id: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse what no header can carry: a line end would begin a header of its own. Raises ClientNotConfigured."""
        if not all(text.isascii() and text.isprintable() for text in (self.access_key, self.token or "")):
            raise ClientNotConfigured(UNSENDABLE)

    def __reduce__(self) -> str:
        """Refuse to be pickled: a secret stays in its process."""
        raise TypeError("credentials cannot be pickled")


@frozen
class Endpoint:
    """Where requests go and how they are signed. `path` is as the request line has it."""

    scheme: str
    host: str
    port: int
    path: str
    region: str
    signing_name: str

    @classmethod
    def of(cls, url: str, region: str, signing_name: str) -> Endpoint:
        """Read a URL. Raises ClientNotConfigured, which quotes no URL that may hold a password."""
        with suppress(ValueError):  # of an address or port that is none
            parts = urlsplit(url)
            if parts.scheme in _DEFAULT_PORTS and parts.hostname and not parts.query and parts.username is None:
                port = parts.port or _DEFAULT_PORTS[parts.scheme]
                return cls(parts.scheme, parts.hostname, port, parts.path or "/", region, signing_name)
        shown = "" if "@" in url or "?" in url else f", got {url!r}"
        raise ClientNotConfigured(
            f"an endpoint is written like 'http://localhost:8000', without user name and query{shown}: "
            "correct endpoint_url or AWS_ENDPOINT_URL"
        )

    @property
    def authority(self) -> str:
        """The Host header: without the scheme's own port, an IPv6 address in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL that requests are posted to."""
        return f"{self.scheme}://{self.authority}{self.path}"


@frozen
class Target:
    """One operation at one endpoint: the parts of its requests that never change."""

    endpoint: Endpoint
    name: str  # of x-amz-target: DynamoDB_20120810.GetItem
    head: bytes = field(repr=False)
    _before_date: str = field(repr=False)
    _before_target: str = field(repr=False)

    @classmethod
    def of(cls, endpoint: Endpoint, name: str, content_type: str, user_agent: str) -> Target:
        """Prepare the request line, the headers and the canonical request."""
        head = (
            f"POST {endpoint.path} HTTP/1.1\r\nHost: {endpoint.authority}\r\nAccept-Encoding: identity\r\n"
            f"X-Amz-Target: {name}\r\nContent-Type: {content_type}\r\nUser-Agent: {user_agent}\r\n"
        )
        before_date = (
            f"POST\n{_canonical_path(endpoint.path)}\n\ncontent-type:{content_type}\nhost:{endpoint.authority}"
        )
        return cls(endpoint, name, head.encode("ascii"), before_date, f"x-amz-target:{name}\n")

    def canonical(self, date: str, credentials: Credentials, body: bytes) -> str:
        """Return the canonical request: AWS General Reference, "Create a canonical request"."""
        token = credentials.token
        secured, signed = ("", _SIGNED) if not token else (f"x-amz-security-token:{token}\n", _SIGNED_WITH_TOKEN)
        digest = sha256(body).hexdigest()
        return f"{self._before_date}\nx-amz-date:{date}\n{secured}{self._before_target}\n{signed}\n{digest}"


class Signer:
    """Signs requests. Safe to share between threads: what it keeps is replaced as a whole."""

    __slots__ = ("_dated", "_key")

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._dated: tuple[int, str] = (-1, "")
        self._key: tuple[tuple[str, str, str, str], bytes] = (("", "", "", ""), b"")

    def headers(self, target: Target, body: bytes, credentials: Credentials, now: float) -> str:
        """Return the headers that sign this body at this time, in botocore's order."""
        date = self._date(int(now))
        endpoint = target.endpoint
        scope = f"{date[:8]}/{endpoint.region}/{endpoint.signing_name}/aws4_request"
        hashed = sha256(target.canonical(date, credentials, body).encode()).hexdigest()
        text = f"{_ALGORITHM}\n{date}\n{scope}\n{hashed}"
        signature = hmac.digest(self._signing_key(date[:8], endpoint, credentials), text.encode(), "sha256").hex()
        token = credentials.token
        secured, signed = ("", _SIGNED) if not token else (f"X-Amz-Security-Token: {token}\r\n", _SIGNED_WITH_TOKEN)
        return (
            f"X-Amz-Date: {date}\r\n{secured}Authorization: {_ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={signed}, Signature={signature}\r\n"
        )

    def _date(self, second: int) -> str:
        kept, date = self._dated
        if kept != second:
            date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
            self._dated = second, date
        return date

    def _signing_key(self, day: str, endpoint: Endpoint, credentials: Credentials) -> bytes:
        needed = (day, endpoint.region, endpoint.signing_name, credentials.secret_key)
        kept, key = self._key
        if kept != needed:
            key = b"AWS4" + credentials.secret_key.encode()
            for part in (day, endpoint.region, endpoint.signing_name, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key = needed, key
        return key


def _canonical_path(path: str) -> str:
    """Return the path with its dot segments removed and quoted once more, as botocore signs it."""
    if path in ("", "/"):
        return "/"
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(part)
    first = "/" if path.startswith("/") else ""
    last = "/" if path.endswith("/") and kept else ""
    return quote(f"{first}{'/'.join(kept)}{last}", safe="/~")
