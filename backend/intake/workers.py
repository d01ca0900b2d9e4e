"""Encoding of a large log in processes of its own, while this one feeds the database.

Checking and encoding is all processor time, and the interpreter uses one core per process. A worker is this module run
as a program: it reads a Task and then Cuts from its standard input and writes a Part for each, framed by their lengths.
"""

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from backend.intake import parts
from backend.intake.log_rows import LogEncoder
from backend.intake.parts import Cut, Part, Task
from backend.intake.read import Source

LARGE = 32 << 20  # bytes: below that a second process costs more than it gains
MOST = 2
AHEAD = 2  # parts that each worker is given before the first is fetched
ROOT = Path(__file__).resolve().parents[2]


async def encoded(source: Source, task: Task) -> AsyncIterator[Part]:
    """All parts of the file in its order."""
    workers = min(MOST, os.cpu_count() or 1) if source.size >= LARGE else 0
    if workers < 2:
        encoder = LogEncoder(task.members, task.today, task.first_id)
        for cut in parts.cuts(source):
            yield parts.encode(task, encoder, cut)
        return
    running = [await _start() for _ in range(workers)]
    try:
        async for part in _round_robin(running, parts.cuts(source), task):
            yield part
    finally:
        for worker in running:
            if worker.returncode is None:
                worker.kill()
            await worker.wait()


async def _start() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.intake.workers",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=8 * parts.SIZE, start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


async def _round_robin(
    workers: list[asyncio.subprocess.Process], cuts: Iterator[Cut], task: Task
) -> AsyncIterator[Part]:
    for worker in workers:
        _send(worker, msgspec.msgpack.encode(task))
    waiting: deque[asyncio.subprocess.Process] = deque()
    for n, cut in enumerate(cuts):
        if len(waiting) == AHEAD * len(workers):
            yield await _fetch(waiting.popleft())
        worker = workers[n % len(workers)]
        _send(worker, msgspec.msgpack.encode(cut))
        waiting.append(worker)
    while waiting:
        yield await _fetch(waiting.popleft())


def _send(worker: asyncio.subprocess.Process, message: bytes) -> None:
    assert worker.stdin
    worker.stdin.write(len(message).to_bytes(8, "big") + message)


async def _fetch(worker: asyncio.subprocess.Process) -> Part:
    assert worker.stdout
    length = int.from_bytes(await worker.stdout.readexactly(8), "big")
    return msgspec.msgpack.decode(await worker.stdout.readexactly(length), type=Part)


def work(given: BinaryIO, made: BinaryIO) -> None:
    """The worker's own loop, until its input ends."""
    task = msgspec.msgpack.decode(_read(given), type=Task)
    encoder = LogEncoder(task.members, task.today, task.first_id)
    while message := _read(given):
        part = msgspec.msgpack.encode(parts.encode(task, encoder, msgspec.msgpack.decode(message, type=Cut)))
        made.write(len(part).to_bytes(8, "big") + part)
        made.flush()


def _read(given: BinaryIO) -> bytes:
    return given.read(int.from_bytes(given.read(8), "big"))


if __name__ == "__main__":
    work(sys.stdin.buffer, sys.stdout.buffer)
