"""Run a command with DYNAMODB_ENDPOINT naming a local DynamoDB: with_backend.py ministack make test."""

from __future__ import annotations

import os
import subprocess
import sys

from dynamorm_py.testing import LocalDynamoDB


def main(backend: str, *command: str) -> int:
    """Return the command's exit code."""
    with LocalDynamoDB(backend) as local:
        environment = {**os.environ, "DYNAMODB_ENDPOINT": local.endpoint}
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 -- the caller's own


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
