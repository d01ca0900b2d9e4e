"""Broadcasts of the demo fund: one is sent, one waits for a second person, one is being written."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.broadcasts import sending, service
from backend.broadcasts.audience import Audience
from backend.broadcasts.rules import Stage
from backend.broadcasts.service import Draft
from backend.demo import phones
from backend.members.tables import Branch, Staff

BRANCHES = 6
CLOSED = Draft(
    klass="S", category="news",
    title_da="Vi holder lukket fredag eftermiddag",
    body_da="Din afdeling lukker kl. 12 på fredag, fordi vi er på kursus. Er det vigtigt, så ring inden da.",
    title_en="We are closed on Friday afternoon",
    body_en="Your branch closes at 12 on Friday, because we are on a course. If it is important, call before then.",
    audience=Audience(), stages=(Stage(Decimal(10), 60), Stage(Decimal(100))),
)  # fmt: skip
WORKSHOP = Draft(
    klass="S", category="course",
    title_da="Ledige pladser på workshop om LinkedIn",
    body_da="Vi har flere ledige pladser på næste workshop. Book en plads i appen under Tider, så får du hjælp til din"
    " profil samme dag.",
    title_en="Free seats at the workshop on LinkedIn",
    body_en="There are more free seats at the next workshop. Book one in the app under Times, and get help with your"
    " profile the same day.",
    audience=Audience(weeks_from=4),
)  # fmt: skip
HOURS = Draft(
    klass="S", category="news",
    title_da="Nye åbningstider på telefonen",
    body_da="Fra den 1. kan du ringe til os fra kl. 8 til 17 alle hverdage.",
    title_en="New opening hours on the phone",
    body_en="From the 1st you can call us from 8 to 17 on all working days.",
    audience=Audience(),
)  # fmt: skip


async def send_one(session: AsyncSession, *, now: datetime) -> None:
    """To some branches, in two stages, over the hours after `now`; everybody who has a phone was told."""
    approver, author = await _two(session)
    branches = await session.scalars(select(Branch.id).order_by(Branch.branch_no).limit(BRANCHES))
    draft = replace(CLOSED, audience=Audience(branches=tuple(branches)))
    made = await service.write(session, draft, author, now=now - timedelta(hours=2))
    await service.submit(session, made.id, author, now=now - timedelta(hours=1))
    await service.approve(session, made.id, approver, version=1, now=now)
    for hours in range(5):
        at = now + timedelta(hours=hours)
        await phones.send(session, now=at)
        await sending.advance(session, now=at)
        while await sending.store_range(session, now=at):
            continue


async def prepare(session: AsyncSession, *, now: datetime) -> None:
    """The last coordinator wrote one, which the first, as whom people look around, may approve; and began another."""
    _, author = await _two(session)
    written = now - timedelta(hours=4)
    waiting = await service.write(session, WORKSHOP, author, now=written)
    await service.submit(session, waiting.id, author, now=written + timedelta(minutes=9))
    await service.write(session, HOURS, author, now=now - timedelta(hours=1))


async def _two(session: AsyncSession) -> tuple[UUID, UUID]:
    """The first and the last coordinator."""
    statement = select(Staff.id).where(Staff.role == "coordinator").order_by(Staff.staff_no)
    found = list(await session.scalars(statement))
    return found[0], found[-1]
