"""AWS faults as our errors: one table of DynamoDB's codes, one of botocore's own exceptions.

Classes of botocore are recognized by name along their ancestry, so nothing of it is imported. A message
names the operation, the tables and the repair; of DynamoDB's texts only those pass that hold no value.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from dynamorm_py import errors
from dynamorm_py._kernel.answers import Shape, fits
from dynamorm_py._kernel.values import frozen
from dynamorm_py._transport import messages, signing
from dynamorm_py._transport.settings import tables_of
from dynamorm_py._transport.throttling import throttling_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dynamorm_py._kernel.plans import Request

_SERVER_FAULT = 500
_REASONS: Shape = [{"Code?": str, "Message?": str, "Item?": {"*": dict}, "reason?": str, "resource?": str}]

# Source: AWS API Reference, each action's Errors and "Common Errors"; DynamoDB Developer Guide, "Error handling".
_KINDS: Mapping[type[errors.DynamoDBError], tuple[str, ...]] = {
    errors.ConditionFailed: ("ConditionalCheckFailedException",),
    errors.TransactionCancelled: ("TransactionCanceledException",),
    errors.TableNotFound: ("ResourceNotFoundException", "TableNotFoundException"),
    errors.TableInUse: ("ResourceInUseException", "TableInUseException", "TableAlreadyExistsException"),
    errors.Throttled: (
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottledException",
        "TooManyRequestsException",
    ),
    errors.TransactionConflict: ("TransactionConflictException", "ReplicatedWriteConflictException"),
    errors.TransactionInProgress: ("TransactionInProgressException",),
    errors.IdempotentParameterMismatch: ("IdempotentParameterMismatchException",),
    errors.ItemCollectionTooLarge: ("ItemCollectionSizeLimitExceededException",),
    errors.RequestTooLarge: ("RequestEntityTooLargeException", "RequestEntityTooLarge", "413"),
    errors.RequestRefused: ("ValidationException", "ValidationError", "SerializationException"),
    errors.AccessDenied: (
        "AccessDeniedException",
        "AccessDenied",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "NotAuthorized",
        "OptInRequired",
        "403",  # a proxy or a gateway on the way, which is not DynamoDB
    ),
    errors.CredentialsExpired: ("ExpiredToken", "ExpiredTokenException"),
    errors.LimitExceeded: ("LimitExceededException",),
    errors.RequestTimeout: ("RequestTimeout", "RequestTimeoutException", "408"),
    errors.InternalServerError: (
        "InternalServerError",
        "InternalServerErrorException",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    ),
}
_BY_CODE = {code: kind for kind, codes in _KINDS.items() for code in codes}

_SAYS: Mapping[type[errors.DynamoDBError], str] = {
    errors.ConditionFailed: "the condition did not hold, nothing was written",
    errors.TransactionCancelled: "the transaction was cancelled, nothing was written",
    errors.ConditionalTransactionCancelled: "the transaction was cancelled, since a condition did not hold; "
    "nothing was written, and .reasons says which",
    errors.TableNotFound: "the table does not exist in this account, region and endpoint: "
    "create it, or name another with table=",
    errors.TableInUse: "the table exists already, which ensure() takes as it is, or is being changed: "
    "wait until it is active",
    errors.Throttled: "capacity was exceeded, even after the client's own retries: "
    "try later, spread the keys, or raise the capacity",
    errors.TransactionConflict: "another transaction or replica is changing an item of this one: try again",
    errors.TransactionInProgress: "a transaction with the same token is still running: try again later",
    errors.IdempotentParameterMismatch: "the token was used before with other actions: use a new token",
    errors.ItemCollectionTooLarge: "the items of one partition key exceed 10 GB together with their local indexes: "
    "delete some, or write under another partition key",
    errors.RequestTooLarge: "the request exceeds DynamoDB's size limit: send fewer or smaller items at once",
    errors.RequestRefused: "DynamoDB refused the request as invalid",
    errors.AccessDenied: "the credentials are refused, expired, or lack a permission for this: "
    "renew them, or allow the operation in IAM",
    errors.CredentialsExpired: "the temporary credentials have expired, nothing was done: renew them and call again",
    errors.LimitExceeded: "a limit of the account was reached: try again when other table operations are done",
    errors.RequestTimeout: "no answer came in time; a write may or may not have happened: read before writing again",
    errors.ConnectionFailed: "the endpoint could not be reached, or the connection broke: "
    "check the network, the region, and endpoint_url or AWS_ENDPOINT_URL",
    errors.InternalServerError: "DynamoDB failed on its side, even after the client's own retries: try again later",
}

# botocore's own exceptions, by class name; a subclass counts as its nearest ancestor listed here.
_WITHOUT_ANSWER: Mapping[str, type[errors.DynamoDBError]] = {
    "ReadTimeoutError": errors.RequestTimeout,
    "HTTPClientError": errors.ConnectionFailed,
    "ConnectionError": errors.ConnectionFailed,
    "IncompleteReadError": errors.ConnectionFailed,
    "ChecksumError": errors.ConnectionFailed,
}
_HEADER = "Invalid header value"  # http.client's words, which the value follows
_TLS = (
    "no secure connection was made: the endpoint does not speak TLS, or its certificate is not trusted or of another "
    "name; set AWS_CA_BUNDLE to the file of its authority, or correct endpoint_url or AWS_ENDPOINT_URL"
)
_CLOCK = re.compile(r"Signature (?:expired|not yet current)|RequestTimeTooSkewed|RequestExpired")
_SCOPE = re.compile(r"Credential should be scoped to")
_CREDENTIALS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with AWS_PROFILE, or attach a role"
_REGION = 'set AWS_DEFAULT_REGION, or pass boto3.client("dynamodb", region_name=...) as client='
_LOCAL = "a local DynamoDB takes any"
_PROFILE = "correct AWS_PROFILE and the AWS configuration file"
_SIGN_IN = "sign in again (aws sso login, or aws login), then repeat the call"
_REPAIRS: Mapping[str, str] = {
    "NoCredentialsError": f"there are no AWS credentials: {_CREDENTIALS}; {_LOCAL}",
    "PartialCredentialsError": f"the AWS credentials are incomplete: {_CREDENTIALS}",
    "CredentialRetrievalError": f"the credential provider failed: {_CREDENTIALS}",
    "UnknownCredentialError": f"an unknown credential provider is configured: {_PROFILE}",
    "MetadataRetrievalError": f"the instance gave no credentials: {_CREDENTIALS}",
    "RefreshWithMFAUnsupportedError": "a role that asks for MFA cannot be renewed: sign in by other means",
    "NoAuthTokenError": f"the sign-in has no token: {_SIGN_IN}",
    "TokenRetrievalError": f"the token could not be renewed: {_SIGN_IN}",
    "SSOError": f"the sign-in is missing or expired: {_SIGN_IN}",
    "LoginError": f"the sign-in is missing or expired: {_SIGN_IN}",
    "NoRegionError": f"no AWS region is set: {_REGION}; {_LOCAL}",
    "InvalidRegionError": f"the AWS region is not a valid name: {_REGION}",
    "BaseEndpointResolverError": f"there is no endpoint for this service and region: {_REGION}",
    "EndpointProviderError": f"there is no endpoint for this service and region: {_REGION}",
    "ProfileNotFound": f"the AWS profile does not exist: {_PROFILE}",
    "ConfigNotFound": f"the AWS configuration file does not exist: {_PROFILE}",
    "ConfigParseError": f"the AWS configuration file cannot be read: {_PROFILE}",
    "InvalidConfigError": f"the AWS configuration is invalid: {_PROFILE}",
    "InvalidRetryConfigurationError": "the retry settings are invalid: correct AWS_RETRY_MODE and AWS_MAX_ATTEMPTS",
    "MissingDependencyException": "the sign-in needs an optional package: pip install 'botocore[crt]'",
}


def translate(error: Exception, request: Request, address: str | None = None) -> errors.DynamormError:
    """Return our error for botocore's ClientError or BotoCoreError; the caller sets the cause.

    `address` is the endpoint and region asked, which the message names where the fault may lie in them.
    """
    if _HEADER in str(error):
        _conceal_header(error)
        return _located(errors.ClientNotConfigured(f"{_subject(request)}: {signing.UNSENDABLE}"), request)
    response: Mapping[str, Any] | None = getattr(error, "response", None)
    operation = str(getattr(error, "operation_name", request.operation))
    tried = f" (tried {address})" if address else ""
    if response is None:
        made = _without_answer(error, request, tried)
    else:
        made = _Fault(request, operation, response, tried).error()
    if request.service != "kms":
        return made
    from dynamorm_py._transport import kms  # imported lazily: only needed with encryption

    return kms.sort_fault(made, request)


def _conceal_header(error: Exception) -> None:
    """Take the value of a header, which is a session token's, out of what botocore and http.client say of it."""
    text = f"{str(error).partition(_HEADER)[0]}{_HEADER}"
    error.args, error.__dict__["kwargs"] = (text,), {"error": text}
    error.__cause__ = error.__context__ = None


