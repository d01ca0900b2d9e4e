"""Sending alerts on: once when they open and once when they end. Claimed, committed, sent, marked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts import words
from backend.clock import COPENHAGEN
from backend.i18n import DEFAULT, N_
from backend.i18n import text as say

# Whoever claimed and died, or reached nobody, is followed by the next after this; nobody hears of what ended long ago.
LEASE = timedelta(minutes=2)
FORGOTTEN = timedelta(days=1)
AT_ONCE = 50
TITLE = N_("Jobvej: alerts")
OPENED, ENDED = N_("Since {since}: {what}"), N_("Over at {until}: {what}")


class News(NamedTuple):
    """An alert that somebody is to hear of: that it opened or, with `ended_at`, that it is over."""

    id: UUID
    kind: str
    key: str
    params: dict[str, Any]
    opened_at: datetime
    ended_at: datetime | None


CLAIM = text("""
    UPDATE alert SET claimed_until = :until WHERE id IN (
        SELECT id FROM alert
        WHERE (told_opened_at IS NULL OR told_ended_at IS NULL)
          AND (told_opened_at IS NULL OR ended_at IS NOT NULL) AND (ended_at IS NULL OR ended_at > :since)
          AND (claimed_until IS NULL OR claimed_until <= :now)
        ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, key, params, opened_at, ended_at
""")
# Only what was said is marked: one that ended meanwhile is told of once more.
TOLD = text("""
    UPDATE alert AS a
    SET told_opened_at = coalesce(a.told_opened_at, :now), claimed_until = NULL,
        told_ended_at = CASE WHEN n.over THEN :now ELSE a.told_ended_at END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:over AS boolean[])) AS n (id, over) WHERE a.id = n.id
""")


async def claim(session: AsyncSession, *, now: datetime) -> list[News]:
    """What nobody has been told of yet, held for LEASE; the caller commits before it sends."""
    values = {"now": now, "until": now + LEASE, "since": now - FORGOTTEN, "most": AT_ONCE}
    found = [News(*row) for row in await session.execute(CLAIM, values)]
    return sorted(found, key=lambda news: news.id)


async def told(session: AsyncSession, news: Sequence[News], *, now: datetime) -> None:
    """Mark what was sent, so that it is not sent again."""
    over = [each.ended_at is not None for each in news]
    await session.execute(TOLD, {"ids": [each.id for each in news], "over": over, "now": now})


def letter(news: Sequence[News]) -> tuple[str, str]:
    """Title and body, a line each, in the fund's language. Nothing about persons. Pure."""
    return say(DEFAULT, TITLE), "\n".join(_line(each) for each in news)


def _line(each: News) -> str:
    what = words.sentence(DEFAULT, each.kind, each.key, each.params)
    if each.ended_at is None:
        return say(DEFAULT, OPENED, since=each.opened_at.astimezone(COPENHAGEN), what=what)
    return say(DEFAULT, ENDED, until=each.ended_at.astimezone(COPENHAGEN), what=what)
