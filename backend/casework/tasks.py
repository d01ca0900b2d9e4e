"""Tasks in bulk, as whatever finds something to do opens and closes them. What a person does: task_work.py."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import history
from backend.casework.task_kinds import TITLES
from backend.db.types import new_id

Param = str | int | float | bool | date | UUID | None


class NewTask(NamedTuple):
    """A task for a person, to be done by `due_on`; once per (member, kind, key).

    `params` are ids, dates and numbers (a datetime too), no free text about persons; `staff_id`: whom it is meant for.
    """

    member_id: UUID
    kind: str
    key: str
    due_on: date
    params: Mapping[str, Param] = {}
    staff_id: UUID | None = None


OPEN = text("""
    INSERT INTO task (id, member_id, kind, key, due_on, state, params, staff_id, opened_at)
    SELECT n.id, n.member_id, n.kind, n.key, n.due_on, 'open', CAST(n.params AS jsonb), n.staff_id, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:kinds AS text[]), CAST(:keys AS text[]),
                CAST(:due AS date[]), CAST(:params AS text[]), CAST(:staff AS uuid[]))
         AS n (id, member_id, kind, key, due_on, params, staff_id)
    ORDER BY n.member_id, n.kind, n.key
    ON CONFLICT DO NOTHING
    RETURNING id, member_id
""")
# The rows are locked in the order of their ids first, so that two runs never wait for each other in a circle.
CLOSE = text("""
    WITH found AS (
        SELECT id, state FROM task
        WHERE kind = :kind AND key = ANY(CAST(:keys AS text[])) AND state IN ('open', 'claimed')
        ORDER BY id FOR UPDATE)
    UPDATE task AS t
    SET state = 'cancelled', claimed_by = NULL, claimed_at = NULL, ended_at = :now, ended_reason = :reason
    FROM found WHERE t.id = found.id
    RETURNING t.id, t.member_id, found.state AS from_state
""")


async def open_many(session: AsyncSession, items: Sequence[NewTask], *, now: datetime) -> list[UUID]:
    """Open the tasks that are new, each with its line of history; returns their ids. Two statements for any number.

    Raises ValueError for a kind that task_kinds.py lacks.
    """
    unknown = {item.kind for item in items} - TITLES.keys()
    if unknown:
        raise ValueError(f"There is no kind of task {sorted(unknown)}.")
    if not items:
        return []
    rows = (await session.execute(OPEN, {**_columns(items), "now": now})).all()
    lines = [history.Entry("task", row.id, row.member_id, "opened", None, "open") for row in rows]
    await history.add(session, lines, now=now)
    return [row.id for row in rows]


def _columns(items: Sequence[NewTask]) -> dict[str, object]:
    return {
        "ids": [new_id() for _ in items],
        "members": [item.member_id for item in items],
        "kinds": [item.kind for item in items],
        "keys": [item.key for item in items],
        "due": [item.due_on for item in items],
        "params": [json.dumps({name: _plain(value) for name, value in item.params.items()}) for item in items],
        "staff": [item.staff_id for item in items],
    }


def _plain(value: Param) -> str | int | float | bool | None:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


async def close_many(
    session: AsyncSession, kind: str, keys: Sequence[str], *, reason: str, now: datetime
) -> list[UUID]:
    """Cancel those of the kind's tasks that nobody has done, because their reason is gone (`reason` is a code).

    Returns the ids of the tasks cancelled.
    """
    if not keys:
        return []
    rows = (await session.execute(CLOSE, {"kind": kind, "keys": list(keys), "reason": reason, "now": now})).all()
    lines = [
        history.Entry("task", row.id, row.member_id, "closed", row.from_state, "cancelled", None, {"reason": reason})
        for row in rows
    ]
    await history.add(session, lines, now=now)
    return [row.id for row in rows]
