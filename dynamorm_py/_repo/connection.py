"""What a repository is made of: a model, a table, a client, a clock; checked when it is made."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from dynamorm_py import _operations as operations
from dynamorm_py._kernel.passed import MISSING, refuses_missing
from dynamorm_py._kernel.words import kind_of
from dynamorm_py._model import DynamoModel, codec_of
from dynamorm_py._model.context import Context
from dynamorm_py._model.model_table import Cipher, ModelTable, bind
from dynamorm_py._repo.closing import Closing
from dynamorm_py._runtime.run import run
from dynamorm_py._schema import TABLE_NAME, TABLE_NAME_REPAIR
from dynamorm_py._transport import as_client, as_kms
from dynamorm_py.errors import CallError, EncryptionNotConfigured, InvalidCall

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Never

    from pydantic import BaseModel

    from dynamorm_py._codec import Codec
    from dynamorm_py._kernel.plans import Plan
    from dynamorm_py.encryption import KmsEncryption, StaticEncryption

M = TypeVar("M", bound=DynamoModel)
T = TypeVar("T")

_TABLE_ARN = re.compile(r"arn:[A-Za-z0-9_.:/-]{1,1020}")  # API Reference, TableName


class Connection(Closing, Generic[M]):
    """One model in one table, reached by one client. It holds no state."""

    __slots__ = ("_client", "_clock", "_context", "_cursor_secret", "_shared", "_table")

    @refuses_missing
    def __init__(
        self,
        model: type[M],
        *more: Never,
        table: str | None = None,
        client: object = None,
        encryption: KmsEncryption | StaticEncryption | None = None,
        clock: Callable[[], dt.datetime] | None = None,
        cursor_secret: str | bytes | None = None,
        hide_expired: bool = False,
        validation_context: object = None,
        **unknown: Never,
    ) -> None:
        """Bind a model to a table and a client; nothing is sent."""
        if more or unknown:
            raise operations.unknown_options(Connection, unknown)
        name, cipher = checked_table_name(checked_model(model), table), _cipher(model, encryption)
        self._clock = _utc_now if clock is None else _checked_clock(clock)
        expires_by = _expiry_clock(model, self._clock, hide_expired)
        self._table: ModelTable[M] = bind(model, name, cipher, expires_by, validation_context)
        self._shared: ModelTable[Any] = self._table
        self._client = as_client(client)
        self._cursor_secret = _secret(cursor_secret)
        self._context = Context(self._table, self._client, self._clock)

    if not TYPE_CHECKING:  # a checker that saw it would take every misspelt name

        def __getattr__(self, name: str) -> object:
            """Refuse a verb of another library, or a misspelt one, with ours."""
            if name.startswith("_"):  # copy, pickle, inspect and notebooks probe for such names
                raise AttributeError(name)
            raise operations.no_verb(type(self), name)

        def __getitem__(self, key: object) -> object:
            """Refuse: a repository holds no items. It stands for `in` and iteration too."""
            raise InvalidCall(f"{self!r} is not a collection: write get(key), exists(key), query(...) or scan()")

    def __repr__(self) -> str:
        """Name the model and the table."""
        return f"Repo({self._table.model.__name__}, table={self._table.name!r})"

    def _perform(self, plan: Plan[T]) -> T:
        """Perform a plan with the client; the asynchronous face awaits it instead."""
        return run(self._client, plan)

    @property
    def __dynamorm_context__(self) -> Context[M]:
        return self._context

    def share(self, together: ModelTable[Any], own: ModelTable[M]) -> None:
        """Take the table that the model shares with others, and the model's own as what tells it from them."""
        self._shared, self._table = together, own
        self._context = Context(own, self._client, self._clock)

    @property
    def model(self) -> type[M]:
        """The model class."""
        return self._table.model

    def _codec(self, project: type[BaseModel] | None) -> Codec[Any]:
        return self._table.codec if project is None else self._table.projected(project)


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _expiry_clock(
    model: type[DynamoModel], clock: Callable[[], dt.datetime], hide_expired: object
) -> Callable[[], dt.datetime] | None:
    """Return the clock by which items expire for reads. Raises CallError where no field says when they do."""
    if not isinstance(hide_expired, bool):
        raise CallError(f"hide_expired= must be True or False, got {type(hide_expired).__name__}")
    if hide_expired and codec_of(model).schema.role("ttl") is None:
        raise CallError(f"hide_expired=True: {model.__name__} has no time to live; mark a field with TimeToLive()")
    return clock if hide_expired else None


