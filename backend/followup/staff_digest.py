"""What has come since the last working morning, for those who follow up: counts by branch, by e-mail, once a day."""

from datetime import date, datetime, time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.clock import local_date, local_time
from backend.notifications.staff_texts import FOLLOW_UP, UNREAD

MORNING = time(8)
# Who works at a branch's members, and who at the queue of all.
BRANCH, CENTRE = ("adviser", "job_consultant"), "contact_centre"


async def write(session: AsyncSession, *, now: datetime) -> int:
    """The notices of the morning to whom they concern; how many were new. One statement; repeated, none is new."""
    day = local_date(now)
    values = {"day": day, "since": _morning_before(day), "until": local_time(day, MORNING), "now": now}
    keys = {"follow_up": FOLLOW_UP.id, "unread": UNREAD.id, "branch": list(BRANCH), "centre": CENTRE}
    return len((await session.execute(_WRITE, values | keys)).all())


def _morning_before(day: date) -> datetime:
    before = day - calendar.DAY
    while not calendar.is_working_day(before):
        before -= calendar.DAY
    return local_time(before, MORNING)


# A new letter that is unread counts until it is rung about; calls of the contact centre are everybody's there.
_WRITE = text("""
WITH calls AS (
    SELECT m.branch_id, c.queue, count(*) AS n FROM service_call c JOIN member m ON m.id = c.member_id
    WHERE c.state IN ('open', 'claimed') AND c.opened_at >= :since AND c.opened_at < :until GROUP BY 1, 2
), own AS (
    SELECT branch_id, sum(n) AS n FROM calls WHERE queue = 'branch' GROUP BY 1
), call_ins AS (
    SELECT m.branch_id, count(*) AS n FROM call_in c JOIN member m ON m.id = c.member_id
    WHERE c.state = 'proposed' AND c.proposed_at >= :since AND c.proposed_at < :until GROUP BY 1
), unread AS (
    SELECT m.branch_id, count(*) AS n FROM task t JOIN member m ON m.id = t.member_id
    WHERE t.kind = 'unread_notice' AND t.state IN ('open', 'claimed') AND t.opened_at < :until GROUP BY 1
), notice AS (
    SELECT s.id, CAST(:follow_up AS text) AS key,
        jsonb_build_object('calls', coalesce(own.n, 0), 'call_ins', coalesce(call_ins.n, 0)) AS params
    FROM staff s LEFT JOIN own USING (branch_id) LEFT JOIN call_ins USING (branch_id)
    WHERE s.role = ANY(:branch) AND s.email <> '' AND coalesce(own.n, call_ins.n) IS NOT NULL
    UNION ALL
    SELECT s.id, :follow_up, jsonb_build_object('calls', queue.n, 'call_ins', 0)
    FROM staff s CROSS JOIN (SELECT sum(n) AS n FROM calls WHERE queue = 'contact_centre') queue
    WHERE s.role = :centre AND s.email <> '' AND queue.n > 0
    UNION ALL
    SELECT s.id, :unread, jsonb_build_object('n', unread.n) FROM staff s JOIN unread USING (branch_id)
    WHERE s.role = ANY(:branch) AND s.email <> ''
)
INSERT INTO staff_notice (id, staff_id, key, day, params, created_at)
SELECT gen_random_uuid(), id, key, :day, params, :now FROM notice ORDER BY id, key
ON CONFLICT DO NOTHING
RETURNING 1
""")
