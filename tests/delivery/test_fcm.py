"""The real client against the stand-in, over the wire."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import structlog

from backend.delivery import fcm
from backend.delivery.fcm import FcmSender
from backend.delivery.types import LONGEST_SEND, Outcome
from tests.delivery.conftest import NOW, make_push
from tests.standins import keys
from tests.standins.fcm import Server, running

Shorten = Callable[..., None]

# fault of the stand-in → what is made of it
MEANINGS = {
    "unregistered": ("gone", "UNREGISTERED"),
    "invalid_argument": ("rejected", "INVALID_ARGUMENT"),
    "sender_id_mismatch": ("rejected", "SENDER_ID_MISMATCH"),
    "not_found": ("rejected", "HTTP_404"),
    "503": ("retry", "UNAVAILABLE"),
    "500": ("retry", "INTERNAL"),
    "429": ("retry", "QUOTA_EXCEEDED"),
    "401": ("retry", "UNAUTHENTICATED"),
    "third_party_auth": ("retry", "THIRD_PARTY_AUTH_ERROR"),
    "reset": ("retry", "CONNECTION"),
    "lost_answer": ("retry", "CONNECTION"),
    "hang": ("retry", "TIMEOUT"),
    "malformed": ("retry", "INTERNAL"),
    "html": ("retry", "MALFORMED_ANSWER"),
    "ok": ("sent", None),
}


def meanings(outcomes: list[Outcome]) -> list[tuple[str, str | None]]:
    return [(outcome.kind, outcome.error_code) for outcome in outcomes]


async def test_every_fault_in_one_batch_has_its_own_outcome_and_one_request(
    sender: FcmSender, server: Server, short_limits: Shorten
) -> None:
    short_limits(push=0.5)
    server.plan.tokens = {f"device-{fault}": fault for fault in MEANINGS}
    batch = [make_push(f"device-{fault}") for fault in MEANINGS]
    outcomes = await sender.send(batch, NOW)
    assert meanings(outcomes) == list(MEANINGS.values())
    assert [outcome.delivery_id for outcome in outcomes] == [push.delivery_id for push in batch]
    requests = Counter(sent["token"] for sent in server.stand.sends)
    assert requests == dict.fromkeys((push.token for push in batch), 1)


async def test_what_was_taken_carries_its_receipt(sender: FcmSender) -> None:
    [first, second] = await sender.send([make_push("device-1"), make_push("device-2")], NOW)
    assert first.provider_id != second.provider_id
    assert str(first.provider_id).startswith(f"projects/{keys.PROJECT}/messages/")


@pytest.mark.parametrize("fault", ["429", "503"])
@pytest.mark.parametrize("header", ["30", format_datetime(NOW + timedelta(seconds=30), usegmt=True)])
async def test_retry_after_is_handed_on(sender: FcmSender, server: Server, fault: str, header: str) -> None:
    server.plan.tokens = {"device-1": fault}
    server.plan.retry_after = header
    [outcome] = await sender.send([make_push()], NOW)
    assert (outcome.kind, outcome.retry_after) == ("retry", timedelta(seconds=30))


async def test_a_push_that_succeeds_later_was_asked_for_twice_and_no_more(sender: FcmSender, server: Server) -> None:
    server.plan.tokens = {"device-1": ["503", "ok"]}
    push = make_push()
    assert meanings(await sender.send([push], NOW)) == [("retry", "UNAVAILABLE")]
    assert meanings(await sender.send([push], NOW)) == [("sent", None)]
    assert [sent["status"] for sent in server.stand.sends] == [503, 200]


async def test_a_whole_batch_is_500_and_one_token_serves_it(sender: FcmSender, server: Server) -> None:
    outcomes = await sender.send([make_push(f"device-{n}") for n in range(500)], NOW)
    assert {outcome.kind for outcome in outcomes} == {"sent"}
    assert server.stand.counts() == {
        "requests": 500,
        "faults": {"ok": 500},
        "taken": 500,
        "repeated": 0,
        "tokenRequests": 1,
    }


async def test_more_than_500_is_a_mistake_and_none_is_nothing(sender: FcmSender, server: Server) -> None:
    with pytest.raises(ValueError, match="500"):
        await sender.send([make_push()] * 501, NOW)
    assert await sender.send([], NOW) == []
    assert server.stand.token_requests == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("down", "ACCESS_UNAVAILABLE"),
        ("hang", "ACCESS_UNAVAILABLE"),
        ("reset", "ACCESS_UNAVAILABLE"),
        ("refused", "ACCESS_REFUSED"),
    ],
)
async def test_without_an_access_token_every_push_waits_and_the_loop_stays_free(
    sender: FcmSender, server: Server, short_limits: Shorten, fault: str, code: str
) -> None:
    short_limits(token=0.3)
    server.plan.token_endpoint = fault
    sending = asyncio.create_task(sender.send([make_push(f"device-{n}") for n in range(50)], NOW))
    ticks = 0
    while not sending.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert meanings(await sending) == [("retry", code)] * 50
    assert ticks < 100  # one wait, not fifty
    assert server.stand.sends == []
    assert server.stand.token_requests == 1
    server.plan.token_endpoint = "ok"
    assert meanings(await sender.send([make_push()], NOW)) == [("sent", None)]


async def test_a_revoked_token_costs_one_batch_and_is_then_replaced(sender: FcmSender, server: Server) -> None:
    await sender.send([make_push()], NOW)
    server.stand.revoke()
    batch = [make_push(f"device-{n}") for n in range(30)]
    assert meanings(await sender.send(batch, NOW)) == [("retry", "UNAUTHENTICATED")] * 30
    assert len(server.stand.sends) == 31
    assert meanings(await sender.send(batch, NOW)) == [("sent", None)] * 30
    assert server.stand.token_requests == 2


async def test_a_token_about_to_expire_is_renewed_before_the_batch(sender: FcmSender, server: Server) -> None:
    server.plan.token_lifetime = 200
    await sender.send([make_push()], NOW)
    await sender.send([make_push()], NOW)
    assert server.stand.token_requests == 2


async def test_a_server_that_hangs_holds_a_batch_no_longer_than_its_limits(
    sender: FcmSender, server: Server, short_limits: Shorten
) -> None:
    short_limits(push=0.8, start=1.0)
    server.plan.shares = {"hang": 1.0}
    started = asyncio.get_running_loop().time()
    outcomes = await sender.send([make_push(f"device-{n}") for n in range(500)], NOW)
    # One after another in twenties, 500 would take 20 seconds.
    assert asyncio.get_running_loop().time() - started < 15
    codes = Counter(outcome.error_code for outcome in outcomes)
    assert set(codes) == {"TIMEOUT", "NOT_STARTED"}
    assert 0 < len(server.stand.sends) <= codes["TIMEOUT"]  # what was not started was not sent
    assert {outcome.kind for outcome in outcomes} == {"retry"}


def test_the_limits_add_up_to_less_than_the_longest_send() -> None:
    from backend.delivery.client import PUSH_SECONDS, START_SECONDS, TOKEN_SECONDS

    assert START_SECONDS > 0
    assert LONGEST_SEND.total_seconds() > TOKEN_SECONDS + START_SECONDS + PUSH_SECONDS


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    async with running() as server:
        sender = fcm.open_sender(server.credentials(tmp_path), "http://127.0.0.1:9")
        try:
            outcomes = await sender.send([make_push(f"device-{n}") for n in range(40)], NOW)
        finally:
            await sender.close()
    assert meanings(outcomes) == [("retry", "CONNECTION")] * 40


async def test_a_push_that_cannot_be_encoded_does_not_stop_the_others(sender: FcmSender, server: Server) -> None:
    batch = [make_push("device-1"), make_push(""), make_push("device-2")]
    outcomes = await sender.send(batch, NOW)
    assert meanings(outcomes) == [("sent", None), ("rejected", "INVALID_PUSH"), ("sent", None)]
    assert [outcome.delivery_id for outcome in outcomes] == [push.delivery_id for push in batch]
    assert len(server.stand.sends) == 2


async def test_the_client_library_failing_as_a_whole_still_answers_every_push(
    sender: FcmSender, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firebase_admin.messaging.SendResponse.__init__", lambda *_, **__: 1 / 0)
    outcomes = await sender.send([make_push(), make_push()], NOW)
    assert meanings(outcomes) == [("retry", "CLIENT_ERROR")] * 2


@pytest.fixture
async def over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[FcmSender, Server]]:
    certificate = keys.write_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with running(certificate=certificate) as server:
        sender = fcm.open_sender(server.credentials(tmp_path), server.tls_url)
        yield sender, server
        await sender.close()


async def test_http2_over_tls_with_every_fault(over_tls: tuple[FcmSender, Server], short_limits: Shorten) -> None:
    sender, server = over_tls
    short_limits(push=0.5)
    server.plan.tokens = {f"device-{fault}": fault for fault in MEANINGS}
    outcomes = await sender.send([make_push(f"device-{fault}") for fault in MEANINGS], NOW)
    assert meanings(outcomes) == list(MEANINGS.values())
    short_limits()
    many = await sender.send([make_push(f"phone-{n}") for n in range(300)], NOW)
    assert {outcome.kind for outcome in many} == {"sent"}
    assert Counter(sent["token"] for sent in server.stand.sends).most_common(1)[0][1] == 1


async def test_time_outs_leave_no_stream_behind_to_fail_later_batches(
    over_tls: tuple[FcmSender, Server], short_limits: Shorten
) -> None:
    sender, server = over_tls
    short_limits(push=3.0)
    server.plan.tokens = {f"device-{n}": "hang" for n in range(12)}
    for turn in range(2):
        outcomes = await sender.send([make_push(f"device-{n}") for n in range(150)], NOW)
        assert Counter(outcome.kind for outcome in outcomes) == {"retry": 12, "sent": 138}, turn


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    async with running(certificate=keys.write_certificate(tmp_path)) as server:
        sender = fcm.open_sender(server.credentials(tmp_path), server.tls_url)
        outcomes = await sender.send([make_push()], NOW)
        await sender.close()
    assert meanings(outcomes) == [("retry", "CONNECTION")]
    assert server.stand.sends == []


async def test_two_senders_of_one_process_keep_their_own_servers(
    sender: FcmSender, server: Server, tmp_path: Path
) -> None:
    async with running() as other:
        second = fcm.open_sender(other.credentials(tmp_path), other.url)
        both = await asyncio.gather(sender.send([make_push("here")], NOW), second.send([make_push("there")], NOW))
        await second.close()
    assert [meanings(one) for one in both] == [[("sent", None)]] * 2
    assert [sent["token"] for sent in server.stand.sends] == ["here"]
    assert [sent["token"] for sent in other.stand.sends] == ["there"]


async def test_failures_are_logged_as_counts_without_tokens(sender: FcmSender, server: Server) -> None:
    server.plan.tokens = {"secret-token": "503"}
    with structlog.testing.capture_logs() as lines:
        await sender.send([make_push("secret-token"), make_push("device-2")], NOW)
    assert [(line["event"], line["size"], line["codes"]) for line in lines] == [
        ("push.failures", 2, {"UNAVAILABLE": 1})
    ]
    assert "secret-token" not in str(lines)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000",
        "http://127.0.0.1:9000/",
        "http://127.0.0.1:9000/v1",
        "http://127.0.0.1:9000/v1/projects/{0}/messages:send",
        "http://127.0.0.1:9000/v1/projects/fund/messages:send",
    ],
)
def test_the_address_of_another_server_may_be_its_root_or_in_full(url: str) -> None:
    assert fcm.send_url(url, "fund") == "http://127.0.0.1:9000/v1/projects/fund/messages:send"
