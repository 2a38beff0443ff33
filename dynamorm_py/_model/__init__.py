"""`DynamoModel`: a pydantic model that is also an item.

It reads the class statement and has the class compiled, once, when pydantic has completed it. It
knows no table that exists, no client and no operation.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    PydanticUndefinedAnnotation,
    ValidationError,
    create_model,
    model_validator,
)

from dynamorm_py._codec import CONCEALED, Codec, hiding, hiding_input, marked_fields, not_carried
from dynamorm_py._kernel.other_words import repair_of_model
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.types import AttributeValue, Item, Place
from dynamorm_py._model import document
from dynamorm_py._model.definition import compile_model
from dynamorm_py._model.options import Options, unknown_argument
from dynamorm_py._schema import annotated_over, declared_keys
from dynamorm_py.errors import FieldNotCarried, ModelDefinitionError, UnknownAttribute
from dynamorm_py.markers import Encrypted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from os import PathLike
    from typing import Self

    from pydantic import ConfigDict, GetCoreSchemaHandler
    from pydantic.fields import FieldInfo
    from pydantic_core import CoreSchema
    from typing_extensions import Unpack

    from dynamorm_py._schema import IndexDeclaration, NamingConvention, WriteMode
    from dynamorm_py.dms import DmsVersion

M = TypeVar("M", bound="DynamoModel")


def _names_of_encrypted(fields: Mapping[str, FieldInfo]) -> frozenset[str]:
    """Return the names and aliases under which pydantic's errors name encrypted fields."""
    marked = {name: info for name, info in fields.items() if any(isinstance(m, Encrypted) for m in info.metadata)}
    aliases = {step for info in marked.values() for step in _first_steps(info.alias, info.validation_alias)}
    return frozenset(marked) | aliases


def _refuse_verb(model: str, name: str) -> None:
    """Raise UnknownAttribute for a verb that models of other libraries have: ours are the repository's."""
    if (repair := repair_of_model(name, model)) is not None:
        raise UnknownAttribute(f"{model} has no {name!r}: {repair}") from None


def _first_steps(*aliases: str | AliasPath | AliasChoices | None) -> Iterator[str]:
    """Yield the first step of each path that leads to a field in a payload."""
    for alias in aliases:
        if isinstance(alias, AliasChoices):
            yield from _first_steps(*alias.choices)
        elif alias is not None:
            yield str(alias.path[0]) if isinstance(alias, AliasPath) else alias


if TYPE_CHECKING:
    ModelClass = type(BaseModel)  # a checker knows a class's attributes from its annotations
else:

    class ModelClass(type(BaseModel)):
        """pydantic's metaclass; a field that is asked of the class says where its reference is."""

        def __getattr__(cls, name: str) -> object:
            """Raise AttributeError, as pydantic does, with the repair where it is a field's name."""
            try:
                return super().__getattr__(name)
            except AttributeError:
                model = cls.__name__
                if name not in cls.__dict__.get("__pydantic_fields__", ()):
                    _refuse_verb(model, name)
                    raise
            raise UnknownAttribute(f"{model}.{name} is a field, which only instances have: use fields({model}).{name}")


