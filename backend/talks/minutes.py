"""Minutes of a talk: opened as a draft, saved as often as wanted; once closed (closing.py) only corrected beside."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import NotFound
from backend.talks import errors
from backend.talks.rules import Content
from backend.talks.tables import Talk, TalkCorrection


class About(NamedTuple):
    """What the talk is: one of the two."""

    booking_id: UUID | None = None
    call_in_id: UUID | None = None


# What is known of a talk before anybody writes: its day, how it was to be held, and what it was booked for.
SUBJECT = text("""
    SELECT b.member_id, s.starts_at AS at, s.form,
        coalesce((SELECT array_agg(DISTINCT t.talk ORDER BY t.talk) FROM booking_obligation AS l
                  JOIN obligation AS o ON o.id = l.obligation_id CROSS JOIN unnest(o.talks) AS t (talk)
                  WHERE l.booking_id = b.id), '{}') AS types
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
    WHERE b.id = :booking AND b.member_id = :member AND s.kind IN ('talk', 'joint_talk')
      AND b.state IN ('booked', 'attended')
    UNION ALL
    SELECT member_id, talk_at, 'personal', '{}' FROM call_in
    WHERE id = :call_in AND member_id = :member AND state IN ('approved', 'held')
""")
OPEN = text("""
    INSERT INTO talk (id, member_id, booking_id, call_in_id, form, types, held_on, created_by, created_at, changed_by,
        changed_at)
    VALUES (:id, :member, CAST(:booking AS uuid), CAST(:call_in AS uuid), :form, CAST(:types AS text[]),
        CAST(:held_on AS date), :by, :now, :by, :now)
    ON CONFLICT DO NOTHING
""")
SAVE = text("""
    UPDATE talk SET version = version + 1, minutes = :minutes, held_on = CAST(:held_on AS date),
        form = CAST(:form AS text), types = CAST(:types AS text[]), chair = :chair,
        agreements = CAST(:agreements AS jsonb), changed_by = :by, changed_at = :now
    WHERE id = :id AND state = 'draft' AND version = :version
    RETURNING version
""")


async def open_draft(session: AsyncSession, member_id: UUID, about: About, *, by: UUID, now: datetime) -> UUID:
    """The draft of a talk, begun with what is known of it; the one that there is when somebody began before.

    Raises NotFound for what is no talk of this member that took or takes place.
    """
    named = {"booking": about.booking_id, "call_in": about.call_in_id, "member": member_id}
    row = (await session.execute(SUBJECT, named)).one_or_none()
    if row is None:
        raise NotFound
    values = {"id": new_id(), "form": row.form, "types": row.types, "held_on": local_date(row.at)}
    await session.execute(OPEN, named | values | {"by": by, "now": now})
    same = Talk.booking_id == about.booking_id if about.booking_id else Talk.call_in_id == about.call_in_id
    return (await session.scalars(select(Talk.id).where(same))).one()


async def save(session: AsyncSession, talk_id: UUID, content: Content, *, version: int, by: UUID, now: datetime) -> int:
    """Keep what was written so far; the new version. Raises NotFound, TalkClosed, ChangedSince."""
    values = {
        "id": talk_id, "version": version, "by": by, "now": now, "minutes": content.minutes,
        "held_on": content.held_on, "form": content.form, "types": list(content.types), "chair": content.chair,
        "agreements": msgspec.json.encode(list(content.agreements)).decode(),
    }  # fmt: skip
    saved: int | None = await session.scalar(SAVE, values)
    if saved is None:
        raise await _why_not(session, talk_id)
    return saved


async def _why_not(session: AsyncSession, talk_id: UUID) -> Exception:
    state = await session.scalar(select(Talk.state).where(Talk.id == talk_id))
    if state is None:
        return NotFound()
    return errors.TalkClosed() if state == "closed" else errors.ChangedSince()


async def locked(session: AsyncSession, talk_id: UUID) -> Talk:
    """The talk as it is now, and nobody else changes it until this transaction ends. Raises NotFound."""
    statement = select(Talk).where(Talk.id == talk_id).with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def correct(session: AsyncSession, talk_id: UUID, correction: str, *, by: UUID, now: datetime) -> UUID:
    """Put something right beside closed minutes; its id. Raises NotFound, TalkOpen, MinutesNeeded."""
    state = await session.scalar(select(Talk.state).where(Talk.id == talk_id))
    if state is None:
        raise NotFound
    if state != "closed":
        raise errors.TalkOpen
    if not correction.strip():
        raise errors.MinutesNeeded(field="correction")
    correction_id = new_id()
    values = {"id": correction_id, "talk_id": talk_id, "correction": correction.strip(), "staff_id": by, "at": now}
    await session.execute(insert(TalkCorrection).values(values))
    return correction_id
