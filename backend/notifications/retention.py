"""How long messages are kept, by class, and deleting what is older. Dated policy; in parts, so that none takes long."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notifications.tables_retention import MessageRetention

# Everything that hangs on a message and goes with it. What belongs to a legal notice is its own room's to delete.
TABLES = ("inbox_entry", "delivery", "delivery_done", "delivery_replay", "push_slot", "message_step")


class Kept(NamedTuple):
    """How long each is kept from when it was made."""

    receipts: timedelta
    reminders: timedelta
    services: timedelta
    notices: timedelta


RECEIPTS = text("""
    DELETE FROM delivery_done WHERE id IN (
        SELECT d.id FROM delivery_done AS d JOIN message AS m ON m.id = d.message_id
        WHERE d.finished_at < :before AND m.klass <> 'L' ORDER BY d.finished_at LIMIT :most)
    RETURNING 1
""")
# One that is still to be sent is none that is done with, however old it is.
OLD = text("""
    SELECT id FROM message AS m
    WHERE m.created_at < :before AND m.klass = :klass
      AND NOT EXISTS (SELECT FROM delivery AS d WHERE d.message_id = m.id)
    LIMIT :most FOR UPDATE SKIP LOCKED
""")
PART_FROM = text("UPDATE message SET carrier_id = NULL WHERE carrier_id = ANY(CAST(:ids AS uuid[]))")
DELETE = text("DELETE FROM message WHERE id = ANY(CAST(:ids AS uuid[])) RETURNING 1")
_HANGING = tuple(
    text(f"DELETE FROM {table} WHERE message_id = ANY(CAST(:ids AS uuid[]))")  # noqa: S608 - names from the list above
    for table in TABLES
)


async def kept(session: AsyncSession, day: date) -> Kept:
    """What applies on a day. Raises LookupError when no version does yet."""
    statement = select(MessageRetention).where(MessageRetention.valid_from <= day)
    found = await session.scalar(statement.order_by(MessageRetention.valid_from.desc()).limit(1))
    if found is None:
        raise LookupError("No version of how long messages are kept applies.")
    days = (found.receipt_days, found.reminder_days, found.service_days, found.notice_days)
    return Kept(*(timedelta(days=each) for each in days))


async def forget(session: AsyncSession, policy: Kept, *, now: datetime, most: int) -> Mapping[str, int]:
    """Delete up to `most` of each kind that is past its time: receipts, reminders, services; how many went."""
    receipts = await session.execute(RECEIPTS, {"before": now - policy.receipts, "most": most})
    counts = {"receipts": len(receipts.all())}
    for name, klass, age in (("reminders", "R", policy.reminders), ("services", "S", policy.services)):
        ids = await session.scalars(OLD, {"before": now - age, "klass": klass, "most": most})
        counts[name] = await delete(session, list(ids))
    return counts


async def delete(session: AsyncSession, message_ids: Sequence[UUID]) -> int:
    """Delete these messages with all that hangs on them; how many there were."""
    if not message_ids:
        return 0
    ids = {"ids": list(message_ids)}
    for statement in (PART_FROM, *_HANGING):
        await session.execute(statement, ids)
    return len((await session.execute(DELETE, ids)).all())
