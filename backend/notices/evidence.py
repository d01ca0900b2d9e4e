"""The file of a notice as one bundle: the letter, all that is known of it, an overview to read, and their hashes.

The same notice gives the same bytes for as long as nothing happens to it. Names of files tell nothing about anybody.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import COPENHAGEN
from backend.notices import checklist, errors, queries, render, templates
from backend.notices.queries import Full, Step, first

FORMAT = "jobvej-evidence/1"
LETTER, DATA, OVERVIEW, SUMS = "brev.pdf", "bevis.json", "oversigt.pdf", "sha256sums.txt"
# Instants in an archive's own headers would be those of the export.
STILL = (1980, 1, 1, 0, 0, 0)
STEPS = {
    "created": "Skrevet",
    "rendered": "Brevet lavet",
    "available": "Tilgængelig i den digitale postkasse",
    "announced": "Varslet",
    "undelivered": "Ikke leveret",
    "opened": "Åbnet af medlemmet",
    "downloaded": "Hentet af medlemmet",
    "posted": "Sendt med posten",
    "returned": "Kommet retur",
    "explanation": "Medlemmets forklaring",
    "contact": "Kontakt med medlemmet",
    "cancelled": "Trukket tilbage",
}
CHANNELS = {"push": "push", "sms": "sms", "email": "e-mail", "mailbox": "digital postkasse", "paper": "papir"}
ANSWERS = {"yes": "Ja", "no": "Nej", "not_needed": "Ikke relevant"}


class File(NamedTuple):
    """What a bundle is made of; `intact`: the letter's bytes are those that were sent."""

    data: Mapping[str, Any]
    letter: bytes
    last_at: datetime
    intact: bool


async def gather(session: AsyncSession, notice_id: UUID) -> File:
    """Everything that is known of a notice. Raises NotFound, and LetterNotReady before there is a letter."""
    notice = await queries.one(session, notice_id)
    steps = await queries.steps(session, notice_id)
    pdf = await queries.pdf(session, notice_id)
    if pdf is None:
        raise errors.LetterNotReady
    intact = _is_intact(notice, steps, pdf)
    data = _data(notice, steps, intact) | {
        "digitalGuidance": await queries.guidance(session, notice.member_id),
        "pending": await queries.deliveries(session, notice.message_id),
    }
    data["checklist"] = checklist.checked(data)
    return File(data, pdf, steps[-1].at, intact)


def bundle(file: File) -> bytes:
    """The bundle as a ZIP. A few milliseconds of a processor; not for inside a transaction."""
    data = msgspec.json.format(msgspec.json.encode(file.data, order="sorted"), indent=2)
    members = {LETTER: file.letter, DATA: data}
    members[OVERVIEW] = render.overview(_overview(file, members), made_at=file.last_at)
    members[SUMS] = "".join(f"{_hash(members[name])}  {name}\n" for name in sorted(members)).encode()
    packed = io.BytesIO()
    # Stored, not compressed: how bytes are compressed differs between versions of the library.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(_entry(name), content)
    return packed.getvalue()


