"""The history of calls, call-ins, disputes and tasks: a line for each thing that happened, written with the change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.tables import CaseHistory
from backend.db.types import new_id


class Entry(NamedTuple):
    """One line. `subject` is service_call, call_in, dispute, task or letter; without `staff_id` the program did it."""

    subject: str
    subject_id: UUID
    member_id: UUID
    event: str
    from_state: str | None
    to_state: str
    staff_id: UUID | None = None
    detail: dict[str, Any] = {}


async def add(session: AsyncSession, entries: Sequence[Entry], *, now: datetime) -> None:
    """Append the lines, in one statement however many they are."""
    if entries:
        await session.execute(insert(CaseHistory), [{"id": new_id(), "at": now, **e._asdict()} for e in entries])
