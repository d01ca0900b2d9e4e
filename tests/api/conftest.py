"""The application on the test's rolled-back sessions, and callers who are signed in."""

import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from litestar import Litestar

from backend.api.app import create_app
from backend.api.identity import Verifier
from backend.api.keys import FixedKeys
from backend.api.limits import Limits
from backend.db.engine import Sessions
from backend.settings import Settings

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


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, oidc_issuer=ISSUER)


@pytest.fixture
def application(settings: Settings) -> Callable[[Sessions], Litestar]:
    """Makes the application on given sessions, at NOW, without limits that a test could meet by accident."""
    verifier = Verifier(settings, FixedKeys(lambda: KeySet([RSAKey.import_key(KEY.as_dict(private=False))])))

    def make(sessions: Sessions) -> Litestar:
        limits = Limits(per_second=1e6, burst=1e6, tries_per_second=1e6, tries_burst=1e6)
        return create_app(settings, sessions, clock=lambda: NOW, verifier=verifier, limits=limits)

    return make


@pytest.fixture
async def client(application: Callable[[Sessions], Litestar], sessions: Sessions) -> AsyncIterator[Client]:
    async with connected(application(sessions)) as client:
        yield client


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])
