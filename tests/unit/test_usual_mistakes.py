"""What a newcomer writes first is refused with the repair in its message."""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest
from pydantic import BaseModel, Field

import dynamorm_py
from dynamorm_py import (
    Attr,
    Attribute,
    Check,
    Create,
    CreatedAt,
    Delete,
    DynamoModel,
    Get,
    GlobalIndex,
    Key,
    OmitEmpty,
    PartitionKey,
    Put,
    Repo,
    SortKey,
    Table,
    Update,
    Vector,
    aio,
    batch_write,
    fields,
    key_of,
    transact_get,
    transact_write,
)
from dynamorm_py.errors import (
    CallError,
    IndexNotFound,
    InvalidCall,
    InvalidExpression,
    InvalidKey,
    ModelDefinitionError,
    UnknownAttribute,
)
from dynamorm_py.testing import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Callable


class Home(BaseModel):
    city: str = ""


class User(DynamoModel, table="users"):
    pk: Annotated[str, PartitionKey()]
    age: int = 0
    name: str = ""
    tags: set[str] = Field(default_factory=set[str])
    home: Home = Home()
    scores: dict[str, int] = Field(default_factory=dict[str, int])
    email: Annotated[str | None, PartitionKey(index="by-email")] = None


class Visit(DynamoModel, table="visits"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]


class Order(DynamoModel, table="shop"):
    customer: str
    number: int
    pk = PartitionKey("CUSTOMER#{customer}")
    sk = SortKey("ORDER#{number:06}")


class Plain(BaseModel):
    pk: str


SILENT = ScriptedClient()  # what is refused is refused before a request
UNTYPED: Any = User
USERS: Any = Repo(User, client=SILENT)
VISITS: Any = Repo(Visit, client=SILENT)
ORDERS: Any = Repo(Order, client=SILENT)
SHOP: Any = Table(Order, client=SILENT)
AWAITED: Any = aio.Repo(User, client=SILENT)
u, v, o = fields(User), fields(Visit), fields(Order)
KEY = ("USER#1", "PROFILE")


def _awaited(value: object) -> object:
    async def wait() -> object:
        return await cast("Any", value)

    return asyncio.run(wait())


def _iterated(values: object) -> object:
    async def read() -> object:
        return [value async for value in cast("Any", values)]

    return asyncio.run(read())


def _entered(block: object) -> object:
    async def enter() -> object:
        async with cast("Any", block) as entered:
            return entered

    return asyncio.run(enter())


