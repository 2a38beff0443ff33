"""Derived keys of generated Python: `tags: { template: ... }` of a key attribute becomes a template in the class.

A template that this document's fields cannot fill is left aside: its attribute is then a field like any other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dynamorm_py._schema.naming import derive
from dynamorm_py._schema.templates import format_problem, parse_template
from dynamorm_py.dms._codegen.names import snake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamorm_py._schema.templates import Template
    from dynamorm_py.dms._document import Attribute, Model

_PART_TYPES = {"S": {"text", "percent"}, "N": {"text", "digits"}, "B": {"hex"}}


def derived_key(model: Model, attribute: Attribute, name: str) -> tuple[str, ...]:
    """Return the marker and its arguments for a derived key; nothing for a field."""
    template = _template(model, attribute)
    markers = list(_markers(model, attribute.attribute))
    if template is None or len(markers) != 1:
        return ()
    ((marker, index),) = markers
    arguments = [json.dumps(template.source, ensure_ascii=False)]
    arguments += [f"index={json.dumps(index)}"] if index else []
    renamed = derive(name, model.convention) != attribute.attribute
    return (marker, *arguments, *([f"attribute={json.dumps(attribute.attribute)}"] if renamed else []))


def is_whole_part(model: Model, attribute: Attribute) -> bool:
    """Return whether a number is a part of some derived key, which takes whole ones only."""
    if attribute.type != "N":
        return False
    templates = (_template(model, each) for each in model.attributes)
    return any(snake(attribute.attribute) in template.fields for template in templates if template is not None)


def _template(model: Model, attribute: Attribute) -> Template | None:
    """Return an attribute's template where the fields of the model can fill it."""
    source = (attribute.tags or {}).get("template")
    if not isinstance(source, str) or attribute.type != "S":
        return None
    template, problems = parse_template(source)
    by_field = {snake(each.attribute): each for each in model.attributes}
    in_table_key = attribute.attribute in {key.attribute for key in (model.keys.partition, model.keys.sort) if key}
    for part in template.parts:
        of = by_field.get(part.field)
        fits = of is not None and part.form in _PART_TYPES.get(of.type, ()) and not (of.json_ or of.encryption)
        if not fits or format_problem(part) or (in_table_key and of is not None and not of.required):
            return None
    return None if problems or not source else template


def _markers(model: Model, name: str) -> Iterator[tuple[str, str]]:
    """Yield the marker of each key that an attribute is, and the index it is of."""
    if name == model.keys.partition.attribute:
        yield "PartitionKey", ""
    if model.keys.sort and name == model.keys.sort.attribute:
        yield "SortKey", ""
    for index in model.indexes:
        if name == index.partition.attribute and index.type == "GSI":
            yield "PartitionKey", index.name
        if index.sort and name == index.sort.attribute:
            yield "SortKey", index.name
