"""A model's table: keys, indexes and lifecycle fields, read once from the markers and frozen.

What a type can hold is not known here, so the checks that need types are in `_model/definition.py`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._schema.lifecycle_roles import LIFECYCLE, SET_BY_LIBRARY
from dynamorm_py._schema.naming import CONVENTIONS, TABLE_NAME, TABLE_NAME_REPAIR
from dynamorm_py._schema.vectors import VectorSchema, projection_problems, read_vectors
from dynamorm_py._schema.write_policies import WritePolicy
from dynamorm_py.markers import GlobalIndex, LocalIndex, PartitionKey, Projection, SortKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dynamorm_py._schema.fields import StoredField

_GLOBAL_INDEX_LIMIT = 20  # default quota per table: Developer Guide, "Service, account, and table quotas"
_LOCAL_INDEX_LIMIT = 5  # the same page
_INCLUDED_LIMIT = 100  # projected non-key attributes over all indexes of a table: the same page
_KEY_PARTS_LIMIT = 4  # attributes of a multi-attribute partition or sort key: Developer Guide, "Multi-attribute keys"

IndexDeclaration: TypeAlias = GlobalIndex | LocalIndex
MISSING_KEY = "it has no partition key: annotate one field with PartitionKey()"


@frozen
class IndexSchema:
    """One secondary index: its keys as fields, and what it carries."""

    name: str
    kind: Literal["GSI", "LSI"]
    partition: tuple[StoredField, ...]
    sort: tuple[StoredField, ...]
    projection: Projection = "ALL"


@frozen
class ModelSchema:
    """Everything that a model's definition says about its table."""

    name: str
    table: str | None
    naming: str | None
    fields: Mapping[str, StoredField]
    by_role: Mapping[str, StoredField]
    keys: tuple[StoredField, ...]
    """Partition key, then sort key if there is one."""
    indexes: Mapping[str, IndexSchema] = field(default_factory=dict[str, IndexSchema])
    vectors: Mapping[str, VectorSchema] = field(default_factory=dict[str, VectorSchema])
    write_policy: WritePolicy = field(default_factory=WritePolicy)
    stored: tuple[StoredField, ...] = field(init=False, repr=False, compare=False)
    """The fields that have an attribute, in declaration order."""
    unique: tuple[StoredField, ...] = field(init=False, repr=False, compare=False)
    """Those whose value no other item may have."""
    computed: tuple[StoredField, ...] = field(init=False, repr=False, compare=False)
    """The computed fields that are not part of the table's key."""
    stamped: bool = field(init=False, repr=False, compare=False)
    """Whether some field is set by the library on every write."""

    def __post_init__(self) -> None:
        """Note what every write asks for."""
        stored = tuple(f for f in self.fields.values() if f.stored)
        object.__setattr__(self, "stored", stored)
        object.__setattr__(self, "unique", tuple(f for f in stored if f.unique))
        computed = tuple(f for f in stored if f.computed and f.template is None and not f.is_key)
        object.__setattr__(self, "computed", computed)
        object.__setattr__(self, "stamped", not SET_BY_LIBRARY.isdisjoint(self.by_role))

    @property
    def partition(self) -> StoredField:
        """The table's partition key."""
        return self.by_role["pk"]

    @property
    def sort(self) -> StoredField | None:
        """The table's sort key, if it has one."""
        return self.role("sk")

    def role(self, name: str) -> StoredField | None:
        """Return the field with a role (`sk`, `created_at`, `updated_at`, `version`, `ttl`), or None."""
        return self.by_role.get(name)


def read_schema(
    name: str,
    fields: Iterable[StoredField],
    *,
    table: str | None,
    naming: str | None,
    declared: Sequence[IndexDeclaration] = (),
) -> tuple[ModelSchema, list[str]]:
    """Assemble the table of a model. Returns it with everything that is wrong, each with the repair."""
    by_name = {f.name: f for f in fields}
    problems = [*_table_problems(table, naming), *_field_problems(by_name.values()), *_undeclared(declared)]
    declared = [each for each in declared if _declares(each)]
    indexes: dict[str, IndexSchema] = {}
    for index, wrong in _read_indexes(by_name, declared):
        problems += wrong
        indexes[index.name] = index
    problems += _index_count_problems(indexes.values())
    vectors, wrong_vectors = read_vectors(by_name, indexes)
    problems += wrong_vectors
    by_role = {role: f for f in by_name.values() for role in f.roles}
    keys = tuple(by_role[role] for role in ("pk", "sk") if role in by_role)
    return ModelSchema(name, table, naming, by_name, by_role, keys, indexes, vectors), problems


def _table_problems(table: str | None, naming: str | None) -> Iterator[str]:
    if table is not None and not (isinstance(cast("object", table), str) and TABLE_NAME.fullmatch(table)):
        yield f"table name {table!r} is not valid: {TABLE_NAME_REPAIR}"
    if naming is not None and naming not in CONVENTIONS:
        yield f"naming {naming!r} is unknown: use {' or '.join(map(repr, CONVENTIONS))}, or leave it out"


def _field_problems(fields: Iterable[StoredField]) -> Iterator[str]:
    stored = [f for f in fields if f.stored]
    for role, words in (("pk", "partition keys"), ("sk", "sort keys")):
        holders = [f.name for f in stored if role in f.roles]
        if len(holders) > 1:
            yield f"it has {len(holders)} {words} ({', '.join(holders)}): keep one, or name an index in the marker"
        if role == "pk" and not holders:
            yield MISSING_KEY
    for role in LIFECYCLE:
        holders = [f.name for f in stored if role in f.roles]
        if len(holders) > 1:
            yield f"{role} is on {', '.join(holders)}: keep one"
    by_attribute: dict[str, str] = {}
    for f in stored:
        other = by_attribute.setdefault(f.attribute, f.name)
        if other != f.name:
            yield f"{other} and {f.name} are both stored in {f.attribute!r}: rename one with Attribute(name)"


