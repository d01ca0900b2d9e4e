"""Letters of legal notices before anything is announced: made outside of any transaction, then kept once."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from backend import log
from backend.db.engine import Sessions, transaction
from backend.notices import render, service
from backend.notices.render import Pdf
from backend.notices.service import Unwritten

_log = log.get("jobs.letters")


class LettersNotMadeError(Exception):
    """Some letters could not be made; the others are kept."""


async def prepare(sessions: Sessions, message_ids: Iterable[UUID], *, fund: str, now: datetime) -> None:
    """See that every legal notice among the messages has its letter. Raises LettersNotMadeError.

    Two workers may make the same letter at a time: the same content gives the same bytes, and one of them is kept.
    """
    wanted = list(message_ids)
    if not wanted:
        return
    async with transaction(sessions) as session:
        missing = await service.unwritten(session, wanted)
    if not missing:
        return
    made = await asyncio.to_thread(_made, missing, fund)
    async with transaction(sessions) as session:
        await service.keep(session, made, now=now)
    if len(made) < len(missing):
        raise LettersNotMadeError


def _made(missing: Sequence[Unwritten], fund: str) -> dict[UUID, Pdf]:
    """The letters by notice. One that cannot be made must not keep the others back."""
    made = {}
    for one in missing:
        try:
            made[one.notice_id] = render.letter(one.notice_id, one.content, fund=fund, at=one.created_at)
        except Exception as error:
            _log.error("letter.not_made", notice_id=str(one.notice_id), error=type(error).__name__)
    return made
