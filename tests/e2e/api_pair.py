"""Two API processes on one port and one database, both of which answer."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.e2e.house import House, free_port, house

# A machine that is busy with other tests takes its time.
START_SECONDS = 120


def environment(url: str, folder: Path) -> dict[str, str]:
    """Their settings, with data and identity in a folder of their own."""
    return {
        "JOBVEJ_DATABASE_URL": url, "JOBVEJ_DATA": str(folder), "JOBVEJ_PORT": str(free_port()),
        "JOBVEJ_OIDC_PORT": str(free_port()), "JOBVEJ_LOG_FORMAT": "json", "JOBVEJ_LOG_LEVEL": "ERROR",
    }  # fmt: skip


@asynccontextmanager
async def serving(settings: Mapping[str, str], folder: Path) -> AsyncIterator[House]:
    async with house(settings, {"api": 2}, folder) as processes:
        give_up = time.monotonic() + START_SECONDS
        while not all(slot.process and _listens(slot.process.pid, settings) for slot in processes.slots):
            assert time.monotonic() < give_up, "an API process never listened"
            await asyncio.sleep(0.1)
        yield processes


def _listens(pid: int, settings: Mapping[str, str]) -> bool:
    """Whether the process itself holds a listening socket on the port: the other one holds one too."""
    with contextlib.suppress(OSError):
        links = {str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()}
        return any(f"socket:[{inode}]" in links for inode in _listening(int(settings["JOBVEJ_PORT"])))
    return False


def _listening(port: int) -> list[str]:
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [one[9] for one in lines if one[3] == "0A" and int(one[1].split(":")[1], 16) == port]
