"""What the comparison page says of boto3, PynamoDB and us, each row done by all three on a local DynamoDB.

A row of the page names its test here without `test_`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from pydantic import Field, ValidationError
from pynamodb.attributes import (
    BinaryAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.exceptions import PutError, QueryError
from pynamodb.models import Model

from dynamorm_py import (
    ConditionFailed,
    DynamoModel,
    InvalidValue,
    Key,
    PartitionKey,
    Repo,
    SortKey,
    Version,
    fields,
)

if TYPE_CHECKING:
    from dynamorm_py.testing.plugin import MakeRepo

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "explanation" / "comparison.md").read_text()
_DIGITS = Decimal("1234567890.1234567890123456789012345678")
_NAIVE = dt.datetime(2026, 1, 1, 12)  # noqa: DTZ001 -- the point


class Ours(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()] = 1
    score: Annotated[int, SortKey(index="by-score")] = 0
    number: Decimal = Decimal(0)
    ratio: float = 0.0
    seen: dt.datetime | None = None
    tags: set[str] = Field(default_factory=set)
    data: bytes = b""
    version: Annotated[int, Version()] = 0


class Theirs(Model):
    """The same in PynamoDB; its client is put in place by the fixture."""

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] -- as PynamoDB documents it
        table_name = ""
        region = "us-east-1"
        host: str | None = None
        aws_access_key_id = "testing"
        aws_secret_access_key = "testing"

    pk = UnicodeAttribute(hash_key=True)
    sk = NumberAttribute(range_key=True)
    score = NumberAttribute(default=0)
    number = NumberAttribute(null=True)
    seen = UTCDateTimeAttribute(null=True)
    tags = UnicodeSetAttribute(null=True)
    data = BinaryAttribute(null=True, legacy_encoding=False)
    version = VersionAttribute(null=True)


class Three:
    """One table, and the three ways to it."""

    def __init__(self, ours: Repo[Ours], endpoint: str) -> None:
        self.ours = ours
        name = ours.table.describe()["TableName"]
        resource: Any = boto3.resource  # pyright: ignore[reportUnknownMemberType] -- overloads for services not installed
        self.boto3: Any = resource("dynamodb", endpoint_url=endpoint).Table(name)
        self.theirs: Any = type("Theirs", (Theirs,), {"Meta": type("Meta", (Theirs.Meta,), {})})
        self.theirs.Meta.table_name, self.theirs.Meta.host = name, endpoint

    def stored(self, **attributes: object) -> None:
        """Put an item as it stands, in DynamoDB's form."""
        self.boto3.meta.client.put_item(
            TableName=self.boto3.name, Item={"pk": "a", "sk": 1, "score": 0, "version": 0, **attributes}
        )

    def through_boto3(self, value: object) -> object:
        self.boto3.put_item(Item={"pk": "a", "sk": 1, "value": value})
        return self.boto3.get_item(Key={"pk": "a", "sk": 1})["Item"]["value"]

    def through_theirs(self, **attributes: object) -> Any:  # noqa: ANN401 -- its attributes are descriptors
        self.theirs(pk="a", sk=2, **attributes).save()
        return self.theirs.get("a", 2)

    def through_ours(self, **attributes: object) -> Ours:
        self.ours.put(Ours.model_validate({"pk": "a", "sk": 3, **attributes}))
        return self.ours.get(("a", 3))


@pytest.fixture
def three(dynamorm_repo: MakeRepo, dynamodb_endpoint: str) -> Three:
    return Three(dynamorm_repo(Ours), dynamodb_endpoint)


def test_value_of_a_wrong_type(three: Three) -> None:
    with pytest.raises(PutError):
        three.theirs(pk="a", sk=1, number="many").save()
    with pytest.raises(ValidationError):
        Ours.model_validate({"pk": "a", "number": "many"})


def test_decimal_of_38_digits(three: Three) -> None:
    assert three.through_boto3(_DIGITS) == _DIGITS
    with pytest.raises(TypeError):
        three.through_theirs(number=_DIGITS)
    assert three.through_ours(number=_DIGITS).number == _DIGITS


def test_38_digits_of_another_writer(three: Three) -> None:
    three.stored(number=_DIGITS)
    three.theirs.get("a", 1).save()
    assert three.ours.get(("a", 1)).number == Decimal("1234567890.1234567")

    three.stored(number=_DIGITS)
    three.boto3.put_item(Item=three.boto3.get_item(Key={"pk": "a", "sk": 1})["Item"])
    assert three.ours.get(("a", 1)).number == _DIGITS

    three.ours.put(three.ours.get(("a", 1)))
    assert three.ours.get(("a", 1)).number == _DIGITS


