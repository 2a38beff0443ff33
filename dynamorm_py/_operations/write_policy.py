"""What a model's write policy forbids, refused before anything is sent.

Whatever single call, batch or transaction a write goes out in, it is built by the `prepare` functions that
ask here. Moving an envelope to another key (`reencrypt`) changes no value and is allowed.
Source: DMS 0.2, write_policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py.errors import ImmutableModelMutation, ProtectedFieldMutation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dynamorm_py._codec import Codec
    from dynamorm_py._expressions import Action


def check_replacement(codec: Codec[Any]) -> None:
    """Refuse to write over an item whose policy forbids it. Raises as the module says, whatever the values are."""
    policy = codec.schema.write_policy
    if policy.mode == "write_once":
        raise _written_once(codec, "replaced")
    if protected := policy.protected:
        raise _protected(codec, protected, "put() could change", "create() the item, or update() other fields")


def check_update(codec: Codec[Any], actions: Iterable[Action]) -> None:
    """Refuse to change an item that is written once, or a protected field at its root or anywhere inside."""
    policy = codec.schema.write_policy
    if policy.mode == "write_once":
        raise _written_once(codec, "changed")
    if not policy.protected:
        return
    roots = {action.path[0] for action in actions}
    fields = codec.schema.fields
    changed = [name for name in policy.protected if fields[name].attribute in roots]
    if changed:
        raise _protected(codec, changed, "the update changes", "leave it out")


def check_deletion(codec: Codec[Any]) -> None:
    """Refuse to delete an item that is written once. Protected fields do not keep an item from being deleted."""
    if codec.schema.write_policy.mode == "write_once":
        raise _written_once(codec, "deleted")


def _written_once(codec: Codec[Any], what: str) -> ImmutableModelMutation:
    return ImmutableModelMutation(
        f"{codec.model.__name__} is written once, so an item is not {what}: create() a new one, "
        'or drop write_policy="write_once"'
    )


def _protected(codec: Codec[Any], names: Sequence[str], what: str, repair: str) -> ProtectedFieldMutation:
    listed = ", ".join(f"{codec.model.__name__}.{name}" for name in names)
    error = ProtectedFieldMutation(f"{what} {listed}, protected by the model: {repair}")
    error.fields = tuple(names)
    return error
