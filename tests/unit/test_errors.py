"""The tree of errors: its drawing, its portable codes, and that an error travels with what it carries."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest

import dynamorm_py
from dynamorm_py import (
    BatchIncomplete,
    ConditionFailed,
    DynamormError,
    InvalidValue,
    ItemDecodeError,
    ItemNotFound,
    ItemTooLarge,
    ModelDefinitionError,
    errors,
)
from tests.support.people import User

if TYPE_CHECKING:
    from collections.abc import Callable

TREE = {name: kind for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, DynamormError)}

CODES = {
    "ModelDefinitionError": "ErrInvalidModel",
    "ItemNotFound": "ErrItemNotFound",
    "ConditionFailed": "ErrConditionFailed",
    "VersionConflict": "ErrVersionConflict",
    "AlreadyTaken": "ErrConditionFailed",
    "ItemAlreadyExists": "ErrConditionFailed",
    "ConditionalTransactionCancelled": "ErrConditionFailed",
    "TakenInTransaction": "ErrConditionFailed",
    "InvalidExpression": "ErrInvalidOperator",
    "EncryptedFieldNotQueryable": "ErrEncryptedFieldNotQueryable",
    "EncryptionNotConfigured": "ErrEncryptionNotConfigured",
    "InvalidEncryptedEnvelope": "ErrInvalidEncryptedEnvelope",
    "TableNotFound": "ErrTableNotFound",
    "IndexNotFound": "ErrIndexNotFound",
    "InvalidDocument": "ErrInvalidModel",
    "ImmutableModelMutation": "ErrImmutableModelMutation",
    "ProtectedFieldMutation": "ErrProtectedFieldMutation",
    "LeaseHeld": "ErrConditionFailed",
    "LeaseLost": "ErrConditionFailed",
    "NoResult": "ErrItemNotFound",
}


def test_an_error_has_the_portable_code_where_there_is_one() -> None:
    assert {name: kind.code for name, kind in TREE.items() if kind.code is not None} == CODES


def test_a_missing_partition_key_has_a_code_of_its_own() -> None:
    with pytest.raises(ModelDefinitionError, match="annotate one field with PartitionKey") as caught:
        type("Keyless", (dynamorm_py.DynamoModel,), {"__module__": __name__})
    assert caught.value.code == "ErrMissingPrimaryKey"


def test_the_drawing_of_the_tree_shows_every_error_under_its_parent() -> None:
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        drawn = re.match(r"[ │├└─]*(?=[A-Z])", line)
        if not re.match(r" +(DynamormError|[│├└])", line) or drawn is None:
            continue
        depth = drawn.end()
        above = [entry for entry in above if entry[0] < depth]
        names = re.findall(r"[A-Z]\w+", re.split(r"\(|  +", line[depth:])[0])
        parents |= dict.fromkeys(names, above[-1][1] if above else "")
        above.append((depth, names[0]))
    kinds = {name: kind.mro()[1] for name, kind in TREE.items() if kind is not DynamormError}
    for name in ("ConditionalTransactionCancelled", "TakenInTransaction"):
        kinds.pop(name)  # they have two parents: the drawing says so beside the first
    assert {name: parents.get(name) for name in kinds} == {name: parent.__name__ for name, parent in kinds.items()}


@pytest.mark.parametrize("name", sorted(TREE.keys() & set(dynamorm_py.__all__)))
def test_an_error_of_the_root_is_the_one_of_the_tree(name: str) -> None:
    assert getattr(dynamorm_py, name) is TREE[name]


def _condition_failed() -> ConditionFailed:
    error = ConditionFailed("failed", operation="PutItem", aws_code="X", request_id="R")
    error.item, error.raw_item, error.key = User(pk="A"), {"PK": {"S": "A"}}, {"PK": {"S": "A"}}
    return error


def _too_large() -> ItemTooLarge:
    error = ItemTooLarge("too large", model="User")
    error.size = 500_000
    return error


def _decode_error() -> ItemDecodeError:
    error = ItemDecodeError("User", {"PK": {"S": "A"}}, [("age", "it is missing")])
    error.raw_item = {"PK": {"S": "A"}}
    error.add_note("the item was deleted all the same")
    return error


def _pickled(error: DynamormError) -> object:
    return pickle.loads(pickle.dumps(error))  # noqa: S301 -- its own


@pytest.mark.parametrize(
    "error",
    [
        _condition_failed(),
        _too_large(),
        _decode_error(),
        ItemNotFound("User", "users", {"PK": {"S": "A"}}),
        ModelDefinitionError("User", ["a", "b"], code="ErrMissingPrimaryKey"),
        InvalidValue("wrong", path="a.b", model="User"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, _pickled])
def test_an_error_travels_with_all_that_it_carries(
    error: DynamormError, travel: Callable[[DynamormError], Any]
) -> None:
    arrived = travel(error)
    assert (type(arrived), str(arrived), arrived.code) == (type(error), str(error), error.code)
    assert vars(arrived) == vars(error)


def test_what_an_error_carries_and_pickle_refuses_stays_behind_and_is_named() -> None:
    error = BatchIncomplete("incomplete", operation="BatchWriteItem")
    error.left, error.done_count = (Lock(),), 3
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301 -- its own
    assert (str(arrived), arrived.operation, arrived.done_count) == ("incomplete", "BatchWriteItem", 3)
    assert (arrived.left, arrived.__notes__) == ((), [".left cannot be pickled, and stayed behind"])
    assert copy.copy(error).left == error.left


def test_a_wrong_value_is_named_by_its_path_from_the_root() -> None:
    error = InvalidValue("expected str, got int").at("[2]").at("lines").at("home").of("User")
    assert (error.path, error.model, error.reason) == ("home.lines[2]", "User", "expected str, got int")
    assert str(error) == "User.home.lines[2]: expected str, got int"


def test_a_decode_error_lists_every_problem_and_no_value() -> None:
    error = ItemDecodeError("User", None, [("age", "it is missing"), ("", "it is not an item")])
    assert str(error) == (
        "a stored item does not fit User: age: it is missing; (item): it is not an item (its key is in .key)"
    )
    assert (error.path, error.reason, error.key) == ("age", "it is missing", None)
