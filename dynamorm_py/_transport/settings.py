"""What a service is asked with: endpoint, credentials, retries, trust; from the environment alone or from botocore.

What botocore decides is asked of it once and kept until it can change. Where its answer cannot be carried out by
our own wire, such as a proxy, there are no settings, and botocore makes the call itself.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynamorm_py._kernel.serialized import SerializedBatch
from dynamorm_py._kernel.values import frozen
from dynamorm_py._transport.aws_json import SERVICES
from dynamorm_py._transport.retry import RetryMode
from dynamorm_py._transport.signing import Credentials, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from dynamorm_py._kernel.plans import Request


@frozen
class Settings:
    """How one service is asked. `endpoint` and `credentials` are asked at every call, and keep what they know."""

    endpoint: Callable[[Request], Endpoint]
    credentials: Callable[[], Credentials] = field(repr=False)
    mode: RetryMode
    trust: str | None = None
    blocks: Callable[[Request], bool] = lambda _: False  # whether they may have to ask for what they do not know yet


# The regions of the partition "aws", whose hosts end in amazonaws.com. Source: botocore's partitions.json.
_REGION = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+", re.ASCII)
# Variables that leave the choice to botocore: what they say is rare, or a file says it.
LEFT_TO_BOTOCORE = frozenset(
    {
        "AWS_ACCOUNT_ID",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
        "AWS_AUTH_SCHEME_PREFERENCE",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_CSM_ENABLED",
        "AWS_DATA_PATH",
        "AWS_DEFAULTS_MODE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ENDPOINT_DISCOVERY_ENABLED",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_PROFILE",
        "AWS_RETRY_MODE",
        "AWS_SDK_UA_APP_ID",
        "AWS_SECURITY_TOKEN",
        "AWS_SIGV4A_SIGNING_REGION_SET",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_USE_FIPS_ENDPOINT",
    }
)
# Of these, the variables that only choose credentials, or that have no place in our requests.
_OF_CREDENTIALS = frozenset(
    {"AWS_CREDENTIAL_EXPIRATION", "AWS_DEFAULT_PROFILE", "AWS_PROFILE", "AWS_SDK_UA_APP_ID", "AWS_SECURITY_TOKEN"}
)
# The keys of a profile that change nothing of a request except its region, its trust and its credentials.
_OF_PROFILES = frozenset(
    {
        *("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token", "ca_bundle"),
        *("credential_process", "credential_source", "duration_seconds", "external_id", "mfa_serial", "role_arn"),
        *("role_session_name", "source_profile", "web_identity_token_file", "output", "region", "cli_pager"),
        *("sso_account_id", "sso_region", "sso_registration_scopes", "sso_role_name", "sso_session", "sso_start_url"),
        *("metadata_service_num_attempts", "metadata_service_timeout", "sts_regional_endpoints"),
    }
)
_FILES = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
READ_HERE = frozenset({"AWS_CA_BUNDLE", "AWS_DEFAULT_REGION", "AWS_MAX_ATTEMPTS", *_FILES})
_ENDPOINT_VARIABLES: Mapping[str, str] = {
    "dynamodb": "AWS_ENDPOINT_URL_DYNAMODB",
    "dynamodbstreams": "AWS_ENDPOINT_URL_DYNAMODB_STREAMS",
    "kms": "AWS_ENDPOINT_URL_KMS",
}


def from_environment(
    service: str,
    region: str | None,
    endpoint_url: str | None,
    attempts: int | None,
    rules: Callable[[], Callable[[Request], Endpoint]],
) -> Settings | None:
    """Return the settings that the environment alone gives, without botocore; None when it does not say all.

    `rules` gives botocore's endpoint rules, for the rare request that goes to another host.
    """
    environment = os.environ
    region = region or environment.get("AWS_DEFAULT_REGION")
    access_key, secret_key = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    if not (region and access_key and secret_key) or _says_more(LEFT_TO_BOTOCORE) or _has_files():
        return None
    credentials = Credentials(access_key, secret_key, environment.get("AWS_SESSION_TOKEN") or None)
    trust = environment.get("AWS_CA_BUNDLE")
    return _at_one_host(service, region, endpoint_url, attempts, lambda: credentials, trust, rules)


def from_session(  # noqa: PLR0917 -- as above, and the session
    service: str,
    session: Any,  # noqa: ANN401 -- botocore's
    region: str | None,
    endpoint_url: str | None,
    attempts: int | None,
    credentials: KeptCredentials,
    rules: Callable[[], Callable[[Request], Endpoint]],
) -> Settings | None:
    """Return the settings of a session that has only credentials, a region and trust of its own; None for others.

    A client, which takes botocore as long as all else together, is made only for credentials that name an account,
    whose requests the rules may send to a host of its own. Raises what botocore raises about profiles and files.
    """
    profile = session.get_scoped_config()
    if _says_more(LEFT_TO_BOTOCORE - _OF_CREDENTIALS) or not _OF_PROFILES.issuperset(profile):
        return None
    region = region or session.get_config_variable("region")
    trust = session.get_config_variable("ca_bundle")
    if not region:
        return None  # botocore says so
    return _at_one_host(service, region, endpoint_url, attempts, credentials, trust, rules)


def _at_one_host(  # noqa: PLR0917 -- all that settings consist of
    service: str,
    region: str,
    endpoint_url: str | None,
    attempts: int | None,
    credentials: Callable[[], Credentials],
    trust: str | None,
    rules: Callable[[], Callable[[Request], Endpoint]],
) -> Settings | None:
    """Return settings with the usual endpoint of a region, or with the one that was configured."""
    if not _REGION.fullmatch(region):
        return None
    environment = os.environ
    configured = environment.get(_ENDPOINT_VARIABLES[service]) or environment.get("AWS_ENDPOINT_URL")
    url = endpoint_url or configured or f"https://{SERVICES[service].host_prefix}.{region}.amazonaws.com"
    try:
        attempts = attempts or int(environment.get("AWS_MAX_ATTEMPTS", "0")) or None
        endpoint = Endpoint.of(url, region, SERVICES[service].signing_name)
    except ValueError:
        return None  # botocore says what is wrong
    own = _OneHost(endpoint, credentials, None if endpoint_url or configured else rules)
    trust = trust or environment.get("REQUESTS_CA_BUNDLE") or None
    return Settings(own, credentials, RetryMode.standard(service, attempts), trust, own.blocks)


class _OneHost:
    """One endpoint for all requests but those that the rules may send elsewhere."""

    __slots__ = ("_credentials", "_endpoint", "_made", "_rules")

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Callable[[], Credentials],
        rules: Callable[[], Callable[[Request], Endpoint]] | None,
    ) -> None:
        self._endpoint, self._credentials, self._rules = endpoint, credentials, rules
        self._made: Callable[[Request], Endpoint] | None = None

    def __call__(self, request: Request) -> Endpoint:
        if self._rules is None or not (names_another_host(request) or self._credentials().account_id):
            return self._endpoint
        if self._made is None:
            self._made = self._rules()
        return self._made(request)

    def blocks(self, request: Request) -> bool:
        """Return whether botocore has to be asked."""
        if getattr(self._credentials, "stale", False):
            return True
        return self._rules is not None and (names_another_host(request) or bool(self._credentials().account_id))


def _says_more(variables: Collection[str]) -> bool:
    """Return whether one of these variables, or a proxy, is set."""
    return not os.environ.keys().isdisjoint(variables) or any(name.lower().endswith("_proxy") for name in os.environ)


def _has_files() -> bool:
    return any(Path(os.environ.get(variable, path)).expanduser().is_file() for variable, path in _FILES.items())


def names_another_host(request: Request) -> bool:
    """Return whether the endpoint rules may send this request elsewhere than the others of its client.

    A table named by its ARN may be of another account; vectors are searched at a host of their own.
    """
    parameters = request.parameters
    if request.operation == "SearchVectors":
        return True
    name = None if isinstance(parameters, SerializedBatch) else parameters.get("TableName")
    if name is not None:  # nearly all
        return name.startswith("arn:")
    return any(table.startswith("arn:") for table in tables_of(parameters))


def tables_of(parameters: Mapping[str, Any]) -> list[str]:
    """Return the tables that a request names, by name or by ARN."""
    if isinstance(parameters, SerializedBatch):
        return list(parameters.tables)
    if "TableName" in parameters:
        return [str(parameters["TableName"])]
    batched = list(map(str, parameters.get("RequestItems", ())))
    actions = (part for action in parameters.get("TransactItems", ()) for part in action.values())
    return batched + [str(part["TableName"]) for part in actions if "TableName" in part]


class KeptCredentials:
    """A session's credentials, frozen; asked for again after a moment, since only they know when they end."""

    __slots__ = ("_kept", "_moment", "_session_credentials", "_until")

    def __init__(self, session_credentials: Callable[[], Any], moment: float) -> None:
        """Take a function that returns botocore's credentials, None where there are none."""
        self._session_credentials, self._moment = session_credentials, moment
        self._kept: Credentials | None = None
        self._until = 0.0

    @property
    def stale(self) -> bool:
        """Whether they are asked for again at the next call."""
        return self._kept is None or time.monotonic() >= self._until

    def __call__(self) -> Credentials:
        """Return what signs now. Raises botocore's NoCredentialsError, and what its providers raise."""
        now = time.monotonic()
        if self._kept is None or now >= self._until:
            self._kept = self._frozen()
            self._until = now + self._moment
        return self._kept

    def _frozen(self) -> Credentials:
        credentials = self._session_credentials()
        if credentials is None:
            from botocore.exceptions import NoCredentialsError

            raise NoCredentialsError
        frozen = credentials.get_frozen_credentials()
        kept = self._kept
        if kept is not None and (kept.access_key, kept.secret_key, kept.token) == frozen[:3]:
            return kept
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token, getattr(frozen, "account_id", None))
