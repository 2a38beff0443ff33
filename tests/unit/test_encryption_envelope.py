"""The envelope: the bytes that all languages share, what is bound to what, and what is refused."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamorm_py import DynamoModel, Encrypted, EncryptionError, KmsEncryption, PartitionKey, Repo, StaticEncryption
from dynamorm_py.encryption import EnvelopeTampered, NotEncrypted, UnknownEnvelopeVersion
from dynamorm_py.encryption._aad import make_rules
from dynamorm_py.encryption._data_key import DataKey
from dynamorm_py.encryption._envelope import read_envelope, seal, unseal
from dynamorm_py.encryption._plaintext import from_plaintext, to_plaintext
from dynamorm_py.errors import InvalidEncryptedEnvelope
from dynamorm_py.testing import ScriptedClient
from tests.support.encrypting import ARN, MARKER, Patient, ScriptedKms, Shelf

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"
KEY = DataKey(bytes(range(32)), b"wrapped", ARN)
NONCE = bytes(range(12))
V1 = make_rules("attribute", None, "dynamorm", ("theorydb",))
V2 = make_rules("item", "patients", "dynamorm", ())


def read(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text())


def unwired(value: dict[str, Any]) -> dict[str, Any]:
    """Return an attribute value of a JSON file in boto3's form."""
    ((tag, payload),) = value.items()
    match tag:
        case "B":
            return {tag: base64.b64decode(payload)}
        case "BS":
            return {tag: [base64.b64decode(part) for part in payload]}
        case "L":
            return {tag: [unwired(part) for part in payload]}
        case "M":
            return {tag: {key: unwired(part) for key, part in payload.items()}}
        case _:
            return value


class Vault(DynamoModel, table="vault"):
    pk: Annotated[str, PartitionKey()]
    secret: Annotated[str, Encrypted()]


GOLDEN_VALUES = [pytest.param(v, id=v["name"]) for v in read("avjson")["vectors"]]
GOLDEN_ENVELOPES = [
    pytest.param(file, vector, id=f"{name}-{vector['name']}")
    for name in ("envelope_dynamorm", "envelope_tabletheory")
    for file in [read(name)]
    for vector in file["vectors"]
]


@pytest.mark.parametrize("vector", GOLDEN_VALUES)
def test_a_value_is_encrypted_as_the_shared_json_and_read_from_every_writers(vector: dict[str, Any]) -> None:
    value = unwired(vector["input_av"])

    assert to_plaintext(value).decode() == vector["canonical"]
    for writer in ("canonical", "go", "ts"):
        assert from_plaintext(vector[writer].encode()) == value


@pytest.mark.parametrize(("file", "vector"), GOLDEN_ENVELOPES)
def test_golden_envelopes_of_every_writer_open_and_ours_are_the_same_bytes(
    file: dict[str, Any], vector: dict[str, Any]
) -> None:
    data_key = DataKey(base64.b64decode(file["data_key_b64"]), base64.b64decode(file["encrypted_data_key_b64"]), ARN)
    nonce, name = base64.b64decode(file["nonce_b64"]), vector["attribute_name"]
    prefix = file["aad_prefix"].partition(":")[0]
    rules = make_rules("attribute", None, prefix, ("dynamorm", "theorydb"))
    value = unwired(vector["input_av"])

    for writer in ("go", "ts", "py"):
        stored = {
            "M": {
                "v": {"N": "1"},
                "edk": {"B": file["encrypted_data_key_b64"]},
                "nonce": {"B": nonce},
                "ct": {"B": vector[writer]},
            }
        }
        assert unseal(read_envelope(stored, rules.accepted), name, {}, rules, data_key) == (value, prefix)

    ours = seal(value, 1, rules.aad(1, prefix, name, {}), data_key, nonce)["M"]
    assert base64.b64encode(ours["ct"]["B"]).decode() == vector["ts"]
    assert [*ours] == ["v", "edk", "nonce", "ct"]
    assert ours["edk"] == {"B": data_key.wrapped}


