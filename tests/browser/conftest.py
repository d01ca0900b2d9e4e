"""The pages in a real browser: one demo fund and one server for the whole run, Debian's chromium, and axe."""

import asyncio
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import uvicorn
from playwright.async_api import Browser, ConsoleMessage, Page, Response, ViewportSize, async_playwright

from backend.api import builtin_identity
from backend.api.app import create_app
from backend.clock import local_date, now
from backend.db.engine import Sessions, make_engine, make_sessions
from backend.demo import service as demo
from backend.settings import Settings
from backend.web.app import Both, create_web
from tests.conftest import copied

ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# What WCAG 2.1 AA asks for; best practices come on top.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
# What axe finds, in lines. The one rule that is left out would load the style sheets again to look for a media query
# that they do not have.
FOUND = """async (rules) => {
    const found = await axe.run(document, {
        runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'], preload: false,
        rules: {'css-orientation-lock': {enabled: false}}});
    return found.violations.map(one => `${one.id}: ${one.help} — ${one.nodes[0].html.slice(0, 160)}`);
}"""
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"
Size = Literal["desktop", "tablet", "phone"]
SIZES: dict[Size, ViewportSize] = {
    "desktop": ViewportSize(width=1280, height=900),
    "tablet": ViewportSize(width=820, height=1180),
    "phone": ViewportSize(width=390, height=844),
}
# A main task is done at a desk and on a phone.
on_both = pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])


@dataclass(frozen=True)
class Site:
    """The running pages: their address, the people one can be by role or colour, and the database behind them."""

    url: str
    people: dict[str, str]
    sessions: Sessions


def chromium() -> str:
    found = os.environ.get("JOBVEJ_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "These tests need a chromium: `apt-get install chromium`, or JOBVEJ_CHROMIUM=/path/to/one."
    return found


@pytest.fixture(scope="session")
async def site(server_url: str, migrated: str) -> AsyncIterator[Site]:
    """A demo fund on a database of its own, served by the API and the pages together."""
    async with copied(server_url, migrated) as url:
        engine = make_engine(url)
        sessions = make_sessions(engine)
        moment = now()
        await demo.load(sessions, today=local_date(moment), now=moment)
        async with sessions() as session:
            people = {one.who: one.option.removeprefix("--").replace(" ", ":") for one in await demo.people(session)}
        with tempfile.TemporaryDirectory(prefix="jobvej-browser-") as folder, _served(url, Path(folder)) as base:
            yield Site(base, people, sessions)
        await engine.dispose()


class _served:  # noqa: N801 - used as a context manager only
    """Both applications in a thread with a loop of its own, as a process would serve them."""

    def __init__(self, database: str, data: Path) -> None:
        self._port = _free_port()
        self._settings = Settings(
            data=data, port=self._port, oidc_port=_free_port(), database_url=database, call_in_reading_seconds=2
        )
        self._database = database
        self._ready = threading.Event()

    def __enter__(self) -> str:
        assert builtin_identity.serve_in_thread(self._settings)
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        assert self._ready.wait(20)
        return f"http://127.0.0.1:{self._port}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._stopped.wait(20)

    async def _serve(self) -> None:
        self._stopped = threading.Event()
        engine = make_engine(self._database)
        sessions = make_sessions(engine)
        api = create_app(self._settings, sessions)
        web: Any = Both(api, create_web(self._settings, sessions, api))
        config = uvicorn.Config(web, port=self._port, log_config=None, access_log=False, ws="none", lifespan="on")
        self._server = _Server(config, self._ready)
        await self._server.serve()
        await engine.dispose()
        self._stopped.set()


class _Server(uvicorn.Server):
    """Says when it has started, and leaves signals to the test run."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self._ready.set()


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium(), args=list(ARGS))
        yield launched
        await launched.close()


@pytest.fixture
async def faults() -> Iterator[list[str]]:  # type: ignore[misc]
    """What a browser complained of; a test that leaves some fails."""
    found: list[str] = []
    yield found
    assert found == []


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser window: goes to pages, and has each one checked for accessibility."""

    page: Page
    site: Site

    async def go(self, path: str, *, status: int = 200) -> None:
        answer = await self.page.goto(self.site.url + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"

    async def accessible(self) -> None:
        """No violation that axe finds, and no wider than the window.

        Its script is injected by the browser, past the page's policy.
        """
        await self.page.evaluate(AXE.read_text())
        lines = await self.page.evaluate(FOUND, RULES)
        assert lines == [], f"{self.page.url}\n" + "\n".join(lines)
        wide = await self.page.evaluate(TOO_WIDE)
        assert wide <= 0, f"{self.page.url} is {wide} px too wide"


class Visits:
    """Opens windows; what their pages complain of is collected."""

    def __init__(self, browser: Browser, site: Site, faults: list[str]) -> None:
        self._browser = browser
        self._site = site
        self._faults = faults

    def _said(self, line: ConsoleMessage) -> None:
        # Of what could not be loaded, the answer itself tells more.
        if line.type == "error" and not line.text.startswith("Failed to load resource"):
            self._faults.append(line.text)

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400 and answer.status != 422:
            self._faults.append(f"{answer.status} {answer.url}")

    async def as_(self, who: str | None, *, phone: bool = False, language: str = "da", scripts: bool = True) -> Visitor:
        """Sign in as one of the demo's people (see `demo.service`), or `member:NO`, `staff:NO`; None stays out."""
        size = SIZES["phone" if phone else "desktop"]
        locale = "da-DK" if language == "da" else "en-GB"
        context = await self._browser.new_context(viewport=size, locale=locale, java_script_enabled=scripts)
        page = await context.new_page()
        page.on("pageerror", lambda error: self._faults.append(f"script: {error}"))
        page.on("console", self._said)
        page.on("response", self._answered)
        visitor = Visitor(page, self._site)
        if who is not None:
            subject = self._site.people.get(who, who)
            await visitor.go(f"/sign-in?who={subject}")
        return visitor


@pytest.fixture
async def visits(browser: Browser, site: Site, faults: list[str]) -> AsyncIterator[Visits]:
    yield Visits(browser, site, faults)
    for context in browser.contexts:
        await context.close()
