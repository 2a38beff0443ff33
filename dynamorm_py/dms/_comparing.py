"""Model against document: every difference, with what either says.

Both sides become the same flat list of facts, so a difference is a fact that is not on both.
Source: CONTRACT 7, "Equivalence".
"""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py.dms._describing import ROLE_FORMATS
from dynamorm_py.dms._document import Attribute, DmsVersion, Document, Index, KeyAttribute, Model, WritePolicy
from dynamorm_py.dms._rules import index_roles

_ANY_TABLE = "any"  # stands for the table's name while it is not compared


class DescribesItself(Protocol):
    """A model class of this package."""

    @classmethod
    def to_dms(cls, *, table: str | None = None, version: DmsVersion = "0.1") -> dict[str, Any]:
        """Return the model's DMS entry."""
        ...


@public("dynamorm_py.dms")
@frozen
class Difference:
    """One fact that two sides do not share: where, and what each says; None says nothing there."""

    path: str
    model: object
    document: object

    def __str__(self) -> str:
        """Say both sides."""
        return f"{self.path}: the model says {_said(self.model)}, the document {_said(self.document)}"


Facts: TypeAlias = dict[str, object]


def compare(
    model: type[DescribesItself] | Model, document: Document | Model, *, ignore_table_name: bool = False
) -> list[Difference]:
    """Return every difference between a model and its entry in a document; an empty list if they are equal.

    The entry is the one of the model's name, or the document's only one. Raises InvalidDocument for a model
    that DMS cannot describe.
    """
    table = _ANY_TABLE if ignore_table_name else None
    ours = model if isinstance(model, Model) else Model.model_validate(model.to_dms(table=table, version="0.2"))
    theirs = document if isinstance(document, Model) else _entry(ours.name, document)
    if theirs is None:
        return [Difference("models", ours.name, None)]
    left, right = _facts(ours), _facts(theirs)
    if ignore_table_name:
        del left["table.name"], right["table.name"]
    return list(_unequal(left, right))


def _entry(name: str, document: Document) -> Model | None:
    return document.model(name) or (document.models[0] if len(document.models) == 1 else None)


def _unequal(left: Facts, right: Facts) -> list[Difference]:
    """Compare facts; of an attribute or index that one side lacks only that is reported."""
    out: list[Difference] = []
    for path in dict.fromkeys((*left, *right)):
        whole = path.rpartition(".")[0]
        if whole.endswith("]") and (whole in left) != (whole in right):
            continue
        if left.get(path) != right.get(path):
            out.append(Difference(path, left.get(path), right.get(path)))
    return out


def _facts(model: Model) -> Facts:
    """Return everything that equivalence compares, by path."""
    roles = index_roles(model)
    facts: Facts = {
        "name": model.name,
        "table.name": model.table.name,
        "naming.convention": model.convention,
        "keys.partition": _key(model.keys.partition),
        "keys.sort": _key(model.keys.sort),
        **_policy(model.write_policy or WritePolicy()),
    }
    for attribute in model.attributes:
        implied = {role for role, name in roles if name == attribute.attribute}
        facts |= _below(f"attributes[{attribute.attribute}]", _attribute(attribute, implied))
    for index in model.indexes:
        facts |= _below(f"indexes[{index.name}]", _index(index))
    return facts


def _policy(policy: WritePolicy) -> Facts:
    protected = sorted(policy.protected_attributes)
    return {"write_policy.mode": policy.mode, "write_policy.protected_attributes": protected}


def _below(path: str, facts: Facts) -> Facts:
    return {path: "present", **{f"{path}.{name}": value for name, value in facts.items()}}


def _attribute(attribute: Attribute, implied: set[str]) -> Facts:
    """Return the facts of an attribute; roles that follow from keys and indexes count as declared.

    The format decimal_string says what is so of every number here: its text is exact.
    """
    role_format = next((ROLE_FORMATS[role] for role in attribute.roles if role in ROLE_FORMATS), None)
    return {
        "type": attribute.type,
        "required": attribute.required,
        "optional": attribute.optional,
        "omit_empty": attribute.omit_empty,
        "json": attribute.json_,
        "binary": attribute.binary,
        "encrypted": attribute.encryption is not None,
        "format": role_format if attribute.format in {None, "decimal_string"} else attribute.format,
        "roles": sorted({*attribute.roles, *implied}),
    }


def _index(index: Index) -> Facts:
    projection = index.projection
    return {
        "type": index.type,
        "partition": _key(index.partition),
        "sort": _key(index.sort),
        "projection": projection.type if projection else "ALL",
        "projection.fields": sorted(projection.fields) if projection else [],
    }


def _key(key: KeyAttribute | None) -> str | None:
    return None if key is None else f"{key.attribute} ({key.type})"


def _said(value: object) -> str:
    return "nothing" if value is None else repr(value)
