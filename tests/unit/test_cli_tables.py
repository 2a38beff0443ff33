"""`dynamorm table` without a table: exports, missing settings, an endpoint that is not there."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.commands import Run


def test_a_module_with_models_of_several_tables_asks_for_one(run: Run) -> None:
    code, _, err = run("table export shop")
    assert (code, "shop-items, shop-visits: name one with --table" in err) == (2, True)
    assert json.loads(run("table export shop --table shop-visits")[1])["Resources"]


ABSTRACT = """
from typing import Annotated
from dynamorm_py import DynamoModel, PartitionKey

class Stored(DynamoModel, abstract=True):
    id: Annotated[str, PartitionKey()]

class Note(Stored, table="notes"): ...

class Draft(Stored): ...
"""


@pytest.mark.parametrize("command", ["table export", "table diagram"])
def test_an_abstract_model_has_no_table(run: Run, command: str) -> None:
    Path("stored.py").write_text(ABSTRACT)
    code, _, err = run(f"{command} stored:Stored")
    assert (code, "stored:Stored has only abstract models" in err) == (2, True)


def test_a_model_that_names_no_table_is_listed_without_a_name(run: Run) -> None:
    Path("stored.py").write_text(ABSTRACT)
    code, _, err = run("table export stored")
    assert (code, "of the tables notes, without a name: name one with --table" in err) == (2, True)
    assert json.loads(run("table export stored --table drafts")[1])["Resources"]


TABLES = """
from mall import Customer, Order
from dynamorm_py import Table

mall = Table(Customer, Order, name="mall-dev")
"""


def test_the_command_finds_the_table_objects_of_a_module(run: Run) -> None:
    Path("tables.py").write_text(TABLES)
    for named in ("tables", "tables:mall"):
        (resource,) = json.loads(run(f"table export {named}")[1])["Resources"].values()
        assert resource["Properties"]["TableName"] == "mall-dev"
        assert [each["IndexName"] for each in resource["Properties"]["GlobalSecondaryIndexes"]] == ["by-status"]
    (resource,) = json.loads(run("table export tables --table mall-prod")[1])["Resources"].values()
    assert resource["Properties"]["TableName"] == "mall-prod"
    drawn = run("table diagram tables --format mermaid")[1]
    assert "mall-dev" in drawn
    assert "Customer" in drawn
    Path("more.py").write_text(f"{TABLES}\nfrom shop import Item\nclass Other(Item, table='others'): ...\n")
    code, _, err = run("table export more")
    assert (code, "mall-dev, others: name one with --table" in err) == (2, True)
    assert json.loads(run("table export more --table others")[1])["Resources"]


def test_an_endpoint_that_is_not_there_exits_3(run: Run, aws_environment: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound, and not listening
        code, _, err = run(f"table describe shop:Item --endpoint-url http://127.0.0.1:{free.getsockname()[1]}")
    del aws_environment
    assert code == 3
    assert "the endpoint could not be reached" in err


@pytest.mark.parametrize(
    ("line", "variable", "said"),
    [
        ("table describe shop:Item", "AWS_ACCESS_KEY_ID", "there are no AWS credentials"),
        ("table describe shop:Item", "AWS_DEFAULT_REGION", "no AWS region is set"),
        ("table describe shop:Item --endpoint-url nonsense", "", "an endpoint is written like"),
        ("table describe shop:Item --table ?", "", "table name '?' is not valid"),
        ("table create safe:Nameless", "", "add --table NAME"),
        ("table export shop:Item -f pulumi", "", "pulumi"),
    ],
)
def test_missing_settings_exit_2_with_the_repair(
    run: Run, aws_environment: pytest.MonkeyPatch, line: str, variable: str, said: str
) -> None:
    aws_environment.delenv(variable or "NOTHING", raising=False)
    if variable == "AWS_ACCESS_KEY_ID":
        aws_environment.delenv("AWS_SECRET_ACCESS_KEY")
    code, _, err = run(f"{line} --region eu-west-9" if variable == "AWS_ACCESS_KEY_ID" else line)
    assert code == 2
    assert said in err


def test_a_table_is_exported_to_cloudformation_and_terraform(run: Run, tmp_path: Path) -> None:
    template = json.loads(run("table export shop:Item")[1])
    assert template["Resources"]["ShopItemsTable"]["Properties"]["TableName"] == "shop-items"
    assert run("table export safe:Secret --format terraform --table other-table -o table.tf.json") == (0, "", "")
    (resource,) = json.loads((tmp_path / "table.tf.json").read_text())["resource"]["aws_dynamodb_table"].values()
    assert (resource["name"], resource["hash_key"]) == ("other-table", "pk")
    assert run("table export shop:Item -o none/table.json")[0] == 2
