"""Chat rooms with asyncio: the same words, awaited, on moto: `make example NAME=async_rooms`."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

from in_process import aws_in_process

from dynamorm_py import Attr, ConditionFailed, Create, CreatedAt, DynamoModel, Key, PartitionKey, SortKey, fields
from dynamorm_py.aio import Leases, Repo, transact_write


class Message(DynamoModel, table="messages"):
    room: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""
    likes: int = 0
    sent: Annotated[datetime | None, CreatedAt()] = None


m = fields(Message)


async def write(messages: Repo[Message]) -> None:
    """Fill two rooms side by side, and see a number refused that is taken."""
    async with asyncio.TaskGroup() as group:
        for room in ("attic", "lobby"):
            lines = [Message(room=room, number=number, text=f"line {number}") for number in range(1, 41)]
            group.create_task(messages.batch_write(put=lines))
    try:
        await transact_write((Create(messages, Message(room="lobby", number=1)),))
    except ConditionFailed:
        print("refused: line 1 of the lobby is there already")


async def read(messages: Repo[Message]) -> None:
    """Read at once what does not depend on each other, and page by page what is long."""
    async with asyncio.TaskGroup() as group:
        first = [group.create_task(messages.get((room, 1))) for room in ("attic", "lobby")]
        liked = group.create_task(messages.update(("lobby", 2), Attr(m.likes).add(1)))
    print("at once:", [task.result().room for task in first], liked.result().likes)
    last = [message.number async for message in messages.query(Key(m.room) == "lobby", ascending=False, limit=3)]
    print("the last of the lobby:", last)


async def give_up(messages: Repo[Message]) -> None:
    """Give up after a moment: the task is cancelled, and its connection with it."""
    try:
        async with asyncio.timeout(0.05), Leases(messages).hold(("lobby", 0), seconds=30):
            await asyncio.sleep(10)
    except TimeoutError:
        print("gave up, and the lease is free again:", not await messages.exists(("lobby", 0)))


async def main() -> None:
    """Do it all with one repository, whose connections end with the block."""
    async with Repo(Message) as messages:
        await messages.table.create()
        await write(messages)
        await read(messages)
        await give_up(messages)


if __name__ == "__main__":
    with aws_in_process():
        asyncio.run(main())
