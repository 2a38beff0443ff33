"""Typed references to fields: `fields(User).home.city`, recorded step by step.

A recorder is typed as an instance of its model and is a `Place` in truth. It knows how Python
spells a step, and asks the place what is there; it must not know operators or values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeVar, cast

from dynamorm_py.errors import InvalidExpression

if TYPE_CHECKING:
    from dynamorm_py._kernel.types import HasRoot, Place

M = TypeVar("M", bound="HasRoot")
T = TypeVar("T")


class Recorder:
    """A reference to a place in a model's item; whatever is not a step is refused.

    Its only attributes are dunders, so no field name is ever shadowed.
    """

    __slots__ = ("__dynamorm_place__",)

    __dynamorm_place__: Place

    def __init__(self, place: Place) -> None:
        """Stand for this place."""
        object.__setattr__(self, "__dynamorm_place__", place)

    def __getattr__(self, name: str) -> Recorder:
        """Step to a field."""
        if name.startswith("_"):  # copy, pickle, inspect and notebooks probe for such names
            raise AttributeError(name)
        return Recorder(self.__dynamorm_place__.field(name))

    def __getitem__(self, step: object) -> Recorder:
        """Step to an element of a list or a value of a map."""
        place = self.__dynamorm_place__
        if isinstance(step, slice):
            raise InvalidExpression(f"{place.label}: DynamoDB takes one element at a time, not a slice: name an index")
        if not isinstance(step, int) or ("M" in place.types and "L" not in place.types):
            return Recorder(place.key(step))
        if step < 0:
            raise InvalidExpression(f"{place.label}: list indexes count from 0; DynamoDB has none from the end")
        return Recorder(place.item(step))

    def __repr__(self) -> str:
        """Name the place."""
        return f"<field {self.__dynamorm_place__.label}>"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: an update is an action."""
        label = f"{self.__dynamorm_place__.label}.{name}"
        raise InvalidExpression(f"{label} is a field reference: write users.update(key, Attr(...).set(value))")

    def __refuse__(self, *_: object) -> NoReturn:
        """Refuse to be taken for a value."""
        raise bare(self)

    __eq__ = __ne__ = __refuse__  # pyright: ignore[reportAssignmentType] -- it never returns, whatever the operand
    __hash__ = None  # pyright: ignore[reportAssignmentType] -- a set of references would compare them
    __lt__ = __le__ = __gt__ = __ge__ = __refuse__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __refuse__
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = __pos__ = __abs__ = __refuse__
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __invert__ = __refuse__
    __bool__ = __contains__ = __iter__ = __len__ = __call__ = __int__ = __float__ = __index__ = __refuse__
    __bytes__ = __refuse__

    def __str__(self) -> NoReturn:
        """Refuse: a text made of a reference would be stored as if it were the field's value."""
        raise InvalidExpression(
            f"{self.__dynamorm_place__.label} is a field reference, not a value: wrap it in Attr(...); to show it, "
            "write repr(u.name), or {u.name!r} in an f-string; a value to store is an instance's"
        )

    def __format__(self, spec: str) -> NoReturn:
        """Refuse as `str` does."""
        self.__str__()


def bare(reference: Recorder) -> InvalidExpression:
    """Return the refusal of a reference in place of a value or an `Attr`."""
    label = reference.__dynamorm_place__.label
    return InvalidExpression(
        f"{label} is a field reference, not a value: wrap it in Attr(...), or in Key(...) for a key, "
        "and ask for one of several values with Attr(...).is_in([...])"
    )


def fields(model: type[M]) -> M:
    """Return references to the model's fields, for `Attr(...)` and `Key(...)`.

    Raises: InvalidExpression when it is not a DynamoModel, or an abstract one.
    """
    root: Place | None = getattr(model, "__dynamorm_root__", None)
    if root is None or root.model is not model:  # an instance has its class's, a class not compiled its parent's
        raise InvalidExpression(f"fields() takes a DynamoModel class{_not_a_model(model, root)}")
    return cast("M", Recorder(root))


def _not_a_model(value: object, root: Place | None) -> str:
    """Say what was passed instead of a model class, and the repair."""
    if not isinstance(value, type):
        kind = type(value).__name__
        return (
            f", not an instance of {kind}: write fields({kind})"
            if root is not None
            else f", not a value of type {kind}"
        )
    if root is None and not hasattr(value, "__dynamorm_options__"):
        return f", not {value.__name__}: derive it from DynamoModel"
    return f"; {value.__name__} is none, or is abstract, or awaits model_rebuild()"


def some(value: T | None) -> T:
    """Step through an optional field: `some(u.work).city`.

    Raises: InvalidExpression when it is not a field reference.
    """
    place_of(value, "some")
    return cast("T", value)


def place_of(reference: object, caller: str) -> Place:
    """Return the place that a reference stands for; `caller` is the function that got it.

    Raises: InvalidExpression for anything else, and for the whole item.
    """
    if not isinstance(reference, Recorder):
        kind = type(reference).__name__
        raise InvalidExpression(
            f"{caller}() takes a field reference such as fields(User).age, not a value of type {kind}: "
            "use fields(User).age, not User.age or an instance's value"
        )
    place = reference.__dynamorm_place__
    if not place.path:
        raise InvalidExpression(f"{caller}() takes a field of {place.label}, not the whole item")
    return place
