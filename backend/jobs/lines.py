"""The channels out of the house: for each, how it is opened and how claimed deliveries become what it sends."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend import log
from backend.db.engine import Sessions, transaction
from backend.delivery import channels
from backend.delivery.push import open_push
from backend.delivery.types import MAX_BATCH, SMALL_BATCH, Outcome, Sender
from backend.jobs import letters, survey_links
from backend.notices import service as notices
from backend.notifications import announcements, pushes
from backend.notifications.catalogue import CATALOGUE
from backend.notifications.outbox import Claimed
from backend.notifications.sending import Channel
from backend.settings import Settings

_log = log.get("jobs.deliver")

Items = Sequence[Any]
Prepare = Callable[[Sessions, Sequence[Claimed], Settings, datetime], Awaitable[Items]]
LEGAL = frozenset(kind.id for kind in CATALOGUE if kind.klass == "L")
NOT_PREPARED = "NOT_PREPARED"  # the message could not be put into the channel's shape


@dataclass(frozen=True, slots=True)
class Line:
    """One channel: `prepare` gives one item per row, in order, for the sender; `most` rows are taken at a time."""

    channel: Channel
    open: Callable[[Settings], Sender[Any]]
    prepare: Prepare
    most: int


async def prepared(
    line: Line, sessions: Sessions, rows: Sequence[Claimed], settings: Settings, now: datetime
) -> tuple[list[Any], list[Outcome]]:
    """What is to be sent, and the outcomes of rows of which nothing could be made: they must not stop the others."""
    try:
        # On whatever channel a legal notice goes out first, its letter has its shape and its hash by then.
        await letters.prepare(sessions, _legal(rows), fund=settings.fund_name, now=now)
        return list(await line.prepare(sessions, rows, settings, now)), []
    except Exception as error:
        _log.error("deliver.not_prepared", channel=line.channel, error=type(error).__name__, size=len(rows))
        if len(rows) == 1:
            return [], [Outcome(rows[0].id, "retry", error_code=NOT_PREPARED)]
    halves = (rows[: len(rows) // 2], rows[len(rows) // 2 :])
    found = [await prepared(line, sessions, half, settings, now) for half in halves]
    return [item for items, _ in found for item in items], [one for _, failed in found for one in failed]


async def _pushes(sessions: Sessions, rows: Sequence[Claimed], settings: Settings, now: datetime) -> Items:
    del sessions
    return pushes.build(rows, fund=settings.fund_name, now=now)


async def _announcements(sessions: Sessions, rows: Sequence[Claimed], settings: Settings, now: datetime) -> Items:
    async with transaction(sessions) as session:
        items = await announcements.build(session, rows, fund=settings.fund_name)
        return await survey_links.added(session, rows, items, base=settings.public_url, now=now)


async def _letters(sessions: Sessions, rows: Sequence[Claimed], settings: Settings, now: datetime) -> Items:
    del now
    async with transaction(sessions) as session:
        pdfs = await notices.letters(session, [row.message_id for row in rows])
        return await announcements.letters(session, rows, pdfs, fund=settings.fund_name)


def _legal(rows: Sequence[Claimed]) -> list[UUID]:
    return [row.message_id for row in rows if row.key in LEGAL]


PUSH = Line("push", open_push, _pushes, MAX_BATCH)
LINES: tuple[Line, ...] = (
    PUSH,
    Line("sms", channels.open_sms, _announcements, SMALL_BATCH),
    Line("email", channels.open_email, _announcements, SMALL_BATCH),
    Line("mailbox", channels.open_mailbox, _letters, SMALL_BATCH),
    Line("paper", channels.open_paper, _letters, SMALL_BATCH),
)
