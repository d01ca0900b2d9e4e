"""Who the staff tests sign in as, and what they act on."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.members.tables import Member
from tests import factories
from tests.api.conftest import signed

Headers = dict[str, str]


async def someone(session: AsyncSession, role: str, *, branch_id: UUID | None = None) -> Headers:
    """The headers of a staff member with this role."""
    made = await factories.staff(session, role=role, branch_id=branch_id)
    await session.commit()
    return signed(staff_no=made.staff_no)


async def pair(session: AsyncSession, **values: Any) -> tuple[Member, Headers]:
    """A member and the headers of an adviser of the same branch."""
    member = await factories.member(session, **values)
    return member, await someone(session, "adviser", branch_id=member.branch_id)


async def logged(session: AsyncSession, operation: str) -> list[tuple[str, UUID | None]]:
    """Action and member of what the access log holds of an operation."""
    statement = text("SELECT action, member_id FROM access_log WHERE operation = :operation ORDER BY id")
    return [(row.action, row.member_id) for row in await session.execute(statement, {"operation": operation})]
