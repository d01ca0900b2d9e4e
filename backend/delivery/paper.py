"""Paper, as a port: by default a folder that a print house collects from, a letter with its address slip each."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from backend import log
from backend.delivery import folders
from backend.delivery.mailbox import STORE_FAILED, contents, envelope
from backend.delivery.types import Letter, LetterSender, Outcome

_log = log.get("delivery")


def open_paper(folder: Path) -> LetterSender:
    """The print house's tray: one folder per delivery, by its id."""
    return PrintTray(folder)


class PrintTray:
    """Letters to be printed lie in `folder`/delivery id. Made by `open_paper`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, batch: Sequence[Letter], now: datetime) -> list[Outcome]:
        """One outcome per letter, in order. Sent means handed over to be printed; a repeat hands over nothing."""
        return await asyncio.to_thread(lambda: [self._put(letter, now) for letter in batch])

    async def close(self) -> None:
        """Nothing is held open."""

    def _put(self, letter: Letter, now: datetime) -> Outcome:
        files = contents(letter) | {"address.txt": slip(letter).encode()}
        try:
            at = folders.put(self._folder, str(letter.delivery_id), files, envelope(letter), now)
        except OSError as error:
            _log.error("paper.not_written", error=type(error).__name__)
            return Outcome(letter.delivery_id, "retry", error_code=STORE_FAILED)
        return Outcome(letter.delivery_id, "sent", provider_id=f"paper/{letter.delivery_id}", at=at)


def slip(letter: Letter) -> str:
    """Name and member number. The street address is looked up by the print house in the fund's own register, so that a
    protected address lies in one place only.
    """
    return f"{letter.name}\n{letter.member_no}\n"
