"""What the parts of a document must say of each other: CONTRACT 7's list of refusals, beyond shapes.

Every rule yields the place and what is wrong with it. Works on a model that has the right shape.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from dynamorm_py._kernel.words import with_article
from dynamorm_py._schema.lifecycle_roles import LIFECYCLE
from dynamorm_py._schema.naming import fault
from dynamorm_py.dms._document import JSON_TYPES, LATER_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dynamorm_py.dms._document import Attribute, DmsVersion, Index, KeyAttribute, Model
    from dynamorm_py.dms._parsed import Path

Fault: TypeAlias = "tuple[Path, str]"

LIFECYCLE_TYPES: Mapping[str, str] = {name: role.wire_type for name, role in LIFECYCLE.items()}
_FORMAT_TYPES = {"rfc3339nano": "S", "unix_seconds": "N", "int": "N", "decimal_string": "N"}
_LATER = 'came with DMS 0.2: set dms_version: "0.2", or drop it'


def model_faults(model: Model, version: DmsVersion = "0.2") -> Iterator[Fault]:
    """Yield everything that is wrong within one model; paths begin at the model."""
    yield from _later(model) if version == "0.1" else _policy_faults(model)
    yield from _duplicates(("attributes",), [a.attribute for a in model.attributes])
    yield from _duplicates(("indexes",), [i.name for i in model.indexes])
    for at, attribute in enumerate(model.attributes):
        for path, message in (*_attribute_faults(attribute, version), *_role_faults(model, attribute)):
            yield ("attributes", at, *path), message
    yield from _lifecycle_twice(model)
    yield from _keys_faults(model)
    for at, index in enumerate(model.indexes):
        for path, message in _index_faults(model, index):
            yield ("indexes", at, *path), message


def naming_faults(model: Model) -> Iterator[Fault]:
    """Yield the attribute names that break the model's convention."""
    for at, attribute in enumerate(model.attributes):
        if fault(attribute.attribute, model.convention):
            kind = with_article(model.convention or "attribute")
            message = f"{attribute.attribute!r} is not {kind} name of at most 255 bytes"
            yield ("attributes", at, "attribute"), f"{message}: rename it"


def duplicate_models(models: Iterable[str]) -> Iterator[Fault]:
    """Yield the models whose name an earlier model has."""
    yield from _duplicates(("models",), models)


def index_roles(model: Model) -> dict[tuple[str, str], str]:
    """Return the roles that the key and index sections imply, as (role, attribute) to the section's words."""
    implied = {("pk", model.keys.partition.attribute): "keys.partition"}
    if model.keys.sort is not None:
        implied["sk", model.keys.sort.attribute] = "keys.sort"
    for index in model.indexes:
        implied[f"index_pk:{index.name}", index.partition.attribute] = f"the partition key of index {index.name}"
        if index.sort is not None:
            implied[f"index_sk:{index.name}", index.sort.attribute] = f"the sort key of index {index.name}"
    return implied


