"""What there is to see of alerts."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts.tables import Alert


class Place(NamedTuple):
    """Where a page of the list ended."""

    opened_at: datetime
    id: UUID


async def page(session: AsyncSession, *, all_of_them: bool, after: Place | None, limit: int) -> list[Alert]:
    """Open alerts, or those that ended too; the newest first. Keyset paging."""
    statement = select(Alert).order_by(Alert.opened_at.desc(), Alert.id.desc()).limit(limit)
    if not all_of_them:
        statement = statement.where(Alert.ended_at.is_(None))
    if after:
        statement = statement.where(tuple_(Alert.opened_at, Alert.id) < tuple_(after.opened_at, after.id))
    return list(await session.scalars(statement))


async def open_by_kind(session: AsyncSession) -> dict[str, int]:
    """How many are open, by kind."""
    statement = select(Alert.kind, func.count()).where(Alert.ended_at.is_(None)).group_by(Alert.kind)
    return dict((await session.execute(statement)).all())
