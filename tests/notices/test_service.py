"""A legal notice is written once, has one letter made of its content, and never changes."""

import hashlib
import io
from typing import Any

import pypdf
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.errors import NotFound
from backend.notices import events, queries, render, service
from backend.notices.service import NewNotice
from tests import factories
from tests.notices.factories import FUND, NOON, called_in, finished, new_call_in, steps_of, written
from tests.notifications.factories import rows

pytestmark = pytest.mark.db


async def test_the_message_the_letter_and_the_first_step_are_written_together(session: AsyncSession) -> None:
    notice = await called_in(session)
    (message,) = await rows(session, "message")
    assert (message["id"], message["key"], message["klass"]) == (notice.message_id, "N04", "L")
    assert (notice.template, notice.template_version, notice.consequence, notice.consequence_version) == (
        "call_in", 1, "absence", 1,
    )  # fmt: skip
    assert notice.recipient["name"] == "Søren Østergaard"
    facts = {fact["name"]: fact["value"] for fact in notice.content["facts"]}
    assert (facts["holder"], facts["time"]) == ("Karen Kjær", "09.00")
    assert await steps_of(session, notice.id) == [("created", {})]


async def test_a_notice_is_written_once(session: AsyncSession) -> None:
    member = await factories.member(session)
    approver = await factories.staff(session)
    new = new_call_in(member.id, approver.id)
    assert await service.send(session, [new], now=NOON) == 1
    assert await service.send(session, [new], now=NOON) == 0
    assert [len(await rows(session, table)) for table in ("message", "notice", "notice_event")] == [1, 1, 1]


async def test_a_person_approves_what_calls_somebody_in(session: AsyncSession) -> None:
    member = await factories.member(session)
    nobody = NewNotice(
        member_id=member.id, template="decision", period="p", origin="decision",
        letter={"matter": "m", "decision": "d", "grounds": "g", "rules": "r", "decided_on": NOON.date()},
    )  # fmt: skip
    with pytest.raises(DBAPIError, match="ck_notice_approver"):
        await service.send(session, [nobody], now=NOON)


async def test_unknown_members_letters_and_params_are_refused(session: AsyncSession) -> None:
    member = await factories.member(session)
    with pytest.raises(NotFound):
        await service.send(session, [new_call_in(new_id(), new_id())], now=NOON)
    with pytest.raises(ValueError, match="shoe_size"):
        await service.send(session, [new_call_in(member.id, new_id(), shoe_size=43)], now=NOON)
    assert await rows(session, "message") == []


async def test_many_notices_take_as_many_statements_as_one(session: AsyncSession) -> None:
    approver = await factories.staff(session)
    members = [await factories.member(session) for _ in range(5)]
    new = [new_call_in(member.id, approver.id) for member in members]
    assert await service.send(session, new, now=NOON) == 5
    assert {notice["member_id"] for notice in await rows(session, "notice")} == {member.id for member in members}


async def test_the_letter_is_archivable_tagged_and_says_what_the_content_says(session: AsyncSession) -> None:
    notice = await called_in(session)
    pdf = await written(session, notice)
    (kept,) = await rows(session, "notice_letter")
    assert (kept["sha256"], kept["size"]) == (hashlib.sha256(pdf).hexdigest(), len(pdf))
    assert await steps_of(session, notice.id) == [("created", {}), ("rendered", {"sha256": kept["sha256"]})]
    read = pypdf.PdfReader(io.BytesIO(pdf))
    root: Any = read.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "da-DK"
    marks = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in marks
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in marks
    said = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    for section in notice.content["sections"]:
        assert section["heading"] in said
        assert " ".join(section["paragraphs"]) in said
    for part in ("Søren Østergaard", FUND, "mandag den 23. november 2026", "09.00", "Vejle, room 2", str(notice.id)):
        assert part in said
    resources: Any = read.pages[0]["/Resources"]
    for font in resources["/Font"].values():
        (descendant,) = font.get_object()["/DescendantFonts"]
        assert descendant.get_object()["/FontDescriptor"].keys() & {"/FontFile2", "/FontFile3"}, "it brings its fonts"