@pytest.mark.parametrize(
    ("mistake", "kinds", "repair"),
    [
        (lambda: UNTYPED.age > 3, (UnknownAttribute, AttributeError), r"use fields\(User\)\.age"),
        (lambda: Attr(UNTYPED.age), (InvalidExpression,), r"use fields\(User\)\.age"),
        (lambda: Key(UNTYPED.pk), (InvalidExpression,), r"use fields\(User\)\.pk"),
        (lambda: Attr(cast("Any", User(pk="1").age)), (InvalidExpression,), r"use fields\(User\)\.age"),
        (lambda: Attr(cast("Any", "age")), (InvalidExpression,), r"use fields\(User\)\.age"),
        (lambda: Repo(cast("Any", Plain)), (CallError,), r"Repo\(\) .* derive it from DynamoModel"),
        (lambda: Repo(cast("Any", User(pk="1"))), (CallError,), "pass the class itself"),
        (lambda: Table(cast("Any", Plain), name="shop"), (CallError,), r"Table\(\) .* derive it from DynamoModel"),
        (lambda: fields(cast("Any", Plain)), (InvalidExpression,), "derive it from DynamoModel"),
        (lambda: fields(cast("Any", User(pk="1"))), (InvalidExpression,), r"write fields\(User\)"),
        (lambda: fields(cast("Any", 3)), (InvalidExpression,), "not a value of type int"),
        (lambda: USERS.scan()[0], (CallError, TypeError), r"query\.first\(\)"),
        (lambda: USERS.scan()[1:3], (CallError, TypeError), r"query\.page\(size"),
        (lambda: len(USERS.scan()), (CallError, TypeError), r"query\.count\(\)"),
        (lambda: len(AWAITED.scan()), (CallError, TypeError), r"query\.count\(\)"),
        (lambda: bool(USERS.scan()), (CallError,), r"query\.first\(\)"),
        (lambda: USERS.scan().name, (UnknownAttribute, AttributeError), r"query\.first\(\).*item\.name for item"),
        (lambda: USERS.scan().firstt(), (UnknownAttribute,), r"did you mean first\(\)"),
        (lambda: USERS.scan().filter, (UnknownAttribute,), r"pass filter= to query\(\)"),
        (lambda: USERS.scan().on_error, (UnknownAttribute,), r"pass on_error= to query\(\)"),
        (lambda: _awaited(USERS.scan()), (CallError, TypeError), r"without await.*dynamorm_py\.aio"),
        (lambda: _iterated(USERS.scan()), (CallError, TypeError), r"for item in query.*dynamorm_py\.aio"),
        (lambda: _awaited(AWAITED.scan()), (CallError, TypeError), r"await query\.all\(\)"),
        (lambda: VISITS.get("USER#1", "PROFILE"), (CallError, TypeError), r"pass the tuple \(pk, sk\)"),
        (lambda: VISITS.get_or_none(*KEY), (InvalidCall,), r"pass the tuple \(pk, sk\)"),
        (lambda: VISITS.exists(*KEY), (InvalidCall,), r"pass the tuple \(pk, sk\)"),
        (lambda: VISITS.delete(*KEY), (InvalidCall,), r"pass the tuple \(pk, sk\)"),
        (lambda: USERS.get("USER#1", "USER#2"), (InvalidCall,), r"batch_get\(\[\.\.\.\]\)"),
        (lambda: ORDERS.get("7", 2), (InvalidCall,), r"customer=\.\.\., number=\.\.\."),
        (lambda: SHOP.get("CUSTOMER#7", "ORDER#000002"), (InvalidCall,), r"key_of\(Model, \.\.\.\)"),
        (lambda: SHOP.exists("CUSTOMER#7", "ORDER#000002"), (InvalidCall,), r"key_of\(Model, \.\.\.\)"),
        (lambda: VISITS.get(pk="USER#1"), (InvalidKey,), "needs sk too: its parts are pk, sk"),
        (lambda: VISITS.get(id="USER#1"), (InvalidKey,), "has no part id: its parts are pk, sk"),
        (lambda: VISITS.get("USER#1"), (InvalidKey,), r"pass the tuple \(pk, sk\)"),
        (
            lambda: USERS.update("1", name="Al"),
            (CallError, TypeError),
            r"Attr\(fields\(User\)\.name\)\.set.*patch\(key",
        ),
        (lambda: USERS.update("1", must_exists=True), (InvalidCall,), "did you mean must_exist="),
        (lambda: USERS.update("1", {"name": "Al"}), (InvalidExpression,), r"Attr\(u\.score\)\.set"),
        (lambda: USERS.query(pk="USER#1"), (CallError, TypeError), r"Key\(fields\(User\)\.pk\) =="),
        (lambda: USERS.update("1", ones=True), (InvalidCall,), "did you mean once="),
        (lambda: USERS.query(limits=3), (InvalidCall,), "did you mean limit="),
        (lambda: USERS.query(on_errors="skip"), (InvalidCall,), "did you mean on_error="),
        (lambda: USERS.scan(bad_items="skip"), (InvalidCall,), "it takes filter=.* segments=, on_error=, project="),
        (lambda: USERS.scan(name="Al"), (InvalidCall,), r"scan\(filter=Attr\(fields\(User\)\.name\)"),
        (lambda: USERS.scan(Attr(u.age) > 3), (InvalidCall,), r"scan\(filter="),
        (lambda: USERS.put(User(pk="1"), User(pk="2")), (InvalidCall,), r"batch_write\(put="),
        (lambda: USERS.create(User(pk="1"), User(pk="2")), (InvalidCall,), "transact_write"),
        (lambda: USERS.batch_get("1", "2"), (InvalidCall,), r"batch_get\(\[\.\.\.\]\)"),
        (lambda: USERS.batch_write([User(pk="1")]), (InvalidCall,), r"batch_write\(put="),
        (lambda: AWAITED.batch_write([User(pk="1")]), (InvalidCall,), r"batch_write\(put="),
        (lambda: cast("Any", transact_write)(*_puts()), (CallError, TypeError), r"transact_write\(\(a, b\)\)"),
        (lambda: cast("Any", transact_write)(_puts()[0]), (CallError,), "put it into a list"),
        (lambda: cast("Any", transact_get)(*_gets()), (CallError, TypeError), r"transact_get\(\(a, b\)\)"),
        (lambda: batch_write(*_puts()), (CallError, TypeError), r"batch_write\(\[a, b\]\)"),
        (lambda: cast("Any", aio.transact_write)(*_puts()), (CallError, TypeError), r"transact_write\(\(a, b\)\)"),
        (lambda: cast("Any", aio.transact_get)(*_gets()), (CallError, TypeError), r"transact_get\(\(a, b\)\)"),
        (lambda: aio.batch_write(*_puts()), (CallError, TypeError), r"batch_write\(\[a, b\]\)"),
        (lambda: Attr(u.age) in [1, 2], (InvalidExpression,), r"is_in\(\[\.\.\.\]\)"),
        (lambda: cast("Any", u.age) in [1, 2], (InvalidExpression,), r"is_in\(\[\.\.\.\]\)"),
        (lambda: "x" in cast("Any", Attr(u.tags)), (InvalidExpression,), r"\.contains\("),
        (lambda: list(cast("Any", Attr(u.tags))), (InvalidExpression,), "iterate over its field"),
        (lambda: (Attr(u.age) == 1) and (Attr(u.name) == "x"), (InvalidExpression,), "& | ~"),
        (lambda: cast("Any", Attr(u.age)).gte(3), (UnknownAttribute, AttributeError), r"Attr\(x\) >= value"),
        (lambda: cast("Any", Attr(u.name)).begin_with("a"), (UnknownAttribute,), "did you mean begins_with"),
        (lambda: cast("Any", Attr(u.name)).startswith("a"), (UnknownAttribute,), r"write begins_with\(\.\.\.\)"),
        (lambda: cast("Any", Attr(u.age)).in_([1]), (UnknownAttribute,), r"write is_in\(\[\.\.\.\]\)"),
        (lambda: cast("Any", Attr(u.tags)).append("x"), (UnknownAttribute,), "write list_append"),
        (lambda: cast("Any", Attr(u.age)).increment(), (UnknownAttribute,), r"write add\(1\)"),
        (lambda: cast("Any", Key(u.pk)).eq("1"), (UnknownAttribute, AttributeError), r"Key\(x\) == value"),
        (lambda: cast("Any", Key(u.pk)).is_in(["1"]), (UnknownAttribute,), r"batch_get\(\[\.\.\.\]\)"),
        (lambda: cast("Any", Key(u.pk)).contains("1"), (UnknownAttribute,), r"filter=Attr\(\.\.\.\)"),
        (lambda: USERS.save(User(pk="1")), (UnknownAttribute, AttributeError), r"write put\(item\)"),
        (lambda: USERS.get_item("1"), (UnknownAttribute,), r"write get\(key\)"),
        (lambda: USERS.filter(age=3), (UnknownAttribute,), r"query\(Key"),
        (lambda: USERS.creat(User(pk="1")), (UnknownAttribute,), "did you mean create"),
        (lambda: AWAITED.insert(User(pk="1")), (UnknownAttribute,), r"write create\(item\)"),
        (lambda: SHOP.put(Order(customer="7", number=2)), (UnknownAttribute,), r"shop\[Model\]\.put\(\.\.\.\)"),
        (lambda: SHOP.find("7"), (UnknownAttribute,), r"query\(Key"),
        (lambda: UNTYPED.get("1"), (UnknownAttribute, AttributeError), r"users = Repo\(User\), users\.get\("),
        (lambda: UNTYPED.create_table("x"), (UnknownAttribute,), r"users\.table\.create\(\)"),
        (lambda: cast("Any", User(pk="1")).save(), (UnknownAttribute, AttributeError), r"users\.put\(item\)"),
        (lambda: cast("Any", Repo)(User, "users-dev"), (CallError, TypeError), "options by name: table="),
        (lambda: cast("Any", Repo)(User, tables="x"), (InvalidCall,), "did you mean table="),
        (lambda: cast("Any", aio.Repo)(User, "users-dev"), (CallError, TypeError), "options by name: table="),
        (lambda: USERS.query(Key(u.pk) == "1", reverse=True), (InvalidCall,), "write ascending=False"),
        (lambda: USERS.query(Key(u.pk) == "1", IndexName="by-email"), (InvalidCall,), "write index="),
        (lambda: USERS.query(Key(u.pk) == "1", ascending="desc"), (CallError,), "must be a bool, got str"),
        (lambda: USERS.scan(consistent="no"), (CallError,), "must be a bool, got str"),
        (lambda: USERS.get("1", consistent_read=True), (InvalidCall,), "write consistent="),
        (lambda: cast("Any", key_of)(Order, "7", 2), (InvalidCall, TypeError), r"key_of\(Order, customer=\.\.\."),
        (lambda: USERS.update(User(pk="1"), fields=[u.age]), (InvalidExpression,), "names, as strings"),
        (lambda: USERS.put(User), (CallError,), "not a class: make one"),
        (lambda: USERS.scan().to_list(), (UnknownAttribute,), r"write query\.all\(\)"),
        (lambda: USERS.scan().order_by("age"), (UnknownAttribute,), "ascending=False"),
        (lambda: USERS.put(pk="1"), (InvalidCall, TypeError), r"it takes an instance, put\(User\(pk=\.\.\.\)\)"),
        (lambda: USERS.create(pk="1"), (InvalidCall, TypeError), r"create\(User\(pk=\.\.\.\)\)"),
        (lambda: AWAITED.create(pk="1"), (InvalidCall, TypeError), r"create\(User\(pk=\.\.\.\)\)"),
        (USERS.put, (InvalidCall, TypeError), r"needs its item: write users\.put\(item\)"),
        (lambda: USERS.put([User(pk="1")]), (CallError,), r"batch_write\(put="),
        (lambda: USERS.put(User(pk="1"), if_not_exists=True), (InvalidCall,), r"write create\(item\)"),
        (lambda: USERS.put(User(pk="1"), condition_=None), (InvalidCall,), "did you mean condition="),
        (USERS.update, (InvalidCall, TypeError), r"needs its key: write users\.update\(key\)"),
        (AWAITED.update, (InvalidCall, TypeError), r"needs its key"),
        (lambda: USERS.patch("1", name="Al"), (InvalidCall, TypeError), r"patch\(key, \{'name': \.\.\.\}\)"),
        (lambda: USERS.patch(User(pk="1")), (InvalidCall, TypeError), "not nothing.*write update"),
        (lambda: USERS.batch_get(pk="1"), (InvalidCall, TypeError), r"batch_get\(\[\.\.\.\]\)"),
        (USERS.batch_get, (InvalidCall, TypeError), r"batch_get\(\[\.\.\.\]\)"),
        (lambda: USERS.batch_write(puts=[User(pk="1")]), (InvalidCall, TypeError), "did you mean put="),
        (lambda: AWAITED.batch_write(puts=[User(pk="1")]), (InvalidCall, TypeError), "did you mean put="),
        (lambda: USERS.delete([User(pk="1")]), (InvalidKey,), r"batch_write\(delete="),
        (lambda: USERS.delete(User(pk="1"), User(pk="2")), (InvalidCall,), r"batch_write\(delete="),
        (lambda: USERS.get({"pk": "1"}), (InvalidKey,), r"its parts by name, pk="),
        (lambda: VISITS.get({"id": "1"}), (InvalidKey,), r"its parts by name, pk=\.\.\., sk="),
        (lambda: ORDERS.get("7"), (InvalidKey,), r"its parts by name, customer=\.\.\., number="),
        (lambda: USERS.get(Key(u.pk) == "1"), (InvalidKey,), "got a KeyCondition: pass the value of pk"),
        (lambda: USERS.get(u.pk), (InvalidKey,), "got a field reference: pass the value of pk"),
        (lambda: USERS.get(User), (InvalidKey,), "got a class: pass the value of pk"),
        (lambda: USERS.delete(Attr(u.age) > 3), (InvalidKey,), "got a Condition"),
        (
            cast("Any", Repo),
            (InvalidCall, TypeError),
            r"not nothing: pass the class itself, as in Repo\(User\)",
        ),
        (cast("Any", aio.Repo), (InvalidCall, TypeError), "not nothing: pass the class itself"),
        (lambda: cast("Any", Repo)("User"), (CallError,), "the name of its table as table="),
        (lambda: cast("Any", Repo)(User, region="x"), (InvalidCall,), r"client=boto3\.client"),
        (lambda: next(USERS.scan()), (InvalidCall, TypeError), r"query\.first\(\)"),
        (lambda: next(AWAITED.scan()), (InvalidCall, TypeError), r"await query\.first\(\)"),
        (lambda: USERS.scan().page(limit=5), (InvalidCall, TypeError), "write size="),
        (lambda: AWAITED.scan().page(cursorr="x"), (InvalidCall, TypeError), "did you mean cursor="),
        (lambda: list(USERS), (InvalidCall, TypeError), r"get\(key\), exists\(key\)"),
        (lambda: USERS["1"], (InvalidCall, TypeError), r"get\(key\), exists\(key\)"),
        (lambda: "1" in AWAITED, (InvalidCall, TypeError), r"exists\(key\)"),
        (lambda: _entered(USERS.batch()), (CallError,), r"write with users\.batch\(\)"),
        (
            lambda: cast("Any", u.name).begins_with("A"),
            (InvalidExpression,),
            r"Attr\(fields\(User\)\.name\)\.begins_with",
        ),
        (lambda: cast("Any", u.name).startswith("A"), (InvalidExpression,), r"wrap it first, Attr"),
        (lambda: cast("Any", PartitionKey)(attributee="x"), (InvalidCall, TypeError), "did you mean attribute="),
        (lambda: cast("Any", SortKey)("a", "b"), (InvalidCall, TypeError), "without a name: write template=, index="),
        (lambda: cast("Any", Attribute)(namee="x"), (InvalidCall, TypeError), "did you mean name="),
        (lambda: cast("Any", CreatedAt)(format="int"), (InvalidCall, TypeError), r"and Attribute\(format="),
        (lambda: cast("Any", OmitEmpty)("x"), (InvalidCall, TypeError), r"takes no arguments: write OmitEmpty\(\)"),
        (lambda: cast("Any", Vector)("x"), (InvalidCall, TypeError), "needs dimensions: write Vector"),
        (lambda: cast("Any", GlobalIndex)("x", project="ALL"), (InvalidCall, TypeError), "did you mean projection="),
        (lambda: cast("Any", Put)(User(pk="1")), (InvalidCall, TypeError), "takes a repository first, not a User"),
        (lambda: cast("Any", Put)(USERS), (InvalidCall, TypeError), r"Put\(users, item\)"),
        (lambda: cast("Any", Update)(USERS), (InvalidCall, TypeError), r"Update\(users, key\)"),
        (lambda: cast("Any", Get)(USERS), (InvalidCall, TypeError), r"Get\(users, key\)"),
        (lambda: cast("Any", Check)(USERS, "1"), (InvalidCall, TypeError), "condition= is nothing"),
        (lambda: cast("Any", Table)([Order]), (CallError,), "pass the class itself"),
        (lambda: cast("Any", Table)(Order, table="x"), (InvalidCall, TypeError), "write name="),
        (lambda: SHOP.query(pk="1"), (InvalidCall, TypeError), r"query\(Key"),
        (lambda: SHOP.scan(segment=2), (InvalidCall, TypeError), "did you mean segments="),
        (lambda: USERS.update("1", u.age), (InvalidExpression,), "not a field reference"),
        (lambda: USERS.commit, (UnknownAttribute,), "every call is sent at once"),
        (lambda: fields(UNTYPED).scores.math, (InvalidExpression,), r"a map, .*\['math'\]"),
    ],
)
def test_a_mistake_says_its_repair(
    mistake: Callable[[], object], kinds: tuple[type[Exception], ...], repair: str
) -> None:
    with pytest.raises(CallError, match=repair) as caught:
        mistake()
    assert all(isinstance(caught.value, kind) for kind in kinds)


