"""The laws of one model class: what is true of every value of it, whatever the class is."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from dynamorm_py import ANY, Attr, Repo, fields
from dynamorm_py._model import codec_of
from dynamorm_py.encryption import KmsEncryption
from dynamorm_py.errors import CallError, InvalidExpression, ModelDefinitionError
from tests.laws.classes import CHANGING
from tests.laws.store import Store
from tests.support.encrypting import ARN, ScriptedKms

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamorm_py import DynamoModel
    from tests.laws.models import Drawn

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
_SET_BY_LIBRARY = frozenset({"created_at", "updated_at", "version", "ttl"})


class Broken(AssertionError):
    """A law that does not hold; the first argument names it."""


@dataclass
class Figures:
    """What was looked at."""

    classes: int = 0
    refused: int = 0
    by_pydantic: int = 0
    values: int = 0
    values_refused: int = 0
    not_constructed: int = 0
    updates_refused: int = 0
    sure_to_read: int = 0
    calls: int = 0
    reasons: Counter[str] = field(default_factory=Counter[str])
    """Why classes and values were refused, without the names of fields."""


def check_class(drawn: Drawn, figures: Figures) -> bool:
    """Hold a class to being made, or refused at its creation with the error for that. Says whether there is one."""
    figures.classes += 1
    if drawn.model is not None:
        return True
    figures.refused += 1
    if drawn.by_pydantic:
        figures.by_pydantic += 1
        return False
    if not isinstance(drawn.refusal, ModelDefinitionError):
        raise Broken("a class is refused with InvalidModel", drawn) from drawn.refusal
    figures.reasons.update(f"class: {problem.rpartition(': ')[2]}" for problem in drawn.refusal.problems)
    if drawn.sure:
        raise Broken("a class of plain types is accepted", drawn) from drawn.refusal
    return False


def check_values(
    drawn: Drawn,
    contents: dict[str, Any],
    other: dict[str, Any],
    figures: Figures,
    client: Callable[[Drawn], Any] | None = None,
) -> None:
    """Hold a value to every law; `other` is a second one, whose fields the updates set.

    `client` answers the calls, instead of a table in the process.
    """
    instance, second = drawn.instance(contents), drawn.instance(other)
    item: dict[str, Any] | None = None
    figures.not_constructed += instance is None
    if instance is None:
        return
    figures.values += 1
    try:
        item = instance.to_item()
        codec = codec_of(type(instance))
        stored = codec.read_back(codec.serialized(item))
    except CallError as error:
        figures.values_refused += 1
        figures.reasons[getattr(error, "reason", type(error).__name__)] += 1
        if drawn.sure:
            raise Broken("a value of a plain type is stored", drawn, instance) from error
        if item is not None and codec_of(type(instance)).reads_all_it_writes:
            raise Broken("a model that is sure to read what it writes does so", drawn, instance) from error
        return
    figures.sure_to_read += codec.reads_all_it_writes
    _both_readers(drawn, instance, stored, item)
    _markers(drawn, instance, item)
    store = (client or Store.of)(drawn)
    repo = repository(drawn, store)
    written = _put(drawn, repo, instance, figures)
    if written is None:
        return
    _reads(drawn, repo, written)
    if second is not None:
        _updates(drawn, repo, written, second, figures)
    figures.calls += store.calls


def repository(drawn: Drawn, client: Any) -> Repo[DynamoModel]:  # noqa: ANN401 -- what answers
    """Return a repository of the class."""
    assert drawn.model is not None
    encrypted = any(field.encrypted for field in codec_of(drawn.model).schema.stored)
    encryption = KmsEncryption(ARN, client=ScriptedKms()) if encrypted else None
    return Repo(drawn.model, table=client.table, client=client, clock=lambda: NOW, encryption=encryption)


def _replaced(repo: Repo[DynamoModel], instance: DynamoModel) -> DynamoModel:
    """Put an instance, whatever version is there."""
    versioned = "revision" in type(instance).model_fields
    return repo.put(instance, expected_version=ANY) if versioned else repo.put(instance)


def _both_readers(drawn: Drawn, instance: DynamoModel, stored: DynamoModel, item: dict[str, Any]) -> None:
    codec = codec_of(type(instance))
    body = json.dumps({"Items": [item]}, default=lambda blob: base64.b64encode(blob).decode()).encode()
    (from_bytes,) = codec.decode_response(body)["Items"]
    (from_dictionary,) = codec.decode_response({"Items": [item]})["Items"]
    _require(drawn, "the reader of bytes reads what was written", _equal(drawn, from_bytes, stored), item)
    _require(drawn, "the reader of dictionaries reads what was written", _equal(drawn, from_dictionary, stored), item)
    _require(drawn, "from_item reads what was written", _equal(drawn, type(instance).from_item(item), stored), item)
    if drawn.config.keys() & CHANGING:  # what stood in a dataclass unvalidated is changed by the write
        return
    _require(drawn, "what is read is what was written", _equal(drawn, stored, instance), item)
    _require(drawn, "what is read is written alike", stored.to_item() == item, item)


def _markers(drawn: Drawn, instance: DynamoModel, item: dict[str, Any]) -> None:
    codec = codec_of(type(instance))
    for name, shape in drawn.fields.items():
        attribute = codec.attributes.get(name, name)
        if shape.expected is not None:
            honoured = shape.expected(getattr(instance, name), item.get(attribute))
            _require(drawn, "a marker is honoured", honoured, name, item.get(attribute))


def _put(drawn: Drawn, repo: Repo[DynamoModel], instance: DynamoModel, figures: Figures) -> DynamoModel | None:
    try:
        return _replaced(repo, instance)
    except CallError as error:  # a key that DynamoDB does not take, as an empty one
        figures.values_refused += 1
        figures.reasons[f"put: {type(error).__name__}"] += 1
        if drawn.sure:
            raise Broken("a value of a plain type is put", drawn, instance) from error
        return None


def _reads(drawn: Drawn, repo: Repo[DynamoModel], written: DynamoModel) -> None:
    key = [getattr(written, name) for name in drawn.keys]
    by_key = repo.get(tuple(key) if len(key) > 1 else key[0])
    _require(drawn, "put answers what the next get reads", same(written, by_key), written, by_key)
    _require(drawn, "an instance is a key of itself", same(repo.get(written), by_key), written)


def _updates(
    drawn: Drawn, repo: Repo[DynamoModel], written: DynamoModel, second: DynamoModel, figures: Figures
) -> None:
    """An update is what assigning and putting is, by actions as by `fields=`."""
    codec = codec_of(type(written))
    for name in drawn.fields:
        if name in drawn.keys or name not in codec.attributes or codec.schema.fields[name].roles & _SET_BY_LIBRARY:
            continue
        value: object = getattr(second, name)
        if not _stays(drawn, second, name):
            continue
        assigned = written.model_copy(update={name: value})
        reference = getattr(fields(type(written)), name)
        wanted = _answer(lambda assigned=assigned: _replaced(repo, assigned))
        by_action = _answer(
            lambda v=value, r=reference: repo.update(_replaced(repo, written), Attr(r).set(cast("Any", v)))
        )
        by_fields = _answer(lambda a=assigned, n=name: repo.update(_renewed(repo, written, a), fields={n}))
        by_patch = _answer(lambda v=value, n=name: repo.patch(_replaced(repo, written), {n: v}))
        for law, answer in (("by an action", by_action), ("of a field", by_fields), ("by a patch", by_patch)):
            if answer is None or wanted is None:
                figures.updates_refused += 1
                if drawn.sure:
                    raise Broken(f"an update {law} is taken", drawn, name, value)
                continue
            alike = _equal(drawn, answer, wanted)
            _require(drawn, f"an update {law} is what assigning and putting is", alike, name, answer, wanted)


def _stays(drawn: Drawn, instance: DynamoModel, name: str) -> bool:
    """Say whether the constructor takes a field's value as it is: that of `Json[T]`, for one, is a T and no text."""
    held = {each: getattr(instance, each) for each in drawn.fields}
    again = drawn.instance(held)
    return again is not None and same(getattr(again, name), held[name])


