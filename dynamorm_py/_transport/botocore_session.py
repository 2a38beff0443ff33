"""Makes boto3 clients of our own: configured for DynamoDB, able to hand over bytes, safe over a fork.

Region, credentials, endpoint and retries come from where boto3 takes them: arguments, environment,
profile, instance. The session is ours alone, so what it changes no other boto3 user sees.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakSet

from dynamorm_py._kernel.values import frozen
from dynamorm_py._transport.lanes import Lanes
from dynamorm_py._version import __version__
from dynamorm_py.errors import ClientNotConfigured

if TYPE_CHECKING:
    from collections.abc import Callable


@frozen
class Limits:
    """How long a client waits and how often it tries. Seconds; `attempts` None leaves it to boto3's settings."""

    connect_timeout: float = 5  # DynamoDB accepts in milliseconds, botocore's 60 hides a wrong address
    read_timeout: float = 20  # a full page or transaction takes well under one second
    connections: int = 50  # kept open; botocore's 10 is less than the threads of a parallel scan
    attempts: int | None = None


USUAL = Limits()
_AT_ENDPOINT = {"dynamodb", "dynamodbstreams"}  # what DynamoDB Local and its like serve at one address


class OwnClients:
    """One boto3 client a service, made when first asked for, in a session of our own.

    After a fork the child makes its own: two processes must not share a connection.
    """

    def __init__(
        self,
        region: str | None,
        endpoint_url: str | None,
        profile: str | None,
        limits: Limits = USUAL,
        credentials: Callable[[], object] | None = None,
    ) -> None:
        """Keep the configuration; nothing is read or imported yet. The endpoint is DynamoDB's and its streams' only.

        `credentials` makes the resolver of botocore that finds the credentials, instead of its own.
        """
        self.region, self._endpoint_url, self._profile = region, endpoint_url, profile
        self.limits, self._credentials = limits, credentials
        self.renewed_at_once = credentials is not None  # the clock that tells their end may be a test's
        self.forget()
        _alive.add(self)

    def __call__(self, service: str) -> Any:  # noqa: ANN401 -- a boto3 client has no static type
        """Return the service's client."""
        made = self._made.get(service)
        if made is None:
            with self._lock:
                made = self._made.get(service) or self._make(service)
                if self._session.get_credentials() is not None:  # a client without would never look for them again
                    self._made[service] = made
        return made

    def forget(self) -> None:
        """Start again: another process's thread may hold the lock, another's socket be in the pool."""
        if hasattr(self, "lanes"):
            self.lanes.close()
        self._lock, self.lanes = Lock(), Lanes(self)
        self._session: Any = None
        self._found: Any = None
        self._made: dict[str, Any] = {}

    def endpoint_url(self, service: str) -> str | None:
        """Return the endpoint that was passed, for the services that are there too."""
        return self._endpoint_url if service in _AT_ENDPOINT else None

    def needs_botocore(self) -> bool:
        """Return whether a profile or a role says what the environment does not."""
        return self._profile is not None or self._credentials is not None

    def session(self) -> Any:  # noqa: ANN401 -- botocore's
        """Return the session, None for one that was brought, whose clients may have settings of their own."""
        with self._lock:
            self._session = self._session or self._made_session()
        return self._session

    def session_credentials(self) -> Any:  # noqa: ANN401 -- botocore's credentials
        """Return the session's credentials, None where there are none."""
        if self._found is None:
            with self._lock:  # each thread that came in the meantime would find them for itself
                self._found = self._session.get_credentials()
        return self._found

    def setting(self, name: str) -> Any:  # noqa: ANN401 -- botocore's
        """Return a variable of botocore's configuration."""
        return self._session.get_config_variable(name)

    def close(self) -> None:
        """End the connections that wait; the next call opens its own."""
        self.lanes.close()
        for made in tuple(self._made.values()):
            made.close()
        self._made = {}

    def _made_session(self) -> Any:  # noqa: ANN401
        return _session(self._profile, self.region, self._credentials)

    def _prepare_clients(self) -> None:
        """Make the clients of the session hand over bytes; the session alone does without."""
        from dynamorm_py._transport.raw_bodies import Parsers
        from dynamorm_py._transport.service_models import load_ours_quickly

        usual = self._session.get_component("response_parser_factory")
        if not isinstance(usual, Parsers):
            self._session.register_component("response_parser_factory", Parsers(usual))
            load_ours_quickly(self._session.get_component("data_loader"))

    def _create(self, service: str, endpoint_url: str | None, config: object) -> Any:  # noqa: ANN401
        return self._session.create_client(service, region_name=self.region, endpoint_url=endpoint_url, config=config)

    def _make(self, service: str) -> Any:  # noqa: ANN401
        from botocore.exceptions import BotoCoreError

        from dynamorm_py._transport.botocore_deadline import guard  # these lazily: the environment alone needs none
        from dynamorm_py._transport.watched import watch_calls

        self._session = self._session or self._made_session()
        self._prepare_clients()
        endpoint_url = self.endpoint_url(service)
        config = _config(service, self._session, self.limits)
        try:
            made = self._create(service, endpoint_url, config)
            _check_port(made.meta.endpoint_url)
        except BotoCoreError:
            raise  # some are ValueErrors too, and have their own translation
        except ValueError as error:
            repair = "an endpoint is written like 'http://localhost:8000'; also look at the AWS_* variables"
            message = f"the AWS client cannot be made, {error}: {repair}"
            raise ClientNotConfigured(message) from error
        if service == "kms":
            from dynamorm_py._transport.kms import conceal_answers  # imported lazily: only needed with encryption

            conceal_answers(made)
        guard(made)
        watch_calls(made)
        return made


