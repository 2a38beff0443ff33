"""`dynamorm table diagram`: a picture of a table from its models."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from typer.testing import CliRunner

from dynamorm_py.cli._app import app

if TYPE_CHECKING:
    from pathlib import Path

_SVG = "{http://www.w3.org/2000/svg}"


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["table", "diagram", *arguments])
    return result.exit_code, result.stdout


def test_the_svg_has_the_keys_of_each_kind_and_what_each_query_reads() -> None:
    code, text = _run("tests.support.shop")
    texts = [each.text for each in ET.fromstring(text).iter(f"{_SVG}text")]  # noqa: S314 -- our own
    assert code == 0
    assert {"shop", "pk", "sk", "GSI1PK", "Customer", "Order", "Line", "ORDER#{number:06}"} <= set(texts)
    assert "table: CUSTOMER#{customer_id} reads Customer, Order, Line" in texts
    assert "gsi1: ORDERS#{status} reads Order" in texts
    assert "prefers-color-scheme:dark" in text


def test_mermaid_has_a_node_for_each_kind_and_an_edge_for_each_query(tmp_path: Path) -> None:
    path = tmp_path / "shop.mmd"
    code, _ = _run("tests.support.shop", "--format", "mermaid", "--out", str(path))
    text = path.read_text()
    assert code == 0
    assert text.startswith("flowchart LR")
    assert text.count(" --> ") == 4
    assert "<b>Order</b>" in text


def test_one_model_is_drawn_alone_and_an_unknown_table_is_refused() -> None:
    assert "Customer" not in _run("tests.support.shop:Order")[1]
    assert _run("tests.support.shop", "--table", "other")[0] == 2
