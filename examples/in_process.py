"""AWS inside this process, for the examples: moto, and nothing that this machine is configured for."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

from moto import mock_aws


@contextmanager
def aws_in_process() -> Generator[None]:
    """Let every call of AWS inside the block go to moto: no network, no account."""
    for setting in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[setting]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_DEFAULT_REGION": "us-east-1"}
    with mock_aws():
        yield
