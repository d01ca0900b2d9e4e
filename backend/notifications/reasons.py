"""Why a member got a message, and what became of it on each channel, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import i18n
from backend.errors import NotFound
from backend.i18n import N_
from backend.notifications import preferences
from backend.notifications.catalogue import BY_ID
from backend.notifications.categories import BY_KEY
from backend.notifications.message_type import ROWS, TALK_CAUSES, Klass, MessageType
from backend.notifications.preferences import Choice
from backend.notifications.preferences_view import CHANNEL_NAMES

KLASSES: Mapping[Klass, str] = {
    "L": N_("A letter with legal effect: it always comes."),
    "R": N_("A reminder. You can turn reminders of this kind off."),
    "S": N_("News. You can turn news of this kind off."),
}
LEGAL = N_("You cannot turn important letters off. You chose to be told of them this way: {channel}.")
WANTED = N_("You have messages about “{category}” turned on for your phone.")
UNWANTED = N_("You have messages about “{category}” turned off for your phone, so it lies in your inbox.")

YOUR_PHONE = N_("your phone")
DUE = {
    "CAPPED": N_("Waits for {device}: you have had as many as anybody gets in a day or a week."),
    "SMILEY_LIMIT": N_("Waits for {device}: you heard less than a week ago how your job search is going."),
    "PAUSED": N_("Is on its way to {device}."),
    None: N_("Is on its way to {device}."),
}
TRYING = N_("Could not be sent to {device} yet. We try again.")
ENDED = {
    "sent": N_("Sent to {device}."),
    "bundled": N_("{device} was told of it together with other messages."),
    "gone": N_("Could not be sent to {device}: the app is no longer there."),
    "expired": N_("Could not be sent to {device} in time."),
}
NOT_SENT = {
    "NOT_WANTED": N_("Not sent to {device}: you have turned this off."),
    "NO_LONGER_TRUE": N_("Not sent to {device}: it no longer held when it was to be sent."),
    "DEVICE_REVOKED": N_("Not sent to {device}, which is signed out."),
    "CAPPED": N_(
        "Not sent to {device}: you have had as many as anybody gets in a day or a week. You were told otherwise."
    ),
    "EXEMPT": N_("Not sent to {device}, because you are exempt from digital mail. Important letters come by post."),
    "SUPERSEDED": N_("Not sent to {device}: a newer message says how it stands."),
}
FAILED = N_("Could not be sent to {device}.")
OTHER = {
    "sms": N_("your phone as an SMS"),
    "email": N_("your e-mail address"),
    "mailbox": N_("your secure mailbox"),
    "paper": N_("your postal address"),
}
PHONED = N_("We call you, because it has not been read.")


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, or will be, on one channel; `at` is when."""

    channel: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """`subject` and `subject_id` say what the message is about, where that is one thing (a talk, a call, a task)."""

    trigger: str
    klass: Klass
    klass_text: str
    preference: str
    subject: str | None
    subject_id: str | None
    steps: list[Step]


async def of_message(session: AsyncSession, member_id: UUID, message_id: UUID, *, language: str) -> Reason:
    """Why the member got the message, in the reader's language. Raises NotFound, also for another member's."""
    message = (await session.execute(_MESSAGE, {"member": member_id, "message": message_id})).first()
    if message is None:
        raise NotFound
    kind = BY_ID[message.key]
    choice = (await preferences.choices(session, [member_id])).get(member_id, preferences.STANDARD)
    found = await session.execute(_STEPS, {"message": message_id})
    subject, subject_id = about(kind, message.period, message.cause)
    return Reason(
        trigger=i18n.text(language, kind.trigger),
        klass=kind.klass,
        klass_text=i18n.text(language, KLASSES[kind.klass]),
        preference=_preference(kind, choice, language),
        subject=subject,
        subject_id=subject_id,
        steps=[Step(row.channel, _words(row, language), row.at) for row in found],
    )


def about(kind: MessageType, period: str, cause: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """What a message is about, and its id, where that is one row."""
    if kind.holds_while in ROWS:
        return kind.holds_while, str(cause.get(kind.holds_while, period))
    found = next((name for name in TALK_CAUSES if name in cause), None) if kind.holds_while == "talk" else None
    return (found, str(cause[found])) if found else (kind.holds_while, None)


def _preference(kind: MessageType, choice: Choice, language: str) -> str:
    if kind.klass == "L":
        return i18n.text(language, LEGAL, channel=i18n.text(language, CHANNEL_NAMES[choice.announce_by]))
    said = WANTED if choice.wants(kind, "push") else UNWANTED
    return i18n.text(language, said, category=i18n.text(language, BY_KEY[kind.category].label))


def _words(row: Row[Any], language: str) -> str:
    if row.channel == "phone":
        return i18n.text(language, PHONED)
    device = row.device or i18n.text(language, OTHER.get(row.channel, YOUR_PHONE))
    return i18n.text(language, _msgid(row), device=device)


def _msgid(row: Row[Any]) -> str:
    if row.state in ("due", "sending"):
        return DUE.get(row.last_error, TRYING)
    if row.state in ENDED:
        return ENDED[row.state]
    return NOT_SENT.get(row.last_error, FAILED)


_MESSAGE = text("""
SELECT m.key, m.period, m.cause FROM message m
JOIN inbox_entry e ON e.message_id = m.id
WHERE m.id = :message AND e.member_id = :member
""")

_STEPS = text("""
SELECT d.channel, d.state, d.last_error, d.due_at AS at, v.name AS device
FROM delivery d LEFT JOIN device v ON v.id = d.device_id WHERE d.message_id = :message
UNION ALL
SELECT d.channel, d.state, d.last_error, d.finished_at, v.name
FROM delivery_done d LEFT JOIN device v ON v.id = d.device_id WHERE d.message_id = :message
UNION ALL
SELECT rung, 'taken', NULL, at, NULL FROM message_step WHERE message_id = :message AND rung = 'phone'
ORDER BY at, channel, device
""")
