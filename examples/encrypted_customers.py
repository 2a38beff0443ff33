"""Customer records whose personal data only the holder of a KMS key reads; KMS and DynamoDB are moto's.

Run it with `make example NAME=encrypted_customers`. It fails when anything is not as it says.
"""

from __future__ import annotations

import hmac
from datetime import date
from typing import Annotated, Any

import boto3
from in_process import aws_in_process
from pydantic import BaseModel

from dynamorm_py import (
    Attr,
    DynamoModel,
    Encrypted,
    EncryptedFieldNotQueryable,
    InvalidEncryptedEnvelope,
    Key,
    KmsEncryption,
    PartitionKey,
    Repo,
    fields,
)


class Address(BaseModel):
    street: str
    city: str


class Customer(DynamoModel, table="customers"):
    customer_id: Annotated[str, PartitionKey()]
    email_hash: Annotated[str, PartitionKey(index="by-email")]  # finds a customer without telling the address
    email: Annotated[str, Encrypted()]
    born: Annotated[date | None, Encrypted()] = None
    address: Annotated[Address | None, Encrypted()] = None
    orders: int = 0


HASH_KEY = b"from your secret store"
c = fields(Customer)


def hashed(email: str) -> str:
    """Return what stands for an address in the index: keyed, so that nobody without the key can try addresses."""
    return hmac.digest(HASH_KEY, email.strip().casefold().encode(), "sha256").hex()


def new_customer(customer_id: str, email: str, **more: Any) -> Customer:  # noqa: ANN401 -- the model checks it
    """Make a customer whose hash fits the address."""
    return Customer(customer_id=customer_id, email=email, email_hash=hashed(email), **more)


def new_key() -> str:
    """Make a key in KMS and return its ARN."""
    return boto3.client("kms").create_key()["KeyMetadata"].get("Arn", "")


def main() -> None:
    """Store customers, find one, meet an attack, and move to another key."""
    key = new_key()
    customers = Repo(Customer, encryption=KmsEncryption(key, binding="item"))
    customers.table.create()

    ada = customers.create(
        new_customer(
            "1", "ada@example.com", born=date(1815, 12, 10), address=Address(street="St James's", city="London")
        )
    )
    customers.create(new_customer("2", "eve@example.com"))
    print(f"1. A record shows no secret when it is printed:\n   {ada!r}")

    dynamodb = boto3.client("dynamodb")
    stored = dynamodb.get_item(TableName="customers", Key={"customer_id": {"S": "1"}})["Item"]
    print(f"2. DynamoDB holds {sorted(stored)};\n   of the address: {sorted(stored['address']['M'])}")
    assert "London" not in repr(stored)

    try:
        customers.scan(filter=Attr(c.email) == "ada@example.com")
    except EncryptedFieldNotQueryable as error:
        print(f"3. DynamoDB cannot compare what it cannot read:\n   {error}")
    found = customers.query(Key(c.email_hash) == hashed("Ada@Example.com ")).one()
    print(f"   Found by its keyed hash instead: customer {found.customer_id}, born {found.born}.")

    eve = dynamodb.get_item(TableName="customers", Key={"customer_id": {"S": "2"}})["Item"]
    dynamodb.put_item(TableName="customers", Item={**eve, "email": stored["email"]})
    try:
        customers.get("2")
    except InvalidEncryptedEnvelope as error:
        print(f"4. Somebody with access to the table copies Ada's address into Eve's record:\n   {error}")

    moving = Repo(Customer, encryption=KmsEncryption(new_key(), read_keys=[key], binding="item"))
    print(f"5. To another key: {moving.reencrypt(['1'])}")
    assert moving.get("1") == ada


if __name__ == "__main__":
    with aws_in_process():
        main()