def _puts() -> list[Any]:
    return [Put(USERS, User(pk="1")), Put(USERS, User(pk="2"))]


def _gets() -> list[Any]:
    return [Get(USERS, "1"), Get(USERS, "2")]


USES_OF_A_CONDITION: list[Callable[[Any], object]] = [
    lambda bad: USERS.query(Key(u.pk) == "1", filter=bad),
    lambda bad: USERS.scan(filter=bad),
    lambda bad: AWAITED.scan(filter=bad),
    lambda bad: USERS.put(User(pk="1"), condition=bad),
    lambda bad: USERS.create(User(pk="1"), condition=bad),
    lambda bad: USERS.update("1", Attr(u.age).set(1), condition=bad),
    lambda bad: USERS.delete("1", condition=bad),
    lambda bad: Put(USERS, User(pk="1"), condition=bad),
    lambda bad: Check(USERS, "1", bad),
]


@pytest.mark.parametrize("left", [False, True, cast("Any", Attr(u.name)) is None])
@pytest.mark.parametrize("use", USES_OF_A_CONDITION)
def test_what_python_leaves_behind_is_no_condition(left: object, use: Callable[[object], object]) -> None:
    with pytest.raises(InvalidExpression, match=r"is a bool: .*; Python's `is None`, .*Attr\(x\) == None"):
        use(left)


