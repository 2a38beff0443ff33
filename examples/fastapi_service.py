"""A catalogue over HTTP: one model is the payload, the answer and the item.

`make example NAME=fastapi_service` serves it on moto, a DynamoDB inside the process; the interactive pages are at
/docs. In production `uvicorn fastapi_service:app` serves it from the AWS account that the environment names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from dynamorm_py import (
    Attr,
    CreatedAt,
    DynamoModel,
    Key,
    PartitionKey,
    Repo,
    SortKey,
    UpdatedAt,
    Version,
    errors,
    fields,
)


class Product(DynamoModel, table="catalogue", naming="camelCase"):
    category: Annotated[str, PartitionKey()]
    sku: Annotated[str, SortKey()]
    name: Annotated[str, Field(min_length=1)]
    price: Annotated[Decimal, Field(gt=0, decimal_places=2)]
    stock: Annotated[int, Field(ge=0)] = 0
    created_at: Annotated[datetime | None, CreatedAt()] = None
    updated_at: Annotated[datetime | None, UpdatedAt()] = None
    version: Annotated[int, Version()] = 0


class ProductPage(BaseModel):
    items: list[Product]
    next: str | None


catalogue = Repo(Product, cursor_secret=os.environ.get("CURSOR_SECRET"))
p = fields(Product)
app = FastAPI(title="Catalogue", separate_input_output_schemas=False)  # one model, one schema


def products() -> Repo[Product]:
    """Return the repository; tests put another in its place."""
    return catalogue


def version_of(if_match: Annotated[str | None, Header()] = None) -> int:
    """Return the version that the client has seen: the entity tag in `If-Match`, which a change needs."""
    if if_match is None:
        raise HTTPException(428, "send If-Match with the ETag of what you change")
    tag = if_match.strip('"')
    if not tag.isdecimal():
        raise HTTPException(412, "not an ETag of this service")
    return int(tag)


def product_of_path(product: Product, category: str, sku: str) -> Product:
    """Return the payload, which is the product that the path names."""
    if (product.category, product.sku) != (category, sku):
        raise HTTPException(422, "the payload is another product than the path")
    return product


Products = Annotated[Repo[Product], Depends(products)]
SeenVersion = Annotated[int, Depends(version_of)]


def tagged(response: Response, product: Product) -> Product:
    """Return the product, with its version as the entity tag."""
    response.headers["ETag"] = f'"{product.version}"'
    return product


@app.post("/products", status_code=201)
def add(product: Product, products: Products, response: Response) -> Product:
    """Add a product; times and version are the service's, whatever the payload says."""
    return tagged(response, products.create(product))


@app.get("/products/{category}")
def browse(
    category: str,
    products: Products,
    size: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: str | None = None,
) -> ProductPage:
    """List a category, page by page."""
    page = products.query(Key(p.category) == category).page(size=size, cursor=cursor)
    return ProductPage(items=list(page), next=page.cursor)


@app.get("/products/{category}/{sku}")
def show(category: str, sku: str, products: Products, response: Response) -> Product:
    """Show a product as it is now: a client looks at what it has just changed."""
    return tagged(response, products.get((category, sku), consistent=True))


@app.put("/products/{category}/{sku}")
def change(
    product: Annotated[Product, Depends(product_of_path)], version: SeenVersion, products: Products, response: Response
) -> Product:
    """Change name and price, if nobody has changed the product since the client read it."""
    changed = products.update(product, fields={"name", "price"}, expected_version=version, must_exist=True)
    return tagged(response, changed)


@app.post("/products/{category}/{sku}/sales")
def sell(
    category: str, sku: str, products: Products, response: Response, pieces: Annotated[int, Query(ge=1)] = 1
) -> Product:
    """Sell from the stock. Many may do so at once: the condition, not a version, keeps it from going below zero."""
    key, enough = (category, sku), Attr(p.stock) >= pieces
    return tagged(response, products.update(key, Attr(p.stock).add(-pieces), condition=enough))


@app.delete("/products/{category}/{sku}", status_code=204)
def remove(category: str, sku: str, version: SeenVersion, products: Products) -> None:
    """Remove a product, if nobody has changed it since the client read it."""
    products.delete((category, sku), expected_version=version)


STATUSES: dict[type[Exception], int] = {  # the most special class wins
    errors.ItemNotFound: 404,
    errors.ItemAlreadyExists: 409,
    errors.InvalidCursor: 400,
    errors.CallError: 422,  # a key or value that DynamoDB does not take
    errors.ItemTooLarge: 413,
    errors.Throttled: 503,
    errors.RequestTimeout: 503,
    errors.ConnectionFailed: 503,
}


def answer(status: int, error: Exception) -> JSONResponse:
    """Answer with the kind of error alone: messages hold no attribute's value, but the names of tables."""
    return JSONResponse({"detail": type(error).__name__}, status, {"Retry-After": "1"} if status == 503 else None)


def condition_failed(request: Request, error: Exception) -> JSONResponse:
    """Tell a product that is gone from one that has changed since, and from one that cannot be changed so."""
    gone = isinstance(error, errors.ConditionFailed) and error.item is None
    return answer(404 if gone else 412 if "if-match" in request.headers else 409, error)


def answering(status: int) -> Callable[[Request, Exception], Response]:
    """Return a handler that answers with a status."""
    return lambda _, error: answer(status, error)


app.add_exception_handler(errors.ConditionFailed, condition_failed)
for kind, status in STATUSES.items():
    app.add_exception_handler(kind, answering(status))


def main(port: int = 8000) -> None:
    """Serve a catalogue with one product from moto."""
    import uvicorn  # noqa: PLC0415 -- a server of production brings its own
    from in_process import aws_in_process  # noqa: PLC0415 -- production has no moto

    with aws_in_process():
        catalogue.table.create()
        catalogue.create(Product(category="tea", sku="EARL-GREY", name="Earl Grey", price=Decimal("12.95"), stock=3))
        uvicorn.run(app, port=port)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
