"""The sidecar of derived keys that the sister libraries share: what it may say, and its rules.

A document names keys that are composed from inputs, segment by segment, with fixtures that every language
runs. How a key is composed is in `_key_evaluation`. Nothing here knows models of this package.
Source: the family's model contract, 0.1 and 0.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from dynamorm_py._kernel.public import public
from dynamorm_py.dms._document import Name, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dynamorm_py.dms._parsed import Path

ContractVersion: TypeAlias = Literal["0.1", "0.2"]
Scalar: TypeAlias = str | bool | int | float
Transform: TypeAlias = Literal["trim", "wildcard_empty", "lowercase", "url_encode"]
Fault: TypeAlias = "tuple[Path, str]"

LATER_TRANSFORMS = frozenset({"lowercase", "url_encode"})
"""What came with version 0.2."""


class KeyInput(Part):
    """One input of a derived key."""

    name: Name
    ts_name: Name | None = None
    type: Name | None = None
    optional: bool = False
    description: str | None = None


class SegmentValue(Part):
    """Where a segment's value comes from."""

    input: Name | None = None
    literal: Scalar | None = None


class OmitWhen(Part):
    """When a segment is left out, judged on its value as it would be written, without prefix and suffix."""

    empty: bool = False
    default: bool = False
    values: tuple[Scalar, ...] = Field(default=(), strict=False)


class KeySegment(Part):
    """One segment of a derived key: an input or a literal, transformed, between a prefix and a suffix."""

    name: Name | None = None
    prefix: str = ""
    suffix: str = ""
    value: SegmentValue | None = None
    literal: Scalar | None = None
    transforms: tuple[Transform, ...] = Field(default=(), strict=False)
    default: Scalar | None = None
    optional: bool = False
    omit_when: OmitWhen = OmitWhen()
    description: str | None = None

    @property
    def input(self) -> str | None:
        """The name of the input, None for a literal."""
        return self.value.input if self.value else None

    @property
    def constant(self) -> Scalar | None:
        """The literal, None for an input."""
        return self.value.literal if self.value and self.literal is None else self.literal

    @model_validator(mode="after")
    def _has_one_source(self) -> KeySegment:
        sources = [self.literal, *(() if self.value is None else (self.value.input, self.value.literal))]
        if sum(source is not None for source in sources) != 1:
            raise PydanticCustomError("one_source", "must have exactly one of value.input, value.literal and literal")
        return self


class KeyFixture(Part):
    """Inputs, and the key that every language composes from them."""

    name: Name
    input: dict[str, Any] = Field(default_factory=dict[str, Any])
    expect: str
    description: str | None = None


@public("dynamorm_py.dms")
class DerivedKey(Part):
    """One key: its inputs, its segments in order, what joins them, and its fixtures."""

    name: Name
    helper: str | None = None
    description: str | None = None
    join: str = ""
    inputs: tuple[KeyInput, ...] = Field(default=(), strict=False)
    segments: tuple[KeySegment, ...] = Field(min_length=1, strict=False)
    fixtures: tuple[KeyFixture, ...] = Field(default=(), strict=False)

    def evaluate(self, inputs: Mapping[str, object] | None = None, /, **named: object) -> str:
        """Return the key of some inputs, passed as a mapping, by name, or both.

        Raises InvalidValue for an input that is missing, unknown, or no text, finite number or boolean.
        """
        from dynamorm_py.dms._key_evaluation import evaluate  # noqa: PLC0415 -- it knows this module

        return evaluate(self, {**(inputs or {}), **named})


class ContractModel(Part):
    """Which derived keys a model of the DMS document has."""

    name: Name
    dms_model: Name | None = None
    table: str | dict[str, Any] | None = None
    derived_keys: tuple[Name, ...] = Field(default=(), strict=False)
    description: str | None = None


@public("dynamorm_py.dms")
class KeyContract(Part):
    """A whole sidecar document. `namespace` and `dms_version` are not checked."""

    tabletheory_model_contract_version: ContractVersion
    namespace: str | None = None
    dms_version: str | None = None
    description: str | None = None
    models: tuple[ContractModel, ...] = Field(default=(), strict=False)
    derived_keys: tuple[DerivedKey, ...] = Field(min_length=1, strict=False)

    def key(self, name: str) -> DerivedKey:
        """Return the derived key of a name. Raises KeyError when there is none."""
        return next(key for key in self.derived_keys if key.name == name)


def contract_faults(contract: KeyContract) -> Iterator[Fault]:
    """Yield what the parts of a contract say against each other."""
    yield from _duplicates(("derived_keys",), [key.name for key in contract.derived_keys])
    yield from _duplicates(("models",), [model.name for model in contract.models])
    known = {key.name for key in contract.derived_keys}
    for at, model in enumerate(contract.models):
        path: Path = ("models", at, "derived_keys")
        yield from _duplicates(path, model.derived_keys)
        yield from (((*path, i), f"{name!r} is not a derived key") for i, name in _unknown(model.derived_keys, known))
    for at, key in enumerate(contract.derived_keys):
        for path, message in _key_faults(key, contract.tabletheory_model_contract_version):
            yield ("derived_keys", at, *path), message


def _key_faults(key: DerivedKey, version: ContractVersion) -> Iterator[Fault]:
    yield from _duplicates(("inputs",), [each.name for each in key.inputs])
    yield from _duplicates(("fixtures",), [each.name for each in key.fixtures])
    declared = {each.name for each in key.inputs}
    for at, segment in enumerate(key.segments):
        if declared and segment.input is not None and segment.input not in declared:
            yield ("segments", at, "value", "input"), f"{segment.input!r} is not one of the inputs: declare it"
        if version == "0.1":
            for i, transform in enumerate(segment.transforms):
                if transform in LATER_TRANSFORMS:
                    yield ("segments", at, "transforms", i), f"{transform!r} came with version 0.2 of the contract"


def _duplicates(path: Path, names: Iterable[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, name in enumerate(names):
        if name in seen:
            yield (*path, at), f"{name!r} appears earlier: keep one"
        seen.add(name)


def _unknown(names: Iterable[str], known: set[str]) -> Iterator[tuple[int, str]]:
    return ((at, name) for at, name in enumerate(names) if name not in known)
