"""What a table has in addition to its model: billing, stream, protection, encryption, tags; and how requests say it.

A setting left at None is not managed: a new table gets DynamoDB's default, a table that exists keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, Literal, TypeAlias, cast, get_args

from dynamorm_py._kernel.plans import without_none
from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py._kernel.words import kind_of
from dynamorm_py.errors import CallError

StreamView: TypeAlias = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
TableClass: TypeAlias = Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"]

_OWNERS = frozenset({"AWS_OWNED", "AWS_MANAGED"})  # of the key that encrypts, when it is not the user's
_TAG_LIMIT = 50  # tags of one resource: Developer Guide, "Tagging restrictions"
_TAG_KEY_LIMIT, _TAG_VALUE_LIMIT = 128, 256  # characters: API Reference, Tag


@public("dynamorm_py.tables")
@frozen
class Provisioned:
    """Billing by provisioned capacity: read and write units a second, for the table and each global index."""

    read: int
    write: int

    def throughput(self) -> dict[str, int]:
        """Return the units as requests name them."""
        return {"ReadCapacityUnits": self.read, "WriteCapacityUnits": self.write}


@public()
@frozen(kw_only=True)
class TableSettings:
    """What a table has in addition to its model. None leaves a setting to DynamoDB, or as it is.

    `billing` is by default on demand for a new table. `encryption` is `"AWS_OWNED"`, `"AWS_MANAGED"` or the ARN
    of a KMS key. Raises CallError when it is made with what DynamoDB would refuse.
    """

    billing: Literal["PAY_PER_REQUEST"] | Provisioned | None = None
    stream: StreamView | None = None
    deletion_protection: bool | None = None
    point_in_time_recovery: bool | None = None
    encryption: str | None = None
    table_class: TableClass | None = None
    tags: Mapping[str, str] | None = field(default=None)

    def __post_init__(self) -> None:
        """Refuse what DynamoDB would refuse."""
        for problem in filter(None, (self._billing(), self._words(), self._flags(), self._encryption(), self._tags())):
            raise CallError(f"TableSettings: {problem}")

    # --- as requests say it -----------------------------------------------------------------------

    def creation(self) -> dict[str, Any]:
        """Return the parameters of CreateTable."""
        stream = None if self.stream is None else {"StreamEnabled": True, "StreamViewType": self.stream}
        return without_none(
            **self.billing_parameters(),
            StreamSpecification=stream,
            DeletionProtectionEnabled=self.deletion_protection,
            SSESpecification=self.encryption_specification(),
            TableClass=self.table_class,
            Tags=self.tag_list(),
        )

    def billing_parameters(self) -> dict[str, Any]:
        """Return how the table is billed; on demand by default."""
        if isinstance(self.billing, Provisioned):
            return {"BillingMode": "PROVISIONED", "ProvisionedThroughput": self.billing.throughput()}
        return {"BillingMode": "PAY_PER_REQUEST"}

    def encryption_specification(self) -> dict[str, Any] | None:
        """Return SSESpecification, None when it is not managed."""
        if self.encryption is None:
            return None
        if self.encryption == "AWS_OWNED":
            return {"Enabled": False}
        key = None if self.encryption == "AWS_MANAGED" else self.encryption
        return without_none(Enabled=True, SSEType="KMS", KMSMasterKeyId=key)

    def tag_list(self) -> list[dict[str, str]] | None:
        """Return the tags in AWS's form, sorted; None when there are none to set."""
        return [{"Key": key, "Value": value} for key, value in sorted((self.tags or {}).items())] or None

    # --- checks -----------------------------------------------------------------------------------

    def _billing(self) -> str | None:
        billing = cast("object", self.billing)
        if isinstance(billing, Provisioned):
            units = cast("tuple[object, ...]", (billing.read, billing.write))
            if any(isinstance(unit, bool) or not isinstance(unit, int) or unit < 1 for unit in units):
                return "Provisioned takes read and write units of 1 or more"
        elif billing not in (None, "PAY_PER_REQUEST"):
            return 'billing is "PAY_PER_REQUEST" or Provisioned(read=..., write=...)'
        return None

    def _words(self) -> str | None:
        for name, chosen, allowed in (
            ("stream", self.stream, get_args(StreamView)),
            ("table_class", self.table_class, get_args(TableClass)),
        ):
            if chosen is not None and chosen not in allowed:
                return f"{name} is one of {', '.join(allowed)}"
        return None

    def _flags(self) -> str | None:
        for name in ("deletion_protection", "point_in_time_recovery"):
            if not isinstance(getattr(self, name), bool | None):
                return f"{name} is True, False or None"
        return None

    def _encryption(self) -> str | None:
        named = cast("object", self.encryption)
        if named is None or (isinstance(named, str) and (named in _OWNERS or named.startswith("arn:"))):
            return None
        return 'encryption is "AWS_OWNED", "AWS_MANAGED" or the ARN of a KMS key: an alias could not be compared'

    def _tags(self) -> str | None:
        if not _is_texts(self.tags or {}):
            return 'tags is a mapping of str to str: {"team": "blue"}'
        tags = self.tags or {}
        if len(tags) > _TAG_LIMIT:
            return f"it has {len(tags)} tags: AWS allows {_TAG_LIMIT}"
        if any(key.startswith("aws:") for key in tags):
            return "tags that begin with aws: are AWS's own: leave them out"
        if not all(0 < len(key) <= _TAG_KEY_LIMIT and len(value) <= _TAG_VALUE_LIMIT for key, value in tags.items()):
            return f"a tag has a key of 1 to {_TAG_KEY_LIMIT} characters, and a value of at most {_TAG_VALUE_LIMIT}"
        return None


def _is_texts(value: object) -> bool:
    """Return whether a value maps str to str."""
    if not isinstance(value, Mapping):
        return False
    pairs = cast("Mapping[object, object]", value).items()
    return all(isinstance(key, str) and isinstance(text, str) for key, text in pairs)


def checked_settings(settings: TableSettings | None) -> TableSettings:
    """Return the caller's settings, or none managed. Raises CallError for what is not a TableSettings."""
    value = cast("object", settings)
    if value is not None and not isinstance(value, TableSettings):
        listed = ", ".join(f"{each.name}=" for each in fields(TableSettings))
        raise CallError(f"the settings are {kind_of(value)}: pass TableSettings with {listed}")
    return settings or TableSettings()
