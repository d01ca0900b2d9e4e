"""The bundle of evidence: all that the complaints board asks for, the same bytes each time, tampering noticed."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pypdf
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notices import checklist, errors, events, evidence
from backend.notices.tables import Notice
from tests import factories
from tests.notices.factories import NOON, called_in, finished, written

pytestmark = pytest.mark.db


async def proven(session: AsyncSession) -> Notice:
    """A call-in that reached its reader by every channel, and of which everything is known."""
    notice = await called_in(session)
    await written(session, notice)
    for channel in ("mailbox", "push", "sms", "email"):
        await finished(session, notice, channel)
    await events.open_one(session, notice.member_id, notice.id, now=NOON)
    adviser = await factories.staff(session, name="Karen Kjær")
    await events.note(session, notice.id, "explanation", "I was at work.", adviser.id, now=NOON, on="2026-11-23")
    await events.guided(session, notice.member_id, "talk", adviser.id, now=NOON)
    return notice


def unpacked(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


async def bundled(session: AsyncSession, notice: Notice) -> tuple[bytes, dict[str, Any]]:
    packed = evidence.bundle(await evidence.gather(session, notice.id))
    return packed, json.loads(unpacked(packed)["bevis.json"])


async def test_the_bundle_holds_every_item(session: AsyncSession) -> None:
    notice = await proven(session)
    packed, data = await bundled(session, notice)
    files = unpacked(packed)
    assert set(files) == {"brev.pdf", "bevis.json", "oversigt.pdf", "sha256sums.txt"}
    answers = {one["item"]: one["found"] for one in data["checklist"]}
    assert answers.keys() == {item.id for item in checklist.ITEMS}
    assert {item for item, found in answers.items() if found == "no"} == set()
    assert {item for item, found in answers.items() if found == "not_needed"} == {"post", "complaint"}
    assert data["notice"]["origin"] == "called_in"
    assert data["notice"]["consequence"]["text"][0].startswith("Samtalen er en del af det at få dagpenge.")
    assert data["notice"]["consequence"]["given"]
    assert data["mailbox"]["id"] == "mailbox/7"
    assert (data["author"], data["approver"]["name"]) == ({"rule": "N04"}, "Bo Birk")
    for instant in ("created", "rendered", "available", "announced", "opened"):
        assert data["timestamps"][instant], instant
    assert {one["channel"] for one in data["receipts"]} == {"mailbox", "push", "sms", "email"}
    assert data["explanations"][0]["detail"] == {"note": "I was at work.", "on": "2026-11-23"}
    assert data["digitalGuidance"][0]["how"] == "talk"
    assert data["letter"]["sha256"] == hashlib.sha256(files["brev.pdf"]).hexdigest()


async def test_the_overview_tells_it_in_danish(session: AsyncSession) -> None:
    packed, data = await bundled(session, await proven(session))
    read = pypdf.PdfReader(io.BytesIO(unpacked(packed)["oversigt.pdf"]))
    said = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    for part in ("Bevis for brevet", "Tilgængelig i den digitale postkasse", "mailbox/7", "Åbnet af medlemmet",
                 "Bo Birk", "Klagevejledning", "Ikke relevant", "kontrolsummen passer"):  # fmt: skip
        assert part in said, part
    assert data["letter"]["sha256"] in said.replace(" ", "")


async def test_the_same_file_gives_the_same_bytes(session: AsyncSession) -> None:
    notice = await proven(session)
    first, _ = await bundled(session, notice)
    assert first == (await bundled(session, notice))[0]
    assert evidence.faults(first) == []
    await finished(session, notice, "paper")
    assert first != (await bundled(session, notice))[0]


async def test_names_of_files_tell_nothing(session: AsyncSession) -> None:
    packed, data = await bundled(session, await proven(session))
    names = " ".join(unpacked(packed)).lower()
    assert not any(word.lower() in names for word in (data["recipient"]["name"], data["recipient"]["memberNo"]))


@pytest.mark.parametrize("name", ["brev.pdf", "bevis.json", "oversigt.pdf"])
async def test_a_file_that_was_changed_in_the_bundle_is_noticed(session: AsyncSession, name: str) -> None:
    packed, _ = await bundled(session, await proven(session))
    files = unpacked(packed)
    files[name] = files[name].replace(b"1", b"2", 1)
    assert evidence.faults(repacked(files)) == [name]
    del files[name]
    assert evidence.faults(repacked(files)) in ([name], ["not a bundle"])


async def test_another_letter_with_a_fitting_sum_is_noticed(session: AsyncSession) -> None:
    packed, _ = await bundled(session, await proven(session))
    files = unpacked(packed)
    sums = files["sha256sums.txt"].decode()
    old, forged = files["brev.pdf"], files["brev.pdf"] + b"%"
    files["brev.pdf"] = forged
    was, is_now = (hashlib.sha256(each).hexdigest() for each in (old, forged))
    files["sha256sums.txt"] = sums.replace(was, is_now).encode()
    assert evidence.faults(repacked(files)) == ["brev.pdf"]
    assert evidence.faults(b"PK") == ["not a bundle"]
    assert evidence.faults(repacked({"x": b""})) == ["not a bundle"]


async def test_a_letter_that_was_changed_in_the_database_is_noticed(session: AsyncSession) -> None:
    notice = await proven(session)
    await session.execute(text("ALTER TABLE notice_letter DISABLE TRIGGER append_only"))
    await session.execute(text("UPDATE notice_letter SET pdf = overlay(pdf PLACING 'x'::bytea FROM 100 FOR 1)"))
    packed, data = await bundled(session, notice)
    assert data["letter"]["intact"] is False
    said = pypdf.PdfReader(io.BytesIO(unpacked(packed)["oversigt.pdf"])).pages[0].extract_text()
    assert "Advarsel" in said
    forged = "UPDATE notice_letter SET sha256 = encode(sha256(pdf), 'hex')"
    await session.execute(text(forged))
    assert (await evidence.gather(session, notice.id)).intact is False, "the step that made the letter knows its hash"


async def test_what_is_missing_is_said(session: AsyncSession) -> None:
    notice = await called_in(session)
    with pytest.raises(errors.LetterNotReady):
        await evidence.gather(session, notice.id)
    await written(session, notice)
    _, data = await bundled(session, notice)
    missing = {one["item"] for one in data["checklist"] if one["found"] == "no"}
    assert missing == {"available", "announced", "opened", "mailbox", "receipts", "explanation"}


async def test_on_paper_the_postal_facts_are_asked_for_and_not_the_mailbox(session: AsyncSession) -> None:
    member = await factories.member(session, digital_exempt=True)
    notice = await called_in(session, member)
    await written(session, notice)
    _, data = await bundled(session, notice)
    found = {one["item"]: one["found"] for one in data["checklist"]}
    assert (found["post"], found["mailbox"]) == ("no", "not_needed")
    assert (found["announced"], found["opened"]) == ("not_needed", "not_needed")
    await finished(session, notice, "paper")
    adviser = await factories.staff(session)
    await events.note(session, notice.id, "returned", "Ubekendt efter adressen", adviser.id, now=NOON, on=None)
    _, data = await bundled(session, notice)
    found = {one["item"]: one["found"] for one in data["checklist"]}
    assert (found["post"], found["available"]) == ("yes", "yes")
    assert [step["kind"] for step in data["events"]][-1] in ("posted", "returned")


async def test_a_note_needs_words(session: AsyncSession) -> None:
    notice = await called_in(session)
    with pytest.raises(errors.NoteNeeded):
        await events.note(session, notice.id, "contact", "  ", notice.approved_by or notice.id, now=NOON, on=None)
