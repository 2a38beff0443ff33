"""What the real Go and TypeScript libraries stored is read, written back, and its cursors are taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest

from dynamorm_py import (
    Attribute,
    CreatedAt,
    DynamoModel,
    Encrypted,
    InvalidCursor,
    Key,
    KmsEncryption,
    PartitionKey,
    Repo,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
    dms,
    fields,
)
from dynamorm_py.encryption import EnvelopeTampered
from dynamorm_py.testing import ScriptedClient
from tests.contract.models import MODELS, Order, Ticket, User
from tests.support.encrypting import ARN, ScriptedKms, Shelf

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"
RECORDED = json.loads((GOLDEN / "sister_items.json").read_text())
VECTORS = {v["name"]: v["values"] for v in json.loads((GOLDEN / "family_vectors.json").read_text())["vectors"]}
OF_MODELS = [each for each in RECORDED["items"] if each["model"] in MODELS]
(NESTED,) = (each["item"] for each in RECORDED["items"] if each["model"].startswith("Everything"))
(LEASE,) = (each["item"] for each in RECORDED["items"] if each["model"] == "lease")
u = fields(User)


def wire(value: Any) -> Any:  # noqa: ANN401 -- DynamoDB's JSON in boto3's form
    if isinstance(value, list):
        return [wire(part) for part in value]  # pyright: ignore[reportUnknownVariableType] -- JSON
    if not isinstance(value, dict):
        return value
    return {name: _binary(name, part) for name, part in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- JSON


def _binary(name: str, part: Any) -> Any:  # noqa: ANN401 -- as above
    if name == "B" and isinstance(part, str):
        return base64.b64decode(part)
    return [base64.b64decode(each) for each in part] if name == "BS" and isinstance(part, list) else wire(part)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- as above


@pytest.mark.parametrize("each", OF_MODELS, ids=lambda each: f"{each['writer']} {each['model']} {each['item']['SK']}")
def test_an_item_of_a_sister_is_read_and_written_back_with_the_same_values(each: dict[str, Any]) -> None:
    model = MODELS[each["model"]]
    item = wire(each["item"])
    read = model.from_item(item)
    again = read.to_item()
    assert model.from_item(again) == read
    canonical = {"updatedAt", "createdAt", "tags", "token", "nickname"}
    assert {name: again[name] for name in item if name not in canonical} == {
        name: value for name, value in item.items() if name not in canonical
    }


def test_what_go_stores_as_lists_is_read_as_the_set_and_the_bytes_it_stands_for() -> None:
    by_writer = {(each["writer"], each["model"]): wire(each["item"]) for each in OF_MODELS}
    ticket = Ticket.from_item(by_writer["go create", "Ticket"])
    assert (ticket.token, ticket.to_item()["token"]) == (b"\x00\x01", {"B": b"\x00\x01"})
    user = User.from_item(by_writer["go update of nickname and tags", "User"])
    assert (user.tags, user.to_item()["tags"]) == ({"c"}, {"SS": ["c"]})


class Address(DynamoModel, abstract=True):
    street: Annotated[str, Attribute("Street")] = ""
    since: Annotated[datetime | None, Attribute("Since")] = None
    zip_code: Annotated[str, Attribute("ZipCode")] = ""


class Everything(DynamoModel, table="everything", naming="camelCase"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    name: str
    big: int
    f32: float
    ratio: float
    flag: bool
    plain: str
    status: str
    when: datetime
    times: list[datetime]
    ints: list[int]
    nums: tuple[int, ...]
    words: list[str]
    scores: dict[str, int]
    config: dict[str, str]
    tags: set[str]
    raw: bytes
    blobs: set[bytes]
    addr: Address
    addr_p: Address | None = None
    addrs: list[Address]
    secret: Annotated[Any, Encrypted()] = None
    code: Annotated[Any, Encrypted()] = None
    created_at: Annotated[datetime | None, CreatedAt()] = None
    updated_at: Annotated[datetime | None, UpdatedAt()] = None
    version: Annotated[int, Version()] = 0
    ttl: Annotated[int, TimeToLive()] = 0


def test_a_go_item_with_nested_structs_is_read_whole() -> None:
    read = Everything.from_item({k: v for k, v in wire(NESTED).items() if k not in {"secret", "code"}})
    when = datetime(2026, 1, 2, 3, 4, 5, 123456, timezone(timedelta(hours=2)))
    assert (read.when, read.times, read.big, read.f32) == (when, [when], 18446744073709551615, 0.10000000149011612)
    assert (read.raw, read.blobs) == (bytes([0, 1, 2, 253, 254, 255]), {b"\x00\x01", b"\xff"})
    assert (read.addr.street, read.addr.zip_code, read.addr.since) == ("Main", "0123", when)
    assert [each.street for each in read.addrs] == ["One"]
    again = read.to_item()
    assert Everything.from_item(again) == read
    assert again["addr"]["M"].keys() == {"Street", "Since", "ZipCode"}
    assert again["blobs"] == {"BS": [b"\x00\x01", b"\xff"]}


def test_a_zero_time_of_go_is_read_and_written_back() -> None:
    item = wire(OF_MODELS[0]["item"]) | {"createdAt": {"S": "0001-01-01T00:00:00Z"}}
    read = User.from_item(item)
    assert read.created_at == datetime.min.replace(tzinfo=UTC)
    assert read.to_item()["createdAt"] == {"S": "0001-01-01T00:00:00Z"}


def test_a_lease_of_go_has_the_attributes_of_ours() -> None:
    assert LEASE.keys() == {"pk", "sk", "lease_token", "lease_expires_at", "ttl"}
    assert int(LEASE["ttl"]["N"]) - int(LEASE["lease_expires_at"]["N"]) == 3600


def test_the_type_matrix_of_the_family_is_read_and_written_byte_for_byte() -> None:
    vector = VECTORS["item.type_matrix"]
    document = dms.check(VECTORS["dms.type_matrix"])
    module: dict[str, Any] = {}
    exec(dms.generate(document, "python"), module)  # noqa: S102 -- our own code
    model = module["TypeMatrix"]
    model.model_rebuild(_types_namespace=module)
    read = model.from_item(wire(vector["stored"]))
    assert (read.empty_number_set, read.empty_binary_set, read.nothing, read.optional_string) == (
        set(),
        set(),
        None,
        "",
    )
    assert read.number_set == {Decimal(9007199254740993), Decimal(42)}
    written = read.to_item()
    assert {name: written[name] for name in written if name not in {"numberSet", "nothing"}} == {
        name: value for name, value in wire(vector["stored"]).items() if name not in {"numberSet", "nothing"}
    }
    assert sorted(written["numberSet"]["NS"]) == sorted(vector["stored"]["numberSet"]["NS"])


# --- cursors ---------------------------------------------------------------------------------------


NOTHING: dict[str, Any] = {"Items": [], "Count": 0, "ScannedCount": 0}


@pytest.mark.parametrize(
    "each", RECORDED["cursors"], ids=lambda each: f"{each['index']}-{each['order']}-{each['where'][0][0]}"
)
def test_a_cursor_of_a_sister_is_taken_by_its_query(each: dict[str, Any]) -> None:
    table = ScriptedClient(NOTHING)
    users = Repo(User, client=table)
    ((name, _, value),) = each["where"]
    place = {"PK": u.pk, "emailHash": u.email_hash}[name]
    query = users.query(Key(place) == value, ascending=each["order"].upper() != "DESC")
    query.page(size=5, cursor=each["cursor"])
    said = json.loads(base64.urlsafe_b64decode(each["cursor"]))
    assert table.requests[0].parameters["ExclusiveStartKey"] == said["lastKey"]
    assert table.requests[0].parameters.get("IndexName") == ("gsi-email" if name == "emailHash" else None)


def test_a_cursor_without_index_is_refused_where_its_keys_are_not_exactly_the_reads() -> None:
    users = Repo(User, client=ScriptedClient(NOTHING))
    of_index = next(
        each["cursor"] for each in RECORDED["cursors"] if "emailHash" in each["where"][0] and not each["index"]
    )
    of_table = next(each["cursor"] for each in RECORDED["cursors"] if each["where"][0][0] == "PK")
    with pytest.raises(InvalidCursor, match="its key is not that of this read"):
        users.query(Key(u.pk) == "C").page(cursor=of_index)
    with pytest.raises(InvalidCursor, match="its key is not that of this read"):
        users.query(Key(u.email_hash) == "cc").page(cursor=of_table)


def test_a_cursor_of_another_index_is_refused() -> None:
    users = Repo(User, client=ScriptedClient(NOTHING))
    cursor = next(each["cursor"] for each in RECORDED["cursors"] if each["index"] == "gsi-email" and not each["order"])
    with pytest.raises(InvalidCursor, match="it is of index 'gsi-email', this reads the table"):
        users.query(Key(u.pk) == "C").page(cursor=cursor)


def test_an_order_of_a_sister_without_amount_is_read() -> None:
    bare = next(
        wire(each["item"]) for each in OF_MODELS if each["model"] == "Order" and each["item"]["SK"]["S"] == "bare"
    )
    assert Order.from_item(bare).amount is None


# --- envelopes -------------------------------------------------------------------------------------


class EncryptedRecord(DynamoModel, table="encrypted_records_contract", naming="camelCase"):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    secret: Annotated[str | None, Encrypted()] = None


class Deterministic(ScriptedKms):
    """The family's deterministic provider: a counter, and HMACs under a seed."""

    def __init__(self, seed: str) -> None:
        super().__init__()
        self._master = hashlib.sha256(seed.encode()).digest()
        self._counter = 0

    def _material(self, kind: str) -> bytes:
        self._counter += 1
        return self._hmac(f"{kind}|EncryptedRecord|secret|{self._counter}".encode())

    def _hmac(self, message: bytes) -> bytes:
        return hmac.new(self._master, message, hashlib.sha256).digest()

    def nonce(self, size: int) -> bytes:
        return self._material("nonce")[:size]

    def call(self, request: Any, /) -> dict[str, Any]:  # noqa: ANN401 -- a plan's request
        wrapped = request.parameters.get("CiphertextBlob") or self._material("edk")
        return {"Plaintext": self._hmac(wrapped), "CiphertextBlob": wrapped, "KeyId": ARN}


