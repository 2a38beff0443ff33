"""Recursive types: a node that stands for one which is still being compiled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynamorm_py._codec.node import FieldNode, Node
from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import CoreSchema

    from dynamorm_py._codec.schemas import Schema
    from dynamorm_py._kernel.types import AttributeValue


class Target:
    """Where the node of a recursive type arrives when it is compiled; until then any value passes."""

    __slots__ = ("node",)

    node: Node

    def __init__(self, meanwhile: Node) -> None:
        """Stand for a type that is being compiled."""
        self.node = meanwhile


@frozen(kw_only=True, eq=False, repr=False)
class ForwardNode(Node):
    """A type inside itself: written and read by reference, and in all else what its target is."""

    target: Target

    def resolved(self) -> Node:
        """Return the target as it stands here, where None may be a value too."""
        target = self.target.node
        null = {"NULL"} if self.nullable and target.types else set[str]()
        return replace(
            target,
            encode=self.encode,
            read=self.read,
            source=self.source,
            types=target.types | null,
            nullable=self.nullable or target.nullable,
            python=target.python + tuple(each for each in self.python if each not in target.python),
        )

    def normalize(self, value: AttributeValue) -> AttributeValue:
        """Return a value in the form that the target is read from."""
        return self.target.node.normalize(value)

    def mismatches_inside(self, tag: str, payload: Any, path: str) -> Iterable[tuple[str, str]]:  # noqa: ANN401 -- of any tag
        """Yield the mismatches of what is inside a value."""
        return self.target.node.mismatches_inside(tag, payload, path)

    def is_empty(self, stored: AttributeValue) -> bool:
        """Return whether the target's encoded value is left out by `OmitEmpty`."""
        return self.target.node.is_empty(stored)

    def step(self, step: str | int) -> Node | None:
        """Return the target's node of an attribute, a key or an element."""
        return self.target.node.step(step)

    def named(self, name: str) -> tuple[str, Node] | None:
        """Return what pydantic's location calls by a name within the target."""
        return self.target.node.named(name)

    def under(self, tag: str) -> Node | None:
        """Return the target, or the member of it, that is stored under a tag."""
        return self.resolved().under(tag)

    def all_fields(self) -> Iterable[FieldNode]:
        """Yield the fields of the target."""
        return self.target.node.all_fields()


def forward_node(name: str, reference: CoreSchema, types: frozenset[str], source: Schema) -> ForwardNode:
    """Return the node of a type inside itself; `types` are a guess of what it is stored as."""

    def encode(value: object) -> AttributeValue:
        return target.node.encode(value)

    target = Target(Node(name=name, encode=encode, read=reference, types=types))
    return ForwardNode(name=name, encode=encode, read=reference, types=types, source=source, target=target)