def _checked_clock(clock: Callable[[], dt.datetime]) -> Callable[[], dt.datetime]:
    """Return the clock. Raises CallError for anything else, and when it returns something other than an instant."""
    if not callable(cast("object", clock)):
        raise CallError(f"clock= is {kind_of(clock)}: pass a function, for example lambda: datetime.now(UTC)")
    operations.require_plain("clock=", clock)

    def now() -> dt.datetime:
        reading = clock()
        if not isinstance(cast("object", reading), dt.datetime) or reading.utcoffset() is None:
            kind = "a naive datetime" if isinstance(cast("object", reading), dt.datetime) else kind_of(reading)
            raise CallError(f"clock= gave {kind}, which is not an instant: return datetime.now(UTC), for example")
        return reading

    return now


def _secret(value: str | bytes | None) -> bytes | None:
    if value is not None and (not value or not isinstance(cast("object", value), str | bytes)):
        raise CallError("cursor_secret is a str or bytes, and not empty: leave it out for unsigned cursors")
    return value.encode() if isinstance(value, str) else value


def checked_model(model: type[M], caller: str = "Repo") -> type[M]:
    """Return a model class. Raises CallError for anything else that was passed to `Repo()` or `Table()`."""
    value = cast("object", model)
    if not (isinstance(value, type) and issubclass(value, DynamoModel)):
        kind = value.__name__ if isinstance(value, type) else _instance(value)
        repair = "derive it from DynamoModel" if isinstance(value, type) else _class_itself(value, caller)
        raise InvalidCall(f"{caller}() takes a DynamoModel class, not {kind}: {repair}")
    return model


def _instance(value: object) -> str:
    return kind_of(value) if value is None or value is MISSING else f"an instance of {type(value).__name__}"


def _class_itself(value: object, caller: str) -> str:
    if isinstance(value, DynamoModel):
        return f"pass the class itself, as in {caller}({type(value).__name__})"
    named = ", and the name of its table as table=" if isinstance(value, str) and caller == "Repo" else ""
    return f"pass the class itself, as in {caller}(User){named}"


def _cipher(model: type[DynamoModel], encryption: KmsEncryption | StaticEncryption | None) -> Cipher | None:
    """Return what encrypts the model's fields, if it has some to encrypt. Raises EncryptionNotConfigured."""
    if encryption is not None:
        _check_encryption(encryption)
    codec = codec_of(model)
    encrypted = [f.name for f in codec.schema.stored if f.encrypted]
    if not encrypted:
        return None
    if encryption is None:
        names = f"{model.__name__} has encrypted fields ({', '.join(encrypted)})"
        raise EncryptionNotConfigured(f"{names}: pass Repo(..., encryption=KmsEncryption(key_arn))")
    return encryption.cipher(codec, as_kms)


def _check_encryption(value: object) -> None:
    from dynamorm_py.encryption import KmsEncryption, StaticEncryption  # noqa: PLC0415 -- only needed with encryption

    if not isinstance(value, KmsEncryption | StaticEncryption):
        raise EncryptionNotConfigured(f"encryption= is {kind_of(value)}: pass KmsEncryption(key_arn)")


def checked_table_name(model: type[DynamoModel], name: str | None) -> str:
    """Return the name of a model's table, this one when it is passed. Raises CallError."""
    chosen = model.__dynamorm_options__.table if name is None else name
    if chosen is None:
        raise CallError(
            f"{model.__name__} names no table: pass Repo({model.__name__}, table=...), or table= in the class"
        )
    if not isinstance(cast("object", chosen), str) or not (
        TABLE_NAME.fullmatch(chosen) or _TABLE_ARN.fullmatch(chosen)
    ):
        raise CallError(f"table name {chosen!r} is not valid: {TABLE_NAME_REPAIR}, or pass the ARN of the table")
    return chosen
