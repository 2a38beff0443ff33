"""botocore's standard retry mode as a value and a budget, without I/O, clock or chance.

A test compares every constant with botocore's own, so that a change there fails here.
Source: botocore.retries.standard and .quota; AWS SDKs Reference Guide, "Retry behavior".
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeAlias

from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind: TypeAlias = Literal["throttled", "transient"]

MAX_ATTEMPTS: Mapping[str, int] = {"dynamodb": 4, "dynamodbstreams": 4}
OTHER_MAX_ATTEMPTS = 3
CAPACITY = 500
COSTS: Mapping[Kind, int] = {"transient": 14, "throttled": 5}
GIVEN_BACK = 1  # for a success without a retry
THROTTLED_SCALE = 1.0
TRANSIENT_SCALES: Mapping[str, float] = {"dynamodb": 0.025, "dynamodbstreams": 0.025}
OTHER_TRANSIENT_SCALE = 0.05
LONGEST_PAUSE = 20.0
LONGEST_ADDED_PAUSE = 5.0  # seconds that x-amz-retry-after may add
TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})
THROTTLED_STATUS = 429
TRANSIENT_CODES = frozenset({"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"})
THROTTLED_CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    }
)
# The service models' own: `retryable` of an error shape, none of them a throttle.
MODELED_CODES = frozenset({"ReplicatedWriteConflictException"})


def kind_of_error(status: int, code: str) -> Kind | None:
    """Return how an error answer is tried again; None when it is final."""
    if code in THROTTLED_CODES:
        return "throttled"
    if status == THROTTLED_STATUS and code not in MODELED_CODES:
        return "throttled"
    return "transient" if code in MODELED_CODES | TRANSIENT_CODES or status in TRANSIENT_STATUSES else None


@frozen
class RetryMode:
    """How often a service is asked, and how long the pauses are."""

    attempts: int
    transient_scale: float

    @classmethod
    def standard(cls, service: str, attempts: int | None = None) -> RetryMode:
        """Return the standard mode of a service; `attempts` is what the settings say."""
        usual = MAX_ATTEMPTS.get(service, OTHER_MAX_ATTEMPTS)
        return cls(attempts or usual, TRANSIENT_SCALES.get(service, OTHER_TRANSIENT_SCALE))

    def pause(self, attempt: int, kind: Kind, retry_after: str | None, chance: float) -> float:
        """Return the seconds before the next attempt; `attempt` counts from 1, `chance` is from 0 to 1."""
        scale = THROTTLED_SCALE if kind == "throttled" else self.transient_scale
        seconds = chance * min(scale * 2 ** (attempt - 1), LONGEST_PAUSE)
        asked = _milliseconds(retry_after)
        return seconds if asked is None else max(seconds, min(asked / 1000, seconds + LONGEST_ADDED_PAUSE))


def _milliseconds(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        value = int(text)
    except ValueError:
        return None
    return value if value >= 0 else None


class RetryQuota:
    """The budget of retries that all calls of a client share. Safe to share between threads."""

    __slots__ = ("_available", "_lock")

    def __init__(self) -> None:
        """Start full."""
        self._available, self._lock = CAPACITY, Lock()

    def acquire(self, kind: Kind) -> int:
        """Take the cost of a retry and return it; 0 when the budget does not allow one."""
        cost = COSTS[kind]
        with self._lock:
            if cost > self._available:
                return 0
            self._available -= cost
            return cost

    def release(self, taken: int) -> None:
        """Give back after a success: what its last retry took, else a little."""
        if self._available == CAPACITY:
            return
        with self._lock:
            self._available = min(CAPACITY, self._available + (taken or GIVEN_BACK))
