"""`Table`: several models in one table, on DynamoDB."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from dynamorm_py import (
    AlreadyTaken,
    Attr,
    CallError,
    ConditionFailed,
    DynamoModel,
    Encrypted,
    Get,
    InvalidExpression,
    ItemDecodeError,
    ItemNotFound,
    Key,
    ModelDefinitionError,
    OmitEmpty,
    PartitionKey,
    SortKey,
    StaticEncryption,
    Table,
    TimeToLive,
    Unique,
    fields,
    key_of,
    transact_get,
)
from tests.support.shop import Customer, Line, Order

if TYPE_CHECKING:
    from collections.abc import Iterator

o, c, ln = fields(Order), fields(Customer), fields(Line)
STRAY = {"pk": {"S": "CUSTOMER#7"}, "sk": {"S": "NOTE#1"}, "text": {"S": "x"}}


class Numbered(BaseModel):
    customer_id: str
    number: int = 0


class Secret(DynamoModel, table="shop"):
    kind: Literal["secret"] = "secret"
    customer_id: str
    pin: Annotated[str, Encrypted()] = ""
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("SECRET")


@pytest.fixture
def shop(dynamorm_client: Any) -> Iterator[Table[Customer | Order | Line]]:  # noqa: ANN401 -- boto3's
    shop = Table(Customer, Order, Line, name=f"shop-{secrets.token_hex(8)}", client=dynamorm_client)
    shop.table.create()
    shop[Customer].create(Customer(customer_id="7", name="Al"))
    for number in (1, 2, 3):
        shop[Order].create(Order(customer_id="7", number=number))
        shop[Line].create(Line(customer_id="7", number=number, line=1, sku="s"))
    yield shop
    shop.table.delete()


def stray(shop: Table[Any], client: Any) -> None:  # noqa: ANN401 -- boto3's
    name = shop[shop.models[0]].__dynamorm_context__.table.name
    client.put_item(TableName=name, Item=STRAY)


def test_a_query_gives_each_item_as_its_own_model(shop: Table[Customer | Order | Line]) -> None:
    items = shop.query(Key(o.customer_id) == "7").all()
    assert [type(item) for item in items] == [Order, Line, Order, Line, Order, Line, Customer]
    assert [type(item) for item in shop.query(Key(o.customer_id) == "7", ascending=False, limit=2)] == [Customer, Line]
    assert len(shop.query(Key(o.customer_id) == "7", Key(o.number) > 2).all()) == 2
    assert len(shop.scan().all()) == 7
    assert [type(i) for i in shop.query(Key(o.pk) == "CUSTOMER#7", filter=Attr(ln.sku) == "s")] == [Line] * 3


def test_of_narrows_to_some_of_the_models(shop: Table[Customer | Order | Line]) -> None:
    orders = shop.query(Key(o.customer_id) == "7", of=Order)
    assert [order.number for order in orders] == [1, 2, 3]
    assert orders.count() == 3
    assert {type(item) for item in shop.scan(of=(Order, Customer))} == {Order, Customer}
    with pytest.raises(InvalidExpression, match="not one of the table's models"):
        shop.scan(of=Secret)


def test_of_names_a_model(shop: Table[Customer | Order | Line]) -> None:
    with pytest.raises(CallError, match="of= names no model"):
        shop.query(Key(o.customer_id) == "7", of=())
    with pytest.raises(CallError, match="of= names no model"):
        shop.scan(of=())


def test_pages_and_cursors_go_on_exactly(shop: Table[Customer | Order | Line]) -> None:
    query = shop.query(Key(o.customer_id) == "7")
    seen: list[object] = []
    cursor = None
    while True:
        page = query.page(size=2, cursor=cursor)
        seen += page.items
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == query.all()


class Pet(DynamoModel, table="animals"):
    species: Literal["cat", "dog"]
    owner: Annotated[str, PartitionKey()]
    name: Annotated[str, SortKey()]
    age: int = 0


class Farmed(DynamoModel, table="animals"):
    species: Literal["cow"]
    owner: Annotated[str, PartitionKey()]
    name: Annotated[str, SortKey()]
    milk: int = 0


def test_a_literal_of_several_values_or_without_a_default_tells_models_apart(
    dynamorm_client: Any,  # noqa: ANN401 -- boto3's
) -> None:
    animals = Table(Pet, Farmed, name=f"animals-{secrets.token_hex(8)}", client=dynamorm_client)
    animals.table.create()
    pets, farmed = animals[Pet], animals[Farmed]
    p, f = fields(Pet), fields(Farmed)
    cat, cow = Pet(species="cat", owner="a", name="1"), Farmed(species="cow", owner="a", name="2")
    pets.create(cat)
    farmed.create(cow)
    dog = pets.put(Pet(species="dog", owner="a", name="3"))
    assert animals.query(Key(p.owner) == "a").all() == [cat, cow, dog]
    assert animals.query(Key(p.owner) == "a", of=Pet).all() == pets.query(Key(p.owner) == "a").all() == [cat, dog]
    assert farmed.query(Key(f.owner) == "a").count() == farmed.scan().count() == 1
    assert pets.get_or_none(("a", "2")) is None
    assert pets.batch_get([("a", "1"), ("a", "2")]).missing == [("a", "2")]
    assert animals.get(("a", "2")) == cow
    assert pets.update(("a", "1"), Attr(p.age).add(1)).age == 1
    for write in (
        lambda: pets.put(Pet(species="dog", owner="a", name="2")),
        lambda: pets.update(("a", "2"), Attr(p.age).add(1)),
        lambda: farmed.delete(("a", "1")),
    ):
        with pytest.raises(ConditionFailed) as caught:
            write()
        assert caught.value.item is None
        assert caught.value.raw_item is not None
    assert pets.update(("a", "1"), Attr(p.species).set("dog")).species == "dog"


def test_literals_that_share_a_value_tell_nothing() -> None:
    class Wild(DynamoModel, table="animals"):
        species: Literal["dog", "wolf"]
        owner: Annotated[str, PartitionKey()]
        name: Annotated[str, SortKey()]

    with pytest.raises(ModelDefinitionError, match="nothing tells Pet and Wild apart"):
        Table(Pet, Wild)


def test_aggregates_are_of_the_model_whose_field_is_named(shop: Table[Customer | Order | Line]) -> None:
    everything, orders = (shop.query(Key(o.customer_id) == "7", of=of) for of in ((Customer, Order, Line), Order))
    for query in (everything, orders):
        numbers = [order.number for order in query if isinstance(order, Order)]
        assert query.sum(o.number) == sum(numbers)
        assert (query.min(o.number), query.max(o.number)) == (min(numbers), max(numbers))
        assert query.avg(o.number) == Decimal(sum(numbers)) / len(numbers)
        assert query.count_distinct(o.kind) == 1
        assert {number: len(group) for number, group in query.group_by(o.number).items()} == dict.fromkeys(numbers, 1)
    with pytest.raises(InvalidExpression, match="not in the results"):
        orders.sum(ln.number)
    projected = shop.query(Key(o.customer_id) == "7", of=(Order, Line), project=Numbered)
    assert projected.sum(o.number) == sum(each.number for each in projected)


def test_an_index_is_read_as_its_own_models(shop: Table[Customer | Order | Line]) -> None:
    shop[Order].update(key_of(Order, customer_id="7", number=2), Attr(o.status).set("paid"))
    assert [item.sk for item in shop.query(Key(o.status) == "open")] == ["ORDER#000001", "ORDER#000003"]
    assert [item.sk for item in shop.query(Key(o.status) == "paid", index="gsi1")] == ["ORDER#000002"]


def test_get_and_batch_get_take_keys_of_any_model(shop: Table[Customer | Order | Line]) -> None:
    assert shop.get(key_of(Order, customer_id="7", number=2)).number == 2
    assert isinstance(shop.get(("CUSTOMER#7", "PROFILE")), Customer)
    assert shop.get_or_none(key_of(Line, customer_id="7", number=9, line=1)) is None
    assert shop.exists(key_of(Customer, customer_id="7"))
    with pytest.raises(ItemNotFound):
        shop.get(("CUSTOMER#7", "NOTHING"))
    keys = [
        key_of(Line, customer_id="7", number=1, line=1),
        key_of(Customer, customer_id="7"),
        ("CUSTOMER#8", "PROFILE"),
    ]
    found = shop.batch_get(keys)
    assert [type(item) for item in found] == [Line, Customer]
    assert found.missing == [("CUSTOMER#8", "PROFILE")]


def test_an_item_of_none_of_the_models_is_an_error_or_what_is_asked(
    shop: Table[Customer | Order | Line],
    dynamorm_client: Any,  # noqa: ANN401 -- boto3's
) -> None:
    stray(shop, dynamorm_client)
    query = [Key(o.customer_id) == "7"]
    with pytest.raises(ItemDecodeError, match="none of these models"):
        shop.query(*query).all()
    skipping = shop.query(*query, unknown="skip")
    assert len(skipping.all()) == 7
    assert skipping.explain().skipped == 1
    seen: list[Any] = []
    assert len(shop.query(*query, unknown=seen.append).all()) == 7
    assert [item["text"] for item in seen] == [{"S": "x"}]
    kept = shop.query(*query, unknown=lambda item: item["text"]["S"]).all()
    assert "x" in kept
    pages: list[object] = []
    cursor = None
    while True:
        page = skipping.page(size=1, cursor=cursor)
        pages += page.items
        cursor = page.cursor
        if cursor is None:
            break
    assert pages == skipping.all()


def test_unknown_says_what_becomes_of_an_item_got_by_its_key(
    shop: Table[Customer | Order | Line],
    dynamorm_client: Any,  # noqa: ANN401 -- boto3's
) -> None:
    stray(shop, dynamorm_client)
    key = ("CUSTOMER#7", "NOTE#1")
    for read in (lambda: shop.get(key), lambda: shop.get_or_none(key), lambda: shop.batch_get([key])):
        with pytest.raises(ItemDecodeError, match="none of these models"):
            read()
    with pytest.raises(ItemNotFound):
        shop.get(key, unknown="skip")
    assert shop.get_or_none(key, unknown="skip") is None
    found = shop.batch_get([key], unknown="skip")
    assert (found.missing, found.skipped) == ([key], 1)
    made: object = shop.get(key, unknown=lambda item: item["text"]["S"])
    assert made == "x"


class Note(DynamoModel, table="shop"):
    """Told apart by its key alone."""

    customer_id: str
    email: Annotated[str, OmitEmpty(), Unique()] = ""
    until: Annotated[int | None, TimeToLive()] = None
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("MEMO")


class Mark(DynamoModel, table="shop"):
    customer_id: str
    number: int
    pk = PartitionKey("CUSTOMER#{customer_id}")
    sk = SortKey("MARK#{number:03}")


@pytest.fixture
def memos(dynamorm_client: Any) -> Iterator[Table[Note | Mark]]:  # noqa: ANN401 -- boto3's
    table = Table(Note, Mark, name=f"memos-{secrets.token_hex(8)}", client=dynamorm_client)
    table.table.create()
    table[Note].create(Note(customer_id="7", email="e"))
    for number in (1, 2):
        table[Mark].create(Mark(customer_id="7", number=number))
    yield table
    table.table.delete()


def test_a_count_is_of_the_models_asked_for(memos: Table[Note | Mark], dynamorm_client: Any) -> None:  # noqa: ANN401
    query = Key(fields(Mark).customer_id) == "7"
    assert (memos.query(query).count(), memos.scan().count(), memos.scan(segments=2).count()) == (3, 3, 3)
    assert (memos.query(query, of=Mark).count(), memos.query(query, of=Note).count()) == (2, 1)
    assert memos.query(query, limit=2).count() == 2
    assert memos.query(query, page_size=1, of=Mark).count() == 2
    stray(memos, dynamorm_client)
    with pytest.raises(ItemDecodeError):
        memos.query(query).count()
    assert memos.query(query, unknown="skip").count() == len(memos.query(query, unknown="skip").all()) == 3
    assert memos.query(query, unknown=lambda item: item).count() == 4


def test_a_table_hides_what_has_expired(memos: Table[Note | Mark], dynamorm_client: Any) -> None:  # noqa: ANN401 -- boto3's
    name = memos[Note].__dynamorm_context__.table.name
    memos[Note].update(key_of(Note, customer_id="7"), Attr(fields(Note).until).set(5))
    table = Table(Note, Mark, name=name, client=dynamorm_client, hide_expired=True)
    key, query = key_of(Note, customer_id="7"), Key(fields(Mark).customer_id) == "7"
    assert (table.get_or_none(key), table.exists(key), table.exists(("CUSTOMER#7", "MEMO"))) == (None, False, False)
    assert table.batch_get([key, key_of(Mark, customer_id="7", number=1)]).missing == [key]
    assert [type(item) for item in table.query(query)] == [Mark, Mark]
    assert (table.query(query).count(), table.scan().count(), len(table.scan().all())) == (2, 2, 2)
    assert transact_get((Get(table[Note], key), Get(table[Mark], ("CUSTOMER#7", "MARK#001"))))[0] is None


def test_an_empty_value_that_is_left_out_is_not_claimed(memos: Table[Note | Mark]) -> None:
    n = fields(Note)
    for customer in ("8", "9"):
        memos[Note].create(Note(customer_id=customer))
        memos[Note].update(key_of(Note, customer_id=customer), Attr(n.email).set(""))
        memos[Note].patch(key_of(Note, customer_id=customer), {"email": ""})
    with pytest.raises(AlreadyTaken):
        memos[Note].update(key_of(Note, customer_id="8"), Attr(n.email).set("e"))


def test_a_projection_reads_all_kinds_through_a_smaller_model(shop: Table[Customer | Order | Line]) -> None:
    found = shop.query(Key(o.customer_id) == "7", of=(Order, Line), project=Numbered).all()
    assert [each.number for each in found] == [1, 1, 2, 2, 3, 3]


def test_encrypted_kinds_are_opened(dynamorm_client: Any) -> None:  # noqa: ANN401 -- boto3's
    encryption = StaticEncryption(b"k" * 32)
    shop = Table(Customer, Secret, name=f"shop-{secrets.token_hex(8)}", client=dynamorm_client, encryption=encryption)
    shop.table.create()
    shop[Secret].create(Secret(customer_id="7", pin="1234"))
    shop[Customer].create(Customer(customer_id="7"))
    items = shop.query(Key(c.customer_id) == "7").all()
    assert [type(item) for item in items] == [Customer, Secret]
    assert [item.pin for item in items if isinstance(item, Secret)] == ["1234"]
    shop.table.delete()


def test_the_table_is_compared_for_all_models_and_no_index_of_another_is_extra(
    shop: Table[Customer | Order | Line],
) -> None:
    assert shop.table.compare() == []
    assert shop[Customer].table.compare() == []
    assert shop.table.ensure() == []
    assert "gsi1" in str(shop.table.cloudformation())
    assert "gsi1" in str(shop.table.terraform())
    assert "index/gsi1" in str(shop.table.policy("query"))
    assert not hasattr(shop, "create")


class Hidden(DynamoModel, table="shop"):
    a: str
    pk = PartitionKey("CUSTOMER#{a}")
    sk = SortKey("ORDER#{a}")


class Loose(DynamoModel, table="shop"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]


class Expiring(DynamoModel, table="shop"):
    kind: Literal["expiring"] = "expiring"
    a: str
    until: Annotated[int | None, TimeToLive()] = None
    pk = PartitionKey("E#{a}")
    sk = SortKey("E")


class Otherwise(DynamoModel, table="shop"):
    kind: Literal["otherwise"] = "otherwise"
    a: str
    ends: Annotated[int | None, TimeToLive()] = None
    pk = PartitionKey("O#{a}")
    sk = SortKey("O")
    gsi1pk = PartitionKey("{a}", index="gsi1")


class Lone(DynamoModel, table="lone"):
    pk: Annotated[int, PartitionKey()]


@pytest.mark.parametrize(
    ("models", "words"),
    [
        ((Order, Hidden), "the same key"),
        ((Order, Loose), "nothing tells Order and Loose apart"),
        ((Expiring, Otherwise), "time to live"),
        ((Order, Otherwise), "index 'gsi1'"),
        ((Order, Lone), "a table has one key"),
    ],
)
def test_models_that_do_not_go_together_are_refused(models: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ModelDefinitionError, match=words):
        Table(*models, name="shop")