RANGES: list[Callable[[Any], object]] = [
    lambda key: key > "a",
    lambda key: key.begins_with("a"),
    lambda key: key.between("a", "b"),
]


@pytest.mark.parametrize("make", RANGES)
def test_a_range_of_the_partition_key(make: Callable[[Any], object]) -> None:
    for repo, key in ((USERS, u.pk), (VISITS, v.pk), (ORDERS, o.customer)):
        with pytest.raises(
            IndexNotFound, match=r"needs Key\(u\.\w+\) == \.\.\., since a partition key takes == only.*scan\(filter="
        ):
            repo.query(make(Key(key)))


def _on_a_property() -> object:
    class Mine(DynamoModel, table="mine"):
        owner: str

        @property
        def pk(self) -> Annotated[str, PartitionKey()]:
            return f"OWNER#{self.owner}"

    return Mine


def _on_a_method() -> object:
    class Mine(DynamoModel, table="mine"):
        owner: str

        def pk(self) -> Annotated[str, PartitionKey()]:
            return f"OWNER#{self.owner}"

    return Mine


def _with_meta() -> object:
    class Mine(DynamoModel, table="mine"):
        class Meta:
            table_name = "people"
            region = "eu-west-1"

        pk: Annotated[str, PartitionKey()]

    return Mine


