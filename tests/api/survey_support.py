"""Organisers, events and blocks of answers for the tests of figures."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.members.tables import Staff
from backend.surveys import attendance, catalogue, invitations
from backend.surveys.invitations import Known
from backend.surveys.tables_counted import SurveyBlock
from tests import factories
from tests.api.conftest import NOW, Client, signed
from tests.feedback.factories import held
from tests.surveys.factories import answer, invited, went

Headers = dict[str, str]
QUARTER = date(2026, 10, 1)
# A Tuesday in the quarter of NOW; asked at noon.
DAY = datetime(2026, 10, 13, 8, 0, tzinfo=NOW.tzinfo)
ASKED = DAY + timedelta(hours=2)


async def person(session: AsyncSession, role: str, **values: Any) -> tuple[Staff, Headers]:
    made = await factories.staff(session, role=role, **values)
    return made, signed(staff_no=made.staff_no)


async def event(session: AsyncSession, staff: Staff | None = None, **values: Any) -> UUID:
    """A theme day in the quarter, held by somebody or by nobody in particular."""
    given = {"activity": "td_50plus", "kind": "theme_day", "staff_id": staff.id if staff else None, "ends_at": DAY}
    return await held(session, **given | values)


async def answers(
    session: AsyncSession, branch_id: UUID | None, codes: str, silent: int = 0, wishes: int = 0, **values: Any
) -> None:
    """As many answer as there are codes, each the same to every question; `silent` more were asked.

    The first `wishes` of them wish to be contacted. Without a branch the job team held it, and the members are of a
    branch of their own.
    """
    place = {"ended_at": DAY, "held_by": branch_id, **values}
    member_branch = branch_id or (await factories.branch(session)).id
    asked = await invited(session, len(codes) + silent, member_branch, now=ASKED, **place)
    for number, (invitation_id, code) in enumerate(zip(asked, codes, strict=False)):
        await answer(session, invitation_id, code, now=ASKED, contact_wanted=number < wishes)


async def block(session: AsyncSession, branch_id: UUID, key: str, by_code: Mapping[str, int], **values: Any) -> None:
    """A counted block as it lies in the database."""
    question = (await session.execute(text("SELECT id FROM survey_question WHERE key = :k"), {"k": key})).scalar_one()
    given = {
        "quarter": QUARTER,
        "touchpoint": "T1",
        "compulsory": True,
        "colour": "",
        "series_key": None,
        "event_key": None,
        "closed_at": NOW,
    }
    session.add(
        SurveyBlock(
            id=new_id(),
            question_id=question,
            branch_id=branch_id,
            answered=sum(by_code.values()),
            by_code=dict(by_code),
            **given | values,
        )
    )
    await session.flush()


async def populate(session: AsyncSession, member_id: UUID, branch_id: UUID) -> None:
    """An open invitation of this member, and another member who answered and wishes to be contacted."""
    await catalogue.load(session)
    place = {"ended_at": NOW - timedelta(hours=3)}
    await attendance.record(session, [went(member_id, branch_id, **place)], now=NOW)
    await invitations.invite(session, {member_id: Known()}, now=NOW)
    [other] = await invited(session, 1, branch_id, now=NOW, **place)
    await answer(session, other, "5", now=NOW, contact_wanted=True)


async def got(client: Client, path: str, headers: Headers, **params: Any) -> Any:
    """The body of an answer that is good."""
    answer = await client.get(path, headers=headers | {"Accept-Language": "en"}, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()
