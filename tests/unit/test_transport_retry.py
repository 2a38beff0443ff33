"""Our standard retry mode is botocore's: every constant, every class of error, every pause."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from botocore.retries import quota, standard
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py._transport import retry

_SERVICES = {"dynamodb": "dynamodb", "dynamodbstreams": "dynamodb-streams", "kms": "kms"}

_OTHER_CODES = {"ValidationException", "429", "500", "InternalServerError", "ConditionalCheckFailedException", ""}


def test_the_constants_are_botocores() -> None:
    backoff: Any = standard.ExponentialBackoff
    transient: Any = standard.TransientRetryableChecker
    throttled: Any = standard.ThrottledRetryableChecker
    checker: Any = standard.RetryQuotaChecker
    usual: Any = standard
    assert quota.RetryQuota.INITIAL_CAPACITY == retry.CAPACITY
    assert {"transient": checker._RETRY_COST, "throttled": checker._THROTTLING_RETRY_COST} == retry.COSTS
    assert checker._NO_RETRY_INCREMENT == retry.GIVEN_BACK
    assert backoff._MAX_BACKOFF == retry.LONGEST_PAUSE
    assert backoff._BASE == 2
    assert backoff._RETRY_AFTER_MAX_ADDITIONAL == retry.LONGEST_ADDED_PAUSE
    assert backoff._RETRY_AFTER_HEADER == "x-amz-retry-after"
    assert set(transient._TRANSIENT_STATUS_CODES) == retry.TRANSIENT_STATUSES
    assert set(transient._TRANSIENT_ERROR_CODES) == retry.TRANSIENT_CODES
    assert set(throttled._THROTTLED_ERROR_CODES) == retry.THROTTLED_CODES
    assert usual.ThrottlingStatusCodeChecker._THROTTLING_STATUS_CODES == [retry.THROTTLED_STATUS]
    assert standard.DEFAULT_MAX_ATTEMPTS == retry.OTHER_MAX_ATTEMPTS
    for ours, theirs in _SERVICES.items():
        assert usual._SERVICE_MAX_ATTEMPTS.get(theirs, 3) == retry.RetryMode.standard(ours).attempts


def test_the_errors_that_the_models_call_retryable_are_botocores() -> None:
    session = botocore.session.Session()
    retryable: dict[str, Any] = {}
    for service in _SERVICES:
        model: Any = session.get_service_model(service)
        shapes = [shape for name in model.operation_names for shape in model.operation_model(name).error_shapes]
        retryable |= {shape.name: shape.metadata["retryable"] for shape in shapes if "retryable" in shape.metadata}
    assert set(retryable) == retry.MODELED_CODES
    assert not any(value.get("throttling") for value in retryable.values())


@cache
def _operation(service: str) -> Any:  # noqa: ANN401 -- botocore's
    model: Any = botocore.session.Session().get_service_model(service)
    return model.operation_model({"kms": "Decrypt", "dynamodb": "PutItem"}.get(service, model.operation_names[0]))


@pytest.mark.parametrize("service", _SERVICES)
@given(
    status=st.sampled_from([400, 403, 413, 429, 500, 501, 502, 503, 504]),
    code=st.sampled_from(sorted(retry.THROTTLED_CODES | retry.TRANSIENT_CODES | retry.MODELED_CODES | _OTHER_CODES)),
    attempt=st.integers(1, 12),
    when=st.tuples(st.none() | st.integers(-5, 20_000).map(str) | st.just("soon"), st.floats(0, 1)),
)
def test_an_error_is_tried_again_when_and_as_late_as_botocore_would(
    service: str, status: int, code: str, attempt: int, when: tuple[str | None, float]
) -> None:
    retry_after, chance = when
    headers = {} if retry_after is None else {"x-amz-retry-after": retry_after}
    context = standard.RetryContext(
        attempt,
        _operation(service),
        {"Error": {"Code": code}},
        SimpleNamespace(status_code=status, headers=headers, content=b""),
    )
    kind = retry.kind_of_error(status, code)
    theirs = standard.StandardRetryConditions(99).is_retryable(context)
    # What no service sends: DynamoDB's own code from another, and 429 with a code that its model has for a refusal.
    if (code in retry.MODELED_CODES and service != "dynamodb") or (status == 429 and not theirs):
        return
    assert theirs is (kind is not None)
    if kind is None:
        return
    detector = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
    backoff = standard.ExponentialBackoff(
        random=lambda: chance, service_name=_SERVICES[service], throttling_detector=detector
    )
    ours = retry.RetryMode.standard(service).pause(attempt, kind, retry_after, chance)
    assert ours == pytest.approx(backoff.delay_amount(context))


@given(st.lists(st.sampled_from(["transient", "throttled", "release 0", "release 14"]), max_size=200))
def test_the_budget_is_botocores(steps: list[Any]) -> None:
    ours, theirs = retry.RetryQuota(), quota.RetryQuota()
    for step in steps:
        if step.startswith("release"):
            amount = int(step.split()[1])
            ours.release(amount)
            theirs.release(amount or 1)
        else:
            cost = retry.COSTS[step]
            assert ours.acquire(step) == (cost if theirs.acquire(cost) else 0)