@pytest.mark.parametrize("define", [_on_a_property, _on_a_method])
def test_a_key_on_what_is_not_stored(define: Callable[[], object]) -> None:
    with pytest.raises(ModelDefinitionError, match=r"pk: PartitionKey\(\) on a plain property .*@computed_field"):
        define()


def test_the_meta_class_of_pynamodb() -> None:
    with pytest.raises(ModelDefinitionError, match=r"PynamoDB's: write class Mine\(DynamoModel, table='people'\)"):
        _with_meta()


def test_a_class_called_meta_of_ones_own_is_none_of_our_business() -> None:
    class Mine(DynamoModel, table="mine"):
        class Meta(BaseModel):
            note: str = ""

        pk: Annotated[str, PartitionKey()]
        meta: Meta = Meta()

    assert Mine(pk="1").to_item()["meta"] == {"M": {"note": {"S": ""}}}


def test_attributes_of_a_class_and_of_a_query_are_looked_for_as_python_does() -> None:
    assert not hasattr(User, "age")
    assert getattr(UNTYPED, "nothing", 3) == 3
    assert getattr(USERS.scan(), "name", 3) == 3
    assert copy.copy(USERS.scan()).explain().operation == "Scan"
    with pytest.raises(AttributeError, match="nothing"):
        _ = UNTYPED.nothing


