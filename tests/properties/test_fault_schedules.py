"""Thousands of schedules of faults: what is reported is what is true, nothing lost and nothing done twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dynamorm_py import (
    Attr,
    BatchIncomplete,
    Delete,
    DynamoModel,
    DynamormError,
    PartitionKey,
    Put,
    Repo,
    Update,
    fields,
)
from dynamorm_py._operations import (
    FoundItems,
    WriteBatch,
    batch_get,
    batch_write,
    prepare_batch_get,
    prepare_transact_write,
    transact_write,
)
from dynamorm_py._runtime.run import run
from dynamorm_py._runtime.run_async import run_async
from tests.support.faulty import FAULTS, Faulty, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynamorm_py._kernel.plans import Plan, Request
    from tests.support.faulty import Fault

_ABSENT = None
_NAMES = [f"k{number}" for number in range(60)]


class Counter(DynamoModel, table="counters"):
    pk: Annotated[str, PartitionKey()]
    value: int = 0


class Tally(DynamoModel, table="tallies"):
    pk: Annotated[str, PartitionKey()]
    value: int = 0


schedules = st.lists(st.sampled_from(FAULTS), max_size=12)
names = st.sampled_from(_NAMES)
writes = st.lists(st.tuples(st.booleans(), names, st.one_of(st.none(), st.integers(0, 9))), max_size=90)


class Schedules(RuleBasedStateMachine):
    """`possible` has every state an item may be in, by what the library said: one, unless it said unknown."""

    def __init__(self) -> None:
        super().__init__()
        self.truth = Truth()
        self.transport = Faulty(self.truth)
        self.counters, self.tallies = (Repo(model, client=self.transport) for model in (Counter, Tally))
        self.possible: dict[tuple[str, str], set[int | None]] = {}

    @rule(
        chosen=writes,
        schedule=schedules,
        retries=st.integers(0, 5),
        concurrency=st.integers(1, 3),
        stream=st.booleans(),
    )
    def write_a_batch(
        self,
        chosen: list[tuple[bool, str, int | None]],
        schedule: list[Fault],
        retries: int,
        concurrency: int,
        stream: bool,  # noqa: FBT001 -- hypothesis passes by name
    ) -> None:
        values = [self._write(*each) for each in chosen]
        batch = WriteBatch(_now(self.counters), retries=retries, concurrency=concurrency, keep_done=not stream)
        supply = iter(values)
        plan = batch_write(batch, supply if stream else values, whole=not stream)
        try:
            assert self._run(plan, schedule) <= len(values)
        except BatchIncomplete as error:
            self._account(error, values, list(supply))
        else:
            for each in values:
                self.possible[_place(each)] = {_value(each)}

    @rule(
        asked=st.lists(names, max_size=250),
        schedule=schedules,
        retries=st.integers(0, 5),
        concurrency=st.integers(1, 3),
    )
    def read_a_batch(self, asked: list[str], schedule: list[Fault], retries: int, concurrency: int) -> None:
        table = self.counters.__dynamorm_context__.table
        batch = prepare_batch_get(table, asked, table.codec, consistent=False)
        plan = batch_get(batch, retries=retries, concurrency=concurrency, progress=None)
        distinct = list(dict.fromkeys(asked))
        stored = {name: self.truth.items.get(("counters", name)) for name in distinct}
        try:
            found = self._run(plan, schedule)
        except BatchIncomplete as error:
            done = [item for item in error.done if isinstance(item, Counter)]
            found = FoundItems(done, [n for n in distinct if stored[n] is None and n not in error.left])
            distinct = [name for name in distinct if name not in error.left]
        assert [item.pk for item in found] == [name for name in distinct if stored[name] is not None]
        assert [{"N": str(item.value)} for item in found] == [
            self.truth.items["counters", i.pk]["value"] for i in found
        ]
        assert found.missing == [name for name in distinct if stored[name] is None]

    @rule(
        adds=st.dictionaries(names, st.integers(1, 9), min_size=1, max_size=5),
        schedule=schedules,
        retries=st.integers(0, 5),
    )
    def transact(self, adds: dict[str, int], schedule: list[Fault], retries: int) -> None:
        value = Attr(fields(Tally).value)
        updates = [Update(self.tallies, name, value.add(more)) for name, more in adds.items()]
        transaction = prepare_transact_write(updates, f"token-{len(self.transport.asked)}")
        try:
            self._run(transact_write(transaction, retries), schedule)
        except DynamormError as error:
            applied = {False} if error.outcome == "not applied" else {True, False}
        else:
            applied = {True}
        for name, more in adds.items():
            before = self.possible.get(("tallies", name), {_ABSENT})
            after = {(state or 0) + more for state in before} if True in applied else set[int | None]()
            self.possible[("tallies", name)] = after | (before if False in applied else set())

    @invariant()
    def what_was_said_is_true(self) -> None:
        for place, states in self.possible.items():
            item = self.truth.items.get(place)
            state = _ABSENT if item is None else int(item["value"]["N"])
            assert state in states
            self.possible[place] = {state}

    def teardown(self) -> None:
        """Hold at the end too that nothing is there of which nothing was said."""
        assert self.truth.items.keys() <= self.possible.keys()

    def _run(self, plan: Plan[Any], schedule: Sequence[Fault]) -> Any:  # noqa: ANN401 -- any plan's result
        self.transport.script = iter(schedule)
        return run(self.transport, plan, sleep=lambda _: None)

    def _write(self, tally: bool, name: str, value: int | None) -> Put[Any] | Delete[Any]:  # noqa: FBT001 -- a choice
        if tally:
            return Put(self.tallies, Tally(pk=name, value=value)) if value is not None else Delete(self.tallies, name)
        return Put(self.counters, Counter(pk=name, value=value)) if value is not None else Delete(self.counters, name)

    def _account(self, error: BatchIncomplete, given: Sequence[Any], unread: Sequence[Any]) -> None:
        """Take the error at its word, and check that it speaks of every item."""
        told = {_place(each) for each in [*error.done, *error.left, *error.unknown]}
        whole = error.done_count == len(error.done)
        assert not whole or told | {_place(each) for each in unread} == {_place(each) for each in given}
        for each in given[: len(given) - len(unread)] if not whole else ():
            # Of a stream the error holds the end only. What came before is written, or was replaced in the end.
            place = _place(each)
            self.possible[place] = {_value(each)} | (self.possible.get(place, {_ABSENT}) if place in told else set())
        for each in error.done:
            self.possible[_place(each)] = {_value(each)}
        for each in error.unknown:
            self.possible[_place(each)] = self.possible.get(_place(each), {_ABSENT}) | {_value(each)}


def _place(write: Any) -> tuple[str, str]:  # noqa: ANN401 -- a Put or Delete
    key = write.key if hasattr(write, "key") else write.item.pk
    return write.context.table.name, key


def _value(write: Any) -> int | None:  # noqa: ANN401 -- a Put or Delete
    return write.item.value if hasattr(write, "item") else _ABSENT


def _now(repo: Repo[Any]) -> Any:  # noqa: ANN401 -- a datetime
    return repo.__dynamorm_context__.clock()


class AwaitedSchedules(Schedules):
    """The same over the asynchronous executor, with a client that is awaited."""

    def __init__(self) -> None:
        super().__init__()
        self.transport = AwaitedFaulty(self.truth)

    def _run(self, plan: Plan[Any], schedule: Sequence[Fault]) -> Any:  # noqa: ANN401 -- any plan's result
        self.transport.script = iter(schedule)
        return asyncio.run(run_async(self.transport, plan, sleep=lambda _: asyncio.sleep(0)))


class AwaitedFaulty(Faulty):
    """Fails as told, in the loop; others go on in between."""

    async def ask(self, request: Request, /) -> Mapping[str, Any] | bytes:
        await asyncio.sleep(0)
        return self.call(request)


TestSchedules = Schedules.TestCase
TestSchedules.settings = settings(max_examples=60, stateful_step_count=40)
TestAwaitedSchedules = AwaitedSchedules.TestCase
TestAwaitedSchedules.settings = settings(max_examples=30, stateful_step_count=40)
