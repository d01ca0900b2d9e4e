"""Writing down what staff do to sessions, templates and calendars."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id

NOTE = text("""
    INSERT INTO session_history (id, session_id, template_id, at, event, staff_id, detail)
    VALUES (:id, CAST(:session AS uuid), CAST(:template AS uuid), :now, :event, :by, CAST(:detail AS jsonb))
""")
CALENDAR = text("""
    INSERT INTO calendar_history (id, staff_id, at, event, by_id, detail)
    VALUES (:id, :staff, :now, :event, :by, CAST(:detail AS jsonb))
""")
NOTHING: Mapping[str, Any] = {}


async def note(
    session: AsyncSession, event: str, *, by: UUID, now: datetime, session_id: UUID | None = None,
    template_id: UUID | None = None, detail: Mapping[str, Any] = NOTHING,
) -> None:  # fmt: skip
    """One line about a session or a template."""
    params = {"id": new_id(), "session": session_id, "template": template_id, "event": event, "by": by, "now": now}
    await session.execute(NOTE, params | {"detail": as_json(detail)})


async def note_calendar(
    session: AsyncSession, staff_id: UUID, event: str, *, by: UUID, now: datetime, detail: Mapping[str, Any] = NOTHING
) -> None:
    """One line about somebody's hours or absence."""
    params = {"id": new_id(), "staff": staff_id, "event": event, "by": by, "now": now, "detail": as_json(detail)}
    await session.execute(CALENDAR, params)


def as_json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), default=str)