def test_words_that_are_probed_for_are_missing_as_python_says() -> None:
    for each in (Attr(u.age), Key(u.pk), USERS, SHOP):
        assert not hasattr(each, "_repr_html_")
        assert not hasattr(each, "save")
        assert copy.copy(each) is not None
    assert getattr(User, "objects", 3) == getattr(User(pk="1"), "save", 3) == 3


def test_a_field_or_an_extra_may_be_called_as_a_verb() -> None:
    class Loose(DynamoModel, table="loose", extra="allow"):
        pk: Annotated[str, PartitionKey()]
        query: str = "q"

    loose: Any = Loose.model_validate({"pk": "1", "save": "s"})
    assert (loose.query, loose.save) == ("q", "s")


def test_a_subclass_gives_a_field_another_default() -> None:
    class Elder(User, table="elders"):
        age: int = 60

    assert Elder(pk="1").age == 60
    with pytest.raises(UnknownAttribute, match=r"fields\(Elder\)\.age"):
        _ = cast("Any", Elder).age


def test_a_reference_in_an_f_string_says_how_to_show_it() -> None:
    for make in (lambda: f"USER#{u.pk}", lambda: str(u.pk), lambda: f"{u.pk:>9}", lambda: "%s" % cast("Any", u.pk)):  # noqa: UP031 -- what it shows
        with pytest.raises(InvalidExpression, match=r"\{u\.name!r\}"):
            make()
    assert f"{u.pk!r}" == "<field User.pk>"
    assert repr(key_of(Order, customer="7", number=2)) == "key_of(Order, customer='7', number=2)"


