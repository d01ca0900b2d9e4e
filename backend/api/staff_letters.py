"""Hearings and decisions: written, read by whoever lets them go, and sent as legal notices."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, JSONBody

from backend.api import notices_view
from backend.api.given import Colleague, Configured, Now, Session
from backend.api.notices_view import LetterPreview
from backend.api.staff_view import Note, Reason
from backend.api.wire import Input, Prose, Wire
from backend.casework import letters as drafts
from backend.casework.rules_letters import Kind, Text
from backend.casework.tables_letters import CaseLetter
from backend.followup import letter_file, letters
from backend.followup.letter_file import LetterFile
from backend.members.identity import StaffIdentity
from backend.notices import rules

ONE = "/v1/staff/letters/{letter_id:uuid}"
OF_MEMBER = "/v1/staff/members/{member_id:uuid}/letters"


class LetterInput(Input):
    """What is written. `matter`: what the case is about; `grounds`: what we attach weight to.

    A hearing has `answerBy`, five working days ahead at the least. A decision has `decision` (with what it means for
    the member), `rules`, and either `hearingId`, the hearing that went before, or `withoutHearing`: why none was
    needed. The rest of the letter, the guide to complaining too, is the program's. The kind of a draft stays.
    """

    kind: Kind
    matter: Prose
    grounds: Prose
    decision: Note = ""
    rules: Note = ""
    answer_by: date | None = None
    hearing_id: UUID | None = None
    without_hearing: Note = ""


class LetterVersionInput(Input):
    """The version that was read: another one is not sent."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class ReturnInput(Input):
    reason: Reason


class LetterSummary(Wire):
    """A hearing or a decision in the list of a member. `state`: draft, sent or withdrawn."""

    id: UUID
    kind: str
    state: str
    matter: str
    answer_by: date | None
    written_at: datetime
    sent_at: datetime | None
    returned: bool


class LetterStep(Wire):
    """What was done, when, and by whom: written, edited, opened (read), returned, withdrawn, sent."""

    kind: str
    at: datetime
    staff: str | None
    reason: str | None


class LetterView(Wire):
    """A hearing or a decision. `mine`: I wrote it; `maySend`: I am one of those who may let it go.

    `read`: the whole letter in the member's language, for those who opened this version today; `sendFrom`: the moment
    from which they may send it. `noticeId`: the legal notice that it became.
    """

    id: UUID
    member_id: UUID
    kind: str
    state: str
    version: int
    matter: str
    grounds: str
    decision: str
    rules: str
    answer_by: date | None
    hearing_id: UUID | None
    without_hearing: str
    author: str
    mine: bool
    written_at: datetime
    returned_reason: str | None
    sender: str | None
    sent_at: datetime | None
    notice_id: UUID | None
    may_send: bool
    read: LetterPreview | None
    send_from: datetime | None
    good_time_to_send: bool
    steps: list[LetterStep]


@get(OF_MEMBER, operation_id="listLetters", tags=["letters"])
async def list_of_member(session: Session, member_id: FromPath[UUID]) -> list[LetterSummary]:
    """The latest fifty hearings and decisions about a member, the newest first."""
    return [_summary(one) for one in await drafts.of_member(session, member_id, limit=50)]


@post(OF_MEMBER, operation_id="writeLetter", tags=["letters"], status_code=201)
async def write(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    member_id: FromPath[UUID],
    data: JSONBody[LetterInput],
) -> LetterView:
    """A new draft. Nothing is sent."""
    made = await letters.write(session, member_id, staff, _text(data), now=now)
    return await _view(session, made.id, staff, now, settings.call_in_reading_seconds)


@get(ONE, operation_id="getLetter", tags=["letters"])
async def get_one(
    session: Session, staff: Colleague, now: Now, settings: Configured, letter_id: FromPath[UUID]
) -> LetterView:
    """One hearing or decision in whatever state."""
    return await _view(session, letter_id, staff, now, settings.call_in_reading_seconds)


