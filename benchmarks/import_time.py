"""Cold start: import, ten models and a client, beside boto3 and pydantic doing the same by themselves.

Run it from the project's root: `python benchmarks/import_time.py [runs]`. Each way runs in fresh processes with
compiled bytecode, the two ways by turns; the time is the processor's, and the best of the runs counts, so
another process on the machine changes little. `--modules` prints what `python -X importtime` finds instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

_FIELDS = """
    name: str
    score: int = 0
    price: Decimal = Decimal(0)
    tags: set[str] = Field(default_factory=set)
    at: datetime | None = None
    lines: list[Line] = Field(default_factory=list)
    extra: dict[str, int] = Field(default_factory=dict)
    blob: bytes = b""
"""
_START = """
import time
begun = time.process_time()
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from pydantic import BaseModel, Field
"""
_END = """
print(time.process_time() - begun)
"""
_NESTED = """
class Line(BaseModel):
    sku: str
    price: Decimal
"""


def alone() -> str:
    """Return the program of boto3 and pydantic alone."""
    models = "".join(f"class Model{n}(BaseModel):\n    pk: str\n    sk: str{_FIELDS}" for n in range(10))
    client = "import boto3\nboto3.client('dynamodb')\n"
    return _START + _NESTED + models + client + _END


def ours() -> str:
    """Return the same program with dynamorm_py; the first request is signed and ready to send."""
    keys = "    pk: Annotated[str, PartitionKey()]\n    sk: Annotated[str, SortKey()]"
    models = "".join(f"class Model{n}(DynamoModel, table='models'):\n{keys}{_FIELDS}" for n in range(10))
    imports = "from dynamorm_py import DynamoModel, PartitionKey, Repo, SortKey\n"
    client = (
        "Repo(Model0)\nfrom dynamorm_py._transport import OwnClients\nfrom dynamorm_py._kernel.plans import Request\n"
        "lane = OwnClients(None, None, None).lanes.direct('dynamodb')\n"
        "next(lane.exchange(Request('GetItem', {'TableName': 'models', 'Key': {}})))\n"
    )
    return _START + imports + _NESTED + models + client + _END


def run(program: str, bytecode: str, *options: str, chain: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter whose bytecode is kept in a folder."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONPATH": ".", "AWS_DEFAULT_REGION": "us-east-1"}
    environment |= {"AWS_ACCESS_KEY_ID": "cold", "AWS_SECRET_ACCESS_KEY": "start"}  # as in Lambda, from the environment
    environment |= {"HOME": bytecode}  # which has no configuration file
    if chain:
        environment["AWS_SDK_UA_APP_ID"] = "cold"  # something that only botocore's chain evaluates
    command = [sys.executable, *options, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 -- our own


def main(arguments: list[str]) -> None:
    """Print the best time of each way, and how they compare."""
    with tempfile.TemporaryDirectory() as bytecode:
        if arguments == ["--modules"]:
            print(run(ours(), bytecode).stdout, run(ours(), bytecode, "-X", "importtime").stderr)
            return
        best = {"boto3 and pydantic alone": 9.0, "dynamorm_py": 9.0, "dynamorm_py, botocore's chain": 9.0}
        for turn in range(int(arguments[0]) + 1 if arguments else 11):
            for name, program in zip(best, (alone(), ours(), ours()), strict=True):
                seconds = float(run(program, bytecode, chain=name.endswith("chain")).stdout)
                best[name] = min(best[name], seconds) if turn else best[name]  # the first run compiles
    bare = best["boto3 and pydantic alone"]
    for name, seconds in best.items():
        print(f"{name:30} {seconds * 1000:6.0f} ms{seconds / bare:6.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
