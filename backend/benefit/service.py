"""Benefit cards as facts: recording those that were sent, asking which are missing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.benefit import dates
from backend.benefit.errors import CardDayNotPossible
from backend.clock import local_date

# A card is known to the fund the day it comes; nobody records those of years ago.
LOOKING_BACK = timedelta(days=366)


class Sent(NamedTuple):
    """A card that came: `month` is any day of the month that it is for."""

    member_id: UUID
    month: date
    sent_on: date


RECORD = text("""
    INSERT INTO benefit_card (member_id, month, sent_on, source)
    SELECT DISTINCT ON (n.member_id, n.month) n.member_id, n.month, n.sent_on, :source
    FROM unnest(CAST(:members AS uuid[]), CAST(:months AS date[]), CAST(:days AS date[]))
         AS n (member_id, month, sent_on)
    ORDER BY n.member_id, n.month, n.sent_on
    ON CONFLICT DO NOTHING
    RETURNING member_id
""")
KNOWN = text("SELECT EXISTS (SELECT FROM benefit_card WHERE month = :month)")
# Everybody who was unemployed in the month, but those who were away from it from its first day to its last. Of a member
# without any spell here the first unemployed day is all that is known.
MISSING = text("""
    SELECT m.id FROM member AS m
    WHERE m.id = ANY(CAST(:members AS uuid[])) AND m.unemployed_from <= :last
      AND NOT EXISTS (SELECT FROM benefit_card AS b WHERE b.member_id = m.id AND b.month = :month)
      AND NOT EXISTS (SELECT FROM exemption AS e WHERE e.member_id = m.id AND e.cancelled_at IS NULL
                      AND e.type IN ('afmeldt', 'fuldtidsarbejde') AND e.from_on <= :month
                      AND (e.to_on IS NULL OR e.to_on >= :last))
      AND (NOT EXISTS (SELECT FROM spell AS s WHERE s.member_id = m.id)
           OR EXISTS (SELECT FROM spell AS s WHERE s.member_id = m.id AND s.started_on <= :last
                      AND (s.ended_on IS NULL OR s.ended_on >= :month)))
    ORDER BY m.id
""")


async def record_many(
    session: AsyncSession, cards: Sequence[Sent], *, source: Literal["import", "staff"]
) -> list[UUID]:
    """Note the cards that came; one that is known stays as it is. Returns the members of the new ones."""
    columns = {
        "members": [card.member_id for card in cards],
        "months": [dates.month_of(card.month) for card in cards],
        "days": [card.sent_on for card in cards],
        "source": source,
    }
    return list(await session.scalars(RECORD, columns)) if cards else []


async def record(session: AsyncSession, card: Sent, *, now: datetime) -> bool:
    """Note one card by hand; whether it was new. Raises CardDayNotPossible."""
    today = local_date(now)
    if not today - LOOKING_BACK <= card.sent_on <= today:
        raise CardDayNotPossible(field="sentOn")
    if not dates.month_of(card.sent_on) - LOOKING_BACK <= card.month <= card.sent_on:
        raise CardDayNotPossible(field="month")
    return bool(await record_many(session, [card], source="staff"))


async def is_known(session: AsyncSession, month: date) -> bool:
    """Whether the fund knows of any card of the month. Where it knows of none, none can be told to be missing."""
    return bool(await session.scalar(KNOWN, {"month": month}))


async def missing(session: AsyncSession, member_ids: Sequence[UUID], month: date) -> list[UUID]:
    """Those of the members who were to send the month's card and have not, as far as is known."""
    last = dates.last_day(month)
    return list(await session.scalars(MISSING, {"members": list(member_ids), "month": month, "last": last}))
