"""The FastAPI example over HTTP, its table in a local DynamoDB."""

from __future__ import annotations

import runpy
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py.testing.plugin import MakeRepo

_EXAMPLE = Path(__file__).parents[2] / "examples" / "fastapi_service.py"
TEA = {"category": "tea", "sku": "EARL-GREY", "name": "Earl Grey", "price": "12.95", "stock": 3}
TEA_PATH = "/products/tea/EARL-GREY"


@pytest.fixture
def service(dynamorm_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Serve the example, its products in a table of the test's own."""
    monkeypatch.setattr(sys, "path", [str(_EXAMPLE.parent), *sys.path])
    example: dict[str, Any] = runpy.run_path(str(_EXAMPLE))
    app, repo = example["app"], dynamorm_repo(example["Product"], cursor_secret="s")
    app.dependency_overrides[example["products"]] = lambda: repo
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def etag(service: TestClient) -> dict[str, str]:
    return {"If-Match": service.get(TEA_PATH).headers["ETag"]}


def test_what_is_posted_is_stored_and_shown_with_times_and_version_of_the_service(service: TestClient) -> None:
    forged = {"version": 7, "created_at": "2000-01-01T00:00:00Z", "updated_at": "2000-01-01T00:00:00Z"}

    added = service.post("/products", json=TEA | forged)

    assert (added.status_code, added.headers["ETag"]) == (201, '"0"')
    shown = service.get(TEA_PATH)
    assert shown.json() == added.json()
    assert shown.json().items() >= TEA.items()
    assert shown.json()["version"] == 0
    assert not shown.json()["created_at"].startswith("2000")


def test_a_bad_payload_is_refused_by_the_model_and_a_second_product_by_the_table(service: TestClient) -> None:
    assert service.post("/products", json=TEA | {"price": "-1"}).status_code == 422
    assert service.post("/products", json=TEA | {"sku": ""}).status_code == 422
    assert service.post("/products", json=TEA).status_code == 201
    assert service.post("/products", json=TEA).status_code == 409
    assert service.post("/products", json=TEA | {"sku": "BIG", "name": "x" * 500_000}).status_code == 413


def test_a_change_needs_the_entity_tag_of_what_is_there_now(service: TestClient) -> None:
    service.post("/products", json=TEA)
    seen = etag(service)

    changed = service.put(TEA_PATH, json=TEA | {"price": "13.50", "stock": 99, "version": 7}, headers=seen)

    assert (changed.status_code, changed.headers["ETag"]) == (200, '"1"')
    assert (Decimal(changed.json()["price"]), changed.json()["stock"]) == (Decimal("13.50"), 3)
    for headers, status in (({}, 428), (seen, 412), ({"If-Match": '"x"'}, 412)):
        assert service.put(TEA_PATH, json=TEA, headers=headers).status_code == status
    assert service.put("/products/tea/OTHER", json=TEA, headers=seen).status_code == 422
    assert service.put("/products/tea/OTHER", json=TEA | {"sku": "OTHER"}, headers=seen).status_code == 404


def test_no_more_is_sold_than_there_is(service: TestClient) -> None:
    service.post("/products", json=TEA)

    sales = [service.post(f"{TEA_PATH}/sales?pieces=2").status_code for _ in range(2)]

    assert sales == [200, 409]
    assert service.get(TEA_PATH).json()["stock"] == 1
    assert service.post("/products/tea/OTHER/sales").status_code == 404


def test_a_product_is_removed_by_who_has_seen_it(service: TestClient) -> None:
    service.post("/products", json=TEA)
    seen = etag(service)
    service.post(f"{TEA_PATH}/sales")

    assert service.delete(TEA_PATH, headers=seen).status_code == 412
    assert service.delete(TEA_PATH, headers=etag(service)).status_code == 204
    assert service.get(TEA_PATH).status_code == 404


def test_a_category_is_read_page_by_page_and_a_foreign_cursor_is_refused(service: TestClient) -> None:
    for number in range(5):
        service.post("/products", json=TEA | {"sku": f"T{number}"})
    first = service.get("/products/tea", params={"size": 3}).json()
    second = service.get("/products/tea", params={"size": 3, "cursor": first["next"]}).json()

    assert [item["sku"] for item in first["items"] + second["items"]] == ["T0", "T1", "T2", "T3", "T4"]
    assert second["next"] is None
    for cursor in ("x", first["next"][:-1], first["next"] + "x"):
        assert service.get("/products/tea", params={"cursor": cursor}).status_code == 400
    assert service.get("/products/coffee", params={"cursor": first["next"]}).status_code == 400
    assert service.get("/products/tea", params={"size": 0}).status_code == 422


def test_the_document_of_the_service_describes_the_model(service: TestClient) -> None:
    product = service.get("/openapi.json").json()["components"]["schemas"]["Product"]

    assert product["required"] == ["category", "sku", "name", "price"]
