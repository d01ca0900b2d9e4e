"""Broadcasts as pages: what is typed becomes what the API takes, nothing is kept by looking, and two people send it."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.web import broadcast_form
from backend.web.broadcast_form import Chosen
from backend.web.forms import Form
from tests import factories
from tests.broadcasts.factories import members, minute
from tests.web.conftest import START, Pages

PATH = "/staff/broadcasts"
SENT = {
    "klass": "S", "category": "news", "title_da": "Vi flytter", "body_da": "Fra mandag på havnen.",
    "title_en": "We are moving", "body_en": "From Monday at the harbour.", "steps": "once", "pause": "60",
    "spread": "60", "valid_days": "7", "weeks_from": "", "weeks_to": "", "risk": "", "language": "", "numbers": "",
    "from_day": "", "from_time": "",
}  # fmt: skip


def test_what_is_typed_becomes_what_the_api_takes() -> None:
    typed = SENT | {"weeks_from": "4", "numbers": "700001, 700002\n700001", "from_day": "2026-12-01", "steps": "two"}
    found = broadcast_form.body(Chosen(Form(typed), ("b1",), ()))
    assert found["audience"] == {"weeksFrom": 4, "branches": ["b1"], "memberNos": ["700001", "700002"]}
    assert found["stages"] == [{"share": 10, "pauseMinutes": 60}, {"share": 100}]
    assert found["sendFrom"] == "2026-12-01T08:30:00+01:00"
    assert broadcast_form.body(Chosen(Form(SENT | {"valid_days": "many"})))["validDays"] == "many"


@pytest.mark.parametrize(("shares", "pauses", "word"), [
    ((1, 10, 100), (180, 180, 0), "careful"),
    ((100,), (0,), "once"),
    ((5, 100), (60, 0), "own"),
    ((1, 10, 100), (60, 180, 0), "own"),
])  # fmt: skip
def test_stages_of_ones_own_stay_when_a_draft_is_changed(
    shares: tuple[int, ...], pauses: tuple[int, ...], word: str
) -> None:
    stages = [{"share": share, "pauseMinutes": pause} for share, pause in zip(shares, pauses, strict=True)]
    held: dict[str, Any] = {
        "klass": "S", "category": "news", "titleDa": "a", "bodyDa": "b", "titleEn": "c", "bodyEn": "d",
        "spreadMinutes": 60, "validDays": 7, "sendFrom": "2026-12-01T07:30:00Z", "audience": {}, "stages": stages,
    }  # fmt: skip
    shown = broadcast_form.shown(held)
    assert shown.form.value("steps") == word
    assert (shown.form.value("from_day"), shown.form.value("from_time")) == ("2026-12-01", "08:30")
    again = broadcast_form.body(shown, held)["stages"]
    assert [(one["share"], one.get("pauseMinutes", 0)) for one in again] == list(zip(shares, pauses, strict=True))


async def coordinator(pages: Pages, session: AsyncSession) -> dict[str, str]:
    """Another coordinator at the screen; gives the form token."""
    staff = await factories.staff(session, role="coordinator")
    await session.commit()
    pages.client.headers["accept-language"] = "en"
    claims = {"sub": staff.staff_no, "staff_no": staff.staff_no, "jobvej.roles": ["coordinator"]}
    return {"form_token": await pages.sign_in("staff", claims)}


@pytest.mark.db
async def test_two_people_send_it_and_one_stops_it(pages: Pages, session: AsyncSession) -> None:
    await members(session, 3)
    token = await coordinator(pages, session)
    assert "No broadcast has been written yet" in (await pages.client.get(PATH)).text
    looked = await pages.client.post(f"{PATH}/new/look", data=token | SENT)
    assert "3 members would get it." in looked.text
    assert "No broadcast has been written yet" in (await pages.client.get(PATH)).text, "looking keeps nothing"
    wrong = await pages.client.post(f"{PATH}/new/look", data=token | SENT | {"title_da": ""})
    assert (wrong.status_code, 'id="title_da-error"' in wrong.text) == (422, True)
    one = (await pages.client.post(f"{PATH}/new", data=token | SENT)).headers["location"]
    assert (await pages.client.post(f"{one}/submit", data=token)).status_code == 303
    assert "Approve and send" not in (await pages.client.get(one)).text, "nobody approves what they wrote"
    token = await coordinator(pages, session)
    assert "Approve and send to 3 members" in (await pages.client.get(one)).text
    unexplained = await pages.client.post(f"{one}/return", data=token | {"return_reason": ""})
    assert (unexplained.status_code, 'id="return_reason-error"' in unexplained.text) == (422, True)
    assert (await pages.client.post(f"{one}/return", data=token | {"return_reason": "Too short"})).status_code == 303
    assert "Too short" in (await pages.client.get(one)).text
    assert (await pages.client.post(f"{one}/submit", data=token)).status_code == 303
    assert (await pages.client.post(f"{one}/approve", data=token | {"version": "1"})).status_code == 303
    await minute(session, START)
    await session.commit()
    part = await pages.client.get(f"{one}?was=sending", headers={"hx-request": "true"})
    assert ("<h1>" in part.text, "every 5s" in part.text, part.headers.get("hx-refresh")) == (False, True, None)
    changed = await pages.client.get(f"{one}?was=paused", headers={"hx-request": "true"})
    assert changed.headers["hx-refresh"] == "true", "another state, other buttons"
    asked = (await pages.client.get(f"{one}/stop")).text
    assert "<dt>Will not get it</dt><dd>3</dd>" in asked
    assert (await pages.client.post(f"{one}/stop", data=token | {"reason": ""})).status_code == 422
    assert (await pages.client.post(f"{one}/stop", data=token | {"reason": "A mistake"})).status_code == 303
    assert await session.scalar(text("SELECT state FROM broadcast")) == "stopped"
    assert "It is not being sent any more." in (await pages.client.get(f"{one}/stop")).text
