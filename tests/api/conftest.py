"""The application on the test's rolled-back sessions, and callers who are signed in."""

import shutil
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from litestar import Litestar

from backend.api.identity import Verifier
from backend.api.keys import FixedKeys
from backend.api.limits import Limits
from backend.db.engine import Sessions
from backend.settings import Settings
from tests.stage import Clock, Stage, no_limits

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
ISSUER = "https://login.fund.example"
KEY = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "one"}, private=True)
Client = httpx.AsyncClient


def token(**claims: Any) -> str:
    """A token of the test's issuer, valid an hour around NOW."""
    whole = {
        "iss": ISSUER,
        "aud": "jobvej",
        "sub": str(claims.get("member_no") or claims.get("staff_no") or "someone"),
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(hours=1)).timestamp()),
    }
    return jwt.encode({"alg": "RS256", "kid": "one"}, whole | claims, KEY)


def signed(**claims: Any) -> dict[str, str]:
    """The header of somebody who is signed in."""
    return {"Authorization": f"Bearer {token(**claims)}"}


def connected(app: Litestar) -> Client:
    """A client on the application in this very loop, so that both share the test's connection."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://api.fund.example")


def verifier(settings: Settings) -> Verifier:
    """Checks tokens with the test's own key."""
    return Verifier(settings, FixedKeys(lambda: KeySet([RSAKey.import_key(KEY.as_dict(private=False))])))


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    settings = Settings(data=tmp_path_factory.mktemp("data"), oidc_issuer=ISSUER)
    return Stage(settings, verifier(settings))


@pytest.fixture
def settings(stage: Stage) -> Settings:
    """The settings of the worker's application, its store of documents empty."""
    shutil.rmtree(stage.settings.data / "documents", ignore_errors=True)
    return stage.settings


@pytest.fixture
def application(stage: Stage, settings: Settings) -> Callable[..., Litestar]:
    """The application on given sessions, at NOW or by a clock; one of its own where the test has other settings."""

    def make(sessions: Sessions, *, clock: Clock = lambda: NOW, limits: Limits | None = None) -> Litestar:
        mine = stage if settings is stage.settings else Stage(settings, verifier(settings))
        return mine.api(sessions, clock, limits or no_limits())

    return make


@pytest.fixture
async def client(application: Callable[[Sessions], Litestar], sessions: Sessions) -> AsyncIterator[Client]:
    async with connected(application(sessions)) as client:
        yield client


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])
