"""Tables in the accounts of partners: a client for each, under the role that the partner grants.

It knows roles and credentials; it knows no model but for the name of its table.
"""

from __future__ import annotations

import datetime as dt
import re
from threading import Lock
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.plans import Request, without_none
from dynamorm_py._kernel.values import frozen
from dynamorm_py._transport import Client, OwnClients, as_sts, assumed_role
from dynamorm_py.errors import AccessDenied, CallError, CredentialsExpired

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynamorm_py._kernel.plans import Transport
    from dynamorm_py._kernel.response import ResponseLike
    from dynamorm_py._model import DynamoModel
    from dynamorm_py._transport.telemetry import Capacity, OnCall

__all__ = ["Account", "AccountSessions", "InvalidAccount", "UnknownAccount"]

_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_LIFETIME = 3600  # seconds; the most for a role assumed from a role: STS API Reference, AssumeRole, DurationSeconds
_SESSION_NAME = re.compile(r"[^\w+=,.@-]")  # what a RoleSessionName may not contain: the same page
_LONGEST_NAME = 64  # the same page


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class InvalidAccount(CallError):
    """An account whose role, region or table prefix is not valid."""


class UnknownAccount(CallError):
    """A partner that no account is configured for. `.partner` is its name."""

    partner: str = ""


@frozen
class Account:
    """A partner's account: the role to assume, and where its tables are.

    `external_id` is what the role's trust policy asks for; `table_prefix` is put before the names of tables.
    Raises InvalidAccount. Source: STS API Reference, AssumeRole.
    """

    role_arn: str
    region: str
    external_id: str | None = None
    table_prefix: str = ""

    def __post_init__(self) -> None:
        if not _ROLE.fullmatch(self.role_arn):
            raise InvalidAccount(f"role_arn={self.role_arn!r} is not a role's ARN: arn:aws:iam::111122223333:role/name")
        if not self.region:
            raise InvalidAccount(f"the account of {self.role_arn} has no region: name one, such as eu-west-1")


class AccountSessions:
    """Clients for the accounts of partners: one for each, shared by all threads.

    The role is assumed at a client's first call, and again five minutes before its credentials expire; a call
    that is still refused for expired credentials is sent once more with new ones.
    """

    def __init__(
        self,
        accounts: Mapping[str, Account],
        *,
        sts: object = None,
        endpoint_url: str | None = None,
        clock: Callable[[], dt.datetime] = _utc_now,
    ) -> None:
        """Take accounts by the partner's name. `sts` is a boto3 client of "sts", by default made when needed.

        `endpoint_url` is for a DynamoDB that is not AWS's. `clock` tells when credentials run out.
        Raises ClientNotConfigured.
        """
        self._accounts, self._sts, self._endpoint_url = dict(accounts), as_sts(sts), endpoint_url
        self._clock = clock
        self._clients: dict[str, _AccountClient] = {}
        self._lock = Lock()

    def client(self, partner: str) -> Transport:
        """Return the client of a partner's account, for `Repo(client=...)`. Raises UnknownAccount."""
        account = self._account(partner)
        with self._lock:
            if partner not in self._clients:
                role = _Role(partner, account, self._sts, self._clock)
                clients = OwnClients(account.region, self._endpoint_url, None, credentials=role.credentials)
                self._clients[partner] = _AccountClient(clients, Client(clients))
            return self._clients[partner]

    def table(self, partner: str, model: type[DynamoModel]) -> str:
        """Return the name of a model's table in a partner's account, for `Repo(table=...)`. Raises UnknownAccount."""
        name = model.__dynamorm_options__.table
        if name is None:
            raise CallError(f"{model.__name__} names no table: write table= in the class")
        return self._account(partner).table_prefix + name

    def _account(self, partner: str) -> Account:
        if partner in self._accounts:
            return self._accounts[partner]
        error = UnknownAccount(f"no account is configured for partner {partner!r}: add it to AccountSessions(...)")
        error.partner = partner
        raise error


class _AccountClient:
    """The client of one account. After its credentials ran out in a call, it starts over once."""

    def __init__(self, clients: OwnClients, client: Client) -> None:
        self._clients, self._client = clients, client

    @property
    def origin(self) -> object:
        """What the client's requests go through: its observed twin may share a transaction with it."""
        return self._client.origin

    def close(self) -> None:
        """End the connections of this account's client."""
        self._client.close()

    def lane(self) -> str:
        """Return which lane a request takes now."""
        return self._client.lane()

    def call(self, request: Request, /) -> ResponseLike:
        """Perform a request under the partner's role. Raises AccessDenied for a role that may not be assumed."""
        try:
            return self._client.call(request)
        except CredentialsExpired:
            self._clients.forget()  # nothing was done, so the call may be made again
            return self._client.call(request)

    async def ask(self, request: Request, /) -> ResponseLike:
        """Perform a request as `call` does, awaited."""
        try:
            return await self._client.ask(request)
        except CredentialsExpired:
            self._clients.forget()
            return await self._client.ask(request)

    def observed(self, on_call: OnCall, capacity: Capacity | None) -> Transport:
        """Return the same client, telling of its calls; see `dynamorm_py.observed`."""
        return _AccountClient(self._clients, self._client.observed(on_call, capacity))


class _Role:
    """The role of one account, and the client that assumes it."""

    def __init__(self, partner: str, account: Account, sts: Transport, clock: Callable[[], dt.datetime]) -> None:
        self._partner, self._account, self._sts, self._clock = partner, account, sts, clock

    def credentials(self) -> object:
        """Return what a session asks for credentials."""
        return assumed_role(self._assume, self._clock)

    def _assume(self) -> dict[str, str]:
        """Return fresh credentials. Their end is reckoned by this machine's clock, which may differ from AWS's."""
        begun = self._clock()
        answer: Any = self._asked()
        credentials = answer["Credentials"]
        return {
            "access_key": credentials["AccessKeyId"],
            "secret_key": credentials["SecretAccessKey"],
            "token": credentials["SessionToken"],
            "expiry_time": (begun + dt.timedelta(seconds=_LIFETIME)).isoformat(),
        }

    def _asked(self) -> ResponseLike:
        parameters = without_none(
            RoleArn=self._account.role_arn,
            RoleSessionName=_SESSION_NAME.sub("-", f"dynamorm-{self._partner}")[:_LONGEST_NAME],
            ExternalId=self._account.external_id,
            DurationSeconds=_LIFETIME,
        )
        try:
            return self._sts.call(Request("AssumeRole", parameters, service="sts"))
        except AccessDenied as error:
            raise AccessDenied(
                f"the role {self._account.role_arn} of partner {self._partner!r} may not be assumed: "
                "look at its trust policy, the external id, and the permission of this caller",
                operation="AssumeRole",
                aws_code=error.aws_code,
                request_id=error.request_id,
            ) from error
