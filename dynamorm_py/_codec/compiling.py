"""What compiling a type asks for and gives: the options that its field hands down, and the compiler of those within."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from dynamorm_py._codec.node import Node, UnsupportedType
from dynamorm_py._codec.schemas import Schema
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

    from dynamorm_py._schema import StoredField
    from dynamorm_py.markers import Format


@frozen
class TypeOptions:
    """What the markers of a field ask of its type, handed down through Optional and validators.

    `bare` leaves out the user's validators: the step before they run on a Python value. `absent_is_none` says
    that a field's None is left out, so that NULL can stand for the empty set.
    """

    as_set: bool = False
    as_binary: bool = False
    datetimes: Format = "rfc3339nano"
    floor_seconds: bool = False
    bare: bool = False
    absent_is_none: bool = False

    def refuse(self, schema: Schema) -> None:
        """Raise UnsupportedType when a marker was handed to a type that cannot take it."""
        if self.as_set or self.as_binary:
            marker = "AsSet() needs a list or tuple" if self.as_set else "AsBinary() needs bytes or UUID"
            message = f"{marker}, not {describe(schema)}: drop the marker or change the type"
            raise UnsupportedType(message)


PLAIN = TypeOptions()


class Compiler(Protocol):
    """What the compilers of single types need: to compile the types within theirs."""

    def node(self, schema: Schema, options: TypeOptions = PLAIN) -> Node:
        """Compile a schema. Raises UnsupportedType."""
        ...

    def specs(self, cls: type[Any] | None) -> Mapping[str, StoredField] | None:
        """Return the fields of the class being compiled as they were read before, None for a nested class."""
        ...

    @property
    def classes(self) -> Mapping[str, type[Any]]:
        """The classes being defined, by name: their modules may not know them yet."""
        ...

    def ignores_extra(self, cls: type[Any]) -> bool:
        """Return whether attributes that the class does not name are passed over, whatever it says."""
        ...

    def definition(self, ref: str) -> Schema:
        """Return the schema that a reference stands for."""
        ...

    def original(self, schema: Schema) -> CoreSchema:
        """Return pydantic's own schema, ready to be part of the reading schema."""
        ...

    def python(self, schema: Schema) -> CoreSchema:
        """Return pydantic's own schema that takes Python values, though what is read is JSON."""
        ...

    def prepared(self, schema: Schema) -> CoreSchema:
        """Return what `plain` gives, that takes Python values."""
        ...

    def plain(self, schema: Schema) -> CoreSchema:
        """Return pydantic's own schema without aliases and serializers, for the JSON form."""
        ...

    def closed(self, schema: CoreSchema) -> CoreSchema:
        """Return a reading schema with every definition it may refer to; call it after compiling."""
        ...


TypeCompiler: TypeAlias = Callable[[Compiler, Schema, TypeOptions], Node]


def describe(schema: Schema) -> str:
    """Name a schema's type for a message."""
    cls = schema.get("cls")
    return getattr(cls, "__name__", None) or str(schema["type"])


def refuse_extra_entries(schema: Schema) -> None:
    """Raise UnsupportedType for a dataclass that takes more than its fields, which pydantic does not write."""
    if schema.get("config", {}).get("extra_fields_behavior") == "allow":
        message = f"{describe(schema)} keeps extra entries, which a dataclass does not write: use a model"
        raise UnsupportedType(message)
