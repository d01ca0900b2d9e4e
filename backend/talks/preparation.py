"""Getting ready for a talk: the checklist before the first one, the form, and what the member wishes to talk about."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course import cv
from backend.db.types import new_id
from backend.errors import NotFound
from backend.talks import errors
from backend.talks.minutes import About

FORM_VERSION = 1
PointName = Literal["cv", "plan_draft", "form"]
# What the member can tick: that the CV lies on Jobnet, that the draft of the plan is written there.
Ticked = Literal["cv", "plan_draft"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The preparation form, in the member's words."""

    last_jobs: str
    wanted_jobs: str
    searched_so_far: str
    help_wanted: str
    practical: str

    def as_dict(self) -> dict[str, str]:
        return {name: value.strip() for name, value in asdict(self).items()}


class Point(NamedTuple):
    """One thing to have ready; `approved` where the fund has looked at it, too."""

    name: PointName
    ready: bool
    at: datetime | None
    approved: bool = False


class Preparation(NamedTuple):
    """The checklist of the spell that runs, and the form as it was filled in last."""

    points: tuple[Point, ...]
    answers: Mapping[str, str] | None

    @property
    def ready(self) -> bool:
        return all(point.ready for point in self.points)


SPELL = "SELECT id FROM spell WHERE member_id = :member AND ended_on IS NULL"
STATE = text(f"""
    SELECT p.cv_ready_at, p.plan_drafted_at, p.form_filled_at, p.answers FROM spell AS s
    LEFT JOIN preparation AS p ON p.spell_id = s.id WHERE s.id = ({SPELL})
""")  # noqa: S608 - SQL of ours
TICK = {
    "cv": "cv_ready_at = CASE WHEN :ready THEN coalesce(p.cv_ready_at, :now) END",
    "plan_draft": "plan_drafted_at = CASE WHEN :ready THEN coalesce(p.plan_drafted_at, :now) END",
}
ROW = text(f"""
    INSERT INTO preparation (spell_id, member_id, changed_at) SELECT s.id, :member, :now FROM ({SPELL}) AS s
    ON CONFLICT (spell_id) DO UPDATE SET changed_at = excluded.changed_at RETURNING spell_id
""")  # noqa: S608 - SQL of ours
FILL = text("""
    UPDATE preparation SET answers = CAST(:answers AS jsonb), form_version = :version, form_filled_at = :now
    WHERE spell_id = :spell
""")


async def of_member(session: AsyncSession, member_id: UUID) -> Preparation | None:
    """Where the member stands; None when no spell runs."""
    row = (await session.execute(STATE, {"member": member_id})).one_or_none()
    if row is None:
        return None
    found = await cv.of_member(session, member_id)
    return Preparation(points(row.cv_ready_at, row.plan_drafted_at, row.form_filled_at, found.state), row.answers)


def points(
    cv_ready_at: datetime | None, plan_drafted_at: datetime | None, form_filled_at: datetime | None, cv_state: str
) -> tuple[Point, ...]:
    """The checklist; a CV that was returned is not ready, whatever the member ticked. Pure."""
    approved = cv_state == "approved"
    ready = approved or (cv_ready_at is not None and cv_state != "returned")
    return (
        Point("cv", ready, cv_ready_at, approved),
        Point("plan_draft", plan_drafted_at is not None, plan_drafted_at),
        Point("form", form_filled_at is not None, form_filled_at),
    )


async def tick(session: AsyncSession, member_id: UUID, point: Ticked, *, ready: bool, now: datetime) -> None:
    """The member says that something is ready, or is not after all. Raises NoSpell."""
    spell_id = await _row(session, member_id, now)
    statement = f"UPDATE preparation AS p SET {TICK[point]} WHERE spell_id = :spell"  # noqa: S608 - of the table above
    await session.execute(text(statement), {"spell": spell_id, "ready": ready, "now": now})


async def fill(session: AsyncSession, member_id: UUID, answers: Answers, *, now: datetime) -> None:
    """The member fills the form in, or changes it. Raises NoSpell."""
    spell_id = await _row(session, member_id, now)
    stored = msgspec.json.encode(answers.as_dict()).decode()
    await session.execute(FILL, {"spell": spell_id, "answers": stored, "version": FORM_VERSION, "now": now})


