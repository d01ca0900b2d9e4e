"""Figures over HTTP: whose they are, what they say, files of them, own surveys, texts, targets."""

import csv
import io
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy.ext.asyncio import AsyncSession

from backend.surveys import catalogue, counting
from tests import factories
from tests.api.conftest import NOW, Client
from tests.api.survey_support import ASKED, answers, block, event, got, person
from tests.surveys.factories import answer as answered
from tests.surveys.factories import invited, rows

pytestmark = pytest.mark.db


@pytest.mark.parametrize(("n", "z", "stars"), [(100, 2.41, "*"), (1000, 7.63, "***")])
async def test_the_published_evaluations_example(
    client: Client, session: AsyncSession, n: int, z: float, stars: str
) -> None:
    """63 against 46 per cent satisfied: of a hundred one star, of a thousand three."""
    await catalogue.load(session)
    good, fair = [await factories.branch(session, name=name) for name in ("Good", "Fair")]
    for branch, share in ((good, 63), (fair, 46)):
        positive = n * share // 100
        await block(session, branch.id, "Q1", {"5": positive // 3, "4": positive - positive // 3, "2": n - positive})
        await invited(
            session, 1, branch.id, now=ASKED, ended_at=ASKED - timedelta(hours=2), touchpoint="T1", compulsory=True
        )
    _, manager = await person(session, "manager")
    [table] = await got(client, "/v1/staff/survey-figures", manager, quarter="2026-4", touchpoint="T1")
    found = {line["branchName"]: line["report"]["figures"][0] for line in table["branches"]}
    assert {name: (one["answered"], one["share"]) for name, one in found.items()} == {
        "Good": (n, 0.63),
        "Fair": (n, 0.46),
    }
    assert (round(found["Good"]["elsewhere"]["z"], 2), found["Good"]["elsewhere"]["stars"]) == (z, stars)
    assert found["Fair"]["elsewhere"]["stars"] == stars
    assert (found["Good"]["verdict"], table["fund"]["figures"][0]["answered"]) == ("not_reached", 2 * n)


async def test_an_event_is_its_organisers_own(client: Client, session: AsyncSession) -> None:
    (mine, me), (_, other), (_, leader), (_, manager) = [
        await person(session, role) for role in ("organiser", "organiser", "coordinator", "manager")
    ]
    held, free = await event(session, mine), await event(session)
    for one in (held, free):
        await answers(session, None, "55421", 3, series_key=str(one), event_key=str(one))
    await counting.close_ripe(session, now=ASKED)
    await session.commit()
    for headers, seen in ((me, {held, free}), (other, {free}), (leader, {held, free}), (manager, set())):
        listed = await got(client, "/v1/staff/survey-events", headers)
        assert {one["id"] for one in listed["items"]} == {str(one) for one in seen}
    found = await got(client, f"/v1/staff/survey-events/{held}", me)
    [report] = found["reports"]
    assert (report["touchpoint"], report["asked"], report["rate"]) == ("T5", 8, 5 / 8)
    assert [(f["key"], f["answered"], f["share"]) for f in report["figures"]] == [
        (key, 5, 0.6) for key in ("Q9", "Q2", "Q10")
    ]
    assert {c["code"]: c["n"] for c in report["figures"][0]["counts"]} == {
        "5": 2,
        "4": 1,
        "3": 0,
        "2": 1,
        "1": 1,
        "0": 0,
    }
    for path in (
        f"survey-events/{held}",
        f"survey-events/{held}/export",
        f"survey-series/{held}",
        f"survey-events/{uuid4()}",
    ):
        # Nor a manager's, who sees nothing below a branch.
        assert [(await client.get(f"/v1/staff/{path}", headers=h)).status_code for h in (other, manager)] == [404, 404]
    page = await got(client, "/v1/staff/survey-events", me, limit=1)
    rest = await got(client, "/v1/staff/survey-events", me, limit=1, cursor=page["next"])
    assert {page["items"][0]["id"], rest["items"][0]["id"]} == {str(held), str(free)}
    assert rest["next"] is None


async def test_four_answers_are_a_hash_everywhere(client: Client, session: AsyncSession) -> None:
    organiser, headers = await person(session, "organiser")
    held = await event(session, organiser)
    await answers(session, None, "5542", series_key=str(held), event_key=str(held))
    await counting.close_ripe(session, now=ASKED)
    await session.commit()
    found = await got(client, f"/v1/staff/survey-events/{held}", headers)
    assert {(f["note"], f["answered"], f["share"]) for r in found["reports"] for f in r["figures"]} == {
        ("#", None, None)
    }
    assert found["reports"][0]["rate"] is None
    sheet = await client.get(f"/v1/staff/survey-events/{held}/export?format=csv", headers=headers)
    lines = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig")), delimiter=";"))
    assert {tuple(line[6:8]) for line in lines[1:]} == {("<5", "#")}


async def test_files_hold_the_same(client: Client, session: AsyncSession) -> None:
    organiser, headers = await person(session, "organiser", name="Ulla Holm")
    held = await event(session, organiser)
    await answers(session, None, "5" * 6 + "1" * 4, series_key=str(held), event_key=str(held))
    await counting.close_ripe(session, now=ASKED)
    await session.commit()
    path = f"/v1/staff/survey-events/{held}/export"
    book = await client.get(path, headers=headers, params={"format": "xlsx"})
    with zipfile.ZipFile(BytesIO(book.content)) as opened:
        assert "<v>0.6</v>" in opened.read("xl/worksheets/sheet1.xml").decode()
    english = headers | {"Accept-Language": "en"}
    page = await client.get(path, headers=english, params={"format": "pdf"})
    assert (page.headers["content-type"], page.headers["cache-control"]) == ("application/pdf", "private, no-store")
    read = PdfReader(BytesIO(page.content))
    assert len(read.pages) == 1
    words = read.pages[0].extract_text()
    for part in ("Ulla Holm", "60 %", "31 %–83 %", "Interpret"):
        assert part in words, part
    root: Any = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert read.metadata is not None
    assert read.metadata.title == "Back in a job (theme day)"
    series = await client.get(f"/v1/staff/survey-series/{held}/export", headers=english, params={"format": "pdf"})
    whole = PdfReader(BytesIO(series.content)).pages[0].extract_text()
    # One event has its day, a series has none.
    assert [("13 October" in text, "Ulla Holm" in text) for text in (words, whole)] == [(True, True), (False, True)]


async def test_branches_and_the_job_team_side_by_side(client: Client, session: AsyncSession) -> None:
    branch = await factories.branch(session, name="Metal Ærø")
    team = await event(session)
    await answers(session, branch.id, "55555", 5, series_key="S", event_key="E")
    await answers(session, None, "11111", series_key=str(team), event_key=str(team))
    await answers(session, branch.id, "5111", series_key="S", event_key="E", compulsory=True)
    await counting.close_ripe(session, now=ASKED)
    _, manager = await person(session, "manager")
    await session.commit()
    tables = await got(client, "/v1/staff/survey-figures", manager, quarter="2026-4")
    shown = [
        (t["fund"]["compulsory"], line["branchName"], line["report"]["figures"][0]["answered"])
        for t in tables
        for line in t["branches"]
    ]
    assert shown == [(True, "Metal Ærø", None), (False, None, 5), (False, "Metal Ærø", 5)]
    weighted = await got(
        client, "/v1/staff/survey-figures/weighted", manager, quarter="2026-4", touchpoint="T5", compulsory=False
    )
    assert weighted["share"] == pytest.approx(10 / 15)
    assert weighted["low"] < weighted["share"] < weighted["high"]
    assert weighted["note"] == "caution"
    trend = await got(
        client, "/v1/staff/survey-figures/trend", manager, touchpoint="T5", compulsory=False, branch=str(branch.id)
    )
    assert [(r["quarter"], r["figures"][0]["share"]) for r in trend][-1] == ("2026-4", 1.0)
    sheet = await client.get(
        "/v1/staff/survey-figures/export?quarter=2026-4&format=csv", headers=manager | {"Accept-Language": "en"}
    )
    assert {"The whole fund", "Job team", "Metal Ærø"} <= {line.split(";")[0] for line in sheet.text.splitlines()}


async def test_advisers_are_shown_from_five_answers_on(client: Client, session: AsyncSession) -> None:
    branch = await factories.branch(session)
    (busy, own), (quiet, _) = [await person(session, "adviser", branch_id=branch.id, name=n) for n in ("Bo", "Ib")]
    for adviser, codes in ((busy, "55541"), (quiet, "1111")):
        key = str(adviser.id)
        await answers(session, branch.id, codes, series_key=key, event_key=key, touchpoint="T1", compulsory=True)
    await counting.close_ripe(session, now=ASKED)
    _, manager = await person(session, "manager")
    await session.commit()
    people = await got(client, "/v1/staff/survey-figures/people", manager, touchpoint="T1")
    assert [(p["name"], p["report"]["figures"][0]["answered"]) for p in people] == [("Bo", 5), ("Ib", None)]
    [report] = await got(client, "/v1/staff/survey-talks", own)
    assert report["figures"][0]["share"] == 0.8


async def test_a_target_is_dated(client: Client, session: AsyncSession) -> None:
    branch = await factories.branch(session)
    await answers(session, branch.id, "5" * 20 + "1" * 10, series_key="S", event_key="E")
    await counting.close_ripe(session, now=ASKED)
    _, manager = await person(session, "manager")
    await session.commit()

    async def verdict() -> str:
        [table] = await got(client, "/v1/staff/survey-figures", manager)
        return str(table["fund"]["figures"][0]["verdict"])

    assert await verdict() == "reached"
    for body, status in (
        ({"share": 0.7, "validFrom": "2026-10-01"}, 200),
        ({"share": 0.5, "validFrom": "2026-07-01"}, 422),
        ({"share": 0.5, "validFrom": "2027-01-02"}, 422),
        ({"share": 1.5, "validFrom": "2027-01-01"}, 422),
        ({"share": 0.1, "validFrom": "2027-01-01"}, 200),
    ):
        answer = await client.put("/v1/staff/survey-targets/T5", json=body, headers=manager)
        assert answer.status_code == status, body
    body = {"share": 0.5, "validFrom": "2027-01-01"}
    assert (await client.put("/v1/staff/survey-targets/T9", json=body, headers=manager)).status_code == 404
    assert await verdict() == "not_reached"
    listed = await got(client, "/v1/staff/survey-targets", manager)
    assert [(t["validFrom"], t["share"]) for t in listed] == [("2027-01-01", 0.1), ("2026-10-01", 0.7)]


QUESTIONS = [
    {"kind": "number", "da": "Hvor sandsynligt?", "en": "How likely?"},
    {"kind": "scale", "scale": "agree", "da": "Det var godt", "en": "It was good"},
    {"kind": "multiple", "da": "Hvad?", "en": "What?", "options": [{"da": "A", "en": "A"}, {"da": "B", "en": "B"}]},
    {"kind": "text", "da": "Andet", "en": "Anything else"},
]


async def test_an_own_survey_from_preview_to_figures(client: Client, session: AsyncSession) -> None:
    organiser, headers = await person(session, "organiser")
    await catalogue.load(session)
    held = await event(session, organiser)
    await session.commit()
    body = {"da": "cafeen", "en": "the café", "questions": QUESTIONS}
    preview = (await client.post("/v1/staff/surveys/preview", json=body, headers=headers)).json()
    assert [q["text"] for q in preview["en"]] == ["How likely?", "It was good", "What?", "Anything else"]
    assert (preview["askedAtOnce"], len(preview["da"][0]["choices"])) == (3, 11)
    assert [row["key"] for row in await rows(session, "survey") if row["made_by"]] == []
    key = (await client.post("/v1/staff/surveys", json=body, headers=headers)).json()["key"]
    known = {one["key"]: one["own"] for one in await got(client, "/v1/staff/surveys", headers)}
    assert (known[key], known["T1"]) == (True, False)
    chosen = await client.put(f"/v1/staff/survey-events/{held}/survey", json={"survey": key}, headers=headers)
    assert chosen.json()["survey"] == key
    asked = await invited(
        session, 5, (await factories.branch(session)).id, now=NOW, ended_at=NOW - timedelta(hours=3),
        touchpoint=key, series_key=str(held), event_key=str(held),
    )  # fmt: skip
    for number, invitation_id in enumerate(asked):
        given = {f"{key}.1.1": [str(number)], f"{key}.1.3": ["o1", "o2"][: 1 + number % 2]}
        await answered(session, invitation_id, given, now=NOW)
    await counting.close_ripe(session, now=NOW)
    await session.commit()
    [report] = (await got(client, f"/v1/staff/survey-events/{held}", headers))["reports"]
    likely, _, what = report["figures"]
    assert (report["name"], likely["mean"], likely["answered"]) == ("the café", 2.0, 5)
    assert {c["label"]: c["n"] for c in what["counts"]} == {"A": 5, "B": 2}
    revised = await client.put(f"/v1/staff/surveys/{key}", json=body | {"questions": QUESTIONS[:1]}, headers=headers)
    assert revised.json() == {"key": key, "version": 2}
    # What was counted before stays in sight, behind the new question, in the event and in the list.
    [report] = (await got(client, f"/v1/staff/survey-events/{held}", headers))["reports"]
    assert [figure["answered"] for figure in report["figures"]] == [None, 5, 5]
    assert (report["asked"], report["rate"]) == (5, 1.0)
    [listed] = (await got(client, "/v1/staff/survey-events", headers))["items"]
    assert [(one["rate"], one["first"]["answered"]) for one in listed["summaries"]] == [(1.0, 5)]
    assert (await client.put("/v1/staff/surveys/T1", json=body, headers=headers)).status_code == 404


@pytest.mark.parametrize(
    "questions",
    [
        QUESTIONS[3:],
        [QUESTIONS[0], QUESTIONS[3], QUESTIONS[3]],
        [{"kind": "scale", "da": "a", "en": "b"}],
        [{"kind": "single", "da": "a", "en": "b", "options": [{"da": "A", "en": "A"}]}],
    ],
)
async def test_a_survey_that_cannot_be_asked(client: Client, session: AsyncSession, questions: list[object]) -> None:
    _, headers = await person(session, "organiser")
    await session.commit()
    for path in ("/v1/staff/surveys", "/v1/staff/surveys/preview"):
        answer = await client.post(path, json={"da": "a", "en": "b", "questions": questions}, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")


async def test_texts_are_read_by_a_colleague_and_shown_when_confirmed(client: Client, session: AsyncSession) -> None:
    (holder, mine), (_, colleague), (_, adviser) = [
        await person(session, role) for role in ("organiser", "organiser", "adviser")
    ]
    held = await event(session, holder)
    asked = await invited(
        session, 5, (await factories.branch(session)).id, now=ASKED, ended_at=ASKED - timedelta(hours=2),
        series_key=str(held), event_key=str(held),
    )  # fmt: skip
    for number, invitation_id in enumerate(asked):
        words = {"TEXT": "Søren Østergaard: ring 20 12 34 56"} if number == 0 else {}
        await answered(session, invitation_id, "5", texts=words, now=ASKED)
    await counting.close_ripe(session, now=ASKED)
    await session.commit()
    assert (await client.get("/v1/staff/survey-texts", headers=adviser)).status_code == 403
    assert await got(client, "/v1/staff/survey-texts", mine) == []
    [one] = await got(client, "/v1/staff/survey-texts", colleague)
    assert one["proposal"] == "[navn]: ring [tlf]"
    assert [span["why"] for span in one["spans"]] == ["name", "phone"]
    body = {"responseId": one["responseId"], "questionId": one["questionId"], "text": "Ring"}
    path = "/v1/staff/survey-texts/confirm"
    assert (await client.post(path, json=body, headers=mine)).status_code == 409
    assert (await got(client, f"/v1/staff/survey-events/{held}", mine))["texts"] == []
    assert (await client.post(path, json=body, headers=colleague)).status_code == 204
    assert (await client.post(path, json=body, headers=colleague)).status_code == 409
    assert (await got(client, f"/v1/staff/survey-events/{held}", mine))["texts"] == ["Ring"]
    assert {row["action"] for row in await rows(session, "access_log") if "SurveyText" in row["operation"]} == {
        "read",
        "write",
    }


async def test_saying_what_changed(client: Client, session: AsyncSession) -> None:
    organiser, headers = await person(session, "organiser")
    held = await event(session, organiser)
    await answers(session, None, "5", 1, series_key=str(held), event_key=str(held))
    await session.commit()
    body = {"da": "Vi har lagt en pause ind.", "en": "We have added a break."}
    told = await client.post(f"/v1/staff/survey-series/{held}/changes", json=body, headers=headers)
    assert (told.status_code, told.json()["members"]) == (201, 2)
    found = await got(client, f"/v1/staff/survey-series/{held}", headers)
    assert [change["en"] for change in found["changes"]] == ["We have added a break."]
