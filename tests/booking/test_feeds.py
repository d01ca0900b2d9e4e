import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import vobject
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import feeds, ics, service
from backend.booking.feeds import Owner
from backend.booking.ics import Entry
from backend.clock import COPENHAGEN
from tests import factories
from tests.booking import factories as make
from tests.booking.factories import NOW, at

UID = UUID(int=7)
CHANGED = datetime(2026, 8, 3, 7, tzinfo=UTC)


def entry(starts_at: datetime, **values: Any) -> Entry:
    made = Entry(UID, 2, False, starts_at, starts_at + timedelta(hours=1), "CV-samtale; æøå, og mere", "Vejle", CHANGED)
    return made._replace(**values)


def read(data: bytes) -> list[Any]:
    """The events as another library reads them."""
    return list(getattr(vobject.readOne(data.decode()), "vevent_list", []))


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 24), date(2026, 10, 25),
        date(2026, 10, 26), date(2028, 2, 29), date(2026, 12, 31), date(2037, 7, 1),
    ],
)  # fmt: skip
def test_another_library_reads_the_same_instants(day: date) -> None:
    start = at(day, 9)
    [event] = read(ics.calendar([entry(start)], name="Jobvej"))
    assert event.dtstart.value.astimezone(UTC) == start.astimezone(UTC)
    assert event.dtend.value.astimezone(UTC) == (start + timedelta(hours=1)).astimezone(UTC)
    assert event.dtstart.value.hour == 9
    assert event.summary.value == "CV-samtale; æøå, og mere"


def test_the_zone_changes_its_clock_on_the_last_sundays() -> None:
    zone = vobject.readOne(ics.calendar([], name="x").decode()).vtimezone.tzinfo
    for instant in (datetime(2026, 3, 29, 0, 59), datetime(2026, 3, 29, 1, 1), datetime(2026, 10, 25, 1, 1)):
        wall = instant.replace(tzinfo=UTC).astimezone(COPENHAGEN)
        assert zone.utcoffset(wall.replace(tzinfo=None)) == wall.utcoffset()


def test_lines_are_folded_and_nothing_breaks_out_of_them() -> None:
    data = ics.calendar([entry(at(date(2026, 8, 5), 9), place="x\r\nATTENDEE:evil" + "ø" * 80)], name="Jobvej")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    assert not re.search(rb"^ATTENDEE", data, re.MULTILINE)


def test_a_cancellation_names_the_same_event_with_a_higher_number() -> None:
    booked = ics.one(entry(at(date(2026, 8, 5), 9)), name="Jobvej")
    gone = ics.one(entry(at(date(2026, 8, 5), 9), cancelled=True, sequence=3), name="Jobvej")
    [one], [two] = read(booked), read(gone)
    assert one.uid.value == two.uid.value
    assert (int(one.sequence.value), int(two.sequence.value)) == (2, 3)
    assert (one.status.value, two.status.value) == ("CONFIRMED", "CANCELLED")
    assert [vobject.readOne(data.decode()).method.value for data in (booked, gone)] == ["PUBLISH", "CANCEL"]


def test_links_carry_the_instants() -> None:
    links = ics.links(entry(at(date(2026, 10, 26), 9)))
    google = parse_qs(urlsplit(links["google"]).query)
    assert google["dates"] == ["20261026T080000Z/20261026T090000Z"]
    assert google["text"] == ["CV-samtale; æøå, og mere"]
    assert parse_qs(urlsplit(links["outlook"]).query)["startdt"] == ["2026-10-26T08:00:00Z"]


@pytest.mark.db
async def test_a_members_feed_over_the_life_of_a_booking(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    adviser, member = await make.adviser(session, branch), await make.member(session, branch)
    item = (await make.items(session, member))["cv_job"]
    wish: dict[str, Any] = {"form": "personal", "now": NOW}
    held = await service.book_talk(session, member, [item], starts_at=at(date(2026, 8, 5), 9), hold=True, **wish)

    async def feed(of: Owner) -> list[tuple[UUID, int, bool, int]]:
        found = await feeds.entries(session, of, set_name="metal", now=NOW)
        return [(e.uid, e.sequence, e.cancelled, e.starts_at.astimezone(COPENHAGEN).hour) for e in found]

    mine, theirs = Owner(member, None), Owner(None, adviser.id)
    assert (await feed(mine), await feed(theirs)) == ([], [])
    booking = held.booking_id
    await service.confirm(session, booking, member, now=NOW)
    assert await feed(mine) == [(booking, 0, False, 9)]
    moved = await service.move_talk(session, booking, member, starts_at=at(date(2026, 8, 5), 11), **wish)
    assert await feed(mine) == [(booking, 1, False, 11)]
    assert await feed(theirs) == [(held.session_id, 1, True, 9), (moved.session_id, 0, False, 11)]
    await service.cancel(session, booking, member, reason="sick", now=NOW)
    assert await feed(mine) == [(booking, 2, True, 11)]
    one = await feeds.entry(session, booking, member, set_name="metal", now=NOW)
    assert one is not None
    assert one.title == "CV-samtale og jobsamtale"
    assert await feeds.entry(session, booking, UUID(int=1), set_name="metal", now=NOW) is None
    assert await feeds.entries(session, mine, set_name="metal", now=NOW + timedelta(days=40)) == []


@pytest.mark.db
async def test_a_new_address_ends_the_old_one(session: AsyncSession) -> None:
    member, staff = await factories.member(session), await factories.staff(session)
    old = await feeds.issue(session, member_id=member.id, now=NOW)
    other = await feeds.issue(session, staff_id=staff.id, now=NOW)
    new = await feeds.issue(session, member_id=member.id, now=NOW)
    assert await feeds.owner(session, old) is None
    assert await feeds.owner(session, new) == Owner(member.id, None)
    assert await feeds.owner(session, other) == Owner(None, staff.id)
    assert await feeds.owner(session, "x") is None
