"""Hearings and decisions: what a person writes becomes a legal notice, with what is to be done before and after it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.casework import letters, tasks
from backend.casework import rules_letters as rules
from backend.casework.rules_letters import Text
from backend.casework.tables_letters import CaseLetter
from backend.casework.tasks import NewTask
from backend.clock import local_date
from backend.members.identity import StaffIdentity
from backend.notices import service as notices
from backend.notices.compose import Content
from backend.notices.service import NewNotice
from backend.timeline import service as timeline
from backend.timeline.service import NewItem

# A coordinator reads a decision; the author goes on when the time to answer a hearing is over.
TO_SEND, ANSWERED = "decision_letter", "hearing_over"


async def write(
    session: AsyncSession, member_id: UUID, staff: StaffIdentity, written: Text, *, now: datetime
) -> CaseLetter:
    """A draft; for a decision somebody else is asked to read it."""
    letter = await letters.write(session, member_id, staff.id, written, now=now)
    await _ask(session, letter, now=now)
    return letter


async def edit(
    session: AsyncSession, letter_id: UUID, staff: StaffIdentity, written: Text, *, now: datetime
) -> CaseLetter:
    """Write it anew."""
    letter = await letters.locked(session, letter_id)
    await _asked_no_more(session, letter, "edited", now=now)
    await letters.edit(session, letter, staff.id, written, now=now)
    await _ask(session, letter, now=now)
    return letter


async def read(
    session: AsyncSession, letter_id: UUID, staff: StaffIdentity, *, now: datetime
) -> tuple[CaseLetter, Content]:
    """The whole letter as it would be sent today, which is kept as having been read."""
    letter = await letters.locked(session, letter_id)
    await letters.read(session, letter, staff.id, now=now)
    return letter, await preview(session, letter, staff, now=now)


async def preview(session: AsyncSession, letter: CaseLetter, staff: StaffIdentity, *, now: datetime) -> Content:
    """The letter as it would be sent today. Nothing is kept."""
    return await notices.preview(session, _notice(letter, staff.id, now), now=now)


async def hand_back(
    session: AsyncSession, letter_id: UUID, staff: StaffIdentity, reason: str, *, now: datetime
) -> CaseLetter:
    """Not like this: back to its author."""
    letter = await letters.locked(session, letter_id)
    await letters.hand_back(session, letter, staff.id, reason, now=now)
    await _asked_no_more(session, letter, "returned", now=now)
    return letter


async def withdraw(session: AsyncSession, letter_id: UUID, staff: StaffIdentity, *, now: datetime) -> CaseLetter:
    """It will not be sent."""
    letter = await letters.locked(session, letter_id)
    await letters.withdraw(session, letter, staff.id, now=now)
    await _asked_no_more(session, letter, "withdrawn", now=now)
    return letter


async def send(
    session: AsyncSession, letter_id: UUID, staff: StaffIdentity, version: int, *,
    now: datetime, pause: timedelta,
) -> CaseLetter:  # fmt: skip
    """Let it go: the legal notice, the timeline, and for a hearing what is to be done when its time is over."""
    letter = await letters.locked(session, letter_id)
    coordinator = "coordinator" in staff.roles
    await letters.send(session, letter, staff.id, version, coordinator=coordinator, now=now, pause=pause)
    await notices.send(session, [_notice(letter, staff.id, now)], now=now)
    params = {"answer_by_on": letter.answer_by} if letter.answer_by else {}
    await timeline.add(session, [NewItem(letter.member_id, letter.kind, str(letter.id), now, params=params)], now=now)
    await _asked_no_more(session, letter, "sent", now=now)
    if letter.answer_by:
        due = calendar.add_working_days(letter.answer_by, 1)
        task = NewTask(letter.member_id, ANSWERED, str(letter.id), due, {"letter": letter.id}, letter.author_id)
        await tasks.open_many(session, [task], now=now)
    elif letter.hearing_id:
        await tasks.close_many(session, ANSWERED, [str(letter.hearing_id)], reason="decided", now=now)
    return letter


def _notice(letter: CaseLetter, sender: UUID, now: datetime) -> NewNotice:
    """The notice is known by the letter's id, so that it is written once."""
    texts: dict[str, object] = {"matter": letter.matter, "grounds": letter.grounds}
    if letter.kind == "hearing":
        texts["answer_by"] = letter.answer_by
    else:
        texts |= {"decision": letter.decision, "rules": letter.rules, "decided_on": local_date(now)}
    return NewNotice(
        member_id=letter.member_id,
        template=letter.kind,
        period=str(letter.id),
        letter=texts,
        origin="decision",
        author_id=letter.author_id,
        approved_by=sender,
    )


async def _ask(session: AsyncSession, letter: CaseLetter, *, now: datetime) -> None:
    if letter.kind != "decision":
        return
    due = calendar.add_working_days(local_date(now), rules.DECISION_WORKING_DAYS)
    task = NewTask(letter.member_id, TO_SEND, _version(letter), due, {"letter": letter.id})
    await tasks.open_many(session, [task], now=now)


async def _asked_no_more(session: AsyncSession, letter: CaseLetter, reason: str, *, now: datetime) -> None:
    await tasks.close_many(session, TO_SEND, [_version(letter)], reason=reason, now=now)


def _version(letter: CaseLetter) -> str:
    return f"{letter.id}:{letter.version}"
