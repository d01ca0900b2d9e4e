from pathlib import Path

import pytest
import structlog

from backend.delivery import log_push
from backend.delivery.fcm import FcmSender
from backend.delivery.push import open_push
from backend.settings import Settings, SettingsError
from tests.delivery.conftest import MESSAGE, NOW, make_push
from tests.standins.fcm import Server


async def test_without_credentials_a_push_is_neutral_facts_in_the_log_and_counts_as_sent() -> None:
    sender = open_push(Settings())
    push = make_push("secret-token")
    with structlog.testing.capture_logs() as lines:
        [outcome] = await sender.send([push], NOW)
    await sender.close()
    assert lines == [
        {
            "event": "push.logged",
            "log_level": "info",
            "room": "delivery",
            "delivery_id": str(push.delivery_id),
            "message_id": str(MESSAGE),
            "category": "rating",
            "platform": "android",
        }
    ]
    assert (outcome.delivery_id, outcome.kind) == (push.delivery_id, "sent")
    assert sender is log_push


async def test_with_credentials_a_push_goes_to_fcm(server: Server, tmp_path: Path) -> None:
    sender = open_push(Settings(fcm_credentials=server.credentials(tmp_path), fcm_url=server.url))
    assert isinstance(sender, FcmSender)
    [outcome] = await sender.send([make_push()], NOW)
    await sender.close()
    assert outcome.kind == "sent"
    assert len(server.stand.sends) == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"type": "service_account"}', "not json"])
def test_credentials_that_are_not_a_service_account_are_told_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "account.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match="JOBVEJ_FCM_CREDENTIALS"):
        open_push(Settings(fcm_credentials=path))


def test_a_missing_credentials_file_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="JOBVEJ_FCM_CREDENTIALS"):
        open_push(Settings(fcm_credentials=tmp_path / "none.json"))


def test_an_address_without_credentials_is_refused_rather_than_ignored() -> None:
    with pytest.raises(SettingsError, match="JOBVEJ_FCM_URL"):
        open_push(Settings(fcm_url="http://127.0.0.1:9"))
