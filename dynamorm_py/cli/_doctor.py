"""`dynamorm doctor`: checks what a service needs, from the region to the table, and names each repair.

It changes nothing: what would write is sent with a condition that never holds, to see whether IAM lets it pass.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from urllib.parse import urlsplit

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError

from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import codec_of
from dynamorm_py._model.model_table import bind
from dynamorm_py._repo import checked_table_name
from dynamorm_py._transport import as_client
from dynamorm_py.cli._models import complete_model, models_of
from dynamorm_py.cli._output import WRONG, AsJson, say_json, say_rows
from dynamorm_py.cli._repositories import EndpointUrl, Profile, Region  # noqa: TC001 -- typer reads the annotations
from dynamorm_py.errors import DynamormError, TableNotFound
from dynamorm_py.tables import TableOperations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynamorm_py import DynamoModel

_SKEW = 300  # seconds: AWS refuses a signature whose time is further off (General Reference, "Signature Version 4")
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonwebservices.com.cn")  # botocore's partitions
_MISSING = {"S": "dynamorm-doctor", "N": 0, "B": b"dynamorm-doctor"}  # a key that no item has


@frozen
class Check:
    """One thing that was looked at."""

    result: Literal["fine", "warning", "error"]
    what: str
    found: str
    repair: str = ""


def doctor(
    models: Annotated[
        list[str] | None, typer.Argument(help="module:Model, or modules.", autocompletion=complete_model)
    ] = None,
    *,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
) -> None:
    """Check region, credentials, endpoint and clock, and the table of each model; exit 1 when something is wrong.

    Example: dynamorm doctor shop --endpoint-url http://localhost:8000
    """
    chosen = [model for name in models or () for model in models_of(name)]
    checks = list(_checks(chosen, region, profile, endpoint_url))
    rows = [asdict(check) for check in checks]
    say_json(rows) if as_json else say_rows(rows, title="doctor")
    if any(check.result == "error" for check in checks):
        raise typer.Exit(WRONG)


def _checks(
    models: list[type[DynamoModel]], region: str | None, profile: str | None, endpoint_url: str | None
) -> Iterator[Check]:
    try:
        session = boto3.Session(region_name=region, profile_name=profile)
        credentials = session.get_credentials()
    except BotoCoreError as error:
        yield Check("error", "configuration", str(error), "correct the profile, or pass --profile")
        return
    yield _region(session)
    if credentials is None:
        yield Check("error", "credentials", "none", "set AWS_PROFILE or AWS_ACCESS_KEY_ID, or give the service a role")
    else:
        yield Check("fine", "credentials", f"from {credentials.method}")
    if not session.region_name or credentials is None:
        return
    client = session.client("dynamodb", endpoint_url=endpoint_url)
    if _is_aws(client.meta.endpoint_url):  # a local DynamoDB takes any credentials
        yield _identity(session)
    yield Check("fine", "endpoint", client.meta.endpoint_url)
    yield _clock(client)
    for model in models:
        yield from _table(model, client)


def _region(session: boto3.Session) -> Check:
    if not session.region_name:
        return Check("error", "region", "none", "set AWS_REGION, or region in the profile, or pass --region")
    return Check("fine", "region", session.region_name)


def _is_aws(endpoint: str) -> bool:
    return (urlsplit(endpoint).hostname or "").endswith(_AWS)


def _identity(session: boto3.Session) -> Check:
    """Ask whom the credentials name, which takes no permission."""
    try:
        return Check("fine", "identity", session.client("sts").get_caller_identity()["Arn"])
    except ClientError as error:
        code = cast("Any", error.response)["Error"]["Code"]
        return Check("error", "identity", code, "renew the credentials, or correct the profile")
    except BotoCoreError as error:  # a network without a way to STS may have one to DynamoDB
        return Check("warning", "identity", type(error).__name__, "STS could not be asked: check the network")


def _clock(client: Any) -> Check:  # noqa: ANN401 -- a boto3 client
    """Compare the clock with DynamoDB's, by the answer's Date; a refusal has one as well."""
    try:
        headers = client.list_tables(Limit=1)["ResponseMetadata"]["HTTPHeaders"]
    except ClientError as error:
        headers = cast("Any", error.response)["ResponseMetadata"]["HTTPHeaders"]
    except BotoCoreError as error:
        return Check("error", "DynamoDB", type(error).__name__, f"nothing answers at {client.meta.endpoint_url}")
    if "date" not in headers:
        return Check("warning", "clock", "the answer has no date", "compare it with another clock")
    off = abs((dt.datetime.now(dt.UTC) - parsedate_to_datetime(headers["date"])).total_seconds())
    if off > _SKEW:
        return Check("error", "clock", f"{off:.0f} s off", "set it: AWS refuses signatures more than 5 minutes off")
    return Check("fine", "clock", f"within {max(off, 1):.0f} s")


def _table(model: type[DynamoModel], client: Any) -> Iterator[Check]:  # noqa: ANN401 -- a boto3 client
    """Compare a model with its table, and read an item that is not there."""
    if model.__dynamorm_options__.table is None:
        yield Check("warning", model.__name__, "names no table", "add table= to the class")
        return
    bound = bind(model, checked_table_name(model, None))
    try:
        differences = TableOperations(bound, as_client(client)).compare()
    except TableNotFound:
        repair = f"dynamorm table ensure {model.__module__}:{model.__name__}; or another region or endpoint"
        yield Check("error", f"{model.__name__}: table {bound.name}", "TableNotFound", repair)
        return
    except DynamormError as error:
        yield Check("error", f"{model.__name__}: table {bound.name}", type(error).__name__, str(error))
        return
    wrong = [each for each in differences if each.kind != "extra"]
    for each in wrong:
        yield Check("error", f"{model.__name__}: {each.subject}", each.kind, each.repair)
    if not wrong:
        yield Check("fine", f"{model.__name__}: table {bound.name}", "as the model needs it")
    yield from _permissions(model, client)


def _permissions(model: type[DynamoModel], client: Any) -> Iterator[Check]:  # noqa: ANN401 -- a boto3 client
    """Ask for a key that no item has, and write under a condition that never holds: whether IAM lets either pass."""
    schema, name = codec_of(model).schema, checked_table_name(model, None)
    nodes = codec_of(model).node.fields
    key = {
        field.attribute: {kind: str(value) if kind == "N" else value}
        for field in schema.keys
        for kind, value in _MISSING.items()
        if kind in nodes[field.name].node.types
    }
    never = {
        "ConditionExpression": "attribute_exists(#k) AND attribute_not_exists(#k)",
        "ExpressionAttributeNames": {"#k": schema.partition.attribute},
    }
    first = {schema.partition.attribute: key[schema.partition.attribute]}
    equal = {
        "KeyConditionExpression": "#k = :v",
        "ExpressionAttributeNames": {"#k": schema.partition.attribute},
        "ExpressionAttributeValues": {":v": first[schema.partition.attribute]},
    }
    calls: list[tuple[str, Callable[[], object]]] = [
        ("GetItem", lambda: client.get_item(TableName=name, Key=key)),
        ("Query", lambda: client.query(TableName=name, Limit=1, **equal)),
        ("PutItem", lambda: client.put_item(TableName=name, Item=key, **never)),
        ("UpdateItem", lambda: client.update_item(TableName=name, Key=key, **never)),
        ("DeleteItem", lambda: client.delete_item(TableName=name, Key=key, **never)),
    ]
    for operation, call in calls:
        yield _permission(model, operation, call)


def _permission(model: type[DynamoModel], operation: str, call: Callable[[], object]) -> Check:
    what = f"{model.__name__}: {operation}"
    try:
        call()
    except ClientError as error:
        code = cast("Any", error.response)["Error"]["Code"]
        if code != "ConditionalCheckFailedException":
            result = "error" if operation in {"GetItem", "Query"} else "warning"  # a service may only read
            return Check(result, what, code, f"Repo({model.__name__}).table.policy() writes the least policy")
    return Check("fine", what, "allowed")