class SessionClients(OwnClients):
    """The same, over a `boto3.Session` that the user brought: its credentials, region and profile."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 -- a boto3.Session
        """Keep the session."""
        self._brought = session
        super().__init__(None, None, None)

    def __eq__(self, other: object) -> bool:
        """Return whether both stand for one session: what reaches the same DynamoDB may share a transaction."""
        return isinstance(other, SessionClients) and self._brought is other._brought

    def __hash__(self) -> int:
        """Hash by the session."""
        return hash(id(self._brought))

    def needs_botocore(self) -> bool:
        """Return True: the session says what the environment does not."""
        return True

    def setting(self, name: str) -> Any:  # noqa: ANN401 -- botocore's
        """Return a variable of botocore's configuration."""
        return self._brought._session.get_config_variable(name)  # noqa: SLF001 -- boto3 has no public way

    def session(self) -> None:
        """Return None: a brought session's clients may have settings of their own."""

    def _prepare_clients(self) -> None:
        """Leave the session as it is, since it makes the user's clients too."""

    def _made_session(self) -> Any:  # noqa: ANN401
        return self._brought

    def _create(self, service: str, endpoint_url: str | None, config: object) -> Any:  # noqa: ANN401
        return self._brought.client(service, endpoint_url=endpoint_url, config=config)


def _session(profile: str | None, region: str | None, credentials: Callable[[], object] | None) -> Any:  # noqa: ANN401
    from botocore.session import Session

    session = Session(profile=profile)
    if region is not None:
        session.set_config_variable("region", region)  # where roles are assumed, as by a client of that region
    if credentials is not None:
        session.register_component("credential_provider", credentials())
    return session


def _config(service: str, session: Any, limits: Limits) -> Any:  # noqa: ANN401
    """Return our defaults; what the user's environment or profile says about retries goes first."""
    from botocore.config import Config

    scoped = getattr(session, "_session", session).get_scoped_config()  # a boto3.Session holds botocore's
    chosen = "AWS_RETRY_MODE" in os.environ or "retry_mode" in scoped
    retries: Any = {} if chosen and limits.attempts is None else {"mode": "standard"}
    if limits.attempts is not None:
        retries["total_max_attempts"] = limits.attempts
    return Config(
        connect_timeout=limits.connect_timeout,
        read_timeout=limits.read_timeout,
        max_pool_connections=limits.connections,
        tcp_keepalive=True,
        parameter_validation=service != "dynamodb",  # a walk over every item, which the codec has checked
        retries=retries or None,
        user_agent_extra=f"dynamorm_py/{__version__}",
    )


def _check_port(url: str) -> None:
    """Raise ValueError for a wrong port, which botocore reads when it signs, outside of its own errors."""
    _ = urlsplit(url).port


_alive: WeakSet[OwnClients] = WeakSet()


def _forget_all() -> None:
    for clients in tuple(_alive):
        clients.forget()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_forget_all)