async def _row(session: AsyncSession, member_id: UUID, now: datetime) -> UUID:
    spell_id: UUID | None = await session.scalar(ROW, {"member": member_id, "now": now})
    if spell_id is None:
        raise errors.NoSpell
    return spell_id


# Only of a talk that has not begun, and that is theirs.
SUBJECT = text("""
    SELECT s.starts_at AS at FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
    WHERE b.id = :booking AND b.member_id = :member AND b.state = 'booked' AND s.kind IN ('talk', 'joint_talk')
    UNION ALL SELECT talk_at FROM call_in WHERE id = :call_in AND member_id = :member AND state = 'approved'
""")
WISH = """
    INSERT INTO talk_wish (id, member_id, booking_id, call_in_id, wish, shared, changed_at)
    VALUES (:id, :member, CAST(:booking AS uuid), CAST(:call_in AS uuid), :wish, :shared, :now)
    ON CONFLICT ({column}) DO UPDATE SET wish = excluded.wish, shared = excluded.shared,
        changed_at = excluded.changed_at
"""
UNWISH = text("DELETE FROM talk_wish WHERE member_id = :member AND (booking_id = :booking OR call_in_id = :call_in)")
WISH_OF_BOOKING, WISH_OF_CALL_IN = text(WISH.format(column="booking_id")), text(WISH.format(column="call_in_id"))


async def wish(
    session: AsyncSession, member_id: UUID, about: About, words: str, *, shared: bool, now: datetime
) -> None:
    """What the member wants to talk about, until the talk begins; without words the wish is taken back.

    `shared` lets the jobcentre see it before a joint talk. Raises NotFound, Begun.
    """
    named = {"member": member_id, "booking": about.booking_id, "call_in": about.call_in_id}
    row = (await session.execute(SUBJECT, named)).one_or_none()
    if row is None:
        raise NotFound
    if row.at <= now:
        raise errors.Begun
    if not words.strip():
        await session.execute(UNWISH, named)
        return
    statement = WISH_OF_BOOKING if about.booking_id else WISH_OF_CALL_IN
    await session.execute(statement, named | {"id": new_id(), "wish": words.strip(), "shared": shared, "now": now})


class First(NamedTuple):
    """The first talk of a spell that a member has booked; `ready` says whether they are."""

    spell_id: UUID
    booking_id: UUID
    member_id: UUID
    starts_at: datetime
    adviser_id: UUID | None
    ready: bool


# The first talk: nothing that the law asks for was held in the spell before.
FIRST = text(f"""
    SELECT DISTINCT ON (p.id) p.id, b.id, b.member_id, s.starts_at, s.staff_id,
        (coalesce(l.verdict, '') = 'approved'
         OR r.cv_ready_at IS NOT NULL AND coalesce(l.verdict, '') <> 'returned')
        AND r.plan_drafted_at IS NOT NULL AND r.form_filled_at IS NOT NULL
    FROM activity_session AS s JOIN booking AS b ON b.session_id = s.id AND b.state = 'booked'
    JOIN member AS m ON m.id = b.member_id
    JOIN spell AS p ON p.member_id = m.id AND p.ended_on IS NULL
    LEFT JOIN preparation AS r ON r.spell_id = p.id
    LEFT JOIN LATERAL ({cv.LATEST}) AS l ON true
    WHERE s.starts_at BETWEEN :from_at AND :until AND s.kind IN ('talk', 'joint_talk') AND s.state = 'open'
      AND EXISTS (SELECT FROM booking_obligation AS x JOIN obligation AS o ON o.id = x.obligation_id
                  WHERE x.booking_id = b.id AND o.spell_id = p.id AND o.statutory)
      AND NOT EXISTS (SELECT FROM obligation AS d WHERE d.spell_id = p.id AND d.statutory AND d.state = 'done')
    ORDER BY p.id, s.starts_at, b.id
""")  # noqa: S608 - SQL of ours


async def first_talks(session: AsyncSession, from_at: datetime, until: datetime) -> Sequence[First]:
    """The first talks that begin between two instants. One statement."""
    rows: Any = await session.execute(FIRST, {"from_at": from_at, "until": until})
    return [First(*row) for row in rows]


COMING = text("SELECT CAST(id AS text) FROM booking WHERE member_id = :member AND state = 'booked'")


async def coming(session: AsyncSession, member_id: UUID) -> list[str]:
    """The keys of tasks about a member's bookings."""
    return list(await session.scalars(COMING, {"member": member_id}))
