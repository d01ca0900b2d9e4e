"""Who of the staff sees whom."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.members import access
from backend.members.identity import StaffIdentity, staff_by_no
from backend.members.tables import Member, Staff, StaffAccess
from tests import factories

pytestmark = pytest.mark.db
TODAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)


def identity(staff: Staff, *roles: str) -> StaffIdentity:
    given = frozenset(roles or (staff.role,))
    return StaffIdentity(staff.id, staff.staff_no, staff.role, given, staff.branch_id)


async def seen(session: AsyncSession, staff: StaffIdentity, today: date = TODAY) -> set[object]:
    return set(await session.scalars(select(Member.id).where(access.visible(staff, today))))


async def grant(session: AsyncSession, staff: Staff, **values: object) -> None:
    row = {"from_on": TODAY, "to_on": None, "kind": "loaned", "reason": "Help across branches"} | values
    session.add(StaffAccess(id=new_id(), staff_id=staff.id, granted_by=staff.id, granted_at=NOW, **row))
    await session.flush()


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("adviser", {"own"}),
        ("job_consultant", set()),
        ("coordinator", {"own", "other"}),
        ("organiser", set()),
        ("manager", set()),
        ("contact_centre", set()),
    ],
)
async def test_by_role(session: AsyncSession, role: str, sees: set[str]) -> None:
    branch = await factories.branch(session)
    named = {
        "own": (await factories.member(session, branch_id=branch.id)).id,
        "other": (await factories.member(session)).id,
    }
    staff = await factories.staff(session, role=role, branch_id=branch.id)
    assert await seen(session, identity(staff)) == {named[name] for name in sees}


@pytest.mark.parametrize(("role", "helps"), [("adviser", True), ("job_consultant", True), ("manager", False)])
async def test_a_loan_holds_for_its_days_alone(session: AsyncSession, role: str, helps: bool) -> None:
    member = await factories.member(session)
    staff = await factories.staff(session, role=role)
    await grant(session, staff, member_id=member.id, from_on=date(2026, 11, 16), to_on=date(2026, 11, 18))
    expected = {member.id} if helps else set()
    assert await seen(session, identity(staff), date(2026, 11, 15)) == set()
    assert await seen(session, identity(staff), date(2026, 11, 16)) == expected
    assert await seen(session, identity(staff), date(2026, 11, 18)) == expected
    assert await seen(session, identity(staff), date(2026, 11, 19)) == set()


async def test_a_whole_branch_can_be_lent(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    lent = {(await factories.member(session, branch_id=branch.id)).id for _ in range(2)}
    await factories.member(session)
    staff = await factories.staff(session, role="job_consultant")
    await grant(session, staff, branch_id=branch.id)
    assert await seen(session, identity(staff)) == lent


async def test_the_members_own_adviser_sees_them_from_any_branch(session: AsyncSession) -> None:
    staff = await factories.staff(session, role="adviser", branch_id=(await factories.branch(session)).id)
    member = await factories.member(session, adviser_id=staff.id)
    assert await seen(session, identity(staff)) == {member.id}


async def test_anothers_loan_is_not_mine(session: AsyncSession) -> None:
    member = await factories.member(session)
    theirs, mine = await factories.staff(session), await factories.staff(session)
    await grant(session, theirs, member_id=member.id)
    assert await seen(session, identity(mine)) == set()


async def test_an_adviser_without_a_branch_sees_no_branch(session: AsyncSession) -> None:
    await factories.member(session)
    assert await seen(session, identity(await factories.staff(session, branch_id=None))) == set()


async def test_roles_of_the_token_come_before_the_stored_one(session: AsyncSession) -> None:
    staff = await factories.staff(session, role="adviser")
    stored = await staff_by_no(session, staff.staff_no, None)
    none = await staff_by_no(session, staff.staff_no, frozenset())
    given = await staff_by_no(session, staff.staff_no, frozenset({"manager", "coordinator"}))
    assert stored is not None
    assert given is not None
    assert (stored.role, stored.roles) == ("adviser", frozenset({"adviser"}))
    assert none is not None
    assert (none.role, none.roles) == ("adviser", frozenset())
    assert (given.role, given.roles) == ("coordinator", frozenset({"manager", "coordinator"}))
    assert await staff_by_no(session, "T-none", frozenset({"coordinator"})) is None


async def test_the_access_log_cannot_be_changed(session: AsyncSession) -> None:
    staff = await factories.staff(session)
    await access.log(session, staff.id, None, "read", "listTriage", NOW)
    for statement in ("UPDATE access_log SET action = 'write'", "DELETE FROM access_log"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with session.begin_nested():
                await session.execute(text(statement))