def _declares(declaration: object) -> bool:
    return isinstance(declaration, GlobalIndex | LocalIndex)


def _undeclared(declared: Iterable[object]) -> Iterator[str]:
    """Yield what stands in `indexes=` and declares none: a name alone does not say what the index carries."""
    for each in declared:
        if not _declares(each):
            named = repr(each) if isinstance(each, str) else "..."
            yield f"indexes= takes GlobalIndex and LocalIndex, not {kind_of(each)}: write GlobalIndex({named})"


def _read_indexes(
    fields: Mapping[str, StoredField], declared: Sequence[IndexDeclaration]
) -> Iterator[tuple[IndexSchema, list[str]]]:
    names = dict.fromkeys(m.index for f in fields.values() for m in f.index_keys if m.index is not None)
    by_name: dict[str, IndexDeclaration] = {}
    for declaration in declared:
        twice = declaration.name in by_name
        by_name[declaration.name] = declaration
        if twice:
            stub = IndexSchema(declaration.name, "GSI", (), ())
            yield stub, [f"index {declaration.name!r} is declared twice in indexes=: keep one"]
    for name in dict.fromkeys([*names, *by_name]):
        yield _read_index(name, fields, by_name.get(name))


def _read_index(
    name: str, fields: Mapping[str, StoredField], declared: IndexDeclaration | None
) -> tuple[IndexSchema, list[str]]:
    problems: list[str] = []
    partition = _key_parts(name, PartitionKey, fields, problems)
    sort = _key_parts(name, SortKey, fields, problems)
    local = isinstance(declared, LocalIndex) or (declared is None and not partition)
    table_key = tuple(f for f in fields.values() if "pk" in f.roles)[:1]
    problems += _local_problems(partition, sort, table_key, fields) if local else _global_problems(partition, sort)
    if local and not partition:
        partition = table_key
    problems += _twice_in_key([f.name for f in (*partition, *sort)])
    projection: Projection = declared.projection if declared else "ALL"
    problems += projection_problems(projection, fields)
    if not TABLE_NAME.fullmatch(name):
        problems.append(f"the name is not valid: {TABLE_NAME_REPAIR}")
    index = IndexSchema(name, "LSI" if local else "GSI", partition, sort, projection)
    return index, [f"index {name!r}: {problem}" for problem in problems]


def _key_parts(
    name: str, kind: type[PartitionKey | SortKey], fields: Mapping[str, StoredField], problems: list[str]
) -> tuple[StoredField, ...]:
    """Collect the fields of one key of an index, ordered by their position."""
    parts = [(m.position, f) for f in fields.values() for m in f.index_keys if type(m) is kind and m.index == name]
    words = "partition keys" if kind is PartitionKey else "sort keys"
    if len(parts) > _KEY_PARTS_LIMIT:
        problems.append(f"it has {len(parts)} {words}: a multi-attribute key has at most {_KEY_PARTS_LIMIT}")
    elif len(parts) > 1 and sorted(p or 0 for p, _ in parts) != list(range(1, len(parts) + 1)):
        listed = ", ".join(f.name for _, f in parts)
        problems.append(
            f"it has {len(parts)} {words} ({listed}): keep one, or give them position=1 to {len(parts)} "
            "to make a multi-attribute key"
        )
    return tuple(f for _, f in sorted(parts, key=lambda part: part[0] or 0))


def _twice_in_key(names: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"{name} is in its key twice: use a field of its own for each part"


def _global_problems(partition: tuple[StoredField, ...], sort: tuple[StoredField, ...]) -> Iterator[str]:
    if not partition and sort:
        yield "a sort key alone makes a local index, but it is declared global: add PartitionKey(index=)"
    elif not partition:
        yield "no field is its key: annotate one with PartitionKey(index=)"


def _local_problems(
    partition: tuple[StoredField, ...],
    sort: tuple[StoredField, ...],
    table_key: tuple[StoredField, ...],
    fields: Mapping[str, StoredField],
) -> Iterator[str]:
    if partition and partition != table_key:
        yield "a local index shares the table's partition key: drop its PartitionKey, or declare it a GlobalIndex"
    if not sort:
        yield "a local index needs a sort key: annotate a field with SortKey(index=)"
    elif len(sort) > 1:
        yield "only global indexes have multi-attribute keys: keep one sort key"
    if not any("sk" in f.roles for f in fields.values()):
        yield "a local index needs a table with a sort key: add SortKey(), or PartitionKey(index=) to make it global"


def _index_count_problems(indexes: Iterable[IndexSchema]) -> Iterator[str]:
    indexes = list(indexes)
    for kind, words, limit in (("GSI", "global", _GLOBAL_INDEX_LIMIT), ("LSI", "local", _LOCAL_INDEX_LIMIT)):
        count = sum(index.kind == kind for index in indexes)
        if count > limit:
            yield f"it has {count} {words} indexes: DynamoDB allows {limit}, so drop some"
    included = sum(len(index.projection) for index in indexes if not isinstance(index.projection, str))
    if included > _INCLUDED_LIMIT:
        yield f"its indexes include {included} attributes: DynamoDB allows {_INCLUDED_LIMIT} in all, so include fewer"
