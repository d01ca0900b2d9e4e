"""The member's pages in process: each answers, forms say what is wrong, what they do is the API's."""

import re
from datetime import UTC, datetime

import pytest

from backend.web import me_actions, me_call, me_settings
from backend.web.forms import Form
from tests import factories
from tests.web.conftest import Pages

ENTRY = {"employer": "Værftet", "title": "Svejser", "applied_on": "2026-11-03", "channel": "posted"}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
async def token(pages: Pages) -> str:
    async with pages.sessions() as session:
        member = await factories.member(session)
        await session.commit()
    return await pages.sign_in("member", {"sub": "m", "member_no": member.member_no})


async def _entry(pages: Pages, token: str) -> str:
    answer = await pages.client.post("/me/log/new", data=ENTRY | {"form_token": token})
    return str(re.findall(r"logged=([0-9a-f-]{36})", answer.headers["location"])[0])


PATHS = (
    "", "/timeline", "/more", "/smiley", "/smiley/wrong", "/call", "/log", "/log/new", "/bookings", "/bookings/past",
    "/sessions", "/plan", "/cv", "/talks", "/talks/preparation", "/inbox", "/notices", "/settings",
    "/settings/devices", "/settings/calendar", "/profile", "/lock-screen",
)  # fmt: skip


@pytest.mark.db
async def test_every_page_answers_somebody_with_nothing_yet(pages: Pages, token: str) -> None:
    assert token
    answers = {path: (await pages.client.get(f"/me{path}")).status_code for path in PATHS}
    assert answers == dict.fromkeys(PATHS, 200)


@pytest.mark.db
async def test_an_entry_is_corrected_deleted_and_brought_back(pages: Pages, token: str) -> None:
    path = f"/me/log/{await _entry(pages, token)}"
    form = ENTRY | {"form_token": token, "version": "1", "status": "interview", "hours": "full"}
    assert (await pages.client.post(path, data=form)).headers["location"] == f"{path}?done=saved"
    assert (await pages.client.post(path, data=form)).status_code == 422, "it was changed since version 1"
    assert "deleted=1" in (await pages.client.post(f"{path}/withdraw", data={"form_token": token})).headers["location"]
    assert f'action="{path}/restore"' in (await pages.client.get(path)).text
    await pages.client.post(f"{path}/restore", data={"form_token": token})
    assert f'action="{path}/restore"' not in (await pages.client.get(path)).text


@pytest.mark.db
async def test_documents_go_up_and_come_down_and_others_are_refused_in_words(pages: Pages, token: str) -> None:
    path = f"/me/log/{await _entry(pages, token)}"
    wrong = await pages.client.post(
        f"{path}/documents", data={"form_token": token}, files={"file": ("x.txt", b"words", "text/plain")}
    )
    assert (wrong.status_code, 'id="file-error"' in wrong.text) == (422, True)
    await pages.client.post(
        f"{path}/documents", data={"form_token": token}, files={"file": ("a.pdf", PDF, "application/pdf")}
    )
    found = re.findall(rf'href="({path}/documents/[0-9a-f-]+)"', (await pages.client.get(path)).text)
    down = await pages.client.get(found[0])
    assert (down.content, down.headers["content-security-policy"]) == (PDF, "default-src 'none'; sandbox")


@pytest.mark.db
async def test_the_private_address_is_shown_once_and_under_this_name(pages: Pages, token: str) -> None:
    made = await pages.client.post("/me/settings/calendar", data={"form_token": token})
    address = re.findall(r"http://jobvej\.test(/v1/calendar/[^\"]+\.ics)", made.text)[0]
    assert (await pages.client.get(address)).status_code == 200
    assert address not in (await pages.client.get("/me/settings/calendar")).text
    await pages.client.post("/me/settings/calendar/end", data={"form_token": token})
    assert (await pages.client.get(address)).status_code == 404


@pytest.mark.db
async def test_what_makes_it_an_app_is_served_with_its_types_and_knows_nobody(pages: Pages, token: str) -> None:
    manifest = await pages.client.get("/manifest.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    for icon in manifest.json()["icons"]:
        assert (await pages.client.get(icon["src"])).headers["content-type"] == icon["type"]
    worker = await pages.client.get("/service-worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert re.findall(r'"(/[^"?]*)', worker.text.partition("];")[0]) == [
        "/offline", "/static/vendor/css/dkfds.min.css", "/static/app.css", "/static/icon.svg",
    ]  # fmt: skip
    assert token not in (await pages.client.get("/offline")).text


def test_only_times_that_can_be_chosen_are_offered() -> None:
    friday_afternoon = datetime(2026, 11, 6, 14, 40, tzinfo=UTC)
    days = me_call.times(friday_afternoon)
    assert [f"{day[0]:%d %H:%M}" for day in days] == [f"{n:02} 09:00" for n in (9, 10, 11, 12, 13)]
    assert {len(day) for day in days} == {14}


def test_quiet_hours_are_chosen_by_the_half_hour() -> None:
    assert me_settings.half_hours("16:00", "18:00") == ["16:00", "16:30", "17:00", "17:30", "18:00"]
    assert me_settings.half_hours("23:30", "00:15") == ["23:30", "00:00", "00:15"]


def test_only_wishes_that_changed_are_sent() -> None:
    ways = [
        {"channel": "push", "wanted": True, "fixed": False},
        {"channel": "sms", "wanted": True, "fixed": False},
        {"channel": "email", "wanted": True, "fixed": True},
    ]
    held = {"language": "da", "announceBy": "push", "categories": [{"category": "talk", "channels": ways}]}
    change = me_settings.change(Form({"talk-sms": "yes", "quiet_from": "18:00"}), held)
    assert change["wishes"] == [{"category": "talk", "channel": "push", "wanted": False}]
    assert (change["quietFrom"], change["quietUntil"]) == ("18:00", None)


def test_a_thing_on_the_timeline_leads_to_where_it_is_done() -> None:
    item = {"kind": "agreement", "subjectId": "7", "needsAction": True, "doneAt": None}
    found = me_actions.of_item(item)
    assert found is not None
    assert found.path == "/me/talks#agreement-7"
    assert me_actions.of_item(item | {"subjectId": None}) is None
    assert me_actions.of_item(item | {"needsAction": False, "doneAt": "2026-11-04T10:00:00+01:00"}) is None
    letter = me_actions.of_message({"noticeId": "9", "key": "N13"})
    assert letter is not None
    assert letter.path == "/me/notices/9"
