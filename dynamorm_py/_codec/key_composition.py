"""Derived keys of a compiled model: typed, composed, and compared with stored keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from dynamorm_py._kernel.values import frozen
from dynamorm_py._schema.fields import PARTITION_KEY_BYTES, SORT_KEY_BYTES
from dynamorm_py._schema.templates import Template, adjacency_problems, as_nano
from dynamorm_py.errors import InvalidValue
from dynamorm_py.markers import SortKey

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from dynamorm_py._codec.node import FieldNode, Node
    from dynamorm_py._kernel.types import AttributeValue, Item
    from dynamorm_py._schema import ModelSchema, StoredField
    from dynamorm_py._schema.templates import Part

_TEXT, _NUMBER, _BINARY = frozenset({"S"}), frozenset({"N"}), frozenset({"B"})
DIFFERS = "dynamorm_derived_key"
"""The type of pydantic's error for a stored key that its item's fields do not compose."""
_DIFFERS = "the stored key is not what the item's fields compose: it was altered, or it belongs to another item"


@frozen
class DerivedKey:
    """One derived key: where it is stored, its template with the types of its parts, and the fields of these."""

    field: StoredField
    template: Template
    sources: Mapping[str, FieldNode]

    @property
    def name(self) -> str:
        """The name that the class gives it."""
        return self.field.name

    @property
    def attribute(self) -> str:
        """The attribute that it is stored in."""
        return self.field.attribute

    @property
    def attributes(self) -> dict[str, str]:
        """The attribute of each field that it is composed from."""
        return {name: source.attribute for name, source in self.sources.items()}

    def of_instance(self, instance: object) -> str | None:
        """Return the key of an instance; None where a part is left out. Raises InvalidValue with the part's name."""

        def stored(name: str) -> AttributeValue | None:
            value: object = getattr(instance, name)
            try:
                return None if value is None else self.part(name, self.sources[name].node.encode(value))
            except InvalidValue as error:
                raise error.at(name) from error.__cause__

        return self.template.compose(stored)

    def of_item(self, item: Mapping[str, AttributeValue]) -> str | None:
        """Return the key of an encoded item; None where a part is not there. Raises InvalidValue."""
        return self.template.compose(lambda name: self.part(name, item.get(self.sources[name].attribute)))

    def part(self, name: str, stored: AttributeValue | None) -> AttributeValue | None:
        """Return what a field gives to the key; None for an empty value that whole-item writes leave out."""
        source = self.sources[name]
        return None if stored is None or (source.omit_empty and source.node.is_empty(stored)) else stored

    def parts_of(self, text: str) -> Item | None:
        """Return the attributes that a key was composed from; None for a text that it never composes."""
        values = self.template.parse(text)
        return None if values is None else {self.sources[name].attribute: value for name, value in values.items()}


def check_table_keys(derived: Iterable[DerivedKey], instance: object, stored: Mapping[str, str | None]) -> None:
    """Raise pydantic's error when a stored key of the table is not what the fields compose; an index's may be stale."""
    wrong: list[InitErrorDetails] = [
        {"type": PydanticCustomError(DIFFERS, _DIFFERS), "loc": (key.name,), "input": None}
        for key in derived
        if key.field.is_key and not _agrees(key, instance, stored[key.name])
    ]
    if wrong:
        raise ValidationError.from_exception_data(type(instance).__name__, wrong)


def _agrees(key: DerivedKey, instance: object, stored: str | None) -> bool:
    try:
        return key.of_instance(instance) == stored
    except InvalidValue:
        return False


def derived_keys(schema: ModelSchema, nodes: Mapping[str, FieldNode]) -> tuple[dict[str, DerivedKey], list[str]]:
    """Type the templates of a schema by their fields. Returns them with everything that is wrong."""
    keys: dict[str, DerivedKey] = {}
    problems: list[str] = []
    for field in schema.fields.values():
        if field.template is None:
            continue
        typed, wrong = _typed(field, field.template, schema, nodes)
        problems += [f"{field.name}: {problem}" for problem in wrong]
        sources = {name: nodes[name] for name in typed.fields if name in nodes}
        keys[field.name] = DerivedKey(field, typed, sources)
    return keys, problems


def _typed(
    field: StoredField, template: Template, schema: ModelSchema, nodes: Mapping[str, FieldNode]
) -> tuple[Template, list[str]]:
    parts: list[Part] = []
    problems: list[str] = []
    for part in template.parts:
        wrong = list(_field_problems(field, part, schema))
        if not wrong and part.field in nodes:
            part, wrong = _typed_part(part, nodes[part.field], in_sort_key=_in_sort_key(field))  # noqa: PLW2901
            wrong += _none_problems(field, part, nodes[part.field])
        problems += wrong
        parts.append(part)
    typed = replace(template, parts=tuple(parts))
    problems += _length_problems(field, typed)
    return typed, problems or list(adjacency_problems(typed))


