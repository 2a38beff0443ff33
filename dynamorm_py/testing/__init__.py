"""What tests of code that stores models need: a real DynamoDB Local."""

from __future__ import annotations

from dynamorm_py.testing._local import DynamoDBLocal, local_endpoint

__all__ = ["DynamoDBLocal", "local_endpoint"]