@put(ONE, operation_id="editLetter", tags=["letters"])
async def edit(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    letter_id: FromPath[UUID],
    data: JSONBody[LetterInput],
) -> LetterView:
    """Write it anew: it is mine then, whoever's it was, and is read anew before it is sent."""
    await letters.edit(session, letter_id, staff, _text(data), now=now)
    return await _view(session, letter_id, staff, now, settings.call_in_reading_seconds)


@post(f"{ONE}/open", operation_id="openLetter", tags=["letters"], status_code=200)
async def open_one(
    session: Session, staff: Colleague, now: Now, settings: Configured, letter_id: FromPath[UUID]
) -> LetterView:
    """Read the whole letter as the member would. That I did is kept; without it I cannot send it."""
    await letters.read(session, letter_id, staff, now=now)
    return await _view(session, letter_id, staff, now, settings.call_in_reading_seconds)


@post(f"{ONE}/return", operation_id="returnLetter", tags=["letters"], status_code=200)
async def hand_back(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    letter_id: FromPath[UUID],
    data: JSONBody[ReturnInput],
) -> LetterView:
    """Do not send it like this: back to its author, with the reason."""
    await letters.hand_back(session, letter_id, staff, data.reason, now=now)
    return await _view(session, letter_id, staff, now, settings.call_in_reading_seconds)


@post(f"{ONE}/withdraw", operation_id="withdrawLetter", tags=["letters"], status_code=200)
async def withdraw(
    session: Session, staff: Colleague, now: Now, settings: Configured, letter_id: FromPath[UUID]
) -> LetterView:
    """It will not be sent at all. It stays in the member's file."""
    await letters.withdraw(session, letter_id, staff, now=now)
    return await _view(session, letter_id, staff, now, settings.call_in_reading_seconds)


@post(f"{ONE}/send", operation_id="sendLetter", tags=["letters"], status_code=200)
async def send(
    session: Session,
    staff: Colleague,
    now: Now,
    settings: Configured,
    letter_id: FromPath[UUID],
    data: JSONBody[LetterVersionInput],
) -> LetterView:
    """Let it go as a legal notice, once. A decision goes by a coordinator who did not write it."""
    seconds = settings.call_in_reading_seconds
    await letters.send(session, letter_id, staff, data.version, now=now, pause=timedelta(seconds=seconds))
    return await _view(session, letter_id, staff, now, seconds)


def _text(data: LetterInput) -> Text:
    return Text(**{name: getattr(data, name) for name in Text._fields})


def _summary(one: CaseLetter) -> LetterSummary:
    same = ("id", "kind", "state", "matter", "answer_by", "written_at", "sent_at")
    returned = one.state == "draft" and one.returned_reason is not None
    return LetterSummary(**{name: getattr(one, name) for name in same}, returned=returned)


async def _view(session: Session, letter_id: UUID, staff: StaffIdentity, now: datetime, seconds: int) -> LetterView:
    file = await letter_file.of(session, letter_id, staff, now=now)
    content = await letters.preview(session, file.letter, staff, now=now) if file.read_at else None
    return LetterView(
        **_same(file.letter),
        author=file.about.author,
        mine=file.letter.author_id == staff.id,
        sender=file.about.sender,
        notice_id=file.about.notice_id,
        may_send=file.may_send,
        read=notices_view.preview(content) if content else None,
        send_from=file.read_at + timedelta(seconds=seconds) if file.read_at else None,
        good_time_to_send=rules.is_good_time(now),
        steps=_steps(file),
    )


def _same(letter: CaseLetter) -> dict[str, Any]:
    names = (
        "id", "member_id", "kind", "state", "version", "matter", "grounds", "decision", "rules", "answer_by",
        "hearing_id", "without_hearing", "written_at", "returned_reason", "sent_at",
    )  # fmt: skip
    return {name: getattr(letter, name) for name in names}


def _steps(file: LetterFile) -> list[LetterStep]:
    return [LetterStep(kind=row.event, at=row.at, staff=row.staff, reason=row.reason) for row in file.steps]


HANDLERS = (list_of_member, write, get_one, edit, open_one, hand_back, withdraw, send)
