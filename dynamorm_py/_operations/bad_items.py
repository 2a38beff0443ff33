"""Items that do not fit their model: what `on_error=` makes of them, so that one does not stop a read of many.

It knows the answer of a read and the table that decodes it, and sends nothing but what opening envelopes asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from dynamorm_py._codec import document_of, parsed, to_json
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._operations.functions import require_plain
from dynamorm_py.errors import CallError, InvalidEncryptedEnvelope, ItemDecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py._model.model_table import ModelTable

T = TypeVar("T")

OF_ONE_ITEM = (ItemDecodeError, InvalidEncryptedEnvelope)
"""What is wrong with an item itself; another fault of a key service concerns all items, and stops a read."""


@public()
@frozen
class BadItem:
    """A stored item that does not fit its model, as `on_error=` of a read hands it over.

    `key` and `raw_item` are in boto3's form, encrypted attributes as they are stored. `error` is what reading the
    item raised: an ItemDecodeError, or an InvalidEncryptedEnvelope.
    """

    key: Mapping[str, Any]
    raw_item: Mapping[str, Any]
    error: ItemDecodeError | InvalidEncryptedEnvelope

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """Every problem as `(attribute path, reason)`, without a value."""
        if isinstance(self.error, ItemDecodeError):
            return self.error.problems
        return ((self.error.attribute or "", str(self.error)),)


OnError: TypeAlias = Literal["raise", "skip"] | Callable[[BadItem], object]
"""What becomes of an item that does not fit its model: an error, nothing, or a function is called with it."""


def check_on_error(on_error: OnError) -> OnError:
    """Return what was passed. Raises CallError unless it is "raise", "skip" or a plain function."""
    if callable(on_error):
        return require_plain("on_error=", on_error)
    if on_error not in ("raise", "skip"):
        raise CallError('on_error= must be "raise", "skip" or a function of one BadItem')
    return on_error


def decode_items(
    table: ModelTable[Any], response: Response, stored: Response, codec: Codec[Any], on_error: OnError
) -> Plan[dict[str, Any]]:
    """Read a page; `stored` is the same as DynamoDB gave it, which a bad item is shown from.

    Where items are left out, `Positions` says which of the page were read, and `Bad` which did not fit.
    Raises ItemDecodeError, EncryptionError.
    """
    try:
        return (yield from table.decode_page(response, codec))
    except OF_ONE_ITEM:
        if on_error == "raise":
            raise
    document, items = document_of(response), document_of(stored)["Items"]
    read: dict[int, Any] = {}
    bad: list[int] = []
    for position, item in enumerate(document.pop("Items")):
        plan = table.decode_page(Response(to_json({"Items": [item]})), codec)
        got = yield from unless_bad(plan, table, items[position], on_error)
        if got is None:
            bad.append(position)
        elif got["Items"]:
            read[position] = got["Items"][0]
    empty = yield from table.decode_page(Response(to_json({**document, "Items": []})), codec)
    return {**empty, "Items": [*read.values()], "Positions": [*read], "Bad": bad}


def unless_bad(plan: Plan[T], table: ModelTable[Any], item: Mapping[str, Any], on_error: OnError) -> Plan[T | None]:
    """Perform the plan that reads one item; None for one that does not fit, which was handed over as asked."""
    try:
        return (yield from plan)
    except OF_ONE_ITEM as error:
        if on_error == "raise":
            raise
        bad = error
    if callable(on_error):
        on_error(bad_item(table, item, bad))
    return None


def bad_item(
    table: ModelTable[Any], item: Mapping[str, Any], error: ItemDecodeError | InvalidEncryptedEnvelope
) -> BadItem:
    """Return a stored item, in either of DynamoDB's forms, with what is wrong with it."""
    raw = {name: parsed(value) for name, value in item.items()}
    keys = [field.attribute for field in table.schema.keys if field.attribute in raw]
    return BadItem({name: raw[name] for name in keys}, raw, error)
