from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.delivery import fcm
from backend.delivery.types import Push, payload
from tests.standins.fcm import Server, running

NOW = datetime(2026, 11, 18, 8, 30, tzinfo=UTC)
MESSAGE = UUID("019a9a00-0000-7000-8000-000000000001")


def make_push(token: str = "device-1", **changes: Any) -> Push:
    values: dict[str, Any] = {
        "delivery_id": uuid4(),
        "token": token,
        "token_kind": "fid",
        "title": "Metal A-kasse",
        "body": "Du har fået en ny besked",
        "data": payload(MESSAGE, "rating"),
        "ttl": timedelta(hours=4),
        "collapse_key": "rating",
        "platform": "android",
    }
    return Push(**(values | changes))


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with running(keep_bodies=True) as server:
        yield server


@pytest.fixture
async def sender(server: Server, tmp_path: Path) -> AsyncIterator[fcm.FcmSender]:
    sender = fcm.open_sender(server.credentials(tmp_path), server.url)
    yield sender
    await sender.close()


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Shorten the time limits of a sender that is opened afterwards or already."""

    def shorten(push: float = 10.0, token: float = 8.0, start: float = 30.0) -> None:
        monkeypatch.setattr("backend.delivery.client.PUSH_SECONDS", push)
        monkeypatch.setattr("backend.delivery.fcm.TOKEN_SECONDS", token)
        monkeypatch.setattr("backend.delivery.fcm.START_SECONDS", start)

    return shorten
