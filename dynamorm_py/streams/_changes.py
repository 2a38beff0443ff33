"""`Change`: one change of an item, its images decoded into the model.

Decoding is a plan, since opening an encrypted image may ask a key service; `read_change` runs it. Knows
records and tables; no Lambda, no shard.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.response import Response
from dynamorm_py._kernel.values import frozen
from dynamorm_py._model import DynamoModel, codec_of, part_of
from dynamorm_py._model.context import reading_of
from dynamorm_py._model.kinds import is_claim
from dynamorm_py._model.model_table import bind
from dynamorm_py._model.several import SeveralTable
from dynamorm_py._operations.bad_items import OF_ONE_ITEM, bad_item, check_on_error
from dynamorm_py._runtime.run import run
from dynamorm_py._transport import as_client
from dynamorm_py.errors import DynamormError, EncryptionNotConfigured
from dynamorm_py.streams._errors import ImageMissing
from dynamorm_py.streams._records import Kind, parse_record, records_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from pydantic import BaseModel

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.plans import Plan, Transport
    from dynamorm_py._kernel.types import Item
    from dynamorm_py._model.context import Source
    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py._operations.bad_items import OnError
    from dynamorm_py.streams._records import StreamRecord

M = TypeVar("M", bound=DynamoModel)


@public("dynamorm_py.streams")
@frozen
class FieldChange:
    """A field before and after; None where there was no item. `repr` shows no value of an encrypted field."""

    old: object
    new: object
    encrypted: bool = field(default=False, kw_only=True, compare=False)

    def __repr__(self) -> str:
        """Show both values, unless they are encrypted."""
        shown = "encrypted" if self.encrypted else f"{self.old!r}, {self.new!r}"
        return f"FieldChange({shown})"


@public("dynamorm_py.streams")
@frozen
class Change(Generic[M]):
    """One change of one item.

    `keys` are the key's values by field; `old` and `new` the item before and after, None where there
    was none or the stream's view type leaves it out. `at` is when it happened, to about a second, in
    UTC (None in some test events). `expired` is whether time to live deleted the item, and not a caller.
    `table` is None when the record does not name it.
    """

    kind: Kind
    keys: Mapping[str, Any]
    old: M | None
    new: M | None
    sequence_number: str
    at: dt.datetime | None
    expired: bool
    table: str | None

    @property
    def key(self) -> Any:  # noqa: ANN401 -- a value, or a tuple of two
        """The key as `Repo.get` takes it: the partition key's value, or `(partition, sort)`."""
        values = tuple(self.keys.values())
        return values[0] if len(values) == 1 else values

    def diff(self) -> dict[str, FieldChange]:
        """Return the fields that changed, by name; all fields for an item that came or went.

        Compared is what is stored, so an encrypted field counts when its value changed, not its
        ciphertext. Raises ImageMissing when the stream does not carry both images.
        """
        for image, name in ((self.old, "old"), (self.new, "new")):
            if image is None and self.kind != {"old": "INSERT", "new": "REMOVE"}[name]:
                raise ImageMissing(f"the {name} image is not in the stream: set its view type to NEW_AND_OLD_IMAGES")
        old, new = _stored(self.old), _stored(self.new)
        fields = codec_of(type(cast("M", self.new or self.old))).node.fields.values()
        return {
            each.name: FieldChange(
                getattr(self.old, each.name, None), getattr(self.new, each.name, None), encrypted=each.encrypted
            )
            for each in fields
            if old.get(each.attribute) != new.get(each.attribute)
        }


def read_change(source: Source[M] | type[M], record: object) -> Change[M]:
    """Return the change that a stream record describes.

    `source` is the repository of the items, the model alone when it has no encrypted fields, or a `Table`, whose
    images are read each as its own model.
    Raises InvalidStreamRecord; ItemDecodeError for an image that does not fit the model; EncryptionError.
    """
    table, client = resolve(source, "read_change")
    return run(client, change_of(table, parse_record(record)))


@public("dynamorm_py.streams")
class Changes(list[Change[M]]):
    """The changes of an event; `.skipped` counts the records that `on_error=` left out."""

    skipped: int = 0


def read_changes(source: Source[M] | type[M], event: object, *, on_error: OnError = "raise") -> Changes[M]:
    """Return the changes of a Lambda event, or of an EventBridge pipe's list. Raises what `read_change` does.

    Claims of unique fields are left out.
    `on_error` says what becomes of a record with an image that does not fit: "raise", "skip", or a function that is
    called with the image as a `BadItem`.
    """
    table, client = resolve(source, "read_changes")
    check_on_error(on_error)
    changes: Changes[M] = Changes()
    for record in map(parse_record, records_of(event)):
        if is_claim(record.known):
            continue
        change = run(client, change_unless_bad(table, record, on_error))
        if change is None:
            changes.skipped += 1
        else:
            changes.append(change)
    return changes