@public()
class DynamoModel(BaseModel, metaclass=ModelClass):
    """The base class of every model: a pydantic model whose instances are items of a table.

    `table` names the table (a repository may name another), `naming` the convention that derives
    attribute names (`"camelCase"`, `"snake_case"` or `"dynamorm"`; without one they are the fields' names),
    `indexes` declares what indexes carry. `abstract=True` makes a base class without keys, to be inherited
    only. `write_policy="write_once"` lets items be created and then neither changed nor deleted; `protected`
    names fields that only the creation sets. `dms` names a DMS document that the class must equal; a relative
    path starts at the file of the class. The other class arguments are pydantic's configuration.

    Raises ModelDefinitionError when the class is created and cannot be stored, or differs from its document.
    """

    __dynamorm_options__: ClassVar[Options] = Options(abstract=True)
    __dynamorm_codec__: ClassVar[Codec[Any] | None] = None
    __dynamorm_naming__: ClassVar[str | None] = None
    __dynamorm_root__: ClassVar[Place]
    __dynamorm_extra__: ClassVar[Any] = None

    def __init_subclass__(
        cls,
        *,
        table: str | None = None,
        naming: NamingConvention | None = None,
        indexes: Sequence[IndexDeclaration] | None = None,
        abstract: bool = False,
        dms: str | PathLike[str] | None = None,
        write_policy: WriteMode | None = None,
        protected: Iterable[str] | None = None,
        **config: Unpack[ConfigDict],
    ) -> None:
        """Keep what the class statement says; what it leaves out is inherited."""
        above = cls.__dynamorm_options__
        cls.__dynamorm_options__ = Options(
            table=above.table if table is None else table,
            naming=above.naming if naming is None else naming,
            indexes=above.indexes if indexes is None else tuple(indexes),
            abstract=abstract,
            dms=dms,
            write_policy=above.write_policy if write_policy is None else write_policy,
            protected=above.protected if protected is None else protected,
        )
        cls.__dynamorm_naming__ = cls.__dynamorm_options__.naming
        cls.__dynamorm_codec__ = None
        if problems := annotated_over(cls):
            raise ModelDefinitionError(cls.__name__, problems)
        if cls.model_config.get("extra") == "allow" and declared_keys(cls):
            cls.__dynamorm_extra__ = _NO_DERIVED  # pydantic looks for validators in the class next
        try:
            super().__init_subclass__(**config)
        except TypeError as error:
            if not config:
                raise
            raise ModelDefinitionError(cls.__name__, [unknown_argument(name) for name in config]) from error

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401 -- as pydantic declares it
        """Compile the class, unless a forward reference or a type parameter is still open."""
        super().__pydantic_init_subclass__(**options)
        if cls.__pydantic_complete__ and not _is_open(cls):
            codec_of(cls)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /) -> CoreSchema:
        """Return pydantic's schema; where a field is encrypted, its errors hide the input."""
        schema = handler(source)
        secret = _names_of_encrypted(getattr(cls, "__pydantic_fields__", {}))
        return hiding(schema, secret) if secret else schema

    @classmethod
    def model_rebuild(
        cls,
        *,
        force: bool = False,
        raise_errors: bool = True,
        _parent_namespace_depth: int = 2,
        _types_namespace: Mapping[str, Any] | None = None,
    ) -> bool | None:
        """Resolve forward references as pydantic does, then compile the class."""
        rebuilt = super().model_rebuild(
            force=force,
            raise_errors=raise_errors,
            _parent_namespace_depth=_parent_namespace_depth + 1,
            _types_namespace=_types_namespace,
        )
        if rebuilt:
            cls.__dynamorm_codec__ = None
        if cls.__pydantic_complete__ and not _is_open(cls):
            codec_of(cls)
        return rebuilt

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Yield what `repr` and `str` show: encrypted fields without their values."""
        encrypted = _encrypted(type(self))
        for name, value in super().__repr_args__() if not_carried(self) is None else self.__dynamorm_known__():
            yield name, value if value is None or name not in encrypted else CONCEALED

    def __dynamorm_known__(self) -> Iterator[tuple[str, Any]]:
        """Yield what is shown of an item that was read through an index: the fields that it carries."""
        model = type(self)
        for name in (*model.model_fields, *model.model_computed_fields):
            shown = {**model.model_fields, **model.model_computed_fields}[name].repr
            with suppress(FieldNotCarried):
                yield from [(name, getattr(self, name))] if shown else ()

    if not TYPE_CHECKING:  # a checker that saw these would take every misspelt name, and forget pydantic's signature

        @classmethod
        def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:  # noqa: ANN401 -- pydantic's
            """Return an instance as pydantic does; where a field is encrypted, broken JSON is not quoted either."""
            try:
                return super().model_validate_json(json_data, **options)
            except ValidationError as error:
                secret = _names_of_encrypted(cls.__pydantic_fields__)
                if not secret or error.errors(include_url=False, include_input=False)[0]["type"] != "json_invalid":
                    raise
                hidden = hiding_input(error, secret)
            raise hidden

        def __getattr__(self, name: str) -> object:
            """Raise FieldNotCarried for a field that the index did not carry, AttributeError for anything else."""
            unknown = not_carried(self, name) if name in type(self).__pydantic_fields__ else None
            if unknown is not None:
                raise unknown
            try:
                return super().__getattr__(name)
            except AttributeError:
                _refuse_verb(type(self).__name__, name)
                raise

    def __dynamorm_derived__(self, name: str) -> str | None:
        """Return a derived key as the fields compose it now. Raises InvalidValue."""
        return codec_of(type(self)).compose(name, self)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy as pydantic does; derived keys are composed, so an update of one is ignored."""
        return super().model_copy(update=_without_derived(type(self), update or {}) or None, deep=deep)

    @classmethod
    def model_construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Self:  # noqa: ANN401 -- as pydantic
        """Return an unvalidated instance as pydantic does; derived keys are composed, and values for them ignored."""
        return super().model_construct(_fields_set, **_without_derived(cls, values))

    def to_item(self) -> Item:
        """Return the item in DynamoDB's form, `{"pk": {"S": "USER#1"}, ...}`, as `put` would store it.

        Lifecycle fields are as they are on the instance; encrypted fields are in clear.
        Raises InvalidValue for a value that has no DynamoDB form.
        """
        return codec_of(type(self)).encode(self)

    @classmethod
    def from_item(cls, item: Mapping[str, AttributeValue]) -> Self:
        """Return the instance of an item in DynamoDB's form. Raises ItemDecodeError."""
        return codec_of(cls).load(item)

    @classmethod
    def to_dms(cls, *, table: str | None = None, version: DmsVersion = "0.1") -> dict[str, Any]:
        """Return the model's entry of a DMS document, a plain dict; `table` names another table than the class does.

        `{"dms_version": "0.1", "models": [User.to_dms()]}` is a document. Raises InvalidDocument for what that
        version of DMS has no word for (`version="0.2"` says more), and when no table is named.
        """
        return document.entry(codec_of(cls), table, version)


