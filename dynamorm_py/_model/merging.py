"""The table that several models need together: one key, every index, one time to live; conflicts are named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynamorm_py._schema import IndexSchema, ModelSchema, StoredField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamorm_py._model.model_table import ModelTable


def merged_schema(name: str, models: str, tables: Sequence[ModelTable[Any]]) -> tuple[ModelSchema, list[str]]:
    """Return the schema of a table for all models, whose fields have the names of their attributes."""
    first = tables[0]
    problems = [problem for table in tables[1:] for problem in _key_problems(first, table)]
    fields: dict[str, StoredField] = {}
    indexes: dict[str, tuple[ModelTable[Any], IndexSchema]] = {}
    roles: dict[str, StoredField] = {}
    for table in tables:
        for each in table.schema.stored:
            fields[each.attribute] = _joined(fields.get(each.attribute), _renamed(each))
        problems += _add_indexes(indexes, table)
        problems += _add_roles(roles, table)
    by_role = {role: fields[each.attribute] for role, each in roles.items()}
    keys = tuple(fields[each.attribute] for each in first.schema.keys)
    whole = {n: _of_attributes(index, table, fields) for n, (table, index) in indexes.items()}
    vectors = {n: vector for table in tables for n, vector in table.schema.vectors.items()}
    schema = ModelSchema(models, name, None, fields, by_role, keys, whole)
    return replace(schema, vectors=vectors), problems


def merged_nodes(tables: Sequence[ModelTable[Any]]) -> dict[str, Any]:
    """Return the codec of each attribute; a key attribute's before that of a plain field."""
    nodes: dict[str, Any] = {}
    for table in tables:
        for name, node in table.codec.node.fields.items():
            each = table.schema.fields[name]
            if each.is_key or each.is_index_key or node.attribute not in nodes:
                nodes[node.attribute] = replace(node, name=node.attribute, required=False)
    return nodes


def key_types(table: ModelTable[Any], fields: Sequence[StoredField]) -> list[tuple[str, str]]:
    """Return the attributes of a key with their types."""
    nodes = table.codec.node.fields
    return [(each.attribute, "".join(sorted(nodes[each.name].node.types - {"NULL"}))) for each in fields]


def _key_problems(one: ModelTable[Any], other: ModelTable[Any]) -> list[str]:
    mine, theirs = key_types(one, one.schema.keys), key_types(other, other.schema.keys)
    if mine == theirs:
        return []
    keys = f"{one.model.__name__} has the key {_spelled(mine)}, {other.model.__name__} {_spelled(theirs)}"
    return [f"{keys}: a table has one key, so give both the same attributes"]


def _add_indexes(indexes: dict[str, tuple[ModelTable[Any], IndexSchema]], table: ModelTable[Any]) -> list[str]:
    problems: list[str] = []
    for name, index in table.schema.indexes.items():
        holder, known = indexes.setdefault(name, (table, index))
        if known is index:
            continue
        mine, theirs = _described(table, index), _described(holder, known)
        if mine != theirs:
            problems.append(
                f"index {name!r} is {theirs} in {holder.model.__name__} and {mine} in {table.model.__name__}: "
                "declare it alike, or rename one"
            )
    return problems


def _described(table: ModelTable[Any], index: IndexSchema) -> str:
    carried = index.projection
    attributes = carried if isinstance(carried, str) else _spelled_names(table, carried)
    partition, sort = key_types(table, index.partition), key_types(table, index.sort)
    return f"{index.kind} by {_spelled(partition)}; {_spelled(sort)} carrying {attributes}"


def _spelled_names(table: ModelTable[Any], names: Sequence[str]) -> str:
    return ", ".join(sorted(table.schema.fields[name].attribute for name in names))


def _spelled(parts: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in parts) or "no sort key"


def _add_roles(roles: dict[str, StoredField], table: ModelTable[Any]) -> list[str]:
    problems: list[str] = []
    for role, each in table.schema.by_role.items():
        known = roles.setdefault(role, each)
        if role == "ttl" and known.attribute != each.attribute:
            problems.append(
                f"time to live is {known.attribute!r} in one model and {each.attribute!r} in {table.model.__name__}: "
                "a table has one attribute for it"
            )
    return problems


def _renamed(each: StoredField) -> StoredField:
    return replace(each, name=each.attribute, template=None)


def _joined(known: StoredField | None, each: StoredField) -> StoredField:
    if known is None:
        return each
    keys = tuple(dict.fromkeys((*known.index_keys, *each.index_keys)))
    return replace(known, roles=known.roles | each.roles, index_keys=keys)


def _of_attributes(index: IndexSchema, table: ModelTable[Any], fields: dict[str, StoredField]) -> IndexSchema:
    carried = index.projection
    if not isinstance(carried, str):
        carried = tuple(table.schema.fields[name].attribute for name in carried)
    partition = tuple(fields[each.attribute] for each in index.partition)
    sort = tuple(fields[each.attribute] for each in index.sort)
    return replace(index, partition=partition, sort=sort, projection=carried)