def faults(packed: bytes) -> list[str]:
    """What is wrong with a bundle: files whose bytes are others than they were, or that are missing. None is good."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
        lines = [line.partition("  ") for line in found[SUMS].decode().splitlines()]
        sums = {name: digest for digest, _, name in lines}
        sent = msgspec.json.decode(found[DATA])["letter"]["sha256"]
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, msgspec.DecodeError):
        return ["not a bundle"]
    wrong = [name for name in sorted({LETTER, DATA, OVERVIEW} | set(sums)) if _hash(found.get(name)) != sums.get(name)]
    if LETTER not in wrong and _hash(found[LETTER]) != sent:
        wrong.insert(0, LETTER)
    return wrong + sorted(set(found) - set(sums) - {SUMS})


def _hash(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, STILL)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


def _is_intact(notice: Full, steps: Sequence[Step], pdf: bytes) -> bool:
    """The hash stands beside the letter and in the event of its making: who changes one must change all three."""
    made = first(steps, "rendered")
    return _hash(pdf) == notice.sha256 == (made.detail["sha256"] if made else None)


def _data(notice: Full, steps: Sequence[Step], intact: bool) -> dict[str, Any]:
    mailbox = first(steps, "available")
    return {
        "format": FORMAT,
        "notice": _notice(notice),
        "recipient": {**notice.recipient, "digitalExempt": notice.digital_exempt},
        "author": notice.author or {"rule": notice.key},
        "approver": notice.approver,
        "content": notice.content,
        "demanded": sorted(templates.DEMANDED[notice.template]),
        "letter": {
            "file": LETTER,
            "sha256": notice.sha256,
            "size": notice.size,
            "layout": notice.layout,
            "program": notice.program,
            "standard": "PDF/A-2a, PDF/UA-1",
            "intact": intact,
        },
        "timestamps": {kind: _at(first(steps, kind)) for kind in STEPS},
        "mailbox": {
            "id": mailbox.detail.get("receipt") if mailbox else None,
            "available": _at(mailbox),
        },
        "receipts": [{"at": step.at, **step.detail} for step in steps if "channel" in step.detail],
        "explanations": [_step(step) for step in steps if step.kind == "explanation"],
        "events": [_step(step) for step in steps],
    }


def _notice(notice: Full) -> dict[str, Any]:
    said = [part for part in notice.content["sections"] if part["piece"].partition("/")[0] == notice.consequence]
    return {
        "id": notice.id,
        "messageId": notice.message_id,
        "key": notice.key,
        "period": notice.period,
        "language": notice.language,
        "origin": notice.origin,
        "template": {"id": notice.template, "version": notice.template_version},
        "consequence": {
            "id": notice.consequence,
            "version": notice.consequence_version,
            "text": [line for part in said for line in part["paragraphs"]],
            "given": notice.created_at,
        },
    }


def _step(step: Step) -> dict[str, Any]:
    return {"kind": step.kind, "at": step.at, "staff": step.staff, "detail": step.detail}


def _at(step: Step | None) -> datetime | None:
    return step.at if step else None


def _overview(file: File, members: Mapping[str, bytes]) -> dict[str, Any]:
    """What the overview shows, in words: it is read by people who have never seen the program."""
    data = file.data
    return {
        "heading": data["content"]["heading"],
        "id": str(data["notice"]["id"]),
        "intact": file.intact,
        "recipient": data["recipient"],
        "sender": data["content"]["sender"],
        "author": _person(data["author"]),
        "approver": _person(data["approver"]),
        "template": "{id}, version {version}".format(**data["notice"]["template"]),
        "consequence": "{id}, version {version}".format(**data["notice"]["consequence"]),
        "facts": [[fact["label"], fact["value"]] for fact in data["content"]["facts"]],
        "steps": [[_shown(step["at"]), STEPS[step["kind"]], _told(step)] for step in data["events"]],
        "guidance": [[_shown(one["at"]), one["how"], one["staff"]] for one in data["digitalGuidance"]],
        "checklist": [[one["label"], ANSWERS[one["found"]]] for one in data["checklist"]],
        "files": [[name, _hash(content)] for name, content in members.items()],
    }


def _person(person: Mapping[str, Any] | None) -> str:
    if person is None:
        return "–"
    return f"Regel {person['rule']}" if "rule" in person else f"{person['name']} ({person['staffNo']})"


def _told(step: Mapping[str, Any]) -> str:
    """The details of a step that a reader looks for."""
    detail = step["detail"]
    parts = [CHANNELS.get(detail.get("channel", "")), detail.get("receipt"), detail.get("error"), step["staff"]]
    parts += [detail.get("on"), detail.get("note"), detail.get("reason")]
    return ", ".join(str(part) for part in parts if part)


def _shown(at: datetime) -> str:
    """Danish time to the second, with the offset: the hour that October repeats is told apart."""
    return f"{at.astimezone(COPENHAGEN):%d.%m.%Y %H.%M.%S} ({at.astimezone(UTC):%H.%M} UTC)"
