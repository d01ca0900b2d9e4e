"""Members with phones, and messages to them, made through the services."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.notifications import service
from backend.notifications.service import NewMessage
from backend.notifications.tables import Device

# A Wednesday, 12:00 in Denmark: phones may ring.
NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
_numbers = count(1)


async def device(session: AsyncSession, member_id: UUID, **values: Any) -> Device:
    made = Device(
        **{
            "id": new_id(),
            "member_id": member_id,
            "token": f"token-{next(_numbers)}-{new_id()}",
            "token_kind": "token",
            "platform": "android",
            "name": "Pixel 9",
            "app_version": "1.0",
            "registered_at": NOON,
            "last_seen_at": NOON,
        }
        | values
    )
    session.add(made)
    await session.flush()
    return made


async def send(
    session: AsyncSession, *members: UUID, key: str = "N28", now: datetime = NOON, period: str = "p1", **values: Any
) -> int:
    messages = [NewMessage(member, key, period, **values) for member in members]
    return await service.send(session, messages, now=now)


async def rows(session: AsyncSession, table: str) -> list[dict[str, Any]]:
    """All rows of a small table, as they are stored."""
    found = await session.execute(text(f"SELECT * FROM {table} ORDER BY 1"))
    return [dict(row) for row in found.mappings()]
