"""`frozen` against the standard library's frozen, slotted dataclass: what both make of the same classes."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import KW_ONLY, FrozenInstanceError, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import pytest

from dynamorm_py._kernel.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def _of_the_library(cls: type[Any] | None = None, **options: bool) -> object:
    made = dataclass(frozen=True, slots=True, **options)
    return made if cls is None else made(cls)


def _family(decorator: Callable[..., Any]) -> dict[str, type[Any]]:
    """Return the same classes, made by a decorator."""

    class Empty:
        """Nothing."""

    class One:
        """One field."""

        a: float

    class Many(Generic[T]):
        """One of each."""

        limit: ClassVar[int] = 3
        a: T
        b: list[int] = field(default_factory=list[int])
        _: KW_ONLY
        hidden: str = field(default="h", repr=False, compare=False)
        fixed: int = field(default=7, init=False)
        made: dict[str, int] = field(default_factory=dict[str, int], init=False, compare=False)
        late: str = field(init=False, hash=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "late", f"{self.a}{self.hidden}")

    class Keywords:
        """By name only."""

        a: int
        b: int = 2

    class Own:  # noqa: PLW1641 -- the decorator adds `__hash__`
        """What it defines itself stays."""

        a: int

        def __init__(self, text: str) -> None:
            object.__setattr__(self, "a", int(text))

        def __repr__(self) -> str:
            return "mine"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self))

    class Plain:
        """Without comparison and text."""

        a: int

    class NoInit:
        """Takes nothing."""

        a: int

    made = {
        **{each.__name__: decorator(each) for each in (Empty, One, Many, Own)},
        "Keywords": decorator(kw_only=True)(Keywords),
        "Plain": decorator(eq=False, repr=False)(Plain),
        "NoInit": decorator(init=False)(NoInit),
    }

    class Sub(made["Many"]):  # type: ignore[misc]
        """Adds a field, and sets a default of its base anew."""

        hidden: str = "sub"
        more: int = 1

    class Open(made["One"]):  # type: ignore[misc]
        """No dataclass itself: may have attributes beside the fields."""

    return made | {"Sub": decorator(Sub), "Open": Open}


OURS, THEIRS = _family(frozen), _family(_of_the_library)
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *[("Empty", (), {}), ("Empty", (1,), {}), ("One", (1.5,), {}), ("One", (), {}), ("One", (1,), {"a": 2})],
    *[
        ("Many", (1,), {}),
        ("Many", ("x", [1]), {"hidden": "z"}),
        ("Many", (1, [], "h"), {}),
        ("Many", (1,), {"late": 2}),
    ],
    *[
        ("Keywords", (), {"a": 1}),
        ("Keywords", (1,), {}),
        ("Own", ("5",), {}),
        ("Plain", (1,), {}),
        ("NoInit", (1,), {}),
    ],
    *[("Sub", (1,), {}), ("Sub", (1,), {"more": 2, "hidden": "q"}), ("Open", (2.5,), {})],
]
MADE = [(name, args, options) for name, args, options in CALLS if name not in ("Plain", "NoInit")]


def _outcome(action: Callable[[], object]) -> object:
    try:
        return action()
    except Exception as error:  # noqa: BLE001 -- to compare, whatever it is
        return type(error), str(error)


@pytest.mark.parametrize(("name", "args", "options"), CALLS)
def test_what_is_made_looks_and_holds_the_same(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    def seen(cls: type[Any]) -> object:
        value = cls(*args, **options)
        names = [each.name for each in dataclasses.fields(value)]
        text = repr(value) if name != "Plain" else ""
        return text, [getattr(value, each) for each in names], hasattr(value, "__dict__"), cls.__match_args__

    assert str(_outcome(lambda: seen(OURS[name]))) == str(_outcome(lambda: seen(THEIRS[name])))


@pytest.mark.parametrize(("name", "args", "options"), MADE)
def test_comparing_hashing_replacing_and_copying_are_the_same(
    name: str, args: tuple[Any, ...], options: dict[str, Any]
) -> None:
    def seen(cls: type[Any]) -> object:
        value, other = cls(*args, **options), cls(*args, **options)
        changed = _outcome(lambda: str(dataclasses.replace(value, a=9)))
        same = value == other, value == 3, value.__eq__(3), copy.copy(value) == value, copy.deepcopy(value) == value
        return (
            same,
            _outcome(lambda: hash(value) == hash(other)),
            changed,
            str(_outcome(lambda: dataclasses.asdict(value))),
        )

    assert str(_outcome(lambda: seen(OURS[name]))) == str(_outcome(lambda: seen(THEIRS[name])))


@pytest.mark.parametrize("name", OURS)
def test_signature_and_fields_are_the_same(name: str) -> None:
    ours, theirs = OURS[name], THEIRS[name]

    assert str(_outcome(lambda: inspect.signature(ours))) == str(_outcome(lambda: inspect.signature(theirs)))
    assert str(dataclasses.fields(ours)) == str(dataclasses.fields(theirs))
    assert getattr(ours, "__slots__", ()) == getattr(theirs, "__slots__", ())
    assert ours.__init__.__annotations__ == theirs.__init__.__annotations__ if name not in ("NoInit", "Open") else True
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)


@pytest.mark.parametrize("name", ["One", "Many", "Sub", "Open"])
def test_nothing_can_be_changed(name: str) -> None:
    value = OURS[name](1.5)

    for change in (lambda: setattr(value, "a", 2), lambda: delattr(value, "a")):
        with pytest.raises(FrozenInstanceError):
            change()
    assert value.a == 1.5
    if name == "Open":
        value.beside = 1
        assert (value.beside, hasattr(value, "__dict__")) == (1, True)
        del value.beside
    else:
        with pytest.raises(FrozenInstanceError):
            value.beside = 1


@frozen
class Node:
    """Refers to others of its kind."""

    name: str
    beside: list[Node] = field(default_factory=list["Node"])


def test_a_value_goes_through_pickle() -> None:
    value = Node("a", [Node("b")])

    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 -- our own


def test_a_value_that_contains_itself_has_a_text() -> None:
    value = Node("a")
    value.beside.append(value)

    assert repr(value) == "Node(name='a', beside=[...])"


def test_fields_are_matched_by_position() -> None:
    match Node("a"):
        case Node("a", []):
            pass
        case _:
            pytest.fail("not matched")


def test_a_mutable_default_is_refused() -> None:
    with pytest.raises(ValueError, match="mutable default"):

        @frozen
        class _Shared:
            a: list[int] = []  # noqa: RUF012 -- what is refused
