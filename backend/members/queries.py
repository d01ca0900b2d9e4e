"""What the member reads about themselves."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.errors import NotFound
from backend.members.tables import Branch, Member, Staff


@dataclass(frozen=True, slots=True)
class Profile:
    """A member with branch and adviser (None while nobody is assigned)."""

    member_no: str
    name: str
    email: str
    phone: str
    language: str
    unemployed_from: date
    insurance: str
    digital_exempt: bool
    branch_name: str
    branch_phone: str
    branch_email: str
    adviser_name: str | None


_adviser = aliased(Staff)
PROFILE = (
    select(
        Member.member_no,
        Member.name,
        Member.email,
        Member.phone,
        Member.language,
        Member.unemployed_from,
        Member.insurance,
        Member.digital_exempt,
        Branch.name.label("branch_name"),
        Branch.phone.label("branch_phone"),
        Branch.email.label("branch_email"),
        _adviser.name.label("adviser_name"),
    )
    .join(Branch, Branch.id == Member.branch_id)
    .outerjoin(_adviser, _adviser.id == Member.adviser_id)
    .where(Member.id == bindparam("member"))
)


async def profile(session: AsyncSession, member_id: UUID) -> Profile:
    """Raises NotFound."""
    row = (await session.execute(PROFILE, {"member": member_id})).first()
    if row is None:
        raise NotFound
    return Profile(**row._mapping)
