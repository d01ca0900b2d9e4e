"""Service calls in bulk, as a rating run opens, suspends and closes them. What a person does: call_work.py."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import history
from backend.db.types import new_id


class NewCall(NamedTuple):
    """A call to be made by `due_on`; `fast` when the colour fell two steps at once."""

    member_id: UUID
    rating_id: UUID | None
    due_on: date
    fast: bool


# A suspended call goes on where it was: the same call, a new due day. Its old times and claims mean nothing any more.
RESUME = text("""
    UPDATE service_call AS c
    SET state = 'open', due_on = n.due_on, fast = n.fast, rating_id = coalesce(n.rating_id, c.rating_id),
        call_at = NULL, not_before = NULL
    FROM (SELECT unnest(CAST(:members AS uuid[])) AS member_id, unnest(CAST(:ratings AS uuid[])) AS rating_id,
                 unnest(CAST(:due AS date[])) AS due_on, unnest(CAST(:fast AS bool[])) AS fast) AS n
    WHERE c.member_id = n.member_id AND c.state = 'suspended'
      AND NOT EXISTS (SELECT 1 FROM service_call AS o WHERE o.rating_id = n.rating_id AND o.id <> c.id)
    RETURNING c.id, c.member_id
""")
# Either unique index may refuse: a call is open already, or this very rating has had its call.
OPEN = text("""
    INSERT INTO service_call (id, member_id, rating_id, due_on, fast, queue, state, opened_at)
    SELECT unnest(CAST(:ids AS uuid[])), unnest(CAST(:members AS uuid[])), unnest(CAST(:ratings AS uuid[])),
           unnest(CAST(:due AS date[])), unnest(CAST(:fast AS bool[])),
           CAST(:queue AS text), 'open', CAST(:now AS timestamptz)
    ON CONFLICT DO NOTHING
    RETURNING id, member_id
""")
# The rows are locked in the order of their ids first, so that two runs never wait for each other in a circle.
CLOSE = text("""
    WITH found AS (
        SELECT id, member_id, state FROM service_call
        WHERE member_id = ANY(CAST(:members AS uuid[])) AND state IN ('open', 'claimed', 'suspended')
        ORDER BY id FOR UPDATE)
    UPDATE service_call AS c
    SET state = 'closed', claimed_by = NULL, claimed_at = NULL, ended_at = :now, ended_reason = :reason
    FROM found WHERE c.id = found.id
    RETURNING c.id, c.member_id, found.state AS from_state
""")
SUSPEND = text("""
    WITH found AS (
        SELECT id, member_id, state FROM service_call
        WHERE member_id = ANY(CAST(:members AS uuid[])) AND state IN ('open', 'claimed')
        ORDER BY id FOR UPDATE)
    UPDATE service_call AS c
    SET state = 'suspended', claimed_by = NULL, claimed_at = NULL, call_at = NULL, not_before = NULL
    FROM found WHERE c.id = found.id
    RETURNING c.id, c.member_id, found.state AS from_state
""")


async def open_many(session: AsyncSession, items: Sequence[NewCall], *, queue: str, now: datetime) -> list[UUID]:
    """Open a call for each member, or resume the suspended one; never a second open one, never twice for one rating.

    `queue` is branch or contact_centre. Returns the members for whom a call was opened or resumed.
    """
    if not items:
        return []
    arrays = _arrays(items)
    resumed = (await session.execute(RESUME, {k: arrays[k] for k in ("members", "ratings", "due", "fast")})).all()
    opened = (await session.execute(OPEN, {**arrays, "queue": queue, "now": now})).all()
    lines = [_line(row, "resumed", "suspended", "open") for row in resumed]
    lines += [_line(row, "opened", None, "open") for row in opened]
    await history.add(session, lines, now=now)
    return [line.member_id for line in lines]


def _arrays(items: Sequence[NewCall]) -> dict[str, Any]:
    return {
        "ids": [new_id() for _ in items],
        "members": [item.member_id for item in items],
        "ratings": [item.rating_id for item in items],
        "due": [item.due_on for item in items],
        "fast": [item.fast for item in items],
    }


async def close_many(session: AsyncSession, member_ids: Sequence[UUID], *, reason: str, now: datetime) -> list[UUID]:
    """Close what is open or suspended, because the reason for calling is gone. `reason` is a code (improved, …).

    Returns the members whose call was closed.
    """
    rows = await _end(session, CLOSE, member_ids, reason=reason, now=now)
    lines = [_line(row, "closed", row.from_state, "closed", reason=reason) for row in rows]
    await history.add(session, lines, now=now)
    return [line.member_id for line in lines]


async def suspend_many(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """Put open and claimed calls aside while the member is exempt. Returns the members whose call was suspended."""
    rows = await _end(session, SUSPEND, member_ids)
    lines = [_line(row, "suspended", row.from_state, "suspended") for row in rows]
    await history.add(session, lines, now=now)
    return [line.member_id for line in lines]


async def _end(session: AsyncSession, statement: Any, member_ids: Sequence[UUID], **params: Any) -> Sequence[Row[Any]]:
    if not member_ids:
        return []
    return (await session.execute(statement, {"members": list(member_ids), **params})).all()


def _line(row: Row[Any], event: str, before: str | None, after: str, **detail: Any) -> history.Entry:
    return history.Entry("service_call", row.id, row.member_id, event, before, after, None, detail)
