"""What tests of code that stores models need: a local DynamoDB, a clock that stands still, clients that fail.

The fixtures are in `dynamorm_py.testing.plugin`, which pytest finds by itself; strategies for hypothesis in
`dynamorm_py.testing.strategies`. A name loads its module when it is first used, so pytest starts as fast as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamorm_py._kernel.lazy import lazy

if TYPE_CHECKING:
    from dynamorm_py.testing._clients import Exchange, Recorder, ScriptedClient
    from dynamorm_py.testing._clock import FrozenClock
    from dynamorm_py.testing._faults import Fail, FaultyClient, Leftovers, LostAnswer, Throttle
    from dynamorm_py.testing._local import LocalDynamoDB

__all__ = [
    "Exchange",
    "Fail",
    "FaultyClient",
    "FrozenClock",
    "Leftovers",
    "LocalDynamoDB",
    "LostAnswer",
    "Recorder",
    "ScriptedClient",
    "Throttle",
]

if not TYPE_CHECKING:  # a checker that saw it would take every misspelt name
    __getattr__ = lazy(
        __name__,
        {
            "_clients": "Exchange Recorder ScriptedClient",
            "_clock": "FrozenClock",
            "_faults": "Fail FaultyClient Leftovers LostAnswer Throttle",
            "_local": "LocalDynamoDB",
        },
    )
