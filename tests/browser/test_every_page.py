"""Every page there is: it answers, in both languages it is accessible, and it holds on a phone and on a desktop."""

import asyncio
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize
from sqlalchemy import text

from backend.clock import now
from backend.db.engine import transaction
from backend.jobs import letters
from backend.surveys import links
from backend.web import sessions as web_sessions
from backend.web.guard import COOKIE
from backend.web.page import LANGUAGE
from tests.browser import examples
from tests.browser.conftest import AXE, FOUND, RULES, SIZES, TOO_WIDE, Site
from tests.browser.examples import Example

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.xdist_group("browser")]

# What is a file and no page.
FILES = frozenset(
    {
        "/manifest.webmanifest", "/service-worker.js", "/me/bookings/{booking_id}/calendar",
        "/me/log/{entry_id}/documents/{document_id}", "/me/notices/{notice_id}/letter",
        "/staff/call-ins/{case_id}/evidence.zip", "/staff/call-ins/{case_id}/letter.pdf",
        "/staff/feedback/events/{event_id}/download/{form}", "/staff/feedback/series/{series_id}/download/{form}",
        "/staff/feedback/figures/download", "/staff/notices/{notice_id}/evidence", "/staff/notices/{notice_id}/letter",
    }
)  # fmt: skip
# What only leads on to a page.
WAYS = frozenset({"/language/{chosen}", "/sign-in", "/staff"})
# Only the identity provider leads there; whoever comes otherwise is told what to do.
REFUSED = {"/signed-in": 502}
PHONE, DESKTOP = SIZES["phone"], SIZES["desktop"]
# Rows of a list are alike: axe, which looks at each sign of them, is spared all but the first.
SPARE = """() => {
    for (const tag of ['tr', 'li', 'article']) {
        const met = new Map();
        for (const one of document.querySelectorAll(`main ${tag}`)) {
            const list = tag === 'article' ? document : one.parentNode;
            met.set(list, (met.get(list) ?? 0) + 1);
            if (met.get(list) > 12) one.remove();
        }
    }
}"""
SEEN = """() => ({
    language: document.documentElement.lang, title: document.title, headings: document.querySelectorAll('h1').length,
    missing: performance.getEntriesByType('resource').filter(one => one.responseStatus >= 400)
        .map(one => `${one.responseStatus} ${one.name}`)})"""
AT_ONCE = 3
Visit = tuple[Example, str, ViewportSize]
CLOSED_TALK = """
    INSERT INTO talk (id, member_id, call_in_id, state, types, form, held_on, minutes, created_by, created_at,
        changed_by, changed_at, closed_by, closed_at)
    SELECT gen_random_uuid(), member_id, id, 'closed', '{cv_talk}', 'phone', held_on, 'We talked about the plan.',
        decided_by, decided_at, decided_by, decided_at, decided_by, decided_at
    FROM call_in WHERE state = 'held' ORDER BY id LIMIT 1
    ON CONFLICT DO NOTHING
"""
OBJECTION = """
    INSERT INTO dispute (id, member_id, rating_id, state, text, opened_at)
    SELECT gen_random_uuid(), r.member_id, r.id, 'open', 'Two are missing.', now() FROM rating AS r
    JOIN member AS m ON m.id = r.member_id ORDER BY m.member_no DESC, r.id DESC LIMIT 1
    ON CONFLICT DO NOTHING
"""
LETTER = """
    INSERT INTO case_letter (id, member_id, kind, state, version, matter, grounds, decision, rules, answer_by,
        without_hearing, author_id, written_at)
    SELECT gen_random_uuid(), m.id, 'hearing', 'draft', 1, 'The talk of Monday.', 'Nobody came.', '', '',
        CURRENT_DATE + 14, '', w.id, now()
    FROM member AS m, staff AS w WHERE w.role = 'coordinator' ORDER BY m.member_no, w.staff_no LIMIT 1
"""
INVITED = """
    SELECT id FROM survey_invitation WHERE answered_at IS NULL AND declined_at IS NULL AND expires_at > now()
    ORDER BY id LIMIT 1
"""
AHEAD = """
    SELECT b.id, b.member_id FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
    WHERE s.kind = 'joint_talk' AND b.state = 'booked' ORDER BY s.starts_at, b.id LIMIT 1
"""
NOTICED = """
    SELECT message_id FROM notice
    WHERE member_id = (SELECT member_id FROM call_in WHERE state = 'approved' ORDER BY id LIMIT 1)
"""
LOGGED = """
    SELECT e.id, m.member_no FROM job_log_entry AS e JOIN member AS m ON m.id = e.member_id ORDER BY e.id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Held:
    """A session of somebody: the browser's cookie, and what their forms carry."""

    cookie: str
    token: str


