"""A change of the rating rule under way in the demo fund: tried on today's members, waiting for a second person."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.members.tables import Staff
from backend.rating import drafts, policy, trials
from backend.rating.drafts import NewPolicy

NOTE = "Vi vil ringe lidt tidligere: Den, der har noteret under halvdelen af det aftalte, er rød, så vi når at hjælpe."
NOTICE = timedelta(days=14)


async def prepare(session: AsyncSession, *, now: datetime) -> None:
    """The last coordinator wrote it, so that the first, as whom people look around, may approve it."""
    today = local_date(now)
    author = await session.scalar(
        select(Staff.id).where(Staff.role == "coordinator").order_by(Staff.staff_no.desc()).limit(1)
    )
    assert author
    numbers = (await policy.on(session, today)).policy.to_mapping() | {"red_ratio": 0.5}
    new = NewPolicy(numbers=numbers, note=NOTE, valid_from=today + NOTICE)
    draft_id = await drafts.write(session, new, author, now=now - timedelta(hours=3))
    await trials.begin(session, draft_id, author, now=now)
    while await trials.step(session, now=now) is not None:
        continue
    await drafts.submit(session, draft_id, author, now=now)
