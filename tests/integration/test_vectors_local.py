"""Vector indexes on a real backend: what a search finds is what a brute-force search over the same items finds.

Range filters are documented by AWS and refused by both local backends (EMULATORS 16): tests/unit/test_vectors.py
holds the request that is built.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from dynamorm_py import (
    Attr,
    Condition,
    DynamoModel,
    Encrypted,
    InvalidExpression,
    PartitionKey,
    Repo,
    SortKey,
    StaticEncryption,
    Table,
    TimeToLive,
    Vector,
    aio,
    fields,
    key_of,
)
from dynamorm_py.errors import TableMismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamorm_py import Matches

P = TypeVar("P")
_CLOSE = 1e-5  # scores are computed in 32 bits by some backends


class Doc(DynamoModel, table="docs", naming="camelCase"):
    id: Annotated[str, PartitionKey()]
    tenant: str
    lang: str | None = None
    year: int = 2026
    note: Annotated[str, Encrypted()] = ""
    by_angle: Annotated[list[float] | None, Vector("by-angle", dimensions=3, filters=("lang", "year"))] = None
    by_distance: Annotated[
        list[float] | None,
        Vector("by-distance", dimensions=3, distance="EUCLIDEAN", partition="tenant", filters=("lang",)),
        Vector("by-product", dimensions=3, distance="DOT_PRODUCT", partition="tenant"),
    ] = None


class Smaller(BaseModel):
    id: str
    lang: str | None = None


d = fields(Doc)


@pytest.fixture
def docs(dynamodb: DynamoDBClient, unique_table_name: str) -> Iterator[Repo[Doc]]:
    repo = Repo(Doc, table=unique_table_name, client=dynamodb, encryption=StaticEncryption(b"k" * 32))
    repo.table.create()
    yield repo
    repo.table.delete()


def distance(kind: str, a: list[float], b: list[float]) -> float:
    product = sum(x * y for x, y in zip(a, b, strict=True))
    if kind == "DOT_PRODUCT":
        return product
    if kind == "EUCLIDEAN":
        return math.dist(a, b)
    return 1 - product / (math.hypot(*a) * math.hypot(*b))


_elements = st.integers(-8, 8).map(lambda n: n / 4)
_vectors = st.lists(_elements, min_size=3, max_size=3).filter(any)  # the angle to a zero vector is none
_langs = st.sampled_from(["en", "de", None])
_docs = st.lists(st.tuples(st.sampled_from(["a", "b"]), _langs, st.none() | _vectors), max_size=12)


@settings(max_examples=30)
@given(
    items=_docs,
    near=_vectors,
    kind=st.sampled_from(["COSINE", "EUCLIDEAN", "DOT_PRODUCT"]),
    lang=_langs,
    top=st.integers(1, 12),
)
def test_a_search_finds_what_a_brute_force_search_finds(  # noqa: PLR0917 -- hypothesis names them all
    dynamodb: DynamoDBClient, items: list[Any], near: list[float], kind: str, lang: str | None, top: int
) -> None:
    repo = Repo(Doc, table=_LAW_TABLE, client=dynamodb, encryption=StaticEncryption(b"k" * 32))
    repo.table.ensure()
    repo.batch_write(delete=list(repo.scan()))
    stored = [
        Doc(id=str(n), tenant=tenant, lang=of, by_angle=vector, by_distance=vector)
        for n, (tenant, of, vector) in enumerate(items)
    ]
    repo.batch_write(put=stored)
    index = {"COSINE": "by-angle", "EUCLIDEAN": "by-distance", "DOT_PRODUCT": "by-product"}[kind]
    field = d.by_angle if kind == "COSINE" else d.by_distance
    found = repo.search(field, near=near, top=top, filter=_filter(kind, lang), index=index)

    expected = {
        doc.id: distance(kind, near, doc.by_angle) for doc in stored if _matches(doc, kind, lang) and doc.by_angle
    }
    nearest = sorted(expected.values(), reverse=kind == "DOT_PRODUCT")[:top]
    assert [match.score for match in found] == pytest.approx(nearest, abs=_CLOSE)
    assert all(match.score == pytest.approx(expected[match.item.id], abs=_CLOSE) for match in found)
    assert all(match.item == stored[int(match.item.id)] for match in found)


_LAW_TABLE = "vector-law-4711"


def _filter(kind: str, lang: str | None) -> Condition | None:
    part = None if kind == "COSINE" else Attr(d.tenant) == "a"
    if lang is None or kind == "DOT_PRODUCT":
        return part
    return Attr(d.lang) == lang if part is None else part & (Attr(d.lang) == lang)


def _matches(doc: Doc, kind: str, lang: str | None) -> bool:
    in_part = kind == "COSINE" or doc.tenant == "a"
    return in_part and (lang is None or kind == "DOT_PRODUCT" or doc.lang == lang)


def test_a_smaller_model_is_found_without_the_vector(docs: Repo[Doc]) -> None:
    docs.put(Doc(id="1", tenant="a", lang="en", note="n", by_angle=[1, 0, 0]))
    (match,) = docs.search(d.by_angle, near=[1, 0, 0], project=Smaller)
    assert match.item == Smaller(id="1", lang="en")
    assert match.score == pytest.approx(0.0, abs=_CLOSE)
    (whole,) = docs.search(d.by_angle, near=[1, 0, 0])
    assert whole.item == docs.get("1")
    assert whole.item.note == "n"


def test_a_number_is_filtered_by_its_value(docs: Repo[Doc]) -> None:
    docs.batch_write(put=[Doc(id=str(year), tenant="a", year=year, by_angle=[1, 0, 0]) for year in (2025, 2026)])
    (match,) = docs.search(d.by_angle, near=[1, 0, 0], filter=Attr(d.year) == 2025)
    assert match.item.id == "2025"


def test_explain_tells_the_vector_bytes(docs: Repo[Doc]) -> None:
    docs.put(Doc(id="1", tenant="a", by_angle=[1, 0, 0]))
    assert (docs.search(d.by_angle, near=[1, 0, 0]).explain().vector_bytes or 0) > 0


class Before(DynamoModel, table="docs"):
    id: Annotated[str, PartitionKey()]
    tenant: str = "a"
    e: Annotated[list[float], Vector("by-e", dimensions=2), Vector("gone", dimensions=2)]


class After(DynamoModel, table="docs"):
    id: Annotated[str, PartitionKey()]
    tenant: str = "a"
    e: Annotated[
        list[float],
        Vector("by-e", dimensions=2),
        Vector("added", dimensions=2, distance="DOT_PRODUCT", partition="tenant", projection=["tenant"]),
    ]


class Other(DynamoModel, table="docs"):
    id: Annotated[str, PartitionKey()]
    e: Annotated[list[float], Vector("by-e", dimensions=2, distance="EUCLIDEAN")]


class Article(DynamoModel, table="texts"):
    kind: Literal["article"] = "article"
    tenant: str
    number: int
    note: Annotated[str, Encrypted()] = ""
    until: Annotated[int | None, TimeToLive()] = None
    embedding: Annotated[list[float] | None, Vector("near", dimensions=2, partition="tenant", filters=("kind",))] = None
    pk = PartitionKey("T#{tenant}")
    sk = SortKey("ARTICLE#{number:03}")


class Comment(DynamoModel, table="texts"):
    kind: Literal["comment"] = "comment"
    tenant: str
    number: int
    embedding: Annotated[list[float] | None, Vector("near", dimensions=2, partition="tenant", filters=("kind",))] = None
    pk = PartitionKey("T#{tenant}")
    sk = SortKey("COMMENT#{number:03}")


class Figure(DynamoModel, table="texts"):
    kind: Literal["figure"] = "figure"
    tenant: str
    number: int
    shape: Annotated[list[float] | None, Vector("shapes", dimensions=2)] = None
    pk = PartitionKey("T#{tenant}")
    sk = SortKey("FIGURE#{number:03}")


class Number(BaseModel):
    number: int


@pytest.fixture
def texts(dynamodb: DynamoDBClient, unique_table_name: str) -> Iterator[Table[Article | Comment | Figure]]:
    keys = StaticEncryption(b"k" * 32)
    table = Table(Article, Comment, Figure, name=unique_table_name, client=dynamodb, encryption=keys)
    table.table.create()
    for number in range(1, 4):
        vector = [1.0, number / 10]
        table[Article].create(Article(tenant="a", number=number, note="secret", embedding=vector))
        table[Comment].create(Comment(tenant="a", number=number, embedding=vector))
        table[Figure].create(Figure(tenant="a", number=number, shape=vector))
    table[Article].create(Article(tenant="b", number=9, embedding=[1.0, 0.0]))
    table[Article].create(Article(tenant="a", number=8))
    yield table
    table.table.delete()


def test_a_repository_of_a_table_finds_its_own_kind(texts: Table[Article | Comment | Figure]) -> None:
    a, c, f = fields(Article), fields(Comment), fields(Figure)
    articles = _until(3, lambda: texts[Article].search(a.embedding, near=[1, 0], top=3, filter=Attr(a.tenant) == "a"))
    assert [match.item for match in articles] == [
        Article(tenant="a", number=n, note="secret", embedding=[1.0, n / 10]) for n in (1, 2, 3)
    ]
    comments = _until(3, lambda: texts[Comment].search(c.embedding, near=[1, 0], top=3, filter=Attr(c.tenant) == "a"))
    assert [match.item.number for match in comments] == [1, 2, 3]
    figures = _until(3, lambda: texts[Figure].search(f.shape, near=[1, 0], top=9, project=Number))
    assert [match.item for match in figures] == [Number(number=n) for n in (1, 2, 3)]
    with pytest.raises(InvalidExpression, match="Article"):
        texts[Figure].search(a.embedding, near=[1, 0])


def test_a_search_leaves_out_what_has_expired(
    texts: Table[Article | Comment | Figure], dynamodb: DynamoDBClient
) -> None:
    a = fields(Article)
    repo = texts[Article]
    name = repo.__dynamorm_context__.table.name
    repo.update(key_of(Article, tenant="a", number=2), Attr(a.until).set(1))
    current = Repo(Article, table=name, client=dynamodb, encryption=StaticEncryption(b"k" * 32), hide_expired=True)
    found = _until(2, lambda: current.search(a.embedding, near=[1, 0], filter=Attr(a.tenant) == "a"))
    assert [match.item.number for match in found] == [1, 3]


def test_a_search_is_awaited_under_aio(texts: Table[Article | Comment | Figure], dynamodb: DynamoDBClient) -> None:
    a = fields(Article)
    name = texts[Article].__dynamorm_context__.table.name
    _until(3, lambda: texts[Article].search(a.embedding, near=[1, 0], top=3, filter=Attr(a.tenant) == "a"))

    async def numbers() -> list[int]:
        keys = StaticEncryption(b"k" * 32)
        shop = aio.Table(Article, Comment, Figure, name=name, client=dynamodb, encryption=keys)
        found = await shop[Article].search(a.embedding, near=[1, 0], top=2, filter=Attr(a.tenant) == "a")
        return [match.item.number for match in found]

    assert asyncio.run(numbers()) == [1, 2]


def _until(count: int, search: Callable[[], Matches[P]]) -> Matches[P]:
    """Search until so many are found: an index follows its table in a moment."""
    deadline = time.monotonic() + 30
    while len(found := search()) != count and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def test_a_table_gets_the_vector_indexes_that_its_model_has(dynamodb: DynamoDBClient, unique_table_name: str) -> None:
    before, after, other = (Repo(m, table=unique_table_name, client=dynamodb) for m in (Before, After, Other))
    before.table.create()
    before.put(Before(id="1", e=[1, 2]))
    assert before.table.compare() == []
    assert [(each.kind, each.subject) for each in after.table.compare()] == [
        ("change", "vector index 'added'"),
        ("extra", "vector index 'gone'"),
    ]
    after.table.ensure()
    before.table.drop_index("gone")
    assert after.table.compare() == []
    with pytest.raises(TableMismatch, match="by-e"):
        other.table.ensure()
    after.table.delete()