def _renewed(repo: Repo[DynamoModel], written: DynamoModel, assigned: DynamoModel) -> DynamoModel:
    """Put the first value again; return the assigned one, holding the version that was written now."""
    again = _replaced(repo, written)
    held = {name: getattr(again, name) for name in ("revision",) if hasattr(again, name)}
    return assigned.model_copy(update=held)


def _answer(call: Callable[[], DynamoModel]) -> DynamoModel | None:
    """Return what a call answers; None where it is refused before anything is sent."""
    try:
        return call()
    except (CallError, InvalidExpression):
        return None


def _require(drawn: Drawn, law: str, holds: bool, *seen: object) -> None:  # noqa: FBT001 -- what is asked
    if not holds:
        raise Broken(law, drawn, *seen)


def _equal(drawn: Drawn, left: DynamoModel, right: DynamoModel) -> bool:
    """Compare two instances but for what the library sets."""
    roles = codec_of(type(left)).schema.fields
    names = [n for n in drawn.fields if n not in roles or not roles[n].roles & _SET_BY_LIBRARY]
    equal = all(same(getattr(left, name), getattr(right, name)) for name in names)
    return equal and same(left.model_extra, right.model_extra)


def same(a: Any, b: Any) -> bool:  # noqa: ANN401, PLR0911 -- any two values, one return for each kind
    """Say whether two values are equal with equal types all the way down; a time may tell its instant in UTC."""
    if type(a) is not type(b):
        return False
    if isinstance(a, BaseModel):
        return same(a.__dict__, b.__dict__) and same(a.model_extra, b.model_extra)
    if dataclasses.is_dataclass(a):
        return all(same(getattr(a, each.name), getattr(b, each.name)) for each in dataclasses.fields(a))
    if isinstance(a, dt.datetime) and a.tzinfo is not None and b.tzinfo is not None:
        return a.astimezone(dt.UTC) == b.astimezone(dt.UTC)
    if isinstance(a, Mapping):
        return _same_entries(cast("Any", a), b)
    if isinstance(a, str | bytes):
        return a == b
    if isinstance(a, Sequence):
        return len(cast("Any", a)) == len(b) and all(map(same, cast("Any", a), b))
    if isinstance(a, AbstractSet):
        return _typed(cast("AbstractSet[Any]", a)) == _typed(b)
    return a == b


def _same_entries(a: Mapping[Any, Any], b: Mapping[Any, Any]) -> bool:
    left, right = ({_typed_one(key): value for key, value in each.items()} for each in (a, b))
    return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)


def _typed(values: AbstractSet[Any]) -> set[tuple[type, object]]:
    return set(map(_typed_one, values))


def _typed_one(value: object) -> tuple[type, object]:
    return type(value), value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else value
