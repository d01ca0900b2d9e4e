"""A member with a talk booked on Friday 20 November 2026 at nine, and the adviser who holds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.db.types import new_id
from backend.members.tables import Branch, Member, Staff
from backend.talks.tables import Agreement, Talk
from backend.talks.tables_registry import RegistryReport
from tests import factories
from tests.api.booking_support import FRIDAY, SPELL, at, items, new_member, talk
from tests.api.conftest import NOW, Client, signed
from tests.booking import factories as make

BEGINS = at(FRIDAY, 9)
LATER = int(datetime(2027, 6, 1, tzinfo=BEGINS.tzinfo).timestamp())
MINUTES = {
    "minutes": "We looked at the CV and agreed on two employers to ring.",
    "heldOn": "2026-11-20",
    "form": "personal",
    "types": ["cv_talk", "job_talk"],
    "agreements": [
        {"owner": "member", "what": "Ring two employers", "dueOn": "2026-11-27"},
        {"owner": "staff", "what": "Send the list of employers", "dueOn": "2026-11-23"},
    ],
}


@dataclass(frozen=True)
class Room:
    """`staff` and `member` are the headers of the two."""

    branch: Branch
    adviser: Staff
    person: Member
    booking_id: str
    item_id: str
    staff: dict[str, str]
    member: dict[str, str]

    def path(self, rest: str) -> str:
        return f"/v1/staff/members/{self.person.id}{rest}"


async def room(client: Client, session: AsyncSession) -> Room:
    branch = await factories.branch(session)
    adviser = await make.adviser(session, branch, name="Karen Kjær")
    person = await new_member(session, branch, unemployed_from=SPELL)
    await session.commit()
    member = signed(member_no=person.member_no, exp=LATER)
    item = (await items(session, person.id))["cv_job"]
    answer = await client.post("/v1/me/bookings/talks", headers=member, json=talk(item))
    assert answer.status_code == 201, answer.text
    staff = signed(staff_no=adviser.staff_no, exp=LATER)
    return Room(branch, adviser, person, answer.json()["id"], item, staff, member)


async def call(
    client: Client, who: dict[str, str], method: str, path: str, body: Any = None, *, status: int = 200,
    match: int | None = None,
) -> Any:  # fmt: skip
    """The answer's JSON (None without a body) after checking its status."""
    headers = who | ({"If-Match": f'"{match}"'} if match is not None else {})
    answer = await client.request(method, path, headers=headers, json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def drafted(client: Client, here: Room, **changes: Any) -> Any:
    """A draft of the booked talk with minutes in it; its id and version."""
    opened = await call(client, here.staff, "POST", here.path("/talks"), {"bookingId": here.booking_id}, status=201)
    path = f"/v1/staff/talks/{opened['id']}"
    saved = await call(client, here.staff, "PUT", path + "/minutes", MINUTES | changes, match=opened["version"])
    return path, saved["version"]


async def rows(session: AsyncSession, statement: str, **params: Any) -> list[Any]:
    return [tuple(row) for row in await session.execute(text(statement), params)]


async def item_state(session: AsyncSession, item_id: str) -> Any:
    [(state, done_on)] = await rows(session, "SELECT state, done_on FROM obligation WHERE id = :i", i=UUID(item_id))
    return state, done_on


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def populate(session: AsyncSession, member: Member) -> None:
    """A draft, minutes that are closed, an agreement of the member's, and a report that failed."""
    staff = await factories.staff(session)
    found: list[UUID] = list(
        await session.scalars(text("SELECT id FROM booking WHERE member_id = :m ORDER BY id"), {"m": member.id})
    )
    base = {"member_id": member.id, "created_by": staff.id, "created_at": NOW, "changed_by": staff.id}
    talk = Talk(
        id=new_id(), booking_id=found[0], state="closed", form="personal", types=["follow_up"], held_on=FRIDAY,
        minutes="We agreed.", closed_by=staff.id, closed_at=NOW, changed_at=NOW, **base,
    )  # fmt: skip
    session.add(talk)
    session.add_all(Talk(id=new_id(), booking_id=one, types=[], changed_at=NOW, **base) for one in found[1:2])
    await session.flush()
    session.add(
        Agreement(
            id=new_id(), talk_id=talk.id, member_id=member.id, position=1, owner="member", what="Ring", due_on=FRIDAY
        )
    )
    session.add(
        RegistryReport(
            id=new_id(), member_id=member.id, kind="talk_held", subject_id=talk.id, payload={}, state="failed",
            error_code="MISSING", due_at=NOW, created_at=NOW,
        )
    )  # fmt: skip
    await session.flush()
