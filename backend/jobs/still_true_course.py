"""Whether what a message says about a spell of unemployment or an exemption still holds."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notifications.claimed import Told

RUNNING = text("SELECT id FROM spell WHERE id = ANY(CAST(:ids AS uuid[])) AND ended_on IS NULL")
EXCUSED = text("SELECT id, to_on FROM exemption WHERE id = ANY(CAST(:ids AS uuid[])) AND cancelled_at IS NULL")


async def spell_ended(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The member is out of unemployment, or the registration was a mistake."""
    about = {row.id: UUID(str(row.cause.get("spell", row.period))) for row in rows}
    running = set(await session.scalars(RUNNING, {"ids": list(about.values())}))
    return {row_id for row_id, spell_id in about.items() if spell_id not in running}


async def exemption_changed(session: AsyncSession, rows: Sequence[Told]) -> set[UUID]:
    """The exemption was taken back, or ends on another day than the message says."""
    about = {row.id: UUID(row.cause["exemption"]) for row in rows if "exemption" in row.cause}
    if not about:
        return set()
    found = await session.execute(EXCUSED, {"ids": list(about.values())})
    until: dict[UUID, date | None] = {row.id: row.to_on for row in found}
    return {row.id for row in rows if row.id in about and not _as_told(row, about[row.id], until)}


def _as_told(row: Told, exemption_id: UUID, until: dict[UUID, date | None]) -> bool:
    if exemption_id not in until:
        return False
    to_on = until[exemption_id]
    return "until" not in row.params or row.params["until"] == (to_on.isoformat() if to_on else None)
