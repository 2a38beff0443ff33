"""Measure the CPU of get, put and a query's page of 1,000 items beside other libraries.

    uv run --no-project --with pynamodb --with dyntastic --with pydynox --with . python benchmarks/peers.py

The same item of 11 attributes everywhere, each library used as its own documentation shows. All take turns in one
run over the loopback; the server is another process with recorded answers. Only ratios say something.
"""

# The other libraries are imported by the functions that compare them, and are not installed for the type checker.
# ruff: noqa: PLC0415
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import os
from datetime import datetime  # noqa: TC003 -- dyntastic reads the annotation
from decimal import Decimal  # noqa: TC003 -- the same
from importlib.metadata import version
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from loopback import answering
from sample import Address, Person, body, page, person

from dynamorm_py import Key, Repo, fields
from dynamorm_py._transport import default_client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ITEMS = 1_000
_ROUNDS = 15
_CALLS = {"get": 20, "put": 20, "query": 1}

Ways = dict[str, "Callable[[], object]"]


def boto3_and_pydantic(endpoint: str) -> Ways:
    """Use boto3's client and serializers, and pydantic's `model_validate`, by hand."""
    client: Any = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint)
    one = person(1)
    read, write = TypeDeserializer().deserialize, TypeSerializer().serialize

    def model(item: Mapping[str, Any]) -> Person:
        plain = {name: read(value) for name, value in item.items()}
        return Person.model_validate(
            plain | {"avatar": bytes(plain["avatar"])}
        )  # a Binary, unless dyntastic patched boto3

    def put() -> object:
        plain = one.model_dump() | {"created": one.created.isoformat()}
        item = {name: write(value) for name, value in plain.items()}
        return client.put_item(TableName="people", Item=item)

    key = {"pk": {"S": one.pk}, "sk": {"S": one.sk}}
    asked = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": one.pk}}}
    return {
        "get": lambda: model(client.get_item(TableName="people", Key=key)["Item"]),
        "put": put,
        "query": lambda: [model(item) for item in client.query(TableName="people", **asked)["Items"]],
    }


def ours(endpoint: str) -> Ways:
    """Use dynamorm_py with its own client."""
    people, f, one = Repo(Person, client=default_client("us-east-1", endpoint)), fields(Person), person(1)
    return {
        "get": lambda: people.get((one.pk, one.sk)),
        "put": lambda: people.put(one),
        "query": lambda: people.query(Key(f.pk) == one.pk).all(),
    }


def pynamodb(endpoint: str) -> Ways:
    """Use PynamoDB."""
    from pynamodb import attributes as a
    from pynamodb.models import Model

    class Place(a.MapAttribute):
        city = a.UnicodeAttribute()
        lines = a.ListAttribute(of=a.UnicodeAttribute)

    class Human(Model):
        class Meta:
            table_name, region, host = "people", "us-east-1", endpoint

        pk = a.UnicodeAttribute(hash_key=True)
        sk = a.UnicodeAttribute(range_key=True)
        email = a.UnicodeAttribute()
        age = a.NumberAttribute()
        score = a.NumberAttribute()
        active = a.BooleanAttribute()
        nickname = a.UnicodeAttribute(null=True)
        tags = a.UnicodeSetAttribute()
        avatar = a.BinaryAttribute(legacy_encoding=False)
        created = a.UnicodeAttribute()  # its UTCDateTimeAttribute reads its own text form only
        address = Place()

    plain: dict[str, Any] = person(1).model_dump() | {"created": person(1).created.isoformat(), "score": 12.5}
    plain["address"] = Place(**plain["address"])
    one = Human(**plain)
    return {
        "get": lambda: Human.get(one.pk, one.sk),
        "put": one.save,
        "query": lambda: list(Human.query(one.pk)),
    }


def dyntastic(endpoint: str) -> Ways:
    """Use dyntastic."""
    from dyntastic import Dyntastic

    class Human(Dyntastic):
        __table_name__ = "people"
        __table_region__ = "us-east-1"
        __table_host__ = endpoint
        __hash_key__ = "pk"
        __range_key__ = "sk"

        pk: str
        sk: str
        email: str
        age: int
        score: Decimal
        active: bool
        nickname: str | None
        tags: set[str]
        avatar: bytes
        created: datetime
        address: Address

    one = Human(**person(1).model_dump())
    return {
        "get": lambda: Human.get(one.pk, one.sk),
        "put": one.save,
        "query": lambda: list(Human.query(one.pk)),
    }


def pydynox(endpoint: str) -> Ways:
    """Use pydynox: its core is Rust, its models are its own and validate nothing of these types."""
    from pydynox import DynamoDBClient, Model, ModelConfig
    from pydynox import attributes as a

    class Human(Model):
        model_config = ModelConfig(table="people", client=DynamoDBClient(region="us-east-1", endpoint_url=endpoint))

        pk = a.StringAttribute(partition_key=True)
        sk = a.StringAttribute(sort_key=True)
        email = a.StringAttribute()
        age = a.NumberAttribute()
        score = a.DecimalAttribute()
        active = a.BooleanAttribute()
        nickname = a.StringAttribute()
        tags = a.StringSetAttribute()
        avatar = a.BinaryAttribute()
        created = a.DatetimeAttribute()
        address = a.MapAttribute()

    one = Human(**person(1).model_dump())
    return {
        "get": lambda: Human.sync_get(pk=one.pk, sk=one.sk),
        "put": lambda: one.sync_save(full_replace=True),
        "query": lambda: list(Human.sync_query(partition_key=one.pk)),
    }


LIBRARIES = {
    "boto3 and pydantic by hand": (boto3_and_pydantic, "boto3"),
    "dynamorm_py": (ours, "dynamorm-py"),
    "PynamoDB": (pynamodb, "pynamodb"),
    "dyntastic": (dyntastic, "dyntastic"),
    "pydynox": (pydynox, "pydynox"),
}


def cpu(call: Callable[[], object], calls: int) -> float:
    """Return the CPU seconds of one call, all threads of the process together."""
    started = process_time()
    for _ in range(calls):
        call()
    return (process_time() - started) / calls


def main() -> None:
    """Measure and print."""
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    answers = {"GetItem": body({"Item": person(1).to_item()}), "PutItem": b"{}", "Query": page(_ITEMS)}
    with answering(answers) as endpoint:
        ways = {name: make(endpoint) for name, (make, _) in LIBRARIES.items()}
        for operation, calls in _CALLS.items():
            rounds = [[cpu(way[operation], calls) for way in ways.values()] for _ in range(_ROUNDS + 1)][1:]
            print(operation)
            for n, (name, (_, package)) in enumerate(LIBRARIES.items()):
                fastest = min(times[n] for times in rounds)
                ratio = median(times[n] / times[1] for times in rounds)
                print(f"  {name:27} {version(package):8} {fastest * 1e3:8.2f} ms {ratio:6.2f}")


if __name__ == "__main__":
    main()
