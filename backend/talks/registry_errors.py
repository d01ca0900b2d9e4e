"""What went wrong with the shared registry: reports it refused, what it holds otherwise than we sent it, strays.

A person sends a report again or gives it up with a reason; an alert stands while there is anything to look at.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts import service as alerts
from backend.alerts.service import NewAlert
from backend.delivery.registry import Held, digest
from backend.talks import errors, registry

ALERT, ALERT_KEY = "registry_errors", "dfdg"
MISSING, DIFFERENT = "MISSING", "DIFFERENT"
# What was sent so short a while ago may not show in the registry's list yet.
SETTLES = timedelta(hours=1)

RETRY = text("""
    UPDATE registry_report SET state = 'waiting', attempts = 0, due_at = :now, claimed_until = NULL
    WHERE id = :id AND state = 'failed' RETURNING id
""")
GIVE_UP = text("""
    UPDATE registry_report SET state = 'given_up', ended_by = :by, reason = :reason
    WHERE id = :id AND state = 'failed' RETURNING id
""")


async def retry(session: AsyncSession, report_id: UUID, *, now: datetime) -> None:
    """Send a failed report once more. Raises ReportSettled."""
    if await session.scalar(RETRY, {"id": report_id, "now": now}) is None:
        raise errors.ReportSettled
    await alert(session, now=now)


async def give_up(session: AsyncSession, report_id: UUID, *, by: UUID, reason: str, now: datetime) -> None:
    """Let a failed report be, and say why; the member's later ones go out. Raises ReasonNeeded, ReportSettled."""
    if not reason.strip():
        raise errors.ReasonNeeded(field="reason")
    values = {"id": report_id, "by": by, "reason": reason.strip()}
    if await session.scalar(GIVE_UP, values) is None:
        raise errors.ReportSettled
    await alert(session, now=now)


COUNT = text("""
    SELECT (SELECT count(*) FROM registry_report WHERE state = 'failed')
         + (SELECT count(*) FROM registry_stray WHERE gone_at IS NULL)
""")


async def alert(session: AsyncSession, *, now: datetime) -> int:
    """Let those who answer for it know of errors, or that there are none; how many there are."""
    count = int(await session.scalar(COUNT) or 0)
    found = [NewAlert(ALERT, ALERT_KEY, {"n": count})] if count else []
    await alerts.raise_many(session, found, now=now)
    await alerts.end_missing(session, ALERT, [ALERT_KEY] if count else [], now=now)
    return count


SENT = text("""
    SELECT id, kind, payload, state FROM registry_report
    WHERE sent_at >= :since AND sent_at <= :until AND (state = 'sent' OR error_code IN ('MISSING', 'DIFFERENT'))
""")
OURS = text("SELECT CAST(id AS text) FROM registry_report WHERE CAST(id AS text) = ANY(CAST(:ids AS text[]))")
DIFFERS = text("""
    UPDATE registry_report AS r
    SET state = CASE WHEN n.code IS NULL THEN 'sent' ELSE 'failed' END, error_code = n.code
    FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[])) AS n (id, code)
    WHERE r.id = n.id AND r.state IN ('sent', 'failed') AND r.error_code IS DISTINCT FROM n.code
    RETURNING r.id
""")
STRAY = text("""
    WITH gone AS (
        UPDATE registry_stray SET gone_at = :now
        WHERE gone_at IS NULL AND found_at >= :since AND report_no <> ALL(CAST(:nos AS text[])))
    INSERT INTO registry_stray (report_no, found_at) SELECT unnest(CAST(:nos AS text[])), :now
    ON CONFLICT (report_no) DO UPDATE SET gone_at = NULL
""")


async def reconcile(session: AsyncSession, held: Sequence[Held], *, since: datetime, now: datetime) -> int:
    """Compare what the registry received since then with what was sent; how many differences stand.

    What is missing there, or reads otherwise, is a failed report; what we never sent is a stray.
    """
    there = {one.report_no: one.digest for one in held}
    window = {"since": since + SETTLES, "until": now - SETTLES}
    codes = {row.id: _compare(row, there) for row in await session.execute(SENT, window)}
    await session.execute(DIFFERS, {"ids": list(codes), "codes": list(codes.values())})
    ours = set(await session.scalars(OURS, {"ids": list(there)}))
    await session.execute(STRAY, {"nos": sorted(there.keys() - ours), "since": since, "now": now})
    return await alert(session, now=now)


def _compare(row: Row[Any], there: dict[str, str]) -> str | None:
    found = there.get(str(row.id))
    if found is None:
        return MISSING
    return None if found == digest(registry.content(row.kind, row.payload)) else DIFFERENT


class Trouble(NamedTuple):
    """A report that a person must look at."""

    id: UUID
    seq: int
    member_id: UUID
    member_no: str
    kind: str
    subject_id: UUID
    error_code: str
    attempts: int
    created_at: datetime
    waiting_behind: int


TROUBLES = text("""
    SELECT r.id, r.seq, r.member_id, m.member_no, r.kind, r.subject_id, r.error_code, r.attempts, r.created_at,
        (SELECT count(*) FROM registry_report AS x
         WHERE x.member_id = r.member_id AND x.seq > r.seq AND x.state = 'waiting')
    FROM registry_report AS r JOIN member AS m ON m.id = r.member_id
    WHERE r.state = 'failed' AND r.seq > :after ORDER BY r.seq LIMIT :limit
""")
STRAYS = text("SELECT report_no, found_at FROM registry_stray WHERE gone_at IS NULL ORDER BY report_no LIMIT 100")


async def troubles(session: AsyncSession, *, after: int, limit: int) -> list[Trouble]:
    """The error list, the oldest first."""
    return [Trouble(*row) for row in await session.execute(TROUBLES, {"after": after, "limit": limit})]


async def strays(session: AsyncSession) -> list[tuple[str, datetime]]:
    """What the registry holds in our name and we never sent; the first hundred."""
    return [(row.report_no, row.found_at) for row in await session.execute(STRAYS)]
