"""What the local backends answer otherwise than DynamoDB: a row of docs/reference/local-backends.md each.

Every test states what AWS's documentation says. A backend that is known to fail it is marked, strictly: when it is
mended, the test fails and the row goes.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

differs = pytest.mark.differs

DIGITS = "1234567890123456789012345678901234567"
KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}


class Store:
    """A table of this test, in the words of the API."""

    def __init__(self, client: Any, name: str) -> None:  # noqa: ANN401 -- boto3's typed clients refuse what is wrong on purpose
        self.client, self.name = client, name

    def create(self, sort: str = "S", **parameters: Any) -> None:  # noqa: ANN401 -- CreateTable's
        """Create the table, with attributes for its indexes."""
        definitions = [("pk", "S"), ("sk", sort), *parameters.pop("keys", ())]
        self.client.create_table(
            TableName=self.name,
            KeySchema=_key("pk", "sk"),
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in definitions],
            BillingMode="PAY_PER_REQUEST",
            **parameters,
        )

    def put(self, sk: str = "1", **attributes: Any) -> Any:  # noqa: ANN401 -- attribute values, an answer
        """Store an item."""
        return self.client.put_item(TableName=self.name, Item={"pk": {"S": "a"}, "sk": {"S": sk}, **attributes})

    def update(self, expression: str, key: Any = KEY, **parameters: Any) -> Any:  # noqa: ANN401 -- UpdateItem's
        """Update the item; keywords in lower case are values."""
        values = {f":{name}": value for name, value in parameters.items() if name.islower()}
        rest = {name: value for name, value in parameters.items() if not name.islower()}
        if values:
            rest["ExpressionAttributeValues"] = values
        return self.client.update_item(TableName=self.name, Key=key, UpdateExpression=expression, **rest)

    def get(self, key: Any = KEY) -> Any:  # noqa: ANN401 -- an item
        """Return the stored item."""
        return self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item")

    def scan(self, condition: str, **values: Any) -> list[Any]:  # noqa: ANN401 -- attribute values
        """Return the items for which a filter holds."""
        values = {f":{name}": value for name, value in values.items()}
        found = self.client.scan(TableName=self.name, FilterExpression=condition, ExpressionAttributeValues=values)
        return found["Items"]

    def query(self, index: str | None = None, partition: str = "pk", **parameters: Any) -> Any:  # noqa: ANN401 -- Query's
        """Return the answer for one partition."""
        values = {":p": {"S": "a"}, **parameters.pop("values", {})}
        if index:
            parameters["IndexName"] = index
        return self.client.query(
            TableName=self.name,
            KeyConditionExpression=f"{partition} = :p",
            ExpressionAttributeValues=values,
            **parameters,
        )


def _key(partition: str, sort: str | None = None) -> list[dict[str, str]]:
    schema = [{"AttributeName": partition, "KeyType": "HASH"}]
    return [*schema, {"AttributeName": sort, "KeyType": "RANGE"}] if sort else schema


GLOBAL: dict[str, Any] = {
    "keys": [("g", "S")],
    "GlobalSecondaryIndexes": [
        {"IndexName": "by-g", "KeySchema": _key("g"), "Projection": {"ProjectionType": "KEYS_ONLY"}}
    ],
}
LOCAL: dict[str, Any] = {
    "keys": [("l", "S")],
    "LocalSecondaryIndexes": [
        {"IndexName": "by-l", "KeySchema": _key("pk", "l"), "Projection": {"ProjectionType": "KEYS_ONLY"}}
    ],
}
STREAM: dict[str, Any] = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}


@pytest.fixture
def bare(dynamorm_client: DynamoDBClient, unique_table_name: str) -> Iterator[Store]:
    """Give a table that is not created yet."""
    yield Store(dynamorm_client, unique_table_name)
    with suppress(dynamorm_client.exceptions.ResourceNotFoundException):  # a backend may not know the table's kind
        dynamorm_client.delete_table(TableName=unique_table_name)


@pytest.fixture
def table(bare: Store) -> Store:
    """Give a table with a partition and a sort key."""
    bare.create()
    return bare


def refused(call: Callable[[], object]) -> bool:
    """Return whether DynamoDB refuses the request as invalid."""
    try:
        call()
    except ClientError as error:
        return error.response.get("Error", {}).get("Code") == "ValidationException"
    return False


# --- numbers ----------------------------------------------------------------------------------------


@differs("ministack", row=1)
def test_set_adds_to_38_digits_exactly(table: Store) -> None:
    table.put(n={"N": DIGITS})
    table.update("SET n = n + :one", one={"N": "1"})
    assert table.get()["n"] == {"N": str(int(DIGITS) + 1)}


@differs("ministack", "moto", row=1)
def test_add_adds_to_38_digits_exactly(table: Store) -> None:
    table.put(n={"N": DIGITS})
    table.update("ADD n :tenth", tenth={"N": "0.1"})
    assert table.get()["n"] == {"N": f"{DIGITS}.1"}


@differs("ministack", row=2)
def test_a_number_as_key_is_found_however_it_is_written(bare: Store) -> None:
    bare.create(sort="N")
    bare.client.put_item(TableName=bare.name, Item={"pk": {"S": "a"}, "sk": {"N": "1"}})
    assert bare.get({"pk": {"S": "a"}, "sk": {"N": "1.0"}}) is not None


@differs("ministack", "dynoxide", "moto", row=4)
def test_the_numbers_of_a_set_are_unique_as_numbers(table: Store) -> None:
    table.put(ns={"NS": ["1"]})
    table.update("ADD ns :more", more={"NS": ["1.0"]})
    assert table.get()["ns"] == {"NS": ["1"]}


@differs("ministack", row=5)
def test_contains_compares_numbers_as_numbers(table: Store) -> None:
    table.put(ns={"NS": ["1", "2"]})
    assert len(table.scan("contains(ns, :n)", n={"N": "1.0"})) == 1


@differs("moto", row=40)
def test_a_number_is_stored_without_zeros_at_its_end(table: Store) -> None:
    table.put(n={"N": "1.50"})
    assert table.get()["n"] == {"N": "1.5"}


# --- functions --------------------------------------------------------------------------------------


@differs("ministack", "moto", row=6)
def test_contains_looks_inside_binary(table: Store) -> None:
    table.put(b={"B": b"\x00PNG"})
    assert len(table.scan("contains(b, :part)", part={"B": b"PN"})) == 1


@differs("ministack", row=7)
def test_begins_with_is_false_for_an_item_with_another_type(table: Store) -> None:
    table.put("1", k={"S": "start"})
    table.put("2", k={"N": "7"})
    table.put("3", k={"L": []})
    assert [item["sk"] for item in table.scan("begins_with(k, :s)", s={"S": "st"})] == [{"S": "1"}]


@differs("moto", row=42)
def test_begins_with_looks_at_binary(table: Store) -> None:
    table.put(b={"B": b"\x89PNG"})
    assert len(table.scan("begins_with(b, :start)", start={"B": b"\x89"})) == 1


# --- updates ----------------------------------------------------------------------------------------


@differs("ministack", row=3)
def test_several_elements_are_removed_by_the_numbers_they_had(table: Store) -> None:
    table.put(l={"L": [{"S": letter} for letter in "abcde"]})
    table.update("REMOVE l[1], l[2]")
    assert [element["S"] for element in table.get()["l"]["L"]] == ["a", "d", "e"]


@differs("ministack", row=8)
def test_each_clause_stands_once_in_an_update(table: Store) -> None:
    table.put()
    assert refused(lambda: table.update("SET x = :one SET y = :one", one={"N": "1"}))


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        pytest.param("SET n = :one, n = :one", {"one": {"N": "1"}}, id="one path twice"),
        pytest.param("SET n = s + :one", {"one": {"N": "1"}}, id="a string in a sum"),
        pytest.param("ADD nowhere.n :one", {"one": {"N": "1"}}, id="add below a missing map"),
        pytest.param("REMOVE nowhere.n", {}, id="remove below a missing map"),
        pytest.param("REMOVE nowhere[3]", {}, id="remove below a missing list"),
    ],
)
@differs("ministack", row=9)
def test_an_update_that_makes_no_sense_is_refused(table: Store, expression: str, values: dict[str, Any]) -> None:
    table.put(s={"S": "text"})
    assert refused(lambda: table.update(expression, **values))


@differs("ministack", "moto", row=10)
def test_elements_beyond_the_end_are_appended_by_their_numbers(table: Store) -> None:
    table.put(l={"L": []})
    table.update("SET l[9] = :b, l[5] = :a", a={"S": "a"}, b={"S": "b"})
    assert [element["S"] for element in table.get()["l"]["L"]] == ["a", "b"]


@differs("dynoxide", row=14)
def test_an_update_that_creates_the_item_has_no_old_attributes(table: Store) -> None:
    assert not table.update("SET n = :one", one={"N": "1"}, ReturnValues="ALL_OLD").get("Attributes")


@differs("moto", row=29)
def test_updated_new_gives_the_named_attributes_that_did_not_change_too(table: Store) -> None:
    table.put(n={"N": "1"})
    changed = table.update("SET n = :one", one={"N": "1"}, ReturnValues="UPDATED_NEW")
    assert changed["Attributes"] == {"n": {"N": "1"}}


# --- indexes ----------------------------------------------------------------------------------------


@differs("ministack", row=11)
def test_a_filter_on_a_global_index_sees_what_the_index_carries_only(bare: Store) -> None:
    bare.create(**GLOBAL)
    bare.put(g={"S": "a"}, x={"N": "1"})

    def found() -> list[Any]:
        return bare.query("by-g", "g", FilterExpression="x = :x", values={":x": {"N": "1"}})["Items"]

    assert refused(found) or found() == []


@differs("ministack", row=11)
def test_all_attributes_are_refused_on_a_global_index_that_carries_some(bare: Store) -> None:
    bare.create(**GLOBAL)
    assert refused(lambda: bare.query("by-g", "g", Select="ALL_ATTRIBUTES"))


@differs("ministack", "dynoxide", "moto", row=24)
def test_an_attribute_that_a_global_index_does_not_carry_is_refused_in_a_projection(bare: Store) -> None:
    bare.create(**GLOBAL)
    bare.put(g={"S": "a"}, x={"N": "1"})
    assert refused(lambda: bare.query("by-g", "g", ProjectionExpression="x"))


@differs("ministack", "dynoxide", "moto", row=22)
def test_an_attribute_that_a_local_index_does_not_carry_is_fetched(bare: Store) -> None:
    bare.create(**LOCAL)
    bare.put(l={"S": "1"}, x={"N": "1"})
    assert bare.query("by-l", ProjectionExpression="x")["Items"] == [{"x": {"N": "1"}}]


@differs("ministack", "moto", row=23)
def test_a_query_of_a_local_index_gives_whole_items_when_asked(bare: Store) -> None:
    bare.create(**LOCAL)
    bare.put(l={"S": "1"}, x={"N": "1"})
    (item,) = bare.query("by-l", Select="ALL_ATTRIBUTES")["Items"]
    assert item["x"] == {"N": "1"}


@differs("ministack", "dynoxide", "moto", row=23)
def test_a_scan_of_a_local_index_gives_whole_items_when_asked(bare: Store) -> None:
    bare.create(**LOCAL)
    bare.put(l={"S": "1"}, x={"N": "1"})
    (item,) = bare.client.scan(TableName=bare.name, IndexName="by-l", Select="ALL_ATTRIBUTES")["Items"]
    assert item.get("x") == {"N": "1"}


@differs("moto", row=40)
def test_an_index_key_of_another_type_is_refused(bare: Store) -> None:
    bare.create(**GLOBAL)
    assert refused(lambda: bare.put(g={"N": "1"}))


# --- transactions, pages, capacity --------------------------------------------------------------------


@differs("dynoxide", "moto", row=15)
def test_a_transactional_get_gives_what_is_projected_only(table: Store) -> None:
    table.put(n={"N": "1"}, m={"N": "2"})
    get = {"Get": {"TableName": table.name, "Key": KEY, "ProjectionExpression": "n"}}
    assert table.client.transact_get_items(TransactItems=[get])["Responses"] == [{"Item": {"n": {"N": "1"}}}]


def _increment(table: Store) -> dict[str, Any]:
    values = {":one": {"N": "1"}}
    return {
        "Update": {
            "TableName": table.name,
            "Key": KEY,
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": values,
        }
    }


@differs("moto", row=27)
def test_a_transaction_with_its_token_again_is_done_once(table: Store) -> None:
    for _ in range(2):
        table.client.transact_write_items(TransactItems=[_increment(table)], ClientRequestToken="t" * 36)
    assert table.get()["n"] == {"N": "1"}


@differs("moto", row=27)
def test_another_transaction_with_the_same_token_is_refused(table: Store) -> None:
    token = str(uuid4())
    table.client.transact_write_items(TransactItems=[_increment(table)], ClientRequestToken=token)
    delete = {"Delete": {"TableName": table.name, "Key": KEY}}
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        table.client.transact_write_items(TransactItems=[delete], ClientRequestToken=token)


@differs("moto", row=28)
def test_a_transaction_with_its_token_again_consumes_reads(table: Store) -> None:
    ask = {"TransactItems": [_increment(table)], "ClientRequestToken": str(uuid4()), "ReturnConsumedCapacity": "TOTAL"}
    table.client.transact_write_items(**ask)
    (again,) = table.client.transact_write_items(**ask)["ConsumedCapacity"]
    assert again["ReadCapacityUnits"] > 0


@differs("moto", row=42)
def test_a_transaction_has_up_to_100_gets(table: Store) -> None:
    gets = [
        {"Get": {"TableName": table.name, "Key": {"pk": {"S": "a"}, "sk": {"S": str(number)}}}} for number in range(100)
    ]
    assert len(table.client.transact_get_items(TransactItems=gets)["Responses"]) == 100


@differs("moto", row=39)
def test_a_page_that_ends_at_its_limit_has_a_cursor(table: Store) -> None:
    table.put("1")
    table.put("2")
    assert "LastEvaluatedKey" in table.query(Limit=2)


@differs("ministack", "moto", row=25)
def test_a_read_costs_by_its_size(table: Store) -> None:
    table.put(x={"S": "x" * 9_000})
    got = table.client.get_item(TableName=table.name, Key=KEY, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
    assert got["ConsumedCapacity"]["CapacityUnits"] == 3.0


@differs("moto", row=26)
def test_a_write_costs_by_its_size_and_its_indexes(bare: Store) -> None:
    bare.create(**GLOBAL)
    item = {**KEY, "g": {"S": "a"}, "x": {"S": "x" * 1_500}}
    put = bare.client.put_item(TableName=bare.name, Item=item, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert put["Table"]["CapacityUnits"] == 2.0
    assert put["GlobalSecondaryIndexes"]["by-g"]["CapacityUnits"] == 1.0


# --- what is refused ----------------------------------------------------------------------------------


@differs("moto", row=40)
def test_a_number_has_up_to_38_digits(table: Store) -> None:
    assert refused(lambda: table.put(x={"N": "1" * 39}))


@differs("moto", row=40)
def test_a_batch_has_up_to_25_writes(table: Store) -> None:
    puts = [{"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"S": str(number)}}}} for number in range(26)]
    assert refused(lambda: table.client.batch_write_item(RequestItems={table.name: puts}))


@differs("moto", row=40)
def test_an_update_without_an_expression_may_have_a_condition(table: Store) -> None:
    table.client.update_item(TableName=table.name, Key=KEY, ConditionExpression="attribute_not_exists(pk)")
    assert table.get() == KEY


@differs("moto", row=40)
@pytest.mark.parametrize("condition", ["n < :v", "absent = :v", "size(absent) > :v"])
def test_a_comparison_of_two_types_or_with_nothing_is_false(table: Store, condition: str) -> None:
    table.put(n={"N": "1"})
    value = {"n < :v": {"S": "9"}, "absent = :v": {"NULL": True}, "size(absent) > :v": {"N": "0"}}[condition]
    assert table.scan(condition, v=value) == []


@differs("moto", row=40)
def test_an_element_of_a_list_in_a_list_is_projected(table: Store) -> None:
    table.put(l={"L": [{"L": []}, {"L": [{"S": "x"}]}]})
    got = table.client.get_item(TableName=table.name, Key=KEY, ProjectionExpression="l[1][0]")
    assert got["Item"] == {"l": {"L": [{"L": [{"S": "x"}]}]}}


@differs("moto", row=42)
def test_an_item_has_up_to_400_kilobytes(table: Store) -> None:
    table.put(x={"S": "x" * (409_600 - 20)})
    assert refused(lambda: table.put(x={"S": "x" * 409_600}))


@differs("ministack", "dynoxide", "moto", row=35)
def test_a_time_to_live_that_is_on_is_not_switched_on_again(table: Store) -> None:
    specification = {"Enabled": True, "AttributeName": "ttl"}
    table.client.update_time_to_live(TableName=table.name, TimeToLiveSpecification=specification)
    assert refused(
        lambda: table.client.update_time_to_live(TableName=table.name, TimeToLiveSpecification=specification)
    )


@differs("dynoxide", row=43)
def test_a_global_index_has_the_capacity_that_it_was_given(table: Store) -> None:
    capacity = {"ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}}
    table.client.update_table(TableName=table.name, BillingMode="PROVISIONED", **capacity)
    index = {"IndexName": "by-g", "KeySchema": _key("g"), "Projection": {"ProjectionType": "ALL"}, **capacity}
    names = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "g")]
    updates = [{"Create": index}]
    table.client.update_table(TableName=table.name, AttributeDefinitions=names, GlobalSecondaryIndexUpdates=updates)
    (described,) = table.client.describe_table(TableName=table.name)["Table"]["GlobalSecondaryIndexes"]
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 3


@differs("ministack", "dynoxide", "dynamodb-local", row=12)
def test_an_export_needs_point_in_time_recovery(table: Store) -> None:
    arn = table.client.describe_table(TableName=table.name)["Table"]["TableArn"]
    with pytest.raises(ClientError, match="PointInTimeRecoveryUnavailable"):
        table.client.export_table_to_point_in_time(TableArn=arn, S3Bucket="bucket", S3Prefix="a")


# --- vectors ------------------------------------------------------------------------------------------


def films(table: Store) -> Store:
    """Create a table with a vector index whose partition is the tenant, and one film of 2010."""
    schema = [
        {"AttributeName": "tenant", "SearchSchemaElementType": "HASH"},
        {"AttributeName": "year", "SearchSchemaElementType": "INLINE_FILTER"},
    ]
    index = {
        "IndexName": "by-v",
        "VectorAttribute": {"AttributeName": "v"},
        "SearchSchema": schema,
        "Projection": {"ProjectionType": "ALL"},
        "Dimensions": 2,
        "DistanceFunction": "EUCLIDEAN",
    }
    table.create(keys=[("tenant", "S"), ("year", "N")], VectorIndexes=[index])
    table.put(tenant={"S": "t"}, year={"N": "2010"}, v={"L": [{"N": "1"}, {"N": "0"}]})
    return table


def _search(store: Store, condition: str, **values: Any) -> list[Any]:  # noqa: ANN401 -- attribute values
    found = store.client.search_vectors(
        TableName=store.name,
        IndexName="by-v",
        SearchVector=[{"N": "1"}, {"N": "0"}],
        TopK=5,
        SearchConditionExpression=condition,
        ExpressionAttributeNames={"#year": "year"},
        ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
    )
    return found["SearchResults"]


@differs("ministack", "dynoxide", "moto", "dynamodb-local", row=16)
def test_a_vector_search_filters_by_a_range(bare: Store) -> None:
    assert len(_search(films(bare), "tenant = :t AND #year >= :y", t={"S": "t"}, y={"N": "2000"})) == 1


@differs("ministack", "moto", "dynamodb-local", row=17)
def test_a_vector_search_compares_numbers_as_numbers(bare: Store) -> None:
    assert len(_search(films(bare), "tenant = :t AND #year = :y", t={"S": "t"}, y={"N": "2010.0"})) == 1


@differs("ministack", "moto", "dynamodb-local", row=18)
def test_a_vector_search_names_the_partition_of_its_index(bare: Store) -> None:
    store = films(bare)
    assert refused(lambda: _search(store, "#year = :y", y={"N": "2010"}))


# --- streams ------------------------------------------------------------------------------------------


class Changes:
    """The stream of a table."""

    def __init__(self, table: Store, streams: Any) -> None:  # noqa: ANN401 -- a boto3 client
        self._streams = streams
        self._arn = table.client.describe_table(TableName=table.name)["Table"]["LatestStreamArn"]

    def shard(self) -> Any:  # noqa: ANN401 -- an answer
        """Return its one shard."""
        (shard,) = self._streams.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        return shard

    def records(self) -> list[Any]:
        """Return all records."""
        iterator = self._streams.get_shard_iterator(
            StreamArn=self._arn, ShardId=self.shard()["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return self._streams.get_records(ShardIterator=iterator)["Records"]


@pytest.fixture
def changes(bare: Store, dynamorm_streams: object) -> Callable[[], Changes]:
    """Give a table with a stream, in `bare`, and a function for its changes."""
    bare.create(**STREAM)
    return lambda: Changes(bare, dynamorm_streams)


@differs("dynoxide", "moto", row=13)
def test_a_write_that_changes_nothing_has_no_record(bare: Store, changes: Callable[[], Changes]) -> None:
    bare.put(n={"N": "1"})
    bare.put(n={"N": "1"})
    assert [record["eventName"] for record in changes().records()] == ["INSERT"]


@differs("ministack", "moto", row=38)
def test_a_record_has_its_size(bare: Store, changes: Callable[[], Changes]) -> None:
    bare.put(n={"N": "1"})
    assert changes().records()[0]["dynamodb"]["SizeBytes"] > 0


@differs("dynoxide", "moto", row=41)
def test_an_open_shard_has_no_last_record(bare: Store, changes: Callable[[], Changes]) -> None:
    bare.put(n={"N": "1"})
    assert "EndingSequenceNumber" not in changes().shard()["SequenceNumberRange"]
