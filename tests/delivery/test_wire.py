"""What FCM is sent, as it arrives at the other end."""

from datetime import timedelta
from typing import Any, Literal

import pytest

from backend.delivery.fcm import FcmSender
from backend.delivery.types import Push
from tests.delivery.conftest import MESSAGE, NOW, make_push
from tests.standins.fcm import Server

DATA = {"messageId": str(MESSAGE), "category": "rating"}
NOTIFICATION = {"title": "Metal A-kasse", "body": "Du har fået en ny besked"}


async def arrived(sender: FcmSender, server: Server, push: Push) -> dict[str, Any]:
    [outcome] = await sender.send([push], NOW)
    assert outcome.kind == "sent"
    message: dict[str, Any] = server.stand.bodies[-1]["message"]
    return message


async def test_android_gets_all_of_this_and_nothing_else(sender: FcmSender, server: Server) -> None:
    assert await arrived(sender, server, make_push("device-1", ttl=timedelta(hours=4, milliseconds=900))) == {
        "fid": "device-1",
        "data": DATA,
        "notification": NOTIFICATION,
        "android": {
            "priority": "high",
            "ttl": "14400s",
            "collapse_key": "rating",
            "notification": {"tag": str(MESSAGE)},
        },
    }


async def test_ios_gets_all_of_this_and_nothing_else(sender: FcmSender, server: Server) -> None:
    assert await arrived(sender, server, make_push("device-1", platform="ios", collapse_key=None)) == {
        "fid": "device-1",
        "data": DATA,
        "notification": NOTIFICATION,
        "apns": {
            "headers": {
                "apns-priority": "10",
                "apns-push-type": "alert",
                "apns-expiration": str(int(NOW.timestamp()) + 14_400),
                "apns-collapse-id": str(MESSAGE),
            },
            "payload": {"aps": {"sound": "default", "thread-id": "rating"}},
        },
    }


async def test_web_gets_all_of_this_and_nothing_else(sender: FcmSender, server: Server) -> None:
    assert await arrived(sender, server, make_push("device-1", platform="web")) == {
        "fid": "device-1",
        "data": DATA,
        "notification": NOTIFICATION,
        "webpush": {
            "headers": {"TTL": "14400", "Urgency": "high", "Topic": "rating"},
            "notification": {"tag": str(MESSAGE)},
        },
    }


@pytest.mark.parametrize("kind", ["token", "fid"])
async def test_a_registration_token_and_an_installation_id_each_go_in_their_field(
    sender: FcmSender, server: Server, kind: Literal["token", "fid"]
) -> None:
    message = await arrived(sender, server, make_push("device-1", token_kind=kind))
    assert {name: message.get(name) for name in ("token", "fid")} == {"token": None, "fid": None} | {kind: "device-1"}


@pytest.mark.parametrize(
    ("ttl", "seconds"), [(timedelta(seconds=-3), 0), (timedelta(0), 0), (timedelta(weeks=9), 2_419_200)]
)
async def test_the_time_to_live_stays_within_what_fcm_takes(
    sender: FcmSender, server: Server, ttl: timedelta, seconds: int
) -> None:
    android = await arrived(sender, server, make_push(ttl=ttl))
    ios = await arrived(sender, server, make_push(ttl=ttl, platform="ios"))
    assert android["android"]["ttl"] == f"{seconds}s"
    assert ios["apns"]["headers"]["apns-expiration"] == str(int(NOW.timestamp()) + seconds)


@pytest.mark.parametrize("data", [{}, {"messageId": "1"}, {**DATA, "name": "Anna"}])
def test_no_push_can_be_made_that_carries_more_or_less(data: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="nothing else"):
        make_push(data=data)


def test_a_push_does_not_show_its_token() -> None:
    assert "device-1" not in repr(make_push("device-1"))
