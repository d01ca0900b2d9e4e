"""Bookings in people's own calendars, read back by another library; the secret address is told nobody else."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import vobject
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.booking_support import FRIDAY, Scene, at, client, clock, get, here, items, new_member, post, talk
from tests.api.conftest import NOW, Client, signed

__all__ = ["client", "clock", "here"]
pytestmark = pytest.mark.db


async def address(client: Client, headers: dict[str, str], path: str = "/v1/me/calendar-feed") -> str:
    answer = await client.put(path, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["webcal"].startswith("webcal://api.fund.example/v1/calendar/")
    return urlsplit(str(answer.json()["url"])).path


def events(content: str) -> list[Any]:
    return list(getattr(vobject.readOne(content), "vevent_list", []))


async def test_a_booking_is_a_file_that_other_calendars_read(
    client: Client, session: AsyncSession, here: Scene
) -> None:
    item = (await items(session, here.member.id))["cv_job"]
    booked = await post(client, here, "/v1/me/bookings/talks", talk(item, hold=True))
    path = f"/v1/me/bookings/{booked['id']}/calendar"
    assert (await client.get(path, headers=here.headers)).status_code == 404  # What is only held is in no calendar.
    await post(client, here, f"/v1/me/bookings/{booked['id']}/confirm", status=200)
    file = await client.get(path, headers=here.headers)
    assert file.headers["content-type"].startswith("text/calendar")
    [event] = events(file.text)
    assert (event.uid.value, event.dtstart.value.astimezone(UTC)) == (f"{booked['id']}@jobvej", at(FRIDAY, 9))
    assert event.summary.value == "CV talk and job talk"
    await post(client, here, f"/v1/me/bookings/{booked['id']}/cancel", {"reason": "other"}, status=200)
    gone = await client.get(path, headers=here.headers)
    [event] = events(gone.text)
    assert (vobject.readOne(gone.text).method.value, event.sequence.value) == ("CANCEL", "1")


async def test_a_feed_has_all_that_is_booked_until_its_address_ends(
    client: Client, session: AsyncSession, here: Scene
) -> None:
    assert (await get(client, here, "/v1/me/calendar-feed"))["since"] is None
    path = await address(client, here.headers)
    assert datetime.fromisoformat((await get(client, here, "/v1/me/calendar-feed"))["since"]) == NOW
    item = (await items(session, here.member.id))["cv_job"]
    booked = await post(client, here, "/v1/me/bookings/talks", talk(item))
    feed = await client.get(path)
    assert [one.uid.value for one in events(feed.text)] == [f"{booked['id']}@jobvej"]
    assert "Søren" not in feed.text
    same = await client.get(path, headers={"If-None-Match": feed.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    wish = {"startsAt": at(FRIDAY, 13).isoformat(), "form": "personal"}
    await post(client, here, f"/v1/me/bookings/{booked['id']}/move-talk", wish, status=200)
    changed = await client.get(path, headers={"If-None-Match": feed.headers["etag"]})
    [event] = events(changed.text)
    assert (event.sequence.value, event.dtstart.value.hour) == ("1", 13)

    another = await address(client, here.headers)
    assert [(await client.get(one)).status_code for one in (path, another)] == [404, 200]
    assert (await client.delete("/v1/me/calendar-feed", headers=here.headers)).status_code == 204
    assert (await client.get(another)).status_code == 404


async def test_an_adviser_has_a_feed_without_names(client: Client, session: AsyncSession, here: Scene) -> None:
    theirs = signed(staff_no=here.adviser.staff_no)
    path = await address(client, theirs, "/v1/staff/calendar-feed")
    assert (await client.get("/v1/staff/calendar-feed", headers=theirs)).json()["since"] is not None
    item = (await items(session, here.member.id))["cv_job"]
    await post(client, here, "/v1/me/bookings/talks", talk(item))
    feed = await client.get(path)
    [event] = events(feed.text)
    assert event.dtstart.value.astimezone(UTC) == at(FRIDAY, 9)
    assert here.member.name not in feed.text
    again = await client.get(path, headers={"If-None-Match": feed.headers["etag"]})
    assert again.status_code == 304
    assert (await client.delete("/v1/staff/calendar-feed", headers=theirs)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_the_secret_is_kept_as_a_hash_and_repeated_nowhere(
    client: Client, session: AsyncSession, here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    key = here.headers | {"Idempotency-Key": "one"}
    path = await address(client, key)
    secret = path.rsplit("/", 1)[1].removesuffix(".ics")
    assert len(secret) >= 43
    for table in ("calendar_feed", "idempotency_key", "access_log"):
        rows = await session.execute(text(f"SELECT t.*::text FROM {table} AS t"))
        assert all(secret not in str(row) for row in rows)
    await client.get(path)
    await client.delete("/v1/me/calendar-feed", headers=here.headers)
    gone = await client.get(path)
    assert (gone.status_code, gone.json()["instance"]) == (404, "/v1/calendar/{file}")
    assert secret not in json.dumps(gone.json()) + str(gone.headers)
    said = capsys.readouterr()
    assert secret not in said.out + said.err


async def test_who_guesses_addresses_is_stopped(client: Client, session: AsyncSession, here: Scene) -> None:
    answers = [(await client.get(f"/v1/calendar/{n}.ics")).status_code for n in range(31)]
    assert answers == [404] * 30 + [429]
    other = await new_member(session, here.branch)
    await session.commit()
    assert (await client.get("/v1/me/calendar-feed", headers=signed(member_no=other.member_no))).status_code == 200