class People:
    """Signs each person in once, past the identity provider."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._held: dict[str, Held] = {}

    async def held(self, who: str) -> Held:
        if who not in self._held:
            self._held[who] = await self._begin(*who.split(":"))
        return self._held[who]

    async def _begin(self, kind: Any, number: str) -> Held:
        claims: dict[str, Any] = {"sub": number, f"{kind}_no": number}
        async with transaction(self._site.sessions) as session:
            if kind == "staff":
                role = await session.scalar(text("SELECT role FROM staff WHERE staff_no = :n"), {"n": number})
                claims[web_sessions.ROLES] = [role]
            cookie = await web_sessions.begin(session, kind, claims, now=now())
            found = await web_sessions.find(session, cookie, now=now())
        assert found is not None
        return Held(cookie, found.csrf)


class Arranged(NamedTuple):
    """Who can be signed in, and the token of a survey's link."""

    people: People
    token: str


@dataclass
class Window:
    """A browser window that is one person after the other, so that styles and scripts are loaded once."""

    context: BrowserContext
    page: Page
    site: Site
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("console", self._said)

    def _said(self, line: ConsoleMessage) -> None:
        # Of what could not be loaded, the answer itself tells more.
        if line.type == "error" and not line.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {line.text}")

    async def become(self, who: Held | None, language: str) -> None:
        await self.context.clear_cookies(name=COOKIE)
        kept = {LANGUAGE: language} | ({COOKIE: who.cookie} if who else {})
        await self.context.add_cookies([{"name": n, "value": v, "url": self.site.url} for n, v in kept.items()])

    async def look(self, example: Example, language: str, size: Any) -> list[str]:
        """Everything that is wrong with a page, in sentences."""
        self.faults.clear()
        await self._resize(PHONE)
        answer = await self.page.goto(self.site.url + example.path, timeout=60_000)
        assert answer is not None
        if answer.status != REFUSED.get(example.route, 200):
            return [f"answers {answer.status}"]
        if example.route not in WAYS and self.page.url != self.site.url + example.path:
            return [f"leads to {self.page.url}"]
        found = [*self.faults, *await self._width()]
        if size == DESKTOP:
            await self._resize(DESKTOP)
            found += await self._width()
        found += _wrong(await self.page.evaluate(SEEN), None if example.route in WAYS else language)
        await self.page.evaluate(SPARE)
        await self.page.evaluate(AXE.read_text())
        return [*found, *await self.page.evaluate(FOUND, RULES)]

    async def _width(self) -> list[str]:
        wide = await self.page.evaluate(TOO_WIDE)
        return [f"{wide} px too wide at {self.page.viewport_size}"] if wide > 0 else []

    async def _resize(self, size: ViewportSize) -> None:
        if self.page.viewport_size != size:
            await self.page.set_viewport_size(size)


def _wrong(seen: Mapping[str, Any], language: str | None) -> Iterator[str]:
    yield from seen["missing"]
    if language is not None and seen["language"] != language:
        yield f"speaks {seen['language']}"
    if seen["headings"] != 1:
        yield f"{seen['headings']} headings of the first level"
    if not seen["title"].partition(" – ")[0].strip():
        yield "no title"