def _with_a_name_for_an_index() -> object:
    class Mine(DynamoModel, table="mine", indexes=cast("Any", ["by-name"])):
        pk: Annotated[str, PartitionKey()]

    return Mine


def _with_a_marker_as_type() -> object:
    class Mine(DynamoModel, table="mine"):
        pk: PartitionKey

    return Mine


def _with_a_misspelt_argument() -> object:
    class Mine(DynamoModel, **cast("Any", {"tables": "mine"})):
        pk: Annotated[str, PartitionKey()]

    return Mine


@pytest.mark.parametrize(
    ("define", "repair"),
    [
        (_with_a_name_for_an_index, r"not a str: write GlobalIndex\('by-name'\)"),
        (_with_a_marker_as_type, r"pk: PartitionKey is its type: write pk: Annotated\[str, PartitionKey\(\)\]"),
        (_with_a_misspelt_argument, "tables= is not an argument of a class: did you mean table="),
    ],
)
def test_a_class_statement_of_another_shape_says_its_repair(define: Callable[[], object], repair: str) -> None:
    with pytest.raises(ModelDefinitionError, match=repair):
        define()


@pytest.mark.parametrize(
    ("call", "repair"),
    [
        (cast("Any", transact_write), r"write transact_write\(\[\.\.\.\]\)"),
        (cast("Any", transact_get), r"write transact_get\(\[\.\.\.\]\)"),
        (cast("Any", batch_write), r"write batch_write\(\[\.\.\.\]\)"),
        (
            lambda: cast("Any", transact_write)((), tokens="t"),
            "transact_write has no argument tokens=: did you mean token=",
        ),
        (lambda: cast("Any", transact_get)((), retry=1), "transact_get has no argument retry=: did you mean retries="),
        (lambda: cast("Any", batch_write)((), concurrent=2), "batch_write has no argument .*did you mean concurrency="),
        (cast("Any", aio.transact_write), r"write transact_write\(\[\.\.\.\]\)"),
        (lambda: cast("Any", aio.transact_write)((), tokens="t"), "did you mean token="),
        (lambda: cast("Any", aio.transact_get)((), retry=1), "did you mean retries="),
        (lambda: cast("Any", aio.batch_write)((), concurrent=2), "did you mean concurrency="),
        (
            lambda: cast("Any", Update)(USERS, "1", must_exists=True),
            "Update has no argument .*did you mean must_exist=",
        ),
        (
            lambda: cast("Any", Attr(u.age)).between(1),
            r"User\.age: between takes two values: write between\(low, high\)",
        ),
        (
            lambda: cast("Any", Put)(USERS, User(pk="1"), conditions=None),
            "Put has no argument .*did you mean condition=",
        ),
        (lambda: cast("Any", Create)(USERS, User(pk="1"), conditions=None), "Create has .*did you mean condition="),
        (lambda: cast("Any", Delete)(USERS, "1", expected_versoin=1), "Delete has .*did you mean expected_version="),
        (lambda: cast("Any", Check)(USERS, "1", conditions=None), "Check has .*did you mean condition="),
        (
            lambda: cast("Any", Get)(USERS, "1", projection=Plain),
            "Get has no argument projection=: did you mean project=",
        ),
        (
            lambda: cast("Any", Put)(USERS, User(pk="1"), zebra=1),
            "it takes repo=, item=, condition=, expected_version=",
        ),
        (lambda: cast("Any", Attr(u.age)).between(), r"write between\(low, high\)"),
        (lambda: cast("Any", Key(u.pk)).between("a"), r"write between\(low, high\)"),
        (lambda: cast("Any", Attr(u.age)).is_in(), r"write is_in\(\[a, b\]\)"),
        (lambda: cast("Any", Attr(u.age)).is_in(1, 2), r"write is_in\(\[a, b\]\)"),
    ],
)
def test_a_missing_or_misspelt_argument_is_answered_with_the_one_it_takes(
    call: Callable[[], object], repair: str
) -> None:
    with pytest.raises(InvalidCall, match=repair):
        call()


def test_a_key_of_no_model_is_refused() -> None:
    with pytest.raises(InvalidKey, match="takes a model class first"):
        cast("Any", key_of)()


def test_a_misspelt_name_of_the_package_is_answered_with_the_one_it_resembles() -> None:
    package = cast("Any", dynamorm_py)
    with pytest.raises(AttributeError, match=r"has no attribute 'PartitonKey': did you mean PartitionKey$"):
        _ = package.PartitonKey
    with pytest.raises(AttributeError, match=r"has no attribute 'zebra'$"):
        _ = package.zebra
    assert not hasattr(package, "PartitonKey")
    assert getattr(package, "PartitonKey", None) is None
    with pytest.raises(ImportError, match="PartitonKey"):
        exec("from dynamorm_py import PartitonKey")  # noqa: S102 -- a checker would refuse the statement
