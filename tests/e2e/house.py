"""Real processes of the program, killed without warning and started again."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
STOP_SECONDS = 60
# Done, or ended by the signal itself: the web server raises it again when it has finished, and so does a process that
# was told to stop while it started.
STOPPED = (0, -signal.SIGTERM, 128 + signal.SIGTERM)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class Slot:
    """One place for a process of a role; there is always somebody in it, until the house is closed."""

    role: str
    environment: Mapping[str, str]
    log: Path
    closing: asyncio.Event
    deaths: Counter[str]
    process: asyncio.subprocess.Process | None = field(default=None, init=False)
    asked: bool = field(default=False, init=False)
    since: float = field(default=0.0, init=False)

    async def keep(self) -> None:
        """A process that ends by itself is counted under its role and started again."""
        while not self.closing.is_set():
            self.asked, self.since = False, time.monotonic()
            with self.log.open("ab") as log:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "backend.cli", self.role, cwd=PROJECT, env=self.environment, stderr=log
                )
            code = await self.process.wait()
            if not self.asked:
                self.deaths[f"{self.role} ended by itself with {code}"] += 1
                await asyncio.sleep(0.5)

    def kill(self) -> bool:
        """kill -9; false when there was nobody to kill."""
        if self.process is None or self.process.returncode is not None:
            return False
        self.asked = True
        self.process.send_signal(signal.SIGKILL)
        return True


@dataclass
class House:
    """The processes of a run: `slots` by role, and what died by itself."""

    slots: list[Slot]
    deaths: Counter[str]

    def settled(self, role: str, seconds: float) -> list[Slot]:
        """The processes of a role that have lived so long."""
        old = time.monotonic() - seconds
        return [slot for slot in self.slots if slot.role == role and slot.since < old]


@contextlib.asynccontextmanager
async def house(
    environment: Mapping[str, str],
    roles: Mapping[str, int],
    folder: Path,
    own: Callable[[str], Mapping[str, str]] = lambda _name: {},
) -> AsyncIterator[House]:
    """Start so many of each role; at the end stop them with SIGTERM and see that each stops cleanly.

    `own` is what the environment of one place has besides, by its name (`worker-0`).
    """
    closing, deaths = asyncio.Event(), Counter[str]()
    whole = os.environ | environment
    names = [(role, f"{role}-{number}") for role, many in roles.items() for number in range(many)]
    slots = [Slot(role, whole | dict(own(name)), folder / f"{name}.log", closing, deaths) for role, name in names]
    keepers = [asyncio.create_task(slot.keep()) for slot in slots]
    try:
        yield House(slots, deaths)
        await _stop(slots, closing, signal.SIGTERM)
        await asyncio.wait_for(asyncio.gather(*keepers), STOP_SECONDS)
        for slot in slots:
            assert slot.process
            assert slot.process.returncode in STOPPED, f"{slot.role} did not stop cleanly: {slot.process.returncode}"
    finally:
        await _stop(slots, closing, signal.SIGKILL)
        await asyncio.gather(*keepers, return_exceptions=True)


async def _stop(slots: list[Slot], closing: asyncio.Event, how: signal.Signals) -> None:
    closing.set()
    for slot in slots:
        if slot.process and slot.process.returncode is None:
            slot.asked = True
            slot.process.send_signal(how)
