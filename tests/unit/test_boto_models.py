"""botocore's models are found and read faster in our session, and are the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from dynamorm_py._transport.service_models import load_ours_quickly

if TYPE_CHECKING:
    from pathlib import Path


def quick(*folders: str) -> Loader:
    loader = Loader(extra_search_paths=list(folders))
    load_ours_quickly(loader)
    return loader


@pytest.mark.parametrize("name", ["endpoints", "partitions", "sdk-default-configuration", "_retry"])
def test_a_file_reads_as_botocore_reads_it(name: str) -> None:
    assert quick().load_data(name) == Loader().load_data(name)


@pytest.mark.parametrize("service", ["dynamodb", "dynamodbstreams", "kms", "sts", "sqs"])
@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "paginators-1"])
def test_a_model_of_a_service_reads_as_botocore_reads_it_in_the_same_order(service: str, kind: str) -> None:
    ours: Any = quick().load_service_model(service, kind)

    assert json.dumps(ours) == json.dumps(Loader().load_service_model(service, kind))


def test_a_model_that_the_user_keeps_besides_goes_first(tmp_path: Path) -> None:
    folder = tmp_path / "dynamodb" / "2099-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text('{"metadata": {"mine": true}}')

    loaded: Any = quick(str(tmp_path)).load_service_model("dynamodb", "service-2")

    assert loaded["metadata"] == {"mine": True}


def test_what_there_is_not_is_refused_as_by_botocore() -> None:
    with pytest.raises(UnknownServiceError):
        quick().load_service_model("nothing", "service-2")
    with pytest.raises(DataNotFoundError):
        quick().load_data("nothing")