SEALED = VECTORS["encryption.deterministic_envelope"]


def test_the_deterministic_envelope_of_the_family_is_written_byte_for_byte() -> None:
    provider, shelf = Deterministic(SEALED["seed"]), Shelf()
    encryption = KmsEncryption(ARN, client=provider, aad_prefix="theorydb", random=provider.nonce)
    key = SEALED["keys"][0]
    Repo(EncryptedRecord, client=shelf, encryption=encryption).create(
        EncryptedRecord(pk=key["PK"], sk=key["SK"], secret=SEALED["plaintext"])
    )
    assert shelf.only["secret"] == wire(SEALED["stored"]["secret"])


@pytest.mark.parametrize("key", SEALED["keys"], ids=lambda key: key["PK"])
def test_the_deterministic_envelope_of_the_family_is_read_by_default(key: dict[str, str]) -> None:
    encryption = KmsEncryption(ARN, client=Deterministic(SEALED["seed"]))
    shelf = Shelf()
    wire_key = {name: {"S": value} for name, value in key.items()}
    shelf.items[str(wire_key)] = {**wire_key, **wire(SEALED["stored"])}
    repo = Repo(EncryptedRecord, client=shelf, encryption=encryption)
    assert repo.get((key["PK"], key["SK"])).secret == SEALED["plaintext"]


def test_the_deterministic_envelope_opens_under_no_other_prefix() -> None:
    encryption = KmsEncryption(ARN, client=Deterministic(SEALED["seed"]), read_prefixes=["dynamorm"])
    shelf = Shelf()
    wire_key = {name: {"S": value} for name, value in SEALED["keys"][0].items()}
    shelf.items[str(wire_key)] = {**wire_key, **wire(SEALED["stored"])}
    with pytest.raises(EnvelopeTampered):
        Repo(EncryptedRecord, client=shelf, encryption=encryption).get((SEALED["keys"][0]["PK"], "PROFILE"))
