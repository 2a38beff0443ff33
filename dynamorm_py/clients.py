"""The seam between operations and the network: what a client of your own gets, and what it answers.

`Repo(User, client=...)` takes any object with the method of `Transport`: it may perform requests in its own way, or
wrap another client and watch, delay or change what passes.
"""

from __future__ import annotations

from dynamorm_py._kernel.plans import Request, Sleep, Transport
from dynamorm_py._kernel.response import Response
from dynamorm_py._transport import observed

__all__ = ["Request", "Response", "Sleep", "Transport", "observed"]
