"""Take the README's pictures: a demo fund as of one fixed morning, looked at in a browser, kept small.

The fund, the moment and the windows are the same each time, so that a picture changes only when its page does.
"""

import asyncio
import contextlib
import io
import os
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy import select

from backend.api import builtin_identity
from backend.api.app import create_app
from backend.cli.common import database
from backend.clock import COPENHAGEN, local_date
from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.demo import service as demo
from backend.members.tables import Staff
from backend.settings import Settings
from backend.web import sessions as web_sessions
from backend.web.app import Both, create_web
from backend.web.guard import COOKIE
from tests.browser.conftest import ARGS, chromium

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
NOW = datetime(2026, 11, 24, 9, 12, tzinfo=COPENHAGEN)
DESK, PHONE = (1280, 860), (390, 800)
LARGEST = 100_000
# Milliseconds, on a machine that has other things to do.
PATIENCE = 120_000
MINUTES = (
    "Vi gennemgik cv'et: det er klart, og certifikaterne er med. {name} søger som svejser og ringer selv til værfter. "
    "Vi så to opslag, der passer."
)


class Camera:
    """Windows of people of the demo fund, at the fixed moment."""

    def __init__(self, browser: Browser, base: str, sessions: Sessions, people: dict[str, str]) -> None:
        self._browser, self._base, self._sessions, self._people = browser, base, sessions, people

    async def window(self, who: str | None, size: tuple[int, int], language: str = "en") -> Page:
        """A window of somebody who is signed in."""
        shape: Any = {"width": size[0], "height": size[1]}
        context = await self._browser.new_context(
            viewport=shape,
            locale="da-DK" if language == "da" else "en-GB",
            base_url=self._base,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        if who is not None:
            cookie = await self._sign_in(*self._people[who].split(":", 1))
            await context.add_cookies([{"name": COOKIE, "value": cookie, "url": self._base}])
        return await context.new_page()

    async def _sign_in(self, kind: str, number: str) -> str:
        claims: dict[str, Any] = {"sub": f"{kind}:{number}", f"{kind}_no": number}
        if kind == "staff":
            async with transaction(self._sessions) as session:
                role = await session.scalar(select(Staff.role).where(Staff.staff_no == number))
            claims |= {web_sessions.ROLES: [role], "roles": [role]}
        async with transaction(self._sessions) as session:
            return await web_sessions.begin(session, "member" if kind == "member" else "staff", claims, now=NOW)


async def start(camera: Camera) -> Image.Image:
    page = await camera.window(None, (1280, 1240))
    await page.goto("/")
    return await taken(page)


async def board(camera: Camera) -> Image.Image:
    page = await camera.window("an adviser", DESK)
    await page.goto("/staff/members")
    return await taken(page)


async def call(camera: Camera) -> Image.Image:
    page = await camera.window("an adviser", (1280, 1040))
    await page.goto("/staff/calls")
    await page.locator("tbody a").first.click()
    await page.get_by_role("button", name="Take this call").click()
    await page.locator("#came-of-it").wait_for()
    return await taken(page)


async def call_in(camera: Camera) -> Image.Image:
    page = await camera.window("an adviser", (1280, 1240))
    await page.goto("/staff/call-ins")
    await page.locator("tbody a").first.click()
    await page.locator("main form .button-primary").click()
    await page.get_by_role("button", name="See the letter first").wait_for()
    return await taken(page)


async def member(camera: Camera) -> Image.Image:
    page = await camera.window("an adviser", (1280, 1100))
    await page.goto("/staff/members?colour=red&view=1")
    await page.locator("tbody a").nth(1).click()
    await page.locator("#waits").wait_for()
    return await taken(page)


async def minutes(camera: Camera) -> Image.Image:
    page = await camera.window("an adviser", (1280, 1000))
    await page.goto("/staff/calendar")
    await page.locator(".week .entry a").first.click()
    name = (await page.locator("h1").inner_text()).rsplit("with ", 1)[1]
    await page.locator("#begin ~ form button, section:has(#begin) button").first.click()
    await page.locator("#minutes").fill(MINUTES.format(name=name.split(" ", 1)[0]))
    await page.locator("#what-0").fill("Ringe til to værfter")
    await page.locator("#due-0").fill("2026-12-04")
    await page.get_by_role("button", name="Save the draft").click()
    await page.locator("#what-2").wait_for()
    return await taken(page)


async def feedback(camera: Camera) -> Image.Image:
    page = await camera.window("an organiser", (1280, 1100))
    await page.goto("/staff/feedback")
    await page.locator("tbody a").first.click()
    await page.locator(".chart").first.wait_for()
    return await taken(page)


async def phone(camera: Camera) -> Image.Image:
    """Four views of a member's phone beside each other, in Danish."""
    page = await camera.window("a member with a red smiley", PHONE, "da")
    views = []
    for path in ("/me", "/me/smiley", "/me/log/new", "/me/lock-screen"):
        await page.goto(path)
        views.append(await taken(page))
    strip = Image.new("RGB", (sum(one.width for one in views) + 20 * 3, PHONE[1]), "#dcdcdc")
    for n, one in enumerate(views):
        strip.paste(one, (n * (PHONE[0] + 20), 0))
    return strip


PICTURES: dict[str, Callable[[Camera], Awaitable[Image.Image]]] = {
    "start": start, "board": board, "call": call, "call-in": call_in, "member": member, "minutes": minutes,
    "feedback": feedback, "phone": phone,
}  # fmt: skip


async def taken(page: Page) -> Image.Image:
    """What the window shows, once its letters are there."""
    await page.evaluate("document.fonts.ready")
    return Image.open(io.BytesIO(await page.screenshot(animations="disabled", caret="hide"))).convert("RGB")


def keep(name: str, image: Image.Image) -> int:
    """Write it with as many colours as fit; its size in bytes."""
    for colours in (256, 128, 64, 32):
        kept = io.BytesIO()
        # By coverage, so that the little that is green, yellow or red stays so.
        few = image.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(kept, "PNG", optimize=True)
        if len(kept.getvalue()) < LARGEST:
            break
    (FOLDER / f"{name}.png").write_bytes(kept.getvalue())
    return len(kept.getvalue())


@asynccontextmanager
async def fund(folder: Path) -> AsyncIterator[tuple[str, Sessions, dict[str, str]]]:
    """A demo fund of the fixed morning, served: the address, its database, and the people one can be."""
    found = Settings(data=folder, port=_free_port(), oidc_port=_free_port())
    async with database(found) as opened:
        await demo.load(opened.sessions, today=local_date(NOW), now=NOW)
        async with opened.sessions() as session:
            people = {one.who: one.option.removeprefix("--").replace(" ", ":") for one in await demo.people(session)}
        builtin_identity.key_set(found)
        with _served(found, opened.url) as base:
            yield base, opened.sessions, people


@contextmanager
def _served(found: Settings, url: str) -> Iterator[str]:
    ready, stopped = threading.Event(), threading.Event()
    held: list[uvicorn.Server] = []

    async def serve() -> None:
        engine = make_engine(url)
        sessions = make_sessions(engine)
        api = create_app(found, sessions, clock=lambda: NOW)
        app: Any = Both(api, create_web(found, sessions, api, clock=lambda: NOW))
        server = uvicorn.Server(uvicorn.Config(app, port=found.port, log_config=None, ws="none", lifespan="on"))
        held.append(server)
        ready.set()
        await server.serve()
        await engine.dispose()
        stopped.set()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    ready.wait()
    while not held[0].started:
        stopped.wait(0.05)
    try:
        yield f"http://127.0.0.1:{found.port}"
    finally:
        held[0].should_exit = True
        stopped.wait(20)


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


async def main() -> None:
    """Take all of them, or those that JOBVEJ_PICTURES names."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = os.environ.get("JOBVEJ_PICTURES", "").split() or list(PICTURES)
    with tempfile.TemporaryDirectory(prefix="jobvej-pictures-") as name:
        async with fund(Path(name)) as (base, sessions, people), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=[*ARGS, "--lang=en-GB"])
            camera = Camera(browser, base, sessions, people)
            for one in wanted:
                size = keep(one, await PICTURES[one](camera))
                print(f"docs/pictures/{one}.png  {size // 1000} kB")
            with contextlib.suppress(Exception):
                await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
