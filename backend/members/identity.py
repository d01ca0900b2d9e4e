"""Who is calling: a member, or somebody of the staff."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.members.tables import ROLES, Member, Staff


@dataclass(frozen=True, slots=True)
class MemberIdentity:
    """A member who signed in. `language` is what messages to them are written in."""

    id: UUID
    member_no: str
    language: str


@dataclass(frozen=True, slots=True)
class StaffIdentity:
    """A staff member who signed in. `role` is the one shown, `roles` all that apply now."""

    id: UUID
    staff_no: str
    role: str
    roles: frozenset[str]
    branch_id: UUID | None


# Asked with every request, hence made once.
MEMBER = select(Member.id, Member.member_no, Member.language).where(Member.member_no == bindparam("number"))
STAFF = select(Staff.id, Staff.staff_no, Staff.role, Staff.branch_id).where(Staff.staff_no == bindparam("number"))


async def member_by_no(session: AsyncSession, member_no: str) -> MemberIdentity | None:
    row = (await session.execute(MEMBER, {"number": member_no})).first()
    return None if row is None else MemberIdentity(*row)


async def staff_by_no(session: AsyncSession, staff_no: str, given: frozenset[str] | None) -> StaffIdentity | None:
    """The staff member with the roles `given` by the identity provider, or the stored one where it says nothing (None).

    Whom it gives no role of ours has none: a role that was taken away there must not live on here.
    """
    row = (await session.execute(STAFF, {"number": staff_no})).first()
    if row is None:
        return None
    roles = frozenset({row.role}) if given is None else given
    shown = row.role if row.role in roles else min(roles, key=ROLES.index, default=row.role)
    return StaffIdentity(row.id, row.staff_no, shown, roles, row.branch_id)