@frozen
class _Fault:
    """An error answer. `operation` differs from the request's when fetching credentials failed."""

    request: Request
    operation: str
    response: Mapping[str, Any]
    tried: str = ""

    @property
    def code(self) -> str:
        return str(self.response.get("Error", {}).get("Code", "") or "Unknown")

    @property
    def text(self) -> str:
        detail = self.response.get("Error", {})
        return str(detail.get("Message") or detail.get("message") or "")

    @property
    def identity(self) -> dict[str, Any]:
        request_id = self.response.get("ResponseMetadata", {}).get("RequestId")
        return {"operation": self.operation, "aws_code": self.code, "request_id": request_id}

    def error(self) -> errors.DynamormError:
        kind = self._kind()
        if kind is errors.RequestRefused and (specific := self._found_in_text()) is not None:
            return specific
        where = _subject(self.request) if self.operation == self.request.operation else self.operation
        says = _SAYS.get(kind, f"DynamoDB answered {self.code}, its text is in .__cause__")
        if kind is errors.TableNotFound and self.operation == "UpdateTable":
            says = says.replace("the table", "the table, or the index to change,")
        made = kind(f"{where}: {says}{self._detail(kind)}", **self.identity)
        if isinstance(made, errors.ConditionFailed):
            made.raw_item = item if fits({"*": dict}, item := self.response.get("Item")) else None
        if isinstance(made, errors.TransactionCancelled):
            made.reasons = tuple(map(_cancellation, count(), self._reasons(kind)))
        if isinstance(made, errors.Throttled):
            made.reasons = [throttling_reason(reason) for reason in self._reasons(kind)]
        return made

    def _kind(self) -> type[errors.DynamoDBError]:
        kind = _BY_CODE.get(self.code, errors.DynamoDBError)
        status = self.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if kind is errors.DynamoDBError and status >= _SERVER_FAULT:
            return errors.InternalServerError
        conditional = any(reason.get("Code") == "ConditionalCheckFailed" for reason in self._reasons(kind))
        return errors.ConditionalTransactionCancelled if conditional else kind

    def _reasons(self, kind: type[errors.DynamoDBError]) -> list[dict[str, Any]]:
        """Return DynamoDB's reasons as they came, none of a damaged answer; names differ between its exceptions."""
        reasons: Any
        if issubclass(kind, errors.TransactionCancelled):
            reasons = self.response.get("CancellationReasons")
        else:
            reasons = self.response.get("ThrottlingReasons") or self.response.get("throttlingReasons")
        listed = list(cast("Iterable[Any]", reasons)) if isinstance(reasons, list | tuple) else []
        return listed if fits(_REASONS, listed) else []

    def _found_in_text(self) -> errors.CallError | None:
        """Return what a ValidationException means that has a class of its own."""
        index = messages.missing_index(self.text)
        if index is not None:
            repair = "build it with table.ensure()"
            specific = errors.IndexNotFound(f"{_subject(self.request)}: the table has no index {index!r}: {repair}")
        elif messages.says_too_large(self.text):
            specific = errors.ItemTooLarge(f"{_subject(self.request)}: the item exceeds DynamoDB's 400 KB")
        else:
            return None
        specific.operation, specific.aws_code, specific.request_id = self.identity.values()
        return specific

    def _detail(self, kind: type[errors.DynamoDBError]) -> str:
        """Return what DynamoDB adds, so far as it cannot hold a value."""
        if issubclass(kind, errors.TransactionCancelled):
            detail = ", ".join(
                f"{n} {r.get('Code')}" for n, r in enumerate(self._reasons(kind)) if r.get("Code") != "None"
            )
            return f" (action {detail})" if detail else ""
        if kind is errors.Throttled:  # which limit, of which table or index
            detail = ", ".join(f"{r.get('reason')} of {r.get('resource')}" for r in self._reasons(kind))
            return f" ({detail})" if detail else ""
        if kind is errors.TableNotFound:
            return self.tried
        if kind is errors.RequestRefused:
            detail = messages.value_free(self.text) or "its text may quote values, so it is only in .__cause__"
            return f": {messages.with_repair(detail)}"
        detail = self._why_denied() if kind is errors.AccessDenied else None
        return f" ({detail})" if detail else ""

    def _why_denied(self) -> str | None:
        """Return what a refused signature or permission lacks, so far as it is known."""
        if _CLOCK.match(self.text) or _CLOCK.match(self.code):
            return "the signature's time is not DynamoDB's: set the clock of this machine"
        if _SCOPE.match(self.text):
            return "the request is signed for another region than the endpoint's: set AWS_DEFAULT_REGION"
        return messages.value_free(self.text)