async def test_a_letter_is_kept_once_whoever_made_it(session: AsyncSession) -> None:
    notice = await called_in(session)
    first = await written(session, notice)
    other = render.Pdf(b"another", "0" * 64)
    assert await service.keep(session, {notice.id: other}, now=NOON) == 0
    assert await service.letter(session, notice.message_id) == first
    assert await service.unwritten(session, [notice.message_id]) == []


async def test_the_same_content_gives_the_same_bytes(session: AsyncSession) -> None:
    notice = await called_in(session)
    (found,) = await service.unwritten(session, [notice.message_id])
    made = [render.letter(notice.id, found.content, fund=FUND, at=found.created_at) for _ in range(2)]
    assert made[0] == made[1]
    other = render.letter(notice.id, {**found.content, "heading": "Other"}, fund=FUND, at=found.created_at)
    assert other.sha256 != made[0].sha256


async def test_a_name_that_the_fonts_lack_does_not_keep_the_letter_back(session: AsyncSession) -> None:
    adviser = await factories.staff(session)
    member = await factories.member(session, name="李 Ærø 🙂", adviser_id=adviser.id)
    assert (await written(session, await called_in(session, member))).startswith(b"%PDF")


async def test_there_is_no_letter_before_it_is_made(session: AsyncSession) -> None:
    notice = await called_in(session)
    with pytest.raises(NotFound):
        await service.letter(session, notice.message_id)
    assert await service.letters(session, [notice.message_id, new_id()]) == {}


@pytest.mark.parametrize("statement", [
    "UPDATE notice SET language = 'en'",
    "DELETE FROM notice_event",
    "UPDATE notice_letter SET sha256 = 'x'",
    "TRUNCATE notice_letter",
    "DELETE FROM digital_guidance",
])  # fmt: skip
async def test_nothing_of_a_notice_can_be_changed(session: AsyncSession, statement: str) -> None:
    await written(session, await called_in(session))
    with pytest.raises(DBAPIError, match="append-only"):
        await session.execute(text(statement))


async def test_receipts_become_steps_whoever_ended_the_delivery(session: AsyncSession) -> None:
    notice = await called_in(session)
    await finished(session, notice, "mailbox")
    await finished(session, notice, "push")
    await finished(session, notice, "sms", "rejected", error="NO_ADDRESS")
    await finished(session, notice, "paper")
    found = {(kind, detail["channel"]): detail for kind, detail in (await steps_of(session, notice.id))[1:]}
    assert found.keys() == {
        ("available", "mailbox"),
        ("announced", "push"),
        ("undelivered", "sms"),
        ("posted", "paper"),
    }
    assert found["available", "mailbox"]["receipt"] == "mailbox/7"
    assert found["undelivered", "sms"]["error"] == "NO_ADDRESS"
    (listed,) = await queries.of_member(session, notice.member_id)
    assert (listed.available_at, listed.announced_at, listed.opened_at) == (NOON, NOON, None)


async def test_opening_is_kept_once_and_reads_the_message(session: AsyncSession) -> None:
    notice = await called_in(session)
    await events.open_one(session, notice.member_id, notice.id, now=NOON)
    await events.open_one(session, notice.member_id, notice.id, now=NOON.replace(hour=15))
    await events.download(session, notice.member_id, notice.id, now=NOON.replace(hour=16))
    kinds = [kind for kind, _ in await steps_of(session, notice.id)]
    assert sorted(kinds) == ["created", "downloaded", "opened"]
    (listed,) = await queries.of_member(session, notice.member_id)
    assert listed.opened_at == NOON
    assert [entry["read_at"] for entry in await rows(session, "inbox_entry")] == [NOON]
    with pytest.raises(NotFound):
        await events.open_one(session, new_id(), notice.id, now=NOON)