def test_float(three: Three) -> None:
    with pytest.raises(TypeError, match="Use Decimal"):
        three.through_boto3(0.1)
    assert three.through_theirs(number=0.1).number == 0.1
    assert three.through_ours(ratio=0.1).ratio == 0.1


def test_naive_datetime(three: Three) -> None:
    with pytest.raises(TypeError, match="Unsupported type"):
        three.through_boto3(_NAIVE)
    assert three.through_theirs(seen=_NAIVE).seen == _NAIVE.replace(tzinfo=dt.UTC)
    with pytest.raises(InvalidValue, match="timezone"):
        three.through_ours(seen=_NAIVE)


def test_empty_set(three: Three) -> None:
    with pytest.raises(ClientError, match="may not be empty"):
        three.through_boto3(set[str]())
    assert three.through_theirs(tags=set[str]()).tags is None
    assert three.through_ours(tags=set[str]()).tags == set()


def test_bytes(three: Three) -> None:
    assert type(three.through_boto3(b"\xff")).__name__ == "Binary"
    assert three.through_theirs(data=b"\xff").data == b"\xff"
    assert three.through_ours(data=b"\xff").data == b"\xff"


def test_old_item_of_a_failed_condition(three: Three) -> None:
    three.stored()
    with pytest.raises(ClientError) as boto3s:
        three.boto3.put_item(
            Item={"pk": "a", "sk": 1},
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert "Item" in boto3s.value.response
    with pytest.raises(PutError) as theirs:
        three.theirs(pk="a", sk=1).save(condition=Theirs.pk.does_not_exist())
    assert "Item" not in getattr(theirs.value.cause, "response", {})
    with pytest.raises(ConditionFailed) as ours:
        three.ours.create(Ours(pk="a"))
    assert isinstance(ours.value.item, Ours)


def test_two_writers(three: Three) -> None:
    three.theirs(pk="a", sk=2).save()
    first, second = three.theirs.get("a", 2), three.theirs.get("a", 2)
    first.save()
    with pytest.raises(PutError):
        second.save()

    mine = three.through_ours()
    three.ours.put(mine)
    with pytest.raises(ConditionFailed):
        three.ours.put(mine)


def test_index_of_a_query(three: Three) -> None:
    with pytest.raises(ClientError):
        three.boto3.query(
            KeyConditionExpression="pk = :p AND score > :s", ExpressionAttributeValues={":p": "a", ":s": 1}
        )
    with pytest.raises((QueryError, ValueError)):
        list(three.theirs.query("a", range_key_condition=Theirs.score > 1))
    o = fields(Ours)
    assert three.ours.query(Key(o.pk) == "a", Key(o.score) > 1).explain().index == "by-score"


_COMPARISONS = {
    "boto3": "from boto3.dynamodb.conditions import Attr\nprint(Attr('score').eq('many'))\n",
    "PynamoDB": "from tests.docs.test_comparison import Theirs\nprint(Theirs.score == 'many')\n",
    "dynamorm_py": (
        "from dynamorm_py import Attr, fields\nfrom tests.docs.test_comparison import Ours\n"
        "print(Attr(fields(Ours).score) == 'many')\n"
    ),
}


def test_comparison_with_a_wrong_type(tmp_path: Path) -> None:
    for library, code in _COMPARISONS.items():
        (tmp_path / f"{library}.py").write_text(code)
    settings = {"extraPaths": [str(_ROOT)], "typeCheckingMode": "standard", "include": ["."]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    checked = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    flagged = {
        Path(each["file"]).stem
        for each in json.loads(checked.stdout)["generalDiagnostics"]
        if each["severity"] == "error"
    }
    assert flagged == {"dynamorm_py"}


# --- the tables themselves --------------------------------------------------------------------------


def test_every_row_of_the_page_names_a_test_of_this_file() -> None:
    named = re.findall(r"^\| .* \| `(\w+)` \|$", _PAGE, re.MULTILINE)
    before = Path(__file__).read_text().partition("# --- the tables themselves")[0]
    assert sorted(named) == sorted(re.findall(r"^def test_(\w+)", before, re.MULTILINE))


def test_the_versions_on_the_page_are_those_that_were_compared() -> None:
    named = dict(re.findall(r"(boto3|PynamoDB) (\d+\.\d+)", _PAGE))
    assert named == {name: ".".join(version(name).split(".")[:2]) for name in ("boto3", "PynamoDB")}
