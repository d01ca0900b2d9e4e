"""Small makers of the rows that nearly every test needs. Anything with rules of its own is made through its service."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.course.tables import SearchRequirement
from backend.db.types import new_id
from backend.members.tables import Branch, Member, Staff
from backend.rating.tables import RatingCurrent

_numbers = count(1)
MOMENT = datetime(2026, 8, 3, 7, 0, tzinfo=UTC)


async def branch(session: AsyncSession, **values: Any) -> Branch:
    number = next(_numbers)
    made = Branch(
        **{
            "id": new_id(),
            "branch_no": f"B{number}",
            "name": "Metal Vejle",
            "kind": "head_office",
            "postcode": "7100",
            "city": "Vejle",
            "email": "vejle@fund.example",
            "phone": "75000000",
        }
        | values
    )
    session.add(made)
    await session.flush()
    return made


async def staff(session: AsyncSession, *, role: str = "adviser", **values: Any) -> Staff:
    number = next(_numbers)
    made = Staff(
        **{
            "id": new_id(),
            "staff_no": f"T{number}",
            "name": "Karen Kjær",
            "email": f"t{number}@fund.example",
            "role": role,
            "branch_id": None,
        }
        | values
    )
    session.add(made)
    await session.flush()
    return made


async def member(session: AsyncSession, *, colour: str = "none", per_week: int = 2, **values: Any) -> Member:
    """A member of a branch (made when none is given), with a requirement from the first day and a current colour."""
    number = next(_numbers)
    branch_id = values.pop("branch_id", None) or (await branch(session)).id
    made = Member(
        **{
            "id": new_id(),
            "member_no": f"7{number:06d}",
            "name": "Søren Østergaard",
            "search_key": "søren østergaard",
            "born_on": date(1980, 5, 17),
            "email": f"m{number}@mail.example",
            "phone": "+4520000000",
            "language": "da",
            "branch_id": branch_id,
            "adviser_id": None,
            "unemployed_from": date(2026, 8, 3),
            "insurance": "full",
            "risk": "low",
            "newly_qualified": False,
            "it_member": False,
        }
        | values
    )
    session.add(made)
    await session.flush()
    await _agree(session, made, per_week, colour)
    return made


async def _agree(session: AsyncSession, made: Member, per_week: int, colour: str) -> None:
    session.add(
        SearchRequirement(
            id=new_id(),
            member_id=made.id,
            valid_from=made.unemployed_from,
            min_per_week=per_week,
            min_posted_per_week=per_week // 2,
            uploads_per_month=2,
            source="import",
            set_at=MOMENT,
        )
    )
    urgency = {"red": 0, "yellow": 1, "none": 2, "green": 3, "paused": 4}[colour]
    session.add(RatingCurrent(member_id=made.id, colour=colour, urgency=urgency, since=made.unemployed_from))
    await session.flush()
