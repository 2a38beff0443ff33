"""The event in fixtures/streams is what Lambda makes of the records of a real stream: form, types and images."""

from __future__ import annotations

import base64
import datetime as dt
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest

from dynamorm_py import Attr, TableSettings, fields
from tests.support.streaming import ADA, Prefs, User, event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py import Repo
    from dynamorm_py.testing.plugin import MakeRepo

_EXAMPLE = Path(__file__).parents[2] / "examples" / "lambda_stream.py"
u = fields(User)


@pytest.fixture
def records(dynamodb_endpoint: str, dynamorm_repo: MakeRepo) -> list[dict[str, Any]]:
    """Do what the event tells, and return the records of the table's stream in Lambda's form."""
    users = dynamorm_repo(User, TableSettings(stream="NEW_AND_OLD_IMAGES"))
    users.put(ADA)
    users.update(ADA, Attr(u.score).add(1), Attr(u.prefs).set(Prefs(theme="light")))
    users.delete(ADA)
    return [lambda_form(record) for record in read_stream(dynamodb_endpoint, stream_of(users))]


def stream_of(users: Repo[User]) -> str:
    return str(users.table.describe()["LatestStreamArn"])


def read_stream(endpoint: str, arn: str) -> Iterator[dict[str, Any]]:
    """Yield the records as boto3 gives them."""
    streams = boto3.client("dynamodbstreams", endpoint_url=endpoint)
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"].get("Shards", []):
        place = {"StreamArn": arn, "ShardId": shard.get("ShardId", ""), "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(**place)["ShardIterator"]
        for record in streams.get_records(ShardIterator=iterator)["Records"]:
            yield {**record, "eventSourceARN": arn}  # which Lambda adds
    streams.close()


def lambda_form(value: object) -> Any:  # noqa: ANN401 -- JSON
    """Return a value as Lambda's JSON has it: binary as base64 text, times as epoch seconds."""
    if isinstance(value, dict):
        return {name: lambda_form(part) for name, part in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [lambda_form(part) for part in cast("list[Any]", value)]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.timestamp() if isinstance(value, dt.datetime) else value


def images(record: dict[str, Any]) -> list[Any]:
    """Return key and images, sets in one order."""
    told = [record["dynamodb"].get(name) for name in ("Keys", "OldImage", "NewImage")]
    return [image and {name: in_order(value) for name, value in image.items()} for image in told]


def in_order(value: dict[str, Any]) -> dict[str, Any]:
    return {tag: sorted(part) if tag == "SS" else part for tag, part in value.items()}


def test_the_fixture_has_the_form_and_the_images_of_recorded_records(records: list[dict[str, Any]]) -> None:
    fixture = event()["Records"]
    fixture[2].pop("userIdentity")  # ours was deleted by a caller, not by time to live

    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    for real, written in zip(records, fixture, strict=True):
        assert real.keys() == written.keys()
        assert real["dynamodb"].keys() == written["dynamodb"].keys()
        assert images(real) == images(written)
        for name in ("eventSource", "eventVersion", "eventName"):
            assert real[name] == written[name]
        for name, kind in (("ApproximateCreationDateTime", int | float), ("SizeBytes", int), ("SequenceNumber", str)):
            assert isinstance(real["dynamodb"][name], kind)
            assert isinstance(written["dynamodb"][name], kind)


def test_the_lambda_example_handles_recorded_records(records: list[dict[str, Any]]) -> None:
    example: dict[str, Any] = runpy.run_path(str(_EXAMPLE))
    for record in records:
        record["eventSourceARN"] = event()["Records"][0]["eventSourceARN"]  # of the example's table

    assert example["handler"]({"Records": records}, example["Invocation"]()) == {"batchItemFailures": []}
    assert example["seen"] == [
        "INSERT ('USER#1', 'PROFILE'): pk, sk, name, score, tags, avatar, prefs",
        "MODIFY ('USER#1', 'PROFILE'): score, prefs",
        "REMOVE ('USER#1', 'PROFILE'): pk, sk, name, score, tags, avatar, prefs",
    ]
