"""What people do to hearings and decisions; the change and its line of history are written together.

Sending as a legal notice is composed in followup/letters.py.
"""

from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import errors, history
from backend.casework import rules_letters as rules
from backend.casework.rules_letters import Heard, Letter, Text
from backend.casework.tables import CaseHistory
from backend.casework.tables_letters import CaseLetter
from backend.clock import local_date, local_time
from backend.db.types import new_id
from backend.errors import Conflict, NotFound


class _Done(NamedTuple):
    """What was done, by whom and when."""

    event: str
    by: UUID
    at: datetime


async def write(session: AsyncSession, member_id: UUID, staff_id: UUID, written: Text, *, now: datetime) -> CaseLetter:
    """A new draft. Raises TextNeeded, AnswerByNotPossible, HearingNeeded, HearingRuns."""
    await _check(session, member_id, written, now)
    made = CaseLetter(
        id=new_id(), member_id=member_id, state="draft", version=1, author_id=staff_id, written_at=now,
        **_columns(written),
    )  # fmt: skip
    session.add(made)
    await session.flush()
    await _note(session, made, None, _Done("written", staff_id, now))
    return made


async def edit(session: AsyncSession, letter: CaseLetter, staff_id: UUID, written: Text, *, now: datetime) -> None:
    """Write it anew: who does is its author now, and what was read before counts no more. Raises as `write`."""
    rules.must_be_draft(letter.state)  # type: ignore[arg-type]
    written = written._replace(kind=letter.kind)  # type: ignore[arg-type]
    await _check(session, letter.member_id, written, now)
    values = _columns(written) | {"version": letter.version + 1, "returned_reason": None}
    await _move(session, letter, "draft", _Done("edited", staff_id, now), author_id=staff_id, written_at=now, **values)


async def read(session: AsyncSession, letter: CaseLetter, staff_id: UUID, *, now: datetime) -> None:
    """A person has the whole letter before them; their first time on a day is kept."""
    rules.must_be_draft(letter.state)  # type: ignore[arg-type]
    if await read_at(session, letter, staff_id, now=now) is None:
        await _note(session, letter, "draft", _Done("opened", staff_id, now))


async def hand_back(session: AsyncSession, letter: CaseLetter, staff_id: UUID, reason: str, *, now: datetime) -> None:
    """Back to its author with a reason. Raises LetterEnded, ReasonNeeded."""
    rules.must_be_draft(letter.state)  # type: ignore[arg-type]
    if not reason.strip():
        raise errors.ReasonNeeded(field="reason")
    await _move(session, letter, "draft", _Done("returned", staff_id, now), returned_reason=reason.strip())


async def withdraw(session: AsyncSession, letter: CaseLetter, staff_id: UUID, *, now: datetime) -> None:
    """It will not be sent; it stays to be seen. Raises LetterEnded."""
    rules.must_be_draft(letter.state)  # type: ignore[arg-type]
    await _move(session, letter, "withdrawn", _Done("withdrawn", staff_id, now))


async def send(
    session: AsyncSession, letter: CaseLetter, staff_id: UUID, version: int, *,
    coordinator: bool, now: datetime, pause: timedelta,
) -> None:  # fmt: skip
    """The named person lets it go, once. Raises as rules.send."""
    first = await read_at(session, letter, staff_id, now=now)
    facts = Letter(letter.kind, letter.state, letter.version, letter.author_id, letter.answer_by, first)  # type: ignore[arg-type]
    rules.send(facts, staff_id, version, now, coordinator=coordinator, pause=pause)
    if letter.hearing_id:
        rules.check_heard(await _heard(session, letter.member_id, letter.hearing_id), local_date(now))
    await _move(session, letter, "sent", _Done("sent", staff_id, now), sent_by=staff_id, sent_at=now)


async def locked(session: AsyncSession, letter_id: UUID) -> CaseLetter:
    """The letter as it is now, and nobody else changes it until this transaction ends. Raises NotFound."""
    statement = select(CaseLetter).where(CaseLetter.id == letter_id).with_for_update()
    found = await session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


async def of_member(session: AsyncSession, member_id: UUID, *, limit: int = 50) -> list[CaseLetter]:
    """A member's letters, the newest first."""
    statement = select(CaseLetter).where(CaseLetter.member_id == member_id).order_by(CaseLetter.id.desc()).limit(limit)
    return list(await session.scalars(statement))


async def read_at(session: AsyncSession, letter: CaseLetter, staff_id: UUID, *, now: datetime) -> datetime | None:
    """When this person first read this version today: the letter bears the day's date, so yesterday's was another."""
    opened = select(func.min(CaseHistory.at)).where(
        CaseHistory.subject_id == letter.id,
        CaseHistory.event == "opened",
        CaseHistory.staff_id == staff_id,
        CaseHistory.at >= local_time(local_date(now), time()),
        CaseHistory.detail["version"].as_integer() == letter.version,
    )
    return await session.scalar(opened)


async def _check(session: AsyncSession, member_id: UUID, written: Text, now: datetime) -> None:
    today = local_date(now)
    rules.check(written, today)
    if written.kind == "decision" and written.hearing_id:
        rules.check_heard(await _heard(session, member_id, written.hearing_id), today)


async def _heard(session: AsyncSession, member_id: UUID, hearing_id: UUID) -> Heard | None:
    row = (await session.execute(_HEARD, {"hearing": hearing_id, "member": member_id})).first()
    return None if row is None else Heard(*row)


def _columns(written: Text) -> dict[str, Any]:
    """What belongs to the other kind is not kept."""
    texts = {name: getattr(written, name).strip() for name in ("matter", "grounds")}
    if written.kind == "hearing":
        more: dict[str, Any] = {"answer_by": written.answer_by, "decision": "", "rules": ""}
        return {"kind": written.kind, "hearing_id": None, "without_hearing": "", **texts, **more}
    why = "" if written.hearing_id else written.without_hearing.strip()
    said = {"decision": written.decision.strip(), "rules": written.rules.strip()}
    heard = {"answer_by": None, "hearing_id": written.hearing_id, "without_hearing": why}
    return {"kind": written.kind, **texts, **said, **heard}


async def _move(session: AsyncSession, letter: CaseLetter, to: str, done: _Done, **values: Any) -> None:
    before, version = letter.state, letter.version
    statement = (
        update(CaseLetter)
        .where(CaseLetter.id == letter.id, CaseLetter.state == before, CaseLetter.version == version)
        .values(state=to, **values)
        .returning(CaseLetter)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if await session.scalar(statement) is None:
        raise Conflict
    await _note(session, letter, before, done)


async def _note(session: AsyncSession, letter: CaseLetter, before: str | None, done: _Done) -> None:
    detail = {"version": letter.version} | ({"reason": letter.returned_reason} if done.event == "returned" else {})
    line = history.Entry("letter", letter.id, letter.member_id, done.event, before, letter.state, done.by, detail)
    await history.add(session, [line], now=done.at)


# An answer is what somebody noted in the file of the hearing's notice.
_HEARD = text("""
SELECT l.state, l.answer_by, EXISTS (
    SELECT FROM message g JOIN notice n ON n.message_id = g.id JOIN notice_event e ON e.notice_id = n.id
    WHERE g.member_id = l.member_id AND g.key = 'N30' AND g.period = CAST(l.id AS text)
      AND e.kind IN ('explanation', 'contact')) AS answered
FROM case_letter l WHERE l.id = :hearing AND l.member_id = :member AND l.kind = 'hearing'
""")