def _is_open(model: type[DynamoModel]) -> bool:
    """Return whether items are of the class's subclasses: it is abstract, or generic with open parameters."""
    return model.__dynamorm_options__.abstract or bool(model.__pydantic_generic_metadata__["parameters"])


def _without_derived(model: type[DynamoModel], values: Mapping[str, Any]) -> dict[str, Any]:
    codec = model.__dynamorm_codec__  # an open class has none
    derived = declared_keys(model) if codec is None else codec.derived
    return {name: value for name, value in values.items() if name not in derived}


def _refuse_derived(instance: DynamoModel) -> DynamoModel:
    """Raise ValueError for extra attributes that have the name of a derived key or of its attribute."""
    codec = codec_of(type(instance))
    names = {name for key in codec.derived.values() for name in (key.name, key.attribute)}
    composed = sorted(names & set(instance.__pydantic_extra__ or ()))
    if composed:
        message = f"{', '.join(composed)} is composed from other fields: leave it out"
        raise ValueError(message)
    return instance


_NO_DERIVED: Any = model_validator(mode="after")(_refuse_derived)


def _encrypted(model: type[DynamoModel]) -> frozenset[str]:
    """Return the fields of a complete class that are marked Encrypted()."""
    marked = marked_fields(model).items()
    return frozenset(name for name, (markers, _) in marked if any(isinstance(marker, Encrypted) for marker in markers))


def codec_of(model: type[M]) -> Codec[M]:
    """Return a model's codec, compiling it when that is still to do. Raises ModelDefinitionError."""
    if model.__dynamorm_codec__ is None:
        _complete(model)  # which compiles it
    codec = model.__dynamorm_codec__
    if codec is None:
        if model.__dynamorm_options__.abstract:
            raise ModelDefinitionError(model.__name__, ["it is abstract: inherit from it and use the subclass"])
        codec = compile_model(model, model.__dynamorm_options__)
        if model.__dynamorm_options__.dms is not None:
            document.check(codec, model.__dynamorm_options__.dms)
        model.__dynamorm_codec__ = codec
        model.__dynamorm_root__ = codec.root
    return codec


def part_of(model: type[DynamoModel], fields: Iterable[str], suffix: str) -> type[BaseModel]:
    """Return a pydantic model of some of a model's fields, to read a part of its items through; kept with the model."""
    build: Any = create_model  # its overloads know no fields made while the program runs
    chosen = {field: model.model_fields[field] for field in fields}
    parts = codec_of(model).parts
    key = (suffix, *chosen)
    if key not in parts:
        fields_of = {field: (info.annotation, info) for field, info in chosen.items()}
        parts[key] = build(f"{model.__name__}{suffix}", **fields_of)
    return parts[key]


def _complete(model: type[DynamoModel]) -> None:
    """Resolve the forward references of a class: before that its markers are not all seen."""
    if model.__pydantic_complete__:
        return
    try:
        model.model_rebuild()
    except PydanticUndefinedAnnotation as error:
        problem = f"{error.name!r} is not defined: define it first, or call model_rebuild() where it is known"
        raise ModelDefinitionError(model.__name__, [problem]) from None
