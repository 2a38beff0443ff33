"""The words that people search for lead to the right page: the site's index is asked as its search asks it.

Material for MkDocs searches with lunr: titles count a thousand times as much as text, a page's tags a million times.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from lunr import lunr  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] -- it has no types

if TYPE_CHECKING:
    from pathlib import Path

_WORDS = {
    "pagination": "how-to/pagination",
    "cursor": "how-to/pagination",
    "next page": "how-to/pagination",
    "LastEvaluatedKey": "how-to/pagination",
    "upsert": "how-to/upsert-and-patch",
    "patch": "how-to/upsert-and-patch",
    "exclude_unset": "how-to/upsert-and-patch",
    "partial update": "how-to/upsert-and-patch",
    "docker": "how-to/test-your-code",
    "localstack": "how-to/test-your-code",
    "moto": "how-to/test-your-code",
    "pytest": "how-to/test-your-code",
    "relationship": "how-to/relationships",
    "one-to-many": "how-to/relationships",
    "many-to-many": "how-to/relationships",
    "foreign key": "how-to/relationships",
    "optimistic locking": "how-to/optimistic-locking",
    "lost update": "how-to/optimistic-locking",
    "race condition": "how-to/optimistic-locking",
    "idempotency": "how-to/idempotency",
    "ttl": "how-to/time-to-live",
    "expire": "how-to/time-to-live",
    "lock": "how-to/leases",
    "mutex": "how-to/leases",
    "single-table": "how-to/single-table",
    "soft delete": "how-to/soft-delete",
    "GSI": "how-to/gsi-and-lsi",
    "secondary index": "how-to/gsi-and-lsi",
    "money": "how-to/money",
    "currency": "how-to/money",
    "fastapi": "how-to/fastapi",
    "asyncio": "how-to/asyncio",
    "await": "how-to/asyncio",
    "lambda": "how-to/lambda",
    "cold start": "how-to/lambda",
    "pynamodb": "how-to/migrate-from-pynamodb",
    "boto3 resource": "how-to/migrate-from-boto3",
    "encryption": "how-to/encrypt-attributes",
    "PII": "how-to/encrypt-attributes",
    "transaction": "how-to/batches-and-transactions",
    "terraform": "how-to/tables",
    "IAM policy": "reference/permissions",
    "stream": "how-to/streams",
    "backfill": "how-to/move-data",
    "credentials": "reference/configuration",
    "exception": "reference/errors",
    "cost": "explanation/cost",
    **dict.fromkeys(("RCU", "WCU", "capacity"), "explanation/cost"),
    **dict.fromkeys(("throttling", "hot partition", "rate limit"), "how-to/limit-capacity"),
    **dict.fromkeys(("retry", "backoff", "timeout", "proxy"), "reference/configuration"),
    **dict.fromkeys(("LSI", "local secondary index", "index projection"), "how-to/gsi-and-lsi"),
    **dict.fromkeys(("composite key", "discriminator", "polymorphism"), "how-to/single-table"),
    **dict.fromkeys(("unique constraint", "unique email"), "how-to/unique-values"),
    **dict.fromkeys(("continuous integration", "GitHub Actions"), "how-to/test-your-code"),
    **dict.fromkeys(("decimal", "MISSING", "float", "null", "enum", "datetime"), "reference/types"),
    **dict.fromkeys(("partial", "atomic counter"), "how-to/upsert-and-patch"),
    **dict.fromkeys(("mock", "localhost", "fixture", "freeze time"), "how-to/test-your-code"),
    **dict.fromkeys(("batch", "bulk write", "TransactWriteItems"), "how-to/batches-and-transactions"),
    **dict.fromkeys(("lease", "distributed lock", "leader election"), "how-to/leases"),
    **dict.fromkeys(("CDC", "change data capture", "trigger", "outbox"), "how-to/streams"),
    **dict.fromkeys(("KMS", "GDPR", "key rotation"), "how-to/encrypt-attributes"),
    **dict.fromkeys(("electrodb", "toolbox", "dynamoose"), "how-to/migrate-from-electrodb"),
    **dict.fromkeys(("async", "aioboto3"), "how-to/asyncio"),
    **dict.fromkeys(("vector", "embedding", "semantic search"), "how-to/vector-search"),
    **dict.fromkeys(("export", "parquet", "athena", "S3"), "how-to/read-exports"),
    **dict.fromkeys(("filter", "sorting", "parallel scan", "aggregate"), "how-to/query"),
    **dict.fromkeys(("concurrency", "version"), "how-to/optimistic-locking"),
    **dict.fromkeys(("dedupe", "idempotency key"), "how-to/idempotency"),
    **dict.fromkeys(("ValidationException", "ConditionalCheckFailedException"), "reference/errors"),
    **dict.fromkeys(("400KB", "size limit"), "reference/limits"),
    **dict.fromkeys(("assume role", "cross account"), "how-to/accounts"),
    **dict.fromkeys(("cdk", "cloudformation", "PITR"), "how-to/tables"),
    **dict.fromkeys(("tracing", "datadog", "xray"), "how-to/opentelemetry"),
    "UpdateExpression": "reference/expressions",
    "infinite scroll": "how-to/pagination",
    "bulk insert": "how-to/bulk-load",
    "eventual consistency": "explanation/consistency",
    "save": "how-to/migrate-from-pynamodb",
    "batch_writer": "how-to/migrate-from-boto3",
    "autocomplete": "reference/cli",
    "coding assistant": "agents",
    "quickstart": "tutorial/first-service",
    "pydantic": "explanation/pydantic-first",
    "starlette": "how-to/fastapi",
}


@pytest.fixture(scope="module")
def pages(site: Path) -> Any:  # noqa: ANN401 -- lunr has no types
    """Build what a browser builds from the site's search file."""
    documents = json.loads((site / "search" / "search_index.json").read_text())["docs"]
    return lunr(
        ref="location",
        fields=[
            {"field_name": "title", "boost": 1000},
            {"field_name": "text", "boost": 1},
            {"field_name": "tags", "boost": 1_000_000},
        ],
        documents=[{**document, "tags": " ".join(document.get("tags", []))} for document in documents],
    )


@pytest.mark.parametrize(("words", "page"), _WORDS.items(), ids=list(_WORDS))
def test_a_search_shows_the_right_page_among_the_first_three(pages: Any, words: str, page: str) -> None:  # noqa: ANN401 -- the same
    results = cast("list[dict[str, str]]", pages.search(" ".join(f"+{word}" for word in words.split())))
    order = list(dict.fromkeys(result["ref"].partition("#")[0].rstrip("/") for result in results))
    assert page in order[:3]