async def _arrange(site: Site, browser: Browser, people: People) -> str:
    """What the demo fund lacks: two talks, an objection, a hearing, letters, a document, a survey's link: its token."""
    # The solver takes a second to load, and longer beside everything else.
    importlib.import_module("backend.booking.allocation_solver")
    async with transaction(site.sessions) as session:
        for statement in (CLOSED_TALK, OBJECTION, LETTER):
            await session.execute(text(statement))
        invitation = (await session.execute(text(INVITED))).scalar_one()
        talk = (await session.execute(text(AHEAD))).one()
        entry = (await session.execute(text(LOGGED))).one()
        noticed = list(await session.scalars(text(NOTICED)))
        token = await links.issue(session, invitation, now=now())
    await letters.prepare(site.sessions, noticed, fund="Demo", now=now())
    await _post(site, browser, await people.held(site.people["a coordinator"]),
                f"/staff/talks/of/{talk.member_id}/{talk.id}")  # fmt: skip
    file: Any = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    await _post(site, browser, await people.held(f"member:{entry.member_no}"), f"/me/log/{entry.id}/documents", file)
    return token


async def _post(site: Site, browser: Browser, who: Held, path: str, file: Any = None) -> None:
    context = await browser.new_context()
    await context.add_cookies([{"name": COOKIE, "value": who.cookie, "url": site.url}])
    sent: dict[str, Any] = {"form_token": who.token} | ({"file": file} if file else {})
    answer = await context.request.post(site.url + path, multipart=sent)
    assert answer.ok, f"{path}: {answer.status}"
    await context.close()


async def _look_round(browser: Browser, site: Site, people: People, visits: Iterator[Visit]) -> list[str]:
    """One window's share of all visits, for as long as there are any left."""
    context = await browser.new_context(service_workers="block", viewport=PHONE)
    window, wrong = Window(context, await context.new_page(), site), list[str]()
    for example, language, size in visits:
        await window.become(await people.held(example.who) if example.who else None, language)
        found = await window.look(example, language, size)
        wrong += [f"{example.path} ({example.who}, {language}, {size['width']} px): {line}" for line in found]
    await context.close()
    return wrong


@pytest.fixture(scope="module")
async def arranged(site: Site, browser: Browser) -> Arranged:
    people = People(site)
    return Arranged(people, await _arrange(site, browser, people))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", ["members", "cases", "rest"])
async def test_every_page_in_both_languages_on_a_phone_and_on_a_desktop(
    browser: Browser, site: Site, arranged: Arranged, part: str
) -> None:
    routes = [route for route in examples.routes() if route not in FILES and _part(route) == part]
    pages = await examples.every(site, routes, token=arranged.token)
    visits: list[Visit] = []
    for n, page in enumerate(pages):
        languages = ("en", "da") if n % 2 else ("da", "en")
        visits += zip((page, page), languages, (PHONE, DESKTOP), strict=True)
    shared = iter(visits)
    found = await asyncio.gather(*(_look_round(browser, site, arranged.people, shared) for _ in range(AT_ONCE)))
    wrong = sorted(line for lines in found for line in lines)
    assert wrong == [], "\n".join(wrong)


def _part(route: str) -> str:
    if not route.startswith("/staff"):
        return "members"
    return "cases" if route.startswith(("/staff/members", "/staff/call", "/staff/ta", "/staff/policy")) else "rest"


async def test_every_file_is_given_to_whom_it_is_for(browser: Browser, site: Site, arranged: Arranged) -> None:
    assert set(examples.routes()) >= FILES, "all of them are still there"
    context = await browser.new_context()
    for example in await examples.every(site, sorted(FILES)):
        held = await arranged.people.held(example.who) if example.who else None
        headers = {"cookie": f"{COOKIE}={held.cookie}"} if held else {}
        answer = await context.request.get(site.url + example.path, headers=headers)
        assert answer.status == 200, f"{example.path}: {answer.status}"
        assert not answer.headers["content-type"].startswith("text/html"), example.path
        assert await answer.body(), example.path
    await context.close()
