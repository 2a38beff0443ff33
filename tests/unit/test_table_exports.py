"""A model's table for other tools: CloudFormation, Terraform, IAM."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest

from dynamorm_py import CallError, DynamoModel, GlobalIndex, PartitionKey, Repo, SortKey, TableSettings, TimeToLive
from dynamorm_py.tables import Provisioned
from dynamorm_py.testing import ScriptedClient


class Order(DynamoModel, table="shop.orders-1", indexes=[GlobalIndex("by-email", projection=["until"])]):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    email: Annotated[str | None, PartitionKey(index="by-email")] = None
    score: Annotated[int, SortKey(index="by-score")] = 0
    until: Annotated[int, TimeToLive()] = 0


class Wide(DynamoModel, table="wide"):
    pk: Annotated[str, PartitionKey()]
    a: Annotated[str, PartitionKey(index="both", position=1)] = "a"
    b: Annotated[str, PartitionKey(index="both", position=2)] = "b"


FULL = TableSettings(
    billing=Provisioned(3, 2),
    stream="NEW_IMAGE",
    deletion_protection=True,
    point_in_time_recovery=True,
    encryption="arn:aws:kms:us-east-1:123456789012:key/0000",
    table_class="STANDARD",
    tags={"team": "blue"},
)
KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]


@pytest.fixture
def orders() -> Repo[Order]:
    """Give a repository that must not be asked for anything."""
    return Repo(Order, client=ScriptedClient())


def test_cloudformation_has_the_whole_table_in_its_own_words(orders: Repo[Order]) -> None:
    (resource,) = orders.table.cloudformation(FULL)["Resources"].values()
    assert (resource["Type"], resource["DeletionPolicy"]) == ("AWS::DynamoDB::Table", "Retain")
    properties = resource["Properties"]
    indexes = properties.pop("GlobalSecondaryIndexes"), properties.pop("LocalSecondaryIndexes")
    assert properties == {
        "TableName": "shop.orders-1",
        "KeySchema": KEYS,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("pk", "S"), ("sk", "S"), ("email", "S"), ("score", "N"))
        ],
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2},
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "DeletionProtectionEnabled": True,
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": FULL.encryption},
        "TableClass": "STANDARD",
        "Tags": [{"Key": "team", "Value": "blue"}],
        "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    }
    assert [index["IndexName"] for kind in indexes for index in kind] == ["by-email", "by-score"]
    assert indexes[0][0]["ProvisionedThroughput"] == {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}


def test_the_resource_of_cloudformation_has_a_name_of_letters_and_digits(orders: Repo[Order]) -> None:
    assert list(orders.table.cloudformation()["Resources"]) == ["ShopOrders1Table"]


def test_terraform_has_the_whole_table_in_its_own_words(orders: Repo[Order]) -> None:
    assert orders.table.terraform(FULL) == {
        "resource": {
            "aws_dynamodb_table": {
                "shop_orders-1": {
                    "name": "shop.orders-1",
                    "billing_mode": "PROVISIONED",
                    "read_capacity": 3,
                    "write_capacity": 2,
                    "hash_key": "pk",
                    "range_key": "sk",
                    "attribute": [
                        {"name": name, "type": kind}
                        for name, kind in (("pk", "S"), ("sk", "S"), ("email", "S"), ("score", "N"))
                    ],
                    "global_secondary_index": [
                        {
                            "name": "by-email",
                            "hash_key": "email",
                            "projection_type": "INCLUDE",
                            "non_key_attributes": ["until"],
                            "read_capacity": 3,
                            "write_capacity": 2,
                        }
                    ],
                    "local_secondary_index": [{"name": "by-score", "range_key": "score", "projection_type": "ALL"}],
                    "ttl": {"attribute_name": "until", "enabled": True},
                    "stream_enabled": True,
                    "stream_view_type": "NEW_IMAGE",
                    "deletion_protection_enabled": True,
                    "point_in_time_recovery": {"enabled": True},
                    "server_side_encryption": {"enabled": True, "kms_key_arn": FULL.encryption},
                    "table_class": "STANDARD",
                    "tags": {"team": "blue"},
                }
            }
        }
    }


def test_what_is_not_managed_is_not_exported(orders: Repo[Order]) -> None:
    (table,) = orders.table.terraform()["resource"]["aws_dynamodb_table"].values()
    assert table["billing_mode"] == "PAY_PER_REQUEST"
    assert not table.keys() & {"stream_enabled", "tags", "table_class", "server_side_encryption", "read_capacity"}


def test_a_multi_attribute_key_is_not_exported_to_terraform_as_something_else() -> None:
    wide = Repo(Wide, client=ScriptedClient())
    with pytest.raises(CallError, match=r"use cloudformation\(\)"):
        wide.table.terraform()
    assert len(json.dumps(wide.table.cloudformation())) > 0


# --- policies -------------------------------------------------------------------------------------


def test_a_policy_allows_what_the_operations_need_and_nothing_else(orders: Repo[Order]) -> None:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/shop.orders-1"
    policy = orders.table.policy("get", "exists", "query", region="eu-west-1", account="123456789012")
    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Table", "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": [arn]},
            {
                "Sid": "Indexes",
                "Effect": "Allow",
                "Action": ["dynamodb:Query"],
                "Resource": [f"{arn}/index/by-email", f"{arn}/index/by-score"],
            },
        ],
    }


def test_a_policy_with_leading_keys_is_held_to_them_also_when_a_request_names_none(orders: Repo[Order]) -> None:
    statements: list[dict[str, Any]] = orders.table.policy("query", leading_keys=["TENANT#1"])["Statement"]
    condition = {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["TENANT#1"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    assert [statement["Condition"] for statement in statements] == [condition] * 2
    resources = [resource.rpartition("/")[2] for statement in statements for resource in statement["Resource"]]
    assert resources == ["shop.orders-1", "by-score"]  # the global index has another partition key


@pytest.mark.parametrize(
    ("names", "keys", "repair"),
    [
        (("scan",), ["a"], "cannot be held to partition keys"),
        (("table.delete",), ["a"], "cannot be held to partition keys"),
        (("fetch",), None, "name operations of get"),
        ((), None, "name operations of get"),
        (("get",), [], "nothing could be read"),
        (("get",), [""], "nothing could be read"),
    ],
)
def test_a_policy_that_would_say_something_else_is_refused(
    orders: Repo[Order], names: tuple[str, ...], keys: list[str] | None, repair: str
) -> None:
    with pytest.raises(CallError, match=repair):
        orders.table.policy(*names, leading_keys=keys)
