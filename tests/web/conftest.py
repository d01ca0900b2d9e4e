"""Both applications in process, with a clock of the test's own, on a transaction that is rolled back."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.api import builtin_identity
from backend.db.engine import Sessions, transaction
from backend.settings import Settings
from backend.web import sessions as web_sessions
from backend.web.guard import COOKIE
from backend.web.sessions import Kind
from tests.stage import Stage

START = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)


@dataclass
class Pages:
    """A browser without a window: cookies are kept, redirects are not followed."""

    client: httpx.AsyncClient
    sessions: Sessions
    settings: Settings
    now: datetime = field(default=START)

    async def sign_in(self, kind: Kind, claims: Mapping[str, Any]) -> str:
        """Begin a session as after the identity provider; gives its form token."""
        async with transaction(self.sessions) as session:
            cookie = await web_sessions.begin(session, kind, claims, now=self.now)
            found = await web_sessions.find(session, cookie, now=self.now)
        assert found is not None
        self.client.cookies.set(COOKIE, cookie)
        return found.csrf

    def wait(self, for_: timedelta) -> None:
        self.now += for_


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    settings = Settings(data=tmp_path_factory.mktemp("data"))
    builtin_identity.key_set(settings)
    return Stage(settings)


@pytest.fixture
async def pages(stage: Stage, sessions: Sessions) -> AsyncIterator[Pages]:
    held: list[Pages] = []
    web: Any = stage.pages(sessions, lambda: held[0].now)
    transport = httpx.ASGITransport(app=web)
    async with httpx.AsyncClient(transport=transport, base_url="http://jobvej.test") as client:
        held.append(Pages(client, sessions, stage.settings))
        yield held[0]
