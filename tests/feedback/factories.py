"""Sessions that were held, and members who were there or not, as the rest of the house leaves them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking.tables import Booking
from backend.casework.tables import CallIn
from backend.db.types import new_id
from tests.booking.factories import workshop
from tests.surveys.builders import HOUR, TUESDAY


async def held(session: AsyncSession, **values: Any) -> UUID:
    """A workshop that ended on a Tuesday at ten, of the job team unless said otherwise."""
    ends_at: datetime = values.pop("ends_at", TUESDAY)
    given: dict[str, Any] = {"starts_at": ends_at - 3 * HOUR, "ends_at": ends_at, "activity": "ws_write"} | values
    return await workshop(session, **given)


async def attended(
    session: AsyncSession, member_id: UUID, session_id: UUID, *, at: datetime = TUESDAY, state: str = "attended"
) -> UUID:
    """The member's booking with what was registered at its end."""
    made = Booking(
        id=new_id(),
        member_id=member_id,
        session_id=session_id,
        state=state,
        created_at=at - timedelta(days=7),
        booked_at=at - timedelta(days=7),
        changed_at=at,
    )
    session.add(made)
    await session.flush()
    return made.id


async def called_in(session: AsyncSession, member_id: UUID, staff_id: UUID, **values: Any) -> UUID:
    """A call-in that this person approved a week before."""
    asked = TUESDAY - timedelta(days=7)
    given: dict[str, Any] = {"evidence": {}, "proposed_at": asked, "decided_at": asked, "decided_by": staff_id}
    made = CallIn(id=new_id(), member_id=member_id, due_on=TUESDAY.date(), **(given | values))
    session.add(made)
    await session.flush()
    return made.id
