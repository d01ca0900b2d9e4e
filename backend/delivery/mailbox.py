"""The secure mailbox, as a port: by default a folder that the fund's own mail solution collects from."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from backend import log
from backend.delivery import folders
from backend.delivery.types import Letter, LetterSender, Outcome

_log = log.get("delivery")
STORE_FAILED = "STORE_FAILED"  # the folder cannot be written


def open_mailbox(folder: Path) -> LetterSender:
    """The mailbox in a folder: one folder per delivery, by its id."""
    return MailboxFolder(folder)


class MailboxFolder:
    """Letters lie in `folder`/delivery id; the receipt tells since when. Made by `open_mailbox`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, batch: Sequence[Letter], now: datetime) -> list[Outcome]:
        """One outcome per letter, in order; a letter that lies there already keeps its instant."""
        return await asyncio.to_thread(lambda: [self._put(letter, now) for letter in batch])

    async def close(self) -> None:
        """Nothing is held open."""

    def _put(self, letter: Letter, now: datetime) -> Outcome:
        try:
            at = folders.put(self._folder, str(letter.delivery_id), contents(letter), envelope(letter), now)
        except OSError as error:
            _log.error("mailbox.not_written", error=type(error).__name__)
            return Outcome(letter.delivery_id, "retry", error_code=STORE_FAILED)
        return Outcome(letter.delivery_id, "sent", provider_id=f"mailbox/{letter.delivery_id}", at=at)


def contents(letter: Letter) -> dict[str, bytes]:
    """The files of a letter: its text, and the letter itself where there is one."""
    text = {"message.txt": f"{letter.title}\n\n{letter.body}\n".encode()}
    return text if letter.pdf is None else text | {"letter.pdf": letter.pdf}


def envelope(letter: Letter) -> dict[str, object]:
    """Whom a letter is for, by the fund's own number."""
    return {"message": str(letter.message_id), "member_no": letter.member_no, "language": letter.language}
