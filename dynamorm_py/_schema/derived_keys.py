"""Derived keys as a class declares them, `pk = PartitionKey("CUSTOMER#{customer_id}")`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from dynamorm_py._schema.fields import StoredField
from dynamorm_py._schema.marker_arguments import argument_problems
from dynamorm_py._schema.naming import derive, fault
from dynamorm_py._schema.templates import Template, format_problem, parse_template
from dynamorm_py.markers import PartitionKey, SortKey

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

KeyMarker = PartitionKey | SortKey


def declared_keys(cls: type[Any]) -> dict[str, KeyMarker]:
    """Return the key markers that stand as attributes of a class and its parents, by name."""
    found: dict[str, KeyMarker] = {}
    for above in reversed(cls.__mro__):
        for name, value in vars(above).items():
            if isinstance(value, KeyMarker):
                found[name] = value
            elif not name.startswith("_"):
                found.pop(name, None)
    return found


def read_derived(
    cls: type[Any], fields: Collection[str], *, naming: str | None
) -> tuple[dict[str, StoredField], list[str]]:
    """Read the derived keys of a class. Returns them as fields, with everything that is wrong of each."""
    derived: dict[str, StoredField] = {}
    problems: list[str] = []
    declared = declared_keys(cls)
    defaults = {name: getattr(info, "default", None) for name, info in getattr(cls, "model_fields", {}).items()}
    problems += [_over_field(name) for name in fields if name in declared or is_template(defaults.get(name))]
    for name, marker in declared.items():
        if name in fields:
            continue
        field, wrong = _read(name, marker, naming)
        problems += [f"{name}: {problem}" for problem in wrong]
        if field is not None:
            derived[name] = field
    return derived, problems


def annotated_over(cls: type[Any]) -> list[str]:
    """Return what is wrong with annotations of a class, as it is made, over derived keys of its parents."""
    annotations = _annotations(cls)
    inherited = {
        name for above in cls.__mro__[1:] for name, value in vars(above).items() if isinstance(value, KeyMarker)
    }
    return [_over_field(n) for n, hint in annotations.items() if n in inherited and "ClassVar" not in str(hint)]


def _annotations(cls: type[Any]) -> dict[str, object]:
    if sys.version_info >= (3, 14):
        import annotationlib  # noqa: PLC0415 -- of Python 3.14

        return annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF)
    return vars(cls).get("__annotations__", {})


def is_template(default: object) -> bool:
    """Return whether a field's default is a derived key, which pydantic took for one."""
    return isinstance(default, KeyMarker) and default.template is not None


def _over_field(name: str) -> str:
    return (
        f"{name} is a derived key and a field, here or in a parent: keep the derived key and drop the annotation, "
        "or rename one of them"
    )


def _read(name: str, marker: KeyMarker, naming: str | None) -> tuple[StoredField | None, list[str]]:
    problems = [*argument_problems(marker, as_field=False), *_misnamed(name, marker)]
    if problems or marker.template is None:
        return None, problems
    template, problems = parse_template(marker.template)
    attribute = derive(name, naming) if marker.attribute is None else marker.attribute
    if not problems:
        problems = list(_part_problems(template))
    if misnamed := fault(attribute, naming):
        problems.append(misnamed.replace("Attribute(name)", "attribute="))
    role = "pk" if isinstance(marker, PartitionKey) else "sk"
    field = StoredField(
        name=name,
        attribute=attribute,
        computed=True,
        roles=frozenset() if marker.index is not None else frozenset({role}),
        index_keys=() if marker.index is None else (marker,),
        template=template,
    )
    return field, problems


def _misnamed(name: str, marker: KeyMarker) -> Iterator[str]:
    kind = type(marker).__name__
    if marker.template is None:
        yield (
            f"{kind}() without a template is for a field: write {name}: Annotated[str, {kind}()], "
            f'or give it one, {kind}("TEXT#{{field}}")'
        )
    if marker.name != name:
        yield f"the same {kind}(...) is on {name} and {marker.name}: write it twice"


def _part_problems(template: Template) -> Iterator[str]:
    for part in template.parts:
        if problem := format_problem(part):
            yield problem
