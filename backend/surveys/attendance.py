"""Taking note of an activity that a member took part in: the only thing that can lead to a survey."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db.types import new_id
from backend.surveys import catalogue
from backend.surveys.rules import Series


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttendance:
    """A member and an activity. `touchpoint` is T1 to T6 or an organiser's own survey.

    `occasion` names the activity, so that registering it twice asks once. `branch_id` is the branch that held it, None
    for the job team. `series_key` is the series, or the adviser for talks; `event_key` the event, or the adviser again.
    `colour` is the smiley at the time: kept only where the survey is split by it.
    """

    member_id: UUID
    touchpoint: str
    occasion: str
    branch_id: UUID | None
    series_key: str
    event_key: str
    ended_at: datetime
    attended: bool
    compulsory: bool
    series: Series = "single"
    colour: str = ""


def quarter(instant: datetime) -> date:
    """The first day of the quarter, in Denmark."""
    day = clock.local_date(instant)
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


async def record(session: AsyncSession, items: Sequence[NewAttendance], *, now: datetime) -> int:
    """Take note of the activities that were attended; how many are to be decided about that were not, or otherwise.

    Those who stayed away are never asked. Who was withdrawn and turns out to have been there after all is noted again,
    to be asked or to have a reason. An occasion is asked about with one survey: with another that was chosen since only
    while nothing was decided.
    """
    there = [item for item in items if item.attended]
    if not there:
        return 0
    forms = (await catalogue.in_force(session, clock.local_date(now))).forms
    split = {key for key, form in forms.items() if form.split_by_colour}
    stored = await session.execute(_RECORD, _columns(there, split) | {"now": now})
    return len(stored.all())


async def withdraw(session: AsyncSession, occasions: Sequence[str], *, now: datetime) -> int:
    """Somebody was not there after all: it is not asked about (any more) nor counted; how many activities that were.

    An invitation that was not answered yet is over: no reminder, no message still under way. An answer stays.
    """
    return len((await session.execute(_WITHDRAW, {"occasions": list(occasions), "now": now})).all())


def _columns(items: Sequence[NewAttendance], split: set[str]) -> dict[str, object]:
    return {
        "ids": [new_id() for _ in items],
        "members": [item.member_id for item in items],
        "touchpoints": [item.touchpoint for item in items],
        "occasions": [item.occasion for item in items],
        "quarters": [quarter(item.ended_at) for item in items],
        "branches": [item.branch_id for item in items],
        "series_keys": [item.series_key for item in items],
        "event_keys": [item.event_key for item in items],
        "series": [item.series for item in items],
        "compulsory": [item.compulsory for item in items],
        "colours": [item.colour if item.touchpoint in split else "" for item in items],
        "ended": [item.ended_at for item in items],
    }


_RECORD = text("""
INSERT INTO survey_attendance (id, member_id, touchpoint, occasion, quarter, branch_id, series_key, event_key, series,
    compulsory, colour, ended_at, recorded_at)
SELECT a.*, :now FROM unnest(
    CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:touchpoints AS text[]), CAST(:occasions AS text[]),
    CAST(:quarters AS date[]), CAST(:branches AS uuid[]), CAST(:series_keys AS text[]), CAST(:event_keys AS text[]),
    CAST(:series AS text[]), CAST(:compulsory AS boolean[]), CAST(:colours AS text[]), CAST(:ended AS timestamptz[])
) AS a
ON CONFLICT (member_id, occasion) DO UPDATE SET state = 'waiting', reason = NULL, decided_at = NULL,
    touchpoint = excluded.touchpoint, colour = excluded.colour
WHERE survey_attendance.reason = 'not_there'
    OR survey_attendance.state = 'waiting' AND survey_attendance.touchpoint <> excluded.touchpoint
RETURNING id
""")
_WITHDRAW = text("""
WITH asked AS (
    UPDATE survey_invitation i SET expires_at = :now FROM survey_attendance a
    WHERE a.id = i.attendance_id AND a.occasion = ANY(:occasions) AND i.answered_at IS NULL AND i.expires_at > :now
    RETURNING i.attendance_id
)
UPDATE survey_attendance SET state = 'skipped', reason = 'not_there', decided_at = :now
WHERE occasion = ANY(:occasions)
    AND (state = 'waiting' OR state = 'invited' AND id IN (SELECT attendance_id FROM asked)) RETURNING id
""")