def _length_problems(field: StoredField, template: Template) -> Iterator[str]:
    most = SORT_KEY_BYTES if _in_sort_key(field) else PARTITION_KEY_BYTES
    shortest = sum(len(text.encode()) for text in (template.head, *(part.after for part in template.parts)))
    shortest += sum(part.width or 1 for part in template.parts)
    if shortest > most:
        yield f"the template alone has {shortest} bytes, and such a key holds {most}: shorten it"


def _in_sort_key(field: StoredField) -> bool:
    return "sk" in field.roles or any(isinstance(key, SortKey) for key in field.index_keys)


def _field_problems(key: StoredField, part: Part, schema: ModelSchema) -> Iterator[str]:
    field = schema.fields.get(part.field)
    if field is None:
        yield _unknown(part, schema)
    elif field.template is not None:
        yield f"{part.spelled} is a derived key itself: name the fields that it is composed from"
    elif not field.stored:
        yield f"{part.spelled} is not stored, so the key could not be checked: store the field, or drop the part"
    elif field.encrypted:
        yield f"{part.spelled} is encrypted, and a key is stored in the clear: drop the part"
    elif field.as_json or field.as_set:
        form = "JSON" if field.as_json else "a set"
        yield f"{part.spelled} is stored as {form}, which makes no text of a key: drop the part"
    elif field.converter is not None:
        yield f"{part.spelled} has a converter, whose text is not known to be unique: store the text in a field"
    elif "version" in field.roles:
        yield f"{part.spelled} is the version, which every write changes: drop the part"
    elif "updated_at" in field.roles and key.is_key:
        yield f"{part.spelled} is changed by every write, and the table's key never changes: drop the part"


def _unknown(part: Part, schema: ModelSchema) -> str:
    import difflib  # noqa: PLC0415 -- for the message only

    names = [name for name, field in schema.fields.items() if field.template is None]
    close = difflib.get_close_matches(part.field, names, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"the fields are {', '.join(names) or 'none'}"
    return f"{part.spelled} names no field: {hint}"


def _none_problems(field: StoredField, part: Part, source: FieldNode) -> Iterator[str]:
    if field.is_key and source.node.nullable:
        yield f"{part.spelled} may be None, and the table's key is never left out: drop the Optional"
    if field.is_key and source.omit_empty:
        yield f"{part.spelled} is left out when it is empty, and the table's key never is: drop OmitEmpty()"


def _typed_part(part: Part, source: FieldNode, *, in_sort_key: bool) -> tuple[Part, list[str]]:
    """Return the part as its field's type makes it, and what is wrong with it there."""
    types = source.node.types - {"NULL"}
    node = source.node
    if types == _NUMBER:
        return replace(part, tag="N"), list(_number_problems(part, node, in_sort_key=in_sort_key))
    if types == _BINARY:
        wrong = [] if part.form == "hex" else [f"{part.spelled} is binary: write {{{part.field}:hex}}"]
        return replace(part, tag="B"), wrong
    if types != _TEXT or not node.is_key_text:
        return part, [f"{part.spelled} is not stored as one text, number or binary: name a field that is"]
    if part.form in {"digits", "hex"}:
        return part, [f"{part.spelled} is stored as text, and format {part.format!r} is for others: drop it"]
    if node.is_time and in_sort_key and part.form == "text":
        return as_nano(part), []
    return (replace(part, width=node.key_width) if node.key_width and part.form == "text" else part), []


def _number_problems(part: Part, node: Node, *, in_sort_key: bool) -> Iterator[str]:
    if not node.is_exact:
        yield f"{part.spelled} is a {node.name}, whose text does not identify it: use an int or a str"
    elif part.form not in {"text", "digits"}:
        yield f"{part.spelled} is stored as a number: give it a width such as {{{part.field}:06}}"
    elif in_sort_key and part.form != "digits":
        yield (
            f"{part.spelled} is a number in a sort key, where text must sort as the numbers do: give it a width "
            f"such as {{{part.field}:06}}"
        )


def told_by_keys(keys: Iterable[DerivedKey], carried: Collection[str]) -> frozenset[str]:
    """Return the attributes that an index does not carry, and that derived keys which it carries are composed from."""
    known = (key.attributes.values() for key in keys if key.attribute in carried)
    return frozenset(name for names in known for name in names).difference(carried)


def add_parts(keys: Iterable[DerivedKey], item: dict[str, Any]) -> None:
    """Add to an item, in DynamoDB's JSON, the parts of its derived keys that are not there themselves."""
    for key in keys:
        parts = key.parts_of(item[key.attribute]["S"]) if key.attribute in item else None
        for name, value in (parts or {}).items():
            item.setdefault(name, value)