def _duplicates(path: Path, names: Iterable[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, name in enumerate(names):
        if name in seen:
            yield (*path, at), f"{name!r} appears earlier: keep one"
        seen.add(name)


def _later(model: Model) -> Iterator[Fault]:
    """Yield what came with DMS 0.2."""
    if model.write_policy is not None:
        yield ("write_policy",), f"write_policy {_LATER}"
    if model.convention in LATER_WORDS:
        yield ("naming", "convention"), f"the convention {model.convention} {_LATER}"
    for at, attribute in enumerate(model.attributes):
        if attribute.format in LATER_WORDS:
            yield ("attributes", at, "format"), f"the format {attribute.format} {_LATER}"


def _policy_faults(model: Model) -> Iterator[Fault]:
    protected = model.write_policy.protected_attributes if model.write_policy else ()
    path = ("write_policy", "protected_attributes")
    yield from _duplicates(path, protected)
    known = {attribute.attribute for attribute in model.attributes}
    for at, name in enumerate(protected):
        if name not in known:
            yield (*path, at), f"{name!r} is not one of the attributes: add it to them, or remove it here"


def _attribute_faults(attribute: Attribute, version: DmsVersion) -> Iterator[Fault]:
    kind = attribute.type
    if attribute.required and attribute.optional:
        yield ("optional",), "an attribute is required or optional, not both: drop one"
    if attribute.json_ and attribute.binary:
        yield ("binary",), "an attribute is json or binary, not both: drop one"
    if attribute.json_ and kind not in JSON_TYPES[version]:
        yield ("json",), _json_repair(kind, version)
    if attribute.json_ and attribute.format:
        yield ("format",), "json has no further format: drop it"
    if attribute.binary and kind != "B":
        yield ("binary",), f"binary is stored as B: make the type B, not {kind}"
    if attribute.format and kind != _FORMAT_TYPES[attribute.format]:
        yield ("format",), f"format {attribute.format} is of type {_FORMAT_TYPES[attribute.format]}, not {kind}"


def _json_repair(kind: str, version: DmsVersion) -> str:
    if version == "0.1" and kind in JSON_TYPES["0.2"]:
        return f'json is stored as text in DMS 0.1: make the type S, not {kind}, or set dms_version: "0.2"'
    allowed = JSON_TYPES[version]
    return f"json is stored as {' or '.join(allowed)}, not {kind}: change the type, or drop json"


def _role_faults(model: Model, attribute: Attribute) -> Iterator[Fault]:
    implied = index_roles(model)
    for at, role in enumerate(attribute.roles):
        path: Path = ("roles", at)
        if role in attribute.roles[:at]:
            yield path, f"{role!r} appears twice: keep one"
        elif role not in LIFECYCLE_TYPES:
            if (role, attribute.attribute) not in implied:
                yield path, f"{role!r} is not what keys and indexes say of {attribute.attribute!r}: make them agree"
        elif attribute.type != LIFECYCLE_TYPES[role]:
            yield path, f"{role} is of type {LIFECYCLE_TYPES[role]}, not {attribute.type}: change the type"
        elif attribute.encryption is not None:
            yield ("encryption",), f"{role} cannot be encrypted: drop the encryption"
    lifecycle = [role for role in attribute.roles if role in LIFECYCLE_TYPES]
    if len(set(lifecycle)) > 1:
        yield ("roles",), f"one attribute cannot be {' and '.join(lifecycle)}: use one for each"


def _lifecycle_twice(model: Model) -> Iterator[Fault]:
    counted = Counter(role for attribute in model.attributes for role in set(attribute.roles))
    for at, attribute in enumerate(model.attributes):
        for role in dict.fromkeys(attribute.roles):
            if role in LIFECYCLE_TYPES and counted[role] > 1:
                yield ("attributes", at, "roles"), f"{role} is on {counted[role]} attributes: keep one"


def _keys_faults(model: Model) -> Iterator[Fault]:
    yield from _key_faults(model, model.keys.partition, ("keys", "partition"), primary=True)
    if model.keys.sort is None:
        return
    yield from _key_faults(model, model.keys.sort, ("keys", "sort"), primary=True)
    if model.keys.sort.attribute == model.keys.partition.attribute:
        yield ("keys", "sort", "attribute"), "is the partition key too: use two attributes"


def _key_faults(model: Model, key: KeyAttribute, path: Path, *, primary: bool) -> Iterator[Fault]:
    attribute = next((a for a in model.attributes if a.attribute == key.attribute), None)
    if attribute is None:
        yield (*path, "attribute"), f"{key.attribute!r} is not one of the attributes: add it to them"
        return
    if attribute.type != key.type:
        yield (*path, "type"), f"{key.attribute!r} is {key.type} here and {attribute.type} among the attributes"
    if attribute.encryption is not None:
        yield path, f"{key.attribute!r} is encrypted, and a key cannot be: drop the encryption"
    if attribute.json_:
        yield path, f"{key.attribute!r} is json, and a key cannot be: drop json"
    if primary and (attribute.optional or attribute.omit_empty):
        yield path, f"{key.attribute!r} may be absent, and a key cannot be: drop optional and omit_empty"


def _index_faults(model: Model, index: Index) -> Iterator[Fault]:
    yield from _key_faults(model, index.partition, ("partition",), primary=False)
    if index.sort is not None:
        yield from _key_faults(model, index.sort, ("sort",), primary=False)
        if index.sort.attribute == index.partition.attribute:
            yield ("sort", "attribute"), "is the partition key too: use two attributes"
    if index.type == "LSI":
        yield from _local_faults(model, index)
    if index.projection is not None:
        yield from _projection_faults(model, index)


def _local_faults(model: Model, index: Index) -> Iterator[Fault]:
    table_key = model.keys.partition.attribute
    if index.partition.attribute != table_key:
        yield (
            ("partition", "attribute"),
            f"a local index shares the table's partition key {table_key!r}: or make it a GSI",
        )
    if index.sort is None:
        yield (), "a local index needs a sort key: add sort"
    if model.keys.sort is None:
        yield (), "a local index needs a table with a sort key: add keys.sort, or make it a GSI"


def _projection_faults(model: Model, index: Index) -> Iterator[Fault]:
    projection = index.projection
    if projection is None:
        return
    if projection.type == "INCLUDE" and not projection.fields:
        yield ("projection",), "INCLUDE needs fields: list them, or use KEYS_ONLY"
    if projection.type != "INCLUDE" and projection.fields:
        yield ("projection", "fields"), f"{projection.type} takes no fields: drop them, or use INCLUDE"
    yield from _duplicates(("projection", "fields"), projection.fields)
    known = {attribute.attribute for attribute in model.attributes}
    for at, name in enumerate(projection.fields):
        if name not in known:
            yield ("projection", "fields", at), f"{name!r} is not one of the attributes"
