"""The surveys' hours: taking note of who attended, asking, reminding, counting, closing quarters, forgetting."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.feedback import attendance, contacts, known, low_scores
from backend.jobs.job import Counts, Moment
from backend.settings import Settings
from backend.surveys import catalogue, counting, invitations, retention


async def note(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """How many new activities there are to ask about, how many fell away, how many members were contacted."""
    del member_ids
    await catalogue.load(session)
    noted = await attendance.note(session, plan_set=settings.course_plan_set, now=moment.now)
    settled = await contacts.settle(session, now=moment.now)
    return {**noted._asdict(), "contacted": settled}


async def invite(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """By the present instant: an invitation goes out in open hours or not at all. Reasons are counted by name."""
    about = await known.of(session, member_ids, plan_set=settings.course_plan_set, now=moment.now)
    outcome = await invitations.invite(session, about, now=moment.now)
    return {"invited": outcome.invited, **outcome.skipped}


async def remind(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    about = await known.of(session, member_ids, plan_set=settings.course_plan_set, now=moment.now)
    return {"reminded": await invitations.remind(session, about, now=moment.now)}


async def count(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """How many blocks of answers were added to the figures, and at how many more events somebody must follow up."""
    del member_ids, settings
    blocks = await counting.close_ripe(session, now=moment.now)
    return {"blocks": blocks, "low": len(await low_scores.watch(session, now=moment.now))}


async def release(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """Close the quarters to which nothing can be added any more."""
    del member_ids, settings
    quarters = await counting.releasable(session, now=moment.now)
    blocks = [await counting.release(session, quarter, now=moment.now) for quarter in quarters]
    return {"quarters": len(quarters), "blocks": sum(blocks)}


async def forget(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """Cut what leads back to members after a year."""
    del member_ids, settings
    return {"responses": await retention.anonymise(session, now=moment.now)}
