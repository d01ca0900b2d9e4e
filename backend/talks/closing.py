"""Closing minutes: held against the law, made final, and counted for the items of the course."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import deadlines
from backend.booking.facts import EASING
from backend.clock import local_date
from backend.course import regimes
from backend.db.types import new_id
from backend.talks import errors, rules
from backend.talks.rules import Content, Frame, NewAgreement, OpenItem
from backend.talks.tables import Talk

CLOSE = text("""
    UPDATE talk SET version = version + 1, state = 'closed', closed_by = :by, closed_at = :now, changed_by = :by,
        changed_at = :now
    WHERE id = :id AND state = 'draft'
""")
FRAME = text("""
    SELECT s.regime,
        EXISTS (SELECT FROM exemption AS e WHERE e.member_id = :member AND e.type = ANY(CAST(:easing AS text[]))
                AND e.cancelled_at IS NULL AND e.from_on <= :day AND (e.to_on IS NULL OR e.to_on >= :day)) AS eased
    FROM (SELECT CAST(:day AS date) AS day) AS one
    LEFT JOIN spell AS s
        ON s.member_id = :member AND s.started_on <= :day AND (s.ended_on IS NULL OR s.ended_on >= :day)
""")
DAYS = text("""
    SELECT s.starts_at, s.starts_at AS earliest FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
    WHERE b.id = :booking
    UNION ALL SELECT talk_at, coalesce(decided_at, talk_at) FROM call_in WHERE id = :call_in
""")
ITEMS = text("""
    SELECT o.id, o.talks, o.window_from, l.booking_id IS NOT NULL AS linked
    FROM obligation AS o JOIN spell AS s ON s.id = o.spell_id
    LEFT JOIN booking_obligation AS l ON l.obligation_id = o.id AND l.booking_id = :booking
    WHERE o.member_id = :member AND o.state IN ('planned', 'booked', 'missed')
      AND (l.booking_id IS NOT NULL OR o.statutory AND s.ended_on IS NULL)
    ORDER BY o.window_from, o.id
""")


def content_of(talk: Talk) -> Content:
    """What a talk says, as its rules see it."""
    same = {name: getattr(talk, name) for name in Content._fields if name != "agreements"}
    return Content(**same, agreements=msgspec.convert(talk.agreements, list[NewAgreement], strict=False))


async def frame(session: AsyncSession, talk: Talk, *, now: datetime) -> Frame:
    """What the law and the calendar say of this talk, for the day on which it was held."""
    subject = {"booking": talk.booking_id, "call_in": talk.call_in_id}
    at = (await session.execute(DAYS, subject)).one()
    day = talk.held_on or local_date(at.starts_at)
    law = {"member": talk.member_id, "day": day, "easing": list(EASING)}
    row = (await session.execute(FRAME, law)).one()
    planned = [one.talks for one in await items(session, talk) if one.linked]
    today = local_date(now)
    days = (local_date(at.earliest), today if talk.call_in_id else min(today, local_date(at.starts_at)))
    return Frame(days, regimes.all_regimes()[row.regime] if row.regime else None, row.eased, planned)


async def items(session: AsyncSession, talk: Talk) -> list[OpenItem]:
    """The items of the course that the talk may count for: those it was booked for, and open talks of the law."""
    rows = await session.execute(ITEMS, {"member": talk.member_id, "booking": talk.booking_id})
    return [OpenItem(row.id, tuple(row.talks), row.window_from, row.linked) for row in rows]


AGREED = text("""
    INSERT INTO agreement (id, talk_id, member_id, position, owner, staff_id, what, due_on)
    SELECT n.id, :talk, :member, n.position, n.owner, n.staff_id, n.what, n.due_on
    FROM unnest(CAST(:ids AS uuid[]), CAST(:owners AS text[]), CAST(:staff AS uuid[]), CAST(:whats AS text[]),
                CAST(:due AS date[])) WITH ORDINALITY AS n (id, owner, staff_id, what, due_on, position)
    RETURNING id, owner, staff_id, due_on, what
""")
COUNT = text("""
    WITH items AS (
        UPDATE obligation SET state = 'done', done_on = :held_on
        WHERE id = ANY(CAST(:ids AS uuid[])) AND state IN ('planned', 'booked', 'missed') RETURNING id)
    UPDATE booking_deadline AS d SET state = 'met', ended_at = :now
    FROM items WHERE d.obligation_id = items.id AND d.state IN ('open', 'missed')
""")
AGAIN = text("""
    UPDATE obligation SET state = CASE WHEN due_on >= :today THEN 'planned' ELSE 'missed' END
    WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'booked' RETURNING id
""")


class Agreed(NamedTuple):
    id: UUID
    owner: str
    staff_id: UUID | None
    due_on: date
    what: str


async def close(session: AsyncSession, talk: Talk, *, version: int, by: UUID, now: datetime) -> list[Agreed]:
    """Close the minutes of a locked talk: agreements become rows, the items it counts for are done.

    Raises TalkClosed, ChangedSince, and as rules.check_closing.
    """
    if talk.state == "closed":
        raise errors.TalkClosed
    if talk.version != version:
        raise errors.ChangedSince
    content = content_of(talk)
    rules.check_closing(content, await frame(session, talk, now=now))
    await _count(session, talk, content, now)
    await session.execute(CLOSE, {"id": talk.id, "by": by, "now": now})
    return await _agree(session, talk, content.agreements, by)


async def _count(session: AsyncSession, talk: Talk, content: Content, now: datetime) -> None:
    """What it was booked for and did not count for is to be booked again."""
    assert content.held_on is not None, "checked before it closes"
    found = await items(session, talk)
    done = rules.met(found, content.types, content.held_on)
    await session.execute(COUNT, {"ids": done, "held_on": content.held_on, "now": now})
    left = [one.id for one in found if one.linked and one.id not in done]
    again = await session.scalars(AGAIN, {"ids": left, "today": local_date(now)})
    await deadlines.reopen_many(session, list(again), now=now)


async def _agree(session: AsyncSession, talk: Talk, found: Sequence[NewAgreement], by: UUID) -> list[Agreed]:
    if not found:
        return []
    columns = {
        "talk": talk.id, "member": talk.member_id, "ids": [new_id() for _ in found],
        "owners": [one.owner for one in found], "whats": [one.what.strip() for one in found],
        "staff": [(one.staff_id or by) if one.owner == "staff" else None for one in found],
        "due": [one.due_on for one in found],
    }  # fmt: skip
    return [Agreed(*row) for row in await session.execute(AGREED, columns)]
