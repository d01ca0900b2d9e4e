"""SMS and e-mail through Apprise's own plugins, against servers on loopback."""

import logging
import time
from uuid import uuid4

import pytest
import structlog

from backend.delivery import gateway
from backend.delivery.channels import open_email, open_sms
from backend.delivery.types import Announcement, Outcome
from backend.settings import Settings, SettingsError
from tests.delivery.conftest import NOW
from tests.standins.gateway import HttpGateway, SmtpGateway, running


def to(address: str, title: str = "", body: str = "Der er en ny besked æøå") -> Announcement:
    return Announcement(uuid4(), address, title, body)


async def sent(settings: Settings, *batch: Announcement, channel: str = "sms") -> list[Outcome]:
    sender = open_sms(settings) if channel == "sms" else open_email(settings)
    try:
        return await sender.send(batch, NOW)
    finally:
        await sender.close()


async def test_each_answer_of_a_gateway_becomes_the_outcome_it_stands_for() -> None:
    statuses = {"+4500000429": 429, "+4500000503": 503, "+4500000400": 400, "+4500000401": 401}
    there = HttpGateway(answers={number.replace("+450", "+452"): status for number, status in statuses.items()})
    async with running(there):
        numbers = ["20000001", "+4520000429", "+4520000503", "+4520000400", "+4520000401", "no number"]
        outcomes = await sent(Settings(sms_url=there.url), *(to(number) for number in numbers))
    assert [(one.kind, one.error_code) for one in outcomes] == [
        ("sent", None),
        ("retry", "QUOTA_EXCEEDED"),
        ("retry", "UNAVAILABLE"),
        ("rejected", "INVALID_ARGUMENT"),
        ("retry", "UNAUTHENTICATED"),
        ("rejected", "INVALID_ADDRESS"),
    ]
    assert outcomes[1].retry_after == gateway.QUOTA_WAIT
    assert there.taken == [("+4520000001", "Der er en ny besked æøå")]


async def test_a_gateway_that_hangs_costs_its_own_time_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "SEND_SECONDS", 0.3)
    there = HttpGateway(hang={"+4520000001"})
    async with running(there):
        sender = open_sms(Settings(sms_url=there.url))
        begun = time.monotonic()
        outcomes = await sender.send([to("20000001"), to("20000002")], NOW)
        assert time.monotonic() - begun < 1.5
        again = await sender.send([to("20000003")], NOW)
        await sender.close()
    assert [(one.kind, one.error_code) for one in (*outcomes, *again)] == [
        ("retry", "TIMEOUT"),
        ("sent", None),
        ("sent", None),
    ]


async def test_a_batch_ends_in_time_and_what_was_not_begun_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "START_SECONDS", -1.0)
    there = HttpGateway()
    async with running(there):
        [outcome] = await sent(Settings(sms_url=there.url), to("20000001"))
    assert (outcome.kind, outcome.error_code, there.taken) == ("retry", "NOT_STARTED", [])


async def test_no_connection_is_a_passing_failure_and_no_recipient_reaches_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[logging.LogRecord] = []
    catcher = logging.Handler(logging.DEBUG)
    catcher.emit = seen.append  # type: ignore[assignment, method-assign]
    monkeypatch.setattr(logging.getLogger(), "handlers", [catcher])
    with structlog.testing.capture_logs() as lines:
        [outcome] = await sent(Settings(sms_url="json://127.0.0.1:1/?:to={to}"), to("20000001"))
    assert (outcome.kind, outcome.error_code) == ("retry", "GATEWAY_FAILED")
    assert lines == [
        {
            "event": "gateway.failures",
            "log_level": "warning",
            "room": "delivery",
            "channel": "sms",
            "size": 1,
            "codes": {"GATEWAY_FAILED": 1},
        }
    ]
    assert not [record for record in seen if record.name.startswith("apprise")]
    assert "20000001" not in "".join(capsys.readouterr())
    assert "20000001" not in repr(to("20000001"))


async def test_an_e_mail_reaches_one_mailbox_with_title_and_text() -> None:
    there = SmtpGateway()
    async with running(there):
        batch = [to("kaj@mail.example", "Ny besked", "Log ind og læs."), to("a@b.example,c@d.example")]
        outcomes = await sent(Settings(email_url=there.url), *batch, channel="email")
    assert [one.kind for one in outcomes] == ["sent", "rejected"]
    [(recipient, mail)] = there.taken
    assert (recipient, mail["subject"]) == ("kaj@mail.example", "Ny besked")
    assert mail.get_content().strip() == "Log ind og læs."


async def test_without_a_gateway_there_is_a_neutral_line_in_the_log() -> None:
    with structlog.testing.capture_logs() as lines:
        [outcome] = await sent(Settings(), to("20000001"))
    assert outcome.kind == "sent"
    assert [(line["event"], line["channel"]) for line in lines] == [("text.logged", "sms")]
    assert "20000001" not in str(lines)


@pytest.mark.parametrize(
    ("url", "says"), [("json://127.0.0.1/", "JOBVEJ_SMS_URL needs {to}"), ("nosuch://{to}", "JOBVEJ_SMS_URL is not")]
)
def test_a_gateways_address_that_cannot_work_is_told_at_the_start(url: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        open_sms(Settings(sms_url=url))


def test_a_gateways_address_holds_its_secret_and_is_not_shown() -> None:
    assert "hush" not in repr(Settings(sms_url="json://user:hush@127.0.0.1/{to}", email_url="mailto://hush"))
