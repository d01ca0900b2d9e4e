"""A legal notice on its way out: its letter is made and kept before anybody hears of it, one and the same."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework.tables import CallIn
from backend.db.engine import Sessions
from backend.jobs import deliver, letters
from backend.notices import queries, render, service
from backend.notices.tables import Notice
from backend.settings import Settings
from tests import factories
from tests.casework.factories import call_in
from tests.notices.factories import FUND, NOON, called_in, new_call_in, steps_of
from tests.notifications.factories import device, rows

pytestmark = pytest.mark.db


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, quiet_hours="off")


async def standing(session: AsyncSession, **values: Any) -> Notice:
    """A notice of a call-in that is approved, to a member with a phone."""
    member = await factories.member(session, **values)
    approver = await factories.staff(session)
    case = await session.get_one(CallIn, await call_in(session, member.id))
    case.state, case.decided_by = "approved", approver.id
    await device(session, member.id)
    await service.send(session, [replace(new_call_in(member.id, approver.id), period=str(case.id))], now=NOON)
    found = (await queries.of_member(session, member.id))[0]
    return await session.get_one(Notice, found.id)


async def test_the_letter_is_there_before_the_phone_rings(
    session: AsyncSession, sessions: Sessions, settings: Settings
) -> None:
    notice = await standing(session)
    await session.commit()
    counts = await deliver.run_once(sessions, settings, NOON)
    assert counts["sent"] >= 2
    kinds = [kind for kind, _ in await steps_of(session, notice.id)]
    assert {"created", "rendered", "announced", "available"} <= set(kinds)
    (kept,) = await rows(session, "notice_letter")
    (letter,) = settings.data.glob("mailbox/*/letter.pdf")
    assert letter.read_bytes() == kept["pdf"]


async def test_nothing_is_announced_while_the_letter_cannot_be_made(
    session: AsyncSession, sessions: Sessions, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = await standing(session)
    await session.commit()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no paper")

    with monkeypatch.context() as broke:
        broke.setattr(render, "letter", broken)
        assert "sent" not in await deliver.run_once(sessions, settings, NOON)
    assert [kind for kind, _ in await steps_of(session, notice.id)] == ["created"]
    assert {row["last_error"] for row in await rows(session, "delivery")} == {"NOT_PREPARED"}


async def test_one_letter_that_cannot_be_made_keeps_no_other_back(
    session: AsyncSession, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = await called_in(session), await called_in(session)
    await session.commit()
    real = render.letter

    def sometimes(notice_id: object, *given: object, **more: object) -> render.Pdf:
        if notice_id == bad.id:
            raise RuntimeError("no paper")
        return real(notice_id, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(render, "letter", sometimes)
    messages = [good.message_id, bad.message_id]
    with pytest.raises(letters.LettersNotMadeError):
        await letters.prepare(sessions, messages, fund=FUND, now=NOON)
    assert (await service.letters(session, messages)).keys() == {good.message_id}


async def test_who_is_exempt_from_digital_mail_gets_the_letter_on_paper(
    session: AsyncSession, sessions: Sessions, settings: Settings
) -> None:
    notice = await standing(session, digital_exempt=True)
    await session.commit()
    await deliver.run_once(sessions, settings, NOON)
    kinds = {kind for kind, _ in await steps_of(session, notice.id)}
    assert "posted" in kinds
    assert "announced" not in kinds
    (letter,) = settings.data.glob("print/*/letter.pdf")
    assert letter.read_bytes() == (await rows(session, "notice_letter"))[0]["pdf"]