def test_a_repository_writes_the_golden_bytes_under_a_fixed_key_and_nonce() -> None:
    file = read("envelope_dynamorm")
    (vector,) = [v for v in file["vectors"] if v["name"] == "S_html"]

    kms = ScriptedClient(
        {
            "Plaintext": base64.b64decode(file["data_key_b64"]),
            "CiphertextBlob": base64.b64decode(file["encrypted_data_key_b64"]),
        }
    )
    shelf = Shelf()
    nonce = base64.b64decode(file["nonce_b64"])
    encryption = KmsEncryption(file["kms_key_arn"], client=kms, random=lambda _: nonce)
    Repo(Vault, client=shelf, encryption=encryption).put(Vault(pk="a", secret=vector["input_av"]["S"]))

    assert base64.b64encode(shelf.only["secret"]["M"]["ct"]["B"]).decode() == vector["ts"]


# --- laws ---------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBER = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9).map(str)


def tagged(tag: str, payload: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return payload.map(lambda value: {tag: value})


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return tagged("L", st.lists(inner, max_size=3)) | tagged("M", st.dictionaries(TEXT, inner, max_size=3))


LEAVES = st.one_of(
    tagged("S", TEXT),
    tagged("N", NUMBER),
    tagged("B", st.binary(max_size=12)),
    tagged("BOOL", st.booleans()),
    tagged("NULL", st.just(value=True)),
    tagged("SS", st.lists(TEXT, max_size=3)),
    tagged("NS", st.lists(NUMBER, max_size=3)),
    tagged("BS", st.lists(st.binary(max_size=4), max_size=3)),
)
VALUES: st.SearchStrategy[dict[str, Any]] = st.recursive(LEAVES, nested, max_leaves=8)
SORT_KEYS = tagged("N", st.integers(-99, 99).map(str)) | tagged("B", st.binary(max_size=4))
KEYS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({"pk": tagged("S", TEXT)}, optional={"sk": SORT_KEYS})


@given(value=VALUES, name=TEXT, key=KEYS, version=st.sampled_from([1, 2]))
def test_every_attribute_value_comes_back_as_it_was(
    value: dict[str, Any], name: str, key: dict[str, Any], version: int
) -> None:
    rules = V1 if version == 1 else V2
    stored = seal(value, version, rules.aad(version, "dynamorm", name, key), KEY, NONCE)

    assert unseal(read_envelope(stored, rules.accepted), name, key, rules, KEY) == (value, "dynamorm")


@given(data=st.data(), part=st.sampled_from(["edk", "nonce", "ct"]))
def test_any_flipped_bit_is_refused(data: st.DataObject, part: str) -> None:
    shelf = Shelf()
    repo = Repo(Patient, client=shelf, encryption=StaticEncryption(bytes(32)))
    repo.put(Patient(pk="a", ssn=MARKER))
    envelope = shelf.only["ssn"]["M"]
    broken = bytearray(envelope[part]["B"])
    bit = data.draw(st.integers(0, len(broken) * 8 - 1))
    broken[bit // 8] ^= 1 << bit % 8
    envelope[part] = {"B": bytes(broken)}

    with pytest.raises(InvalidEncryptedEnvelope) as caught:
        repo.get(("a", 1))
    assert caught.value.attribute == "ssn"
    assert MARKER not in str(caught.value)


PLACES = st.tuples(st.sampled_from(["dynamorm", "theorydb", "a"]), TEXT, TEXT, KEYS, st.sampled_from([1, 2]))


@given(first=PLACES, second=PLACES)
def test_two_places_have_one_aad_only_where_they_are_one_place(first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
    def aad(place: tuple[Any, ...]) -> bytes:
        prefix, scope, name, key, version = place
        return make_rules("item", scope or "s", "x", ()).aad(version, prefix, name, key)

    def identity(place: tuple[Any, ...]) -> tuple[Any, ...]:
        prefix, scope, name, key, version = place
        return (version, prefix, name) if version == 1 else (version, prefix, scope or "s", name, str(key))

    assert (aad(first) == aad(second)) == (identity(first) == identity(second))


@given(text=st.sampled_from(["0", "-0", "1", "1.0", "1.50", "100", "1E2", "-7.0", "0.001", "9" * 38]))
def test_a_number_in_the_key_binds_by_its_value_and_not_by_its_text(text: str) -> None:
    plain = format(Decimal(text), "f")
    other = plain if "." in plain else f"{plain}.0"

    assert V2.aad(2, "x", "a", {"pk": {"N": text}}) == V2.aad(2, "x", "a", {"pk": {"N": other}})


# --- what is none ---------------------------------------------------------------------------------

NAMES = TEXT | st.sampled_from(["M", "v", "edk", "nonce", "ct", "N", "B"])


def grown(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)


JSONISH: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.binary(max_size=20), grown, max_leaves=10
)
ENVELOPISH = tagged(
    "M",
    st.fixed_dictionaries(
        {
            "v": JSONISH | st.just({"N": "1"}),
            "edk": JSONISH | tagged("B", JSONISH),
            "nonce": JSONISH | tagged("B", st.binary(min_size=12, max_size=12)),
            "ct": JSONISH | tagged("B", st.binary(min_size=17, max_size=40)),
        }
    ),
)


@given(value=JSONISH | ENVELOPISH)
def test_whatever_stands_in_place_of_an_envelope_only_an_encryption_error_is_raised(value: object) -> None:
    shelf = Shelf()
    repo = Repo(Patient, client=shelf, encryption=StaticEncryption(bytes(32)))
    repo.put(Patient(pk="a", ssn="x"))
    shelf.only["ssn"] = value

    with pytest.raises(EncryptionError):
        repo.get(("a", 1))


@given(plaintext=st.binary(max_size=40) | JSONISH.map(lambda value: json.dumps(value, default=str).encode()))
def test_a_plaintext_that_is_no_attribute_value_is_refused_without_being_quoted(plaintext: bytes) -> None:
    error = refusal(plaintext)

    assert error is None or error.__cause__ is error.__context__ is None


def refusal(plaintext: bytes) -> InvalidEncryptedEnvelope | None:
    try:
        from_plaintext(plaintext)
    except InvalidEncryptedEnvelope as error:
        return error
    return None


@pytest.mark.parametrize("version", [{"N": "0"}, {"N": "-1"}, {"N": "1.0"}, {"S": "1"}, {"N": "99999"}, {"N": "2"}])
def test_an_envelope_of_another_version_is_refused(version: dict[str, str]) -> None:
    stored = seal({"S": "x"}, 1, b"", KEY, NONCE)
    stored["M"]["v"] = version

    with pytest.raises(UnknownEnvelopeVersion, match="accept_versions="):
        read_envelope(stored, V1.accepted)


@pytest.mark.parametrize("plain", [{"S": MARKER}, {"NULL": True}, {"M": {}}, {"M": {"city": {"S": MARKER}}}])
def test_a_plain_value_left_in_the_table_is_refused_and_never_read(plain: dict[str, Any]) -> None:
    shelf = Shelf()
    repo = Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=ScriptedKms()))
    repo.put(Patient(pk="a", ssn="x"))
    shelf.only["ssn"] = plain

    with pytest.raises(NotEncrypted, match=r"^Patient, attribute 'ssn': ") as caught:
        repo.get(("a", 1))
    assert MARKER not in str(caught.value)
    assert caught.value.raw_item == shelf.only


def test_values_swapped_between_two_attributes_are_refused() -> None:
    shelf = Shelf()
    repo = Repo(Patient, client=shelf, encryption=KmsEncryption(ARN, client=ScriptedKms()))
    repo.put(Patient(pk="a", ssn="x", notes="y"))
    item = shelf.only
    item["ssn"], item["notes"] = item["notes"], item["ssn"]

    with pytest.raises(EnvelopeTampered):
        repo.get(("a", 1))
