"""The e-mail that asks how it went: whom it reaches, and the one-time link in it."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions, transaction
from backend.jobs import deliver
from backend.notifications.service import NewMessage, send
from backend.settings import Settings
from backend.surveys import links
from tests import factories
from tests.notifications.factories import device
from tests.standins.gateway import SmtpGateway, running
from tests.surveys.factories import NOON, answer, invited, rows

pytestmark = pytest.mark.db
LINK = re.compile(r"https://jobvej\.example/s/([\w-]{43})\b")


@pytest.fixture
async def mail() -> AsyncIterator[SmtpGateway]:
    gateway = SmtpGateway()
    async with running(gateway):
        yield gateway


async def sent(sessions: Sessions, mail: SmtpGateway, folder: Path, **values: Any) -> list[tuple[str, str]]:
    settings = Settings(data=folder, email_url=mail.url, **values)
    await deliver.run_once(sessions, settings, NOON + timedelta(minutes=1))
    return [(to, letter.get_content()) for to, letter in mail.taken]


async def asked(session: AsyncSession) -> Any:
    branch = await factories.branch(session)
    [invitation_id] = await invited(session, 1, branch.id)
    return invitation_id


async def test_who_has_no_phone_is_mailed_a_link_that_answers_once_and_is_stored_nowhere(
    sessions: Sessions, mail: SmtpGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with transaction(sessions) as session:
        invitation_id = await asked(session)
    [(_, body)] = await sent(sessions, mail, tmp_path, public_url="https://jobvej.example/")
    found = LINK.search(body)
    assert found is not None
    async with transaction(sessions) as session:
        assert await links.invitation_of(session, found[1], now=NOON) == invitation_id
        kept = await session.scalar(text("SELECT token_hash FROM survey_invitation"))
        assert kept == links.digest(found[1])
        await answer(session, invitation_id, "5")
        for table in ("message", "delivery_done", "message_step", "inbox_entry"):
            assert found[1] not in str(await rows(session, table))
    assert found[1] not in "".join(capsys.readouterr())


async def test_without_a_public_address_there_is_no_link(sessions: Sessions, mail: SmtpGateway, tmp_path: Path) -> None:
    async with transaction(sessions) as session:
        await asked(session)
    [(_, body)] = await sent(sessions, mail, tmp_path)
    assert "/s/" not in body


async def test_a_mail_that_is_sent_again_carries_a_new_link(
    sessions: Sessions, mail: SmtpGateway, tmp_path: Path
) -> None:
    async with transaction(sessions) as session:
        await asked(session)
    await sent(sessions, mail, tmp_path, public_url="https://jobvej.example")
    async with transaction(sessions) as session:  # as if the worker had died before it recorded
        await session.execute(
            text(
                "WITH d AS (DELETE FROM delivery_done WHERE channel = 'email' RETURNING *) INSERT INTO delivery (id,"
                " message_id, member_id, channel, due_at, valid_until, created_at) SELECT id, message_id, member_id,"
                " channel, created_at, created_at + interval '1 day', created_at FROM d"
            )
        )
    bodies = [body for _, body in await sent(sessions, mail, tmp_path, public_url="https://jobvej.example")]
    first, second = [found[1] for found in map(LINK.search, bodies) if found]
    async with sessions() as session:
        hashes = [row["token_hash"] for row in await rows(session, "survey_invitation", "token_hash")]
    assert hashes == [links.digest(second)] != [links.digest(first)]


@pytest.mark.parametrize(
    "who", ["has a phone", "wants no mail of surveys", "wants nothing of surveys", "is exempt", "has no address"]
)
async def test_nobody_else_is_mailed(sessions: Sessions, mail: SmtpGateway, tmp_path: Path, who: str) -> None:
    async with transaction(sessions) as session:
        branch = await factories.branch(session)
        [invitation_id] = await invited(session, 1, branch.id)
        for table in ("delivery", "message_step", "inbox_entry", "message"):
            await session.execute(text(f"DELETE FROM {table}"))
        [invitation] = await rows(session, "survey_invitation", "id, member_id")
        member_id = invitation["member_id"]
        if who == "has a phone":
            await device(session, member_id, last_seen_at=NOON)
        if who == "is exempt":
            await session.execute(text("UPDATE member SET digital_exempt = true"))
        if who == "has no address":
            await session.execute(text("UPDATE member SET email = ''"))
        if "wants" in who:
            channel = "email" if "mail" in who else "push"
            await session.execute(
                text(
                    "INSERT INTO notification_preference (member_id, category, channel, wanted, changed_at)"
                    " VALUES (:m, 'survey', :c, false, :now)"
                ),
                {"m": member_id, "c": channel, "now": NOON},
            )
        message = NewMessage(
            member_id, "N26", str(invitation_id), {"activity": "x"}, {"invitation": str(invitation_id)}
        )
        await send(session, [message], now=NOON)
    assert await sent(sessions, mail, tmp_path, public_url="https://jobvej.example") == []
