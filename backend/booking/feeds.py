"""Calendar feeds behind secret addresses: one per member, one per adviser."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking.called_in import LASTS
from backend.booking.ics import Entry
from backend.course import plans
from backend.db.types import new_id
from backend.i18n import N_
from backend.i18n import text as said

# Calendars that fetch seldom must still hear of a cancellation.
LOOKING_BACK = timedelta(days=30)
TALK = N_("Talk with us")


class Owner(NamedTuple):
    """Whose feed an address is: one of the two."""

    member_id: UUID | None
    staff_id: UUID | None


END = text("""
    UPDATE calendar_feed SET ended_at = :now
    WHERE ended_at IS NULL AND (member_id = CAST(:member AS uuid) OR staff_id = CAST(:staff AS uuid))
""")
ISSUE = text("""
    INSERT INTO calendar_feed (id, member_id, staff_id, token_hash, created_at)
    VALUES (:id, CAST(:member AS uuid), CAST(:staff AS uuid), :hash, :now)
""")
OWNER = text("SELECT member_id, staff_id FROM calendar_feed WHERE token_hash = :hash AND ended_at IS NULL")
SINCE = text("""
    SELECT created_at FROM calendar_feed
    WHERE ended_at IS NULL AND (member_id = CAST(:member AS uuid) OR staff_id = CAST(:staff AS uuid))
""")
# What is only held is in no calendar. What was never booked, and then let go, was in none either. A talk that members
# are called in to (no activity) is in theirs; the calendar says of it no more than that it is one.
MEMBER = text("""
    SELECT b.id, b.sequence, b.state = 'cancelled' AS cancelled, coalesce(lower(t.span), s.starts_at) AS starts_at,
        coalesce(upper(t.span), s.ends_at) AS ends_at, s.activity, s.place, b.changed_at, m.language
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id JOIN member AS m ON m.id = b.member_id
    LEFT JOIN member_time AS t ON t.booking_id = b.id
    WHERE b.member_id = :owner AND b.booked_at IS NOT NULL AND b.state <> 'expired' AND s.ends_at > :since
        AND (CAST(:only AS uuid) IS NULL OR b.id = :only)
    UNION ALL
    SELECT c.id, CASE c.state WHEN 'cancelled' THEN 1 ELSE 0 END, c.state = 'cancelled', c.talk_at,
        c.talk_at + CAST(:lasts AS interval), NULL, c.talk_place, coalesce(c.ended_at, c.decided_at), m.language
    FROM call_in AS c JOIN member AS m ON m.id = c.member_id
    WHERE c.member_id = :owner AND c.talk_at > :since AND CAST(:only AS uuid) IS NULL
    ORDER BY starts_at, id
""")
# A talk that was held for somebody and let go was never the adviser's.
STAFF = text("""
    SELECT s.id, s.sequence, s.state <> 'open' AS cancelled, s.starts_at, s.ends_at, s.activity, s.place,
        CAST(:now AS timestamptz) AS changed_at, 'da' AS language
    FROM activity_session AS s
    WHERE s.staff_id = :owner AND s.ends_at > :since AND s.state <> 'expired' AND CAST(:only AS uuid) IS NULL
        AND (s.kind <> 'talk' OR s.cancel_reason = 'moved'
            OR EXISTS (SELECT FROM booking AS b WHERE b.session_id = s.id AND b.booked_at IS NOT NULL))
    ORDER BY s.starts_at, s.id
""")


async def issue(
    session: AsyncSession, *, now: datetime, member_id: UUID | None = None, staff_id: UUID | None = None
) -> str:
    """A new secret for the feed of a member or an adviser; the old address ends. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    owner = {"member": member_id, "staff": staff_id, "now": now}
    await session.execute(END, owner)
    await session.execute(ISSUE, owner | {"id": new_id(), "hash": _hash(token)})
    return token


async def revoke(
    session: AsyncSession, *, now: datetime, member_id: UUID | None = None, staff_id: UUID | None = None
) -> None:
    """End the address; calendars that have it get nothing any more."""
    await session.execute(END, {"member": member_id, "staff": staff_id, "now": now})


async def since(session: AsyncSession, of: Owner) -> datetime | None:
    """Since when the owner has an address; None without one."""
    found: datetime | None = await session.scalar(SINCE, {"member": of.member_id, "staff": of.staff_id})
    return found


async def owner(session: AsyncSession, token: str) -> Owner | None:
    """Whose feed it is; None for an address that does not exist or has ended."""
    row = (await session.execute(OWNER, {"hash": _hash(token)})).one_or_none()
    return None if row is None else Owner(row.member_id, row.staff_id)


async def entries(session: AsyncSession, of: Owner, *, set_name: str, now: datetime) -> list[Entry]:
    """What is in the owner's calendar: all that is coming, and the last thirty days."""
    statement, one = (MEMBER, of.member_id) if of.member_id else (STAFF, of.staff_id)
    params: dict[str, object] = {"owner": one, "since": now - LOOKING_BACK, "only": None}
    return await _read(session, statement, params | ({"lasts": LASTS} if of.member_id else {"now": now}), set_name)


async def entry(
    session: AsyncSession, booking_id: UUID, member_id: UUID, *, set_name: str, now: datetime
) -> Entry | None:
    """One booking of a member; None when it is only held, or not theirs."""
    params: dict[str, object] = {"owner": member_id, "since": now - LOOKING_BACK, "only": booking_id, "lasts": LASTS}
    return next(iter(await _read(session, MEMBER, params, set_name)), None)


async def _read(session: AsyncSession, statement: TextClause, params: dict[str, object], set_name: str) -> list[Entry]:
    rows = await session.execute(statement, params)
    return [
        Entry(
            row.id, row.sequence, row.cancelled, row.starts_at, row.ends_at,
            plans.title(set_name, row.activity, row.language) if row.activity else said(row.language, TALK),
            row.place, row.changed_at,
        )
        for row in rows
    ]  # fmt: skip


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