def read_image(source: Source[M] | type[M], image: Mapping[str, Any]) -> M:
    """Return the item of one image, in Lambda's JSON or boto3's form. Raises ItemDecodeError, EncryptionError."""
    table, client = resolve(source, "read_image")
    own = _own(table, image)
    return run(client, _read(own, cast("Item", image), own.codec))


def resolve(source: Source[M] | type[M], caller: str) -> tuple[ModelTable[M], Transport]:
    """Return the table and the client of a repository or a `Table`; a model alone stands for itself.

    Raises EncryptionNotConfigured for a model alone that has encrypted fields, CallError for anything else.
    """
    value = cast("object", source)
    if not (isinstance(value, type) and issubclass(value, DynamoModel)):
        return reading_of(cast("Source[M]", source), caller)
    table = cast("ModelTable[M]", bind(value, value.__dynamorm_options__.table or ""))
    if any(field.encrypted for field in table.schema.stored):
        raise EncryptionNotConfigured(
            f"{value.__name__} has encrypted fields: pass {caller}() its repository, which has encryption="
        )
    return table, as_client()


def change_of(table: ModelTable[M], record: StreamRecord) -> Plan[Change[M]]:
    """Decode a record's images. Raises ItemDecodeError, EncryptionError, with a note of which image it was."""
    if isinstance(table, SeveralTable):
        table = _own(table, record.known)
    old = None if record.old is None else (yield from _image(table, record, record.old, "old"))
    new = None if record.new is None else (yield from _image(table, record, record.new, "new"))
    image = new or old
    if image is None:
        keys = yield from _keys_alone(table, record)
    else:
        keys = {field.name: getattr(image, field.name) for field in table.codec.schema.keys}
    return Change(
        kind=record.kind,
        keys=keys,
        old=old,
        new=new,
        sequence_number=record.sequence_number,
        at=record.at,
        expired=record.expired,
        table=record.table,
    )


def change_unless_bad(table: ModelTable[M], record: StreamRecord, on_error: OnError) -> Plan[Change[M] | None]:
    """Decode a record's images; None where one does not fit, which was handed over as asked."""
    try:
        return (yield from change_of(table, record))
    except OF_ONE_ITEM as error:
        if on_error == "raise":
            raise
        bad = error
    if callable(on_error):
        image = record.keys if bad.raw_item is None else bad.raw_item
        on_error(bad_item(table, {**image, **record.keys}, bad))
    return None


def _own(table: ModelTable[M], known: Mapping[str, Any]) -> ModelTable[M]:
    """Return the table of the model that an item is of, where there are several. Raises ItemDecodeError for none."""
    if not isinstance(table, SeveralTable):
        return table
    own = table.of_item(known)
    if own is None:
        raise table.stray(known)
    return cast("ModelTable[M]", own)


def _image(table: ModelTable[M], record: StreamRecord, image: Item, which: str) -> Plan[M]:
    try:
        return (yield from table.decode_response(Response(document={"Item": image}), table.codec))["Item"]
    except DynamormError as error:
        error.add_note(f"it is the {which} image of stream record {record.sequence_number}")
        raise


def _read(table: ModelTable[Any], image: Item, codec: Codec[Any]) -> Plan[Any]:
    return (yield from table.decode_response(Response(document={"Item": image}), codec))["Item"]


def _keys_alone(table: ModelTable[Any], record: StreamRecord) -> Plan[dict[str, Any]]:
    """Return the key of a record without an image; what a template composed is its text."""
    composed = {field.name: field.attribute for field in table.schema.keys if field.name in table.codec.derived}
    texts = {name: record.keys.get(attribute, {}).get("S") for name, attribute in composed.items()}
    if len(texts) == len(table.schema.keys):
        return texts
    read = yield from _read(table, record.keys, table.codec.projected(_key_model(table.model)))
    return {f.name: texts[f.name] if f.name in texts else getattr(read, f.name) for f in table.schema.keys}


def _key_model(model: type[DynamoModel]) -> type[BaseModel]:
    """Return a model of the key's fields alone, for records without an image."""
    keys = [field.name for field in codec_of(model).schema.keys]
    return part_of(model, [name for name in keys if name not in codec_of(model).derived], "Key")


def _stored(image: DynamoModel | None) -> Item:
    return {} if image is None else codec_of(type(image)).encode(image)
