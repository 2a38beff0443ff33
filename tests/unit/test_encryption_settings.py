"""What is refused before anything is sent, and what never shows a plaintext."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import pytest
from pydantic import BaseModel, Field, ValidationError

from dynamorm_py import (
    Attr,
    ClientNotConfigured,
    DataKeyReuse,
    DynamoModel,
    Encrypted,
    EncryptedFieldNotQueryable,
    EncryptionNotConfigured,
    ItemTooLarge,
    Key,
    KmsEncryption,
    ModelDefinitionError,
    PartitionKey,
    Repo,
    SortKey,
    StaticEncryption,
    TimeToLive,
    Version,
    fields,
)
from dynamorm_py.encryption import InvalidKeyArn
from dynamorm_py.encryption._data_key import DataKey
from tests.support.encrypting import ARN, MARKER, Patient, ScriptedKms, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable

P = fields(Patient)


class Nobody(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    secret: Annotated[str, Encrypted()] = ""
    codes: Annotated[list[int], Encrypted()] = Field(default_factory=list[int])
    count: Annotated[int, Encrypted()] = 0
    tags: Annotated[set[str], Encrypted()] = Field(default_factory=set[str])


N = fields(Nobody)


def test_a_model_with_encrypted_fields_needs_an_encryption_when_the_repository_is_made() -> None:
    shelf = Shelf()

    with pytest.raises(EncryptionNotConfigured, match=r"Patient has encrypted fields \(ssn, notes\)") as caught:
        Repo(Patient, client=shelf)

    assert caught.value.code == "ErrEncryptionNotConfigured"
    assert shelf.asked == []


def test_an_encryption_that_is_none_is_refused() -> None:
    with pytest.raises(EncryptionNotConfigured, match="pass KmsEncryption"):
        Repo(Patient, client=Shelf(), encryption=ARN)  # pyright: ignore[reportArgumentType] -- what a user may try


@pytest.mark.parametrize(
    "arn",
    [
        "alias/mine",
        "arn:aws:kms:us-east-1:111111111111:alias/mine",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "",
        None,  # what a configuration may hold
        f"{ARN}\n",
    ],
)
def test_a_key_that_is_not_named_by_its_arn_is_refused(arn: str) -> None:
    with pytest.raises(InvalidKeyArn, match="is not the ARN of a KMS key"):
        KmsEncryption(arn)


def test_a_client_of_another_region_or_service_is_refused_when_the_repository_is_made() -> None:
    far = KmsEncryption(ARN, client=boto3.client("kms", region_name="eu-west-1"))
    other = KmsEncryption(ARN, client=boto3.client("dynamodb"))

    with pytest.raises(InvalidKeyArn, match=r"key is of region us-east-1, the client of eu-west-1"):
        Repo(Patient, client=Shelf(), encryption=far)
    with pytest.raises(ClientNotConfigured, match=r'pass boto3.client\("kms"\)'):
        Repo(Patient, client=Shelf(), encryption=other)
    with pytest.raises(InvalidKeyArn, match="another region"):
        KmsEncryption(ARN, read_keys=[ARN.replace("us-east-1", "eu-west-1")])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"aad_prefix": "a:b"}, "prefix"),
        ({"read_prefixes": ["", "theorydb"]}, "prefix"),
        ({"binding": "table"}, "binding="),
        ({"binding": "item", "accept_versions": [1]}, "accept_versions="),
        ({"accept_versions": [1, 3]}, "accept_versions="),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(EncryptionNotConfigured, match=says):
        KmsEncryption(ARN, **settings)


@pytest.mark.parametrize("wrong", [{"seconds": -1}, {"messages": 0}, {"messages": 2**32 + 1}, {"read_keys": 0}])
def test_reuse_that_means_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(EncryptionNotConfigured, match="off"):
        DataKeyReuse(**wrong)


@pytest.mark.parametrize("encryption", [KmsEncryption(ARN), StaticEncryption(bytes(32))])
def test_without_the_extra_the_repository_is_refused_with_what_to_install(
    encryption: KmsEncryption | StaticEncryption, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(_: str) -> None:
        """Find nothing."""

    monkeypatch.setattr("dynamorm_py.encryption._cipher.find_spec", absent)

    with pytest.raises(EncryptionNotConfigured, match=r"pip install 'dynamorm-py\[encryption\]'"):
        Repo(Patient, client=Shelf(), encryption=encryption)


def test_binding_to_the_item_needs_a_scope_that_survives_a_change_of_the_table() -> None:
    encryption = StaticEncryption(bytes(32), binding="item")

    with pytest.raises(EncryptionNotConfigured, match="scope="):
        Repo(Nobody, table="deployed-table", client=Shelf(), encryption=encryption)


def test_a_static_key_has_32_bytes() -> None:
    with pytest.raises(EncryptionNotConfigured, match="32"):
        StaticEncryption(b"short")


REFUSED: list[Callable[[], object]] = [
    lambda: Key(P.ssn) == "x",
    lambda: Key(P.ssn).begins_with("x"),
    lambda: Attr(P.ssn) == "x",
    lambda: Attr(P.ssn) != "x",
    lambda: Attr(P.ssn).exists(),
    lambda: Attr(P.ssn).not_exists(),
    lambda: Attr(P.ssn).attribute_type("M"),
    lambda: Attr(P.ssn).is_in(["x"]),
    lambda: Attr(P.ssn).between("a", "b"),
    lambda: Attr(P.ssn).size(),
    lambda: Attr(P.ssn).contains("x"),
    lambda: Attr(P.name) == Attr(P.ssn),
    lambda: Attr(P.name).set(Attr(P.ssn)),
    lambda: Attr(P.ssn).set(Attr(P.name)),
    lambda: Attr(P.ssn).if_not_exists(Attr(P.name)),
    lambda: Attr(P.ssn).set(Attr(P.name).if_not_exists("x")),
    lambda: Attr(P.name).set(Attr(P.ssn).if_not_exists("x")),
    lambda: Attr(N.count).add(1),
    lambda: Attr(N.count) + 1,
    lambda: Attr(N.count).set(Attr(N.count).if_not_exists(0) + 1),
    lambda: Attr(N.tags).add({"x"}),
    lambda: Attr(N.tags).delete({"x"}),
    lambda: Attr(N.codes).list_append([1]),
    lambda: Attr(N.codes).if_not_exists([]).list_append([1]),
    lambda: Attr(N.codes[0]).set(1),
    lambda: Attr(N.codes[0]).remove(),
]


@pytest.mark.parametrize("build", REFUSED)
def test_an_expression_about_an_encrypted_field_is_refused_when_it_is_built(build: Callable[[], object]) -> None:
    with pytest.raises(EncryptedFieldNotQueryable):
        build()


def test_an_encrypted_field_is_no_key_no_index_key_and_no_lifecycle_field() -> None:
    with pytest.raises(ModelDefinitionError) as caught:

        class Wrong(DynamoModel):  # pyright: ignore[reportUnusedClass] -- it is never made
            pk: Annotated[str, PartitionKey(), Encrypted()]
            sk: Annotated[str, SortKey(), Encrypted()]
            mail: Annotated[str, PartitionKey(index="by-mail"), Encrypted()]
            version: Annotated[int, Version(), Encrypted()]
            ttl: Annotated[int, TimeToLive(), Encrypted()]

    assert [p.partition(":")[0] for p in caught.value.problems if "Encrypted()" in p] == [
        "pk",
        "sk",
        "mail",
        "version",
        "ttl",
    ]


def test_the_size_of_an_item_is_checked_as_it_is_stored_and_not_in_clear() -> None:
    shelf = Shelf()
    repo = Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=ScriptedKms()))
    patient = Patient(pk="a", ssn="x" * (400 * 1024 - 60))

    with pytest.raises(ItemTooLarge):
        repo.put(patient)
    assert shelf.asked == []


# --- nothing shows ------------------------------------------------------------------------------


def test_representations_show_no_plaintext_and_no_key() -> None:
    key = MARKER.encode().ljust(32)
    patient = Patient(pk="a", ssn=MARKER)
    actions = [Attr(P.ssn).set(MARKER), Attr(P.ssn).if_not_exists(MARKER)]

    shown = [patient, [patient], actions, StaticEncryption(key), KmsEncryption(ARN), DataKey(key, key, ARN)]

    assert MARKER not in "".join(f"{one!r} {one}" for one in shown)
    assert repr(patient) == "Patient(pk='a', sk=1, name='', ssn='**********', notes='**********')"
    assert patient.model_dump()["ssn"] == MARKER


class Forward(DynamoModel):
    pk: Annotated[str, PartitionKey()]
    later: Annotated[Later | None, Encrypted()] = None


class Later(BaseModel):
    code: int


class Heir(Patient):
    extra: int = 0


def test_errors_of_pydantic_do_not_quote_what_a_model_with_encrypted_fields_was_given() -> None:
    def refused(model: type[DynamoModel], **payload: object) -> str:
        with pytest.raises(ValidationError) as caught:
            model.model_validate(payload)
        return str(caught.value)

    Forward.model_rebuild()
    shown = refused(Patient, pk="a", ssn=[MARKER]) + refused(Heir, pk="a", ssn=[MARKER], extra=MARKER)
    shown += refused(Forward, pk="a", later={"code": MARKER})

    assert MARKER not in shown
    assert "valid integer" in shown


class Open(DynamoModel, hide_input_in_errors=False):
    pk: Annotated[str, PartitionKey()]
    ssn: Annotated[str, Encrypted()] = ""


def test_a_model_that_asks_for_it_shows_inputs_in_errors() -> None:
    with pytest.raises(ValidationError, match="input_value"):
        Open.model_validate({"pk": 1})


def test_data_keys_and_what_may_hold_them_are_not_pickled() -> None:
    repo = Repo(Patient, client=Shelf(), encryption=KmsEncryption(ARN, client=ScriptedKms()))
    repo.put(Patient(pk="a", ssn="x"))

    for held in (DataKey(bytes(32), b"", ARN), KmsEncryption(ARN), StaticEncryption(bytes(32))):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(held)
