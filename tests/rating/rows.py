"""Log entries, exemptions and contacts as rows, for the tests of the service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_time
from backend.course.tables import Exemption
from backend.db.engine import raw
from backend.db.types import new_id
from backend.job_log.tables import JobLogEntry
from backend.members.tables import Member
from backend.rating.tables import Rating, RatingCurrent
from tests import factories

# Wednesday of ISO week 47; the window is 19 October to 15 November.
TODAY = date(2026, 11, 18)
RUN = local_time(TODAY, time(6))
MONDAYS = [date(2026, 10, 19) + timedelta(weeks=n) for n in range(4)]


async def entry(session: AsyncSession, member_id: UUID, applied_on: date, **values: Any) -> JobLogEntry:
    """An application that counts, of a job that is like no other."""
    made = JobLogEntry(
        **{
            "id": new_id(),
            "member_id": member_id,
            "applied_on": applied_on,
            "logged_at": datetime.combine(applied_on, time(12), tzinfo=UTC),
            "logged_on": applied_on,
            "status": "applied",
            "channel": "posted",
            "hours": "full",
            "country": "DK",
            "postcode": "7100",
            "employer": "Nordsmed",
            "title": "Smed",
            "has_document": True,
            "duplicate_key": hash(new_id()) >> 1,
            "source": "app",
        }
        | values
    )
    session.add(made)
    await session.flush()
    return made


async def searcher(session: AsyncSession, *, weekly: int = 2, weeks: int = 4, **values: Any) -> Member:
    """A member who agreed two a week and logged `weekly` in each of the first `weeks` of the window."""
    member = await factories.member(session, **values)
    for monday in MONDAYS[:weeks]:
        for day in range(weekly):
            await entry(session, member.id, monday + timedelta(days=day))
    return member


async def exemption(
    session: AsyncSession, member_id: UUID, first: date, last: date | None, kind: str = "ferie"
) -> None:
    session.add(
        Exemption(
            id=new_id(),
            member_id=member_id,
            type=kind,
            from_on=first,
            to_on=last,
            source="import",
            granted_at=factories.MOMENT,
        )
    )
    await session.flush()


async def current(session: AsyncSession, member_id: UUID) -> RatingCurrent:
    statement = select(RatingCurrent).where(RatingCurrent.member_id == member_id)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def ratings(session: AsyncSession, member_id: UUID) -> list[Rating]:
    return list(await session.scalars(select(Rating).where(Rating.member_id == member_id).order_by(Rating.id)))


@asynccontextmanager
async def statements(session: AsyncSession) -> AsyncIterator[list[Any]]:
    """What is sent to the database meanwhile, through SQLAlchemy or the driver's own connection."""
    connection, sync = await raw(session), (await session.connection()).sync_connection
    seen: list[Any] = []
    through: set[str] = set()

    def through_sqlalchemy(*sent: Any) -> None:
        through.add(sent[2])
        seen.append(sent[2])

    def directly(sent: Any) -> None:
        learns_a_type = "typeinfo" in sent.query or "set_config" in sent.query
        if not learns_a_type and sent.query not in through:
            seen.append(sent.query)

    connection.add_query_logger(directly)
    event.listen(sync, "before_cursor_execute", through_sqlalchemy)
    try:
        yield seen
        await asyncio.sleep(0)  # the driver tells its loggers in the loop's next round
    finally:
        event.remove(sync, "before_cursor_execute", through_sqlalchemy)
        connection.remove_query_logger(directly)