def _cancellation(index: int, reason: Mapping[str, Any]) -> errors.CancellationReason:
    """Return a reason that does not know its action yet; "None" is DynamoDB's code for an action without a part."""
    code = reason.get("Code")
    raw_item = reason.get("Item") or None
    return errors.CancellationReason(
        index, None, None if code == "None" else code, reason.get("Message"), raw_item=raw_item
    )


def _without_answer(error: Exception, request: Request, tried: str) -> errors.DynamormError:
    """Translate an exception of botocore itself: no answer came, or nothing was sent."""
    for name in (kind.__name__ for kind in type(error).__mro__):
        if name == "ParamValidationError":
            problem = messages.parameter_problem(str(error))
            return _located(errors.CallError(f"{_subject(request)}: boto3 refused the parameters: {problem}"), request)
        if name in _REPAIRS:
            return _located(errors.ClientNotConfigured(f"{_subject(request)}: {_REPAIRS[name]}"), request)
        if name in _WITHOUT_ANSWER:
            kind = _WITHOUT_ANSWER[name]
            says = _TLS if type(error).__name__ == "SSLError" else _SAYS[kind]
            return kind(f"{_subject(request)}: {says}{tried}", operation=request.operation)
    message = f"{_subject(request)}: the AWS client failed with {type(error).__name__} (see .__cause__)"
    return errors.DynamoDBError(message, operation=request.operation)


def _located(error: errors.CallError, request: Request) -> errors.CallError:
    error.operation = request.operation
    return error


def _subject(request: Request) -> str:
    """Name the operation and its tables: `GetItem on table 'users'`."""
    tables = sorted(set(tables_of(request.parameters)))
    return f"{request.operation} on table {', '.join(map(repr, tables))}" if tables else request.operation
