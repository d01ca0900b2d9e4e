"""Every text of a message on every channel, and the message's own rules in words. Pure: no database, no clock.

A push, an SMS and an e-mail say no more than a locked phone may show. The whole text is in the app, after sign-in; that
of a legal notice in the letter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from backend import i18n
from backend.i18n import N_, shown, text
from backend.notifications import rendering_words as words
from backend.notifications.catalogue import BY_ID, CATALOGUE, MessageType, decode
from backend.notifications.categories import BY_KEY

Channel = Literal["sms", "email"]
CHANNELS: tuple[Channel, ...] = ("sms", "email")
FUND_FIELD = "{fund}"
SMS_NAMED = N_("{text} Questions? Call {phone}.")
SMS_UNNAMED = N_("{fund}: {title}. {text} Questions? Call {phone}.")
SUBJECT = N_("{fund}: {title}")
EMAIL = N_(
    "Hello\n\n{text}\n\nYou read it by signing in to the app or on our web site as you always do. We never send links "
    "to sign in, and never ask for codes.\n\nQuestions? Call us on {phone}.\n\nKind regards\n{fund}"
)


@dataclass(frozen=True, slots=True)
class Texts:
    """One message to one reader, on every channel."""

    title: str
    body: str
    lock_title: str
    lock_body: str
    sms: str
    email_subject: str
    email_text: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of message in words, for one language; the fields in the plural are sentences.

    `steps`: how it arrives, in order. `limits`: what differs from `common`. `lasts`: for how long it is worth sending,
    `holds`: what must be so then. `params`: what its texts are filled with, as in the example. `channels`: where beside
    the app it can be read of; a legal notice on either, as its reader chooses.
    """

    id: str
    number: str
    klass: str
    klass_name: str
    category: str
    category_name: str
    trigger: str
    params: Mapping[str, str]
    steps: tuple[str, ...]
    limits: tuple[str, ...]
    lasts: tuple[str, ...]
    holds: str
    channels: tuple[Channel, ...]
    texts: Texts


def render(kind: MessageType, language: str, values: Mapping[str, object], *, fund: str, phone: str) -> Texts:
    """All texts of a message. `values` are its params as they are, not as stored (`catalogue.decode`)."""
    title, body = in_app(kind, language, values, fund=fund, phone=phone)
    lock_title, lock_body = lock_screen(kind, language, values, fund=fund)
    own = {"title": lock_title, "text": lock_body, "fund": fund, "phone": i18n.phone(phone)}
    sms = SMS_NAMED if FUND_FIELD in kind.lock_body else SMS_UNNAMED
    return Texts(
        title=title,
        body=body,
        lock_title=lock_title,
        lock_body=lock_body,
        sms=text(language, sms, **own),
        email_subject=text(language, SUBJECT, **own),
        email_text=text(language, EMAIL, **own),
    )


def in_app(kind: MessageType, language: str, values: Mapping[str, object], *, fund: str, phone: str) -> tuple[str, str]:
    """Title and body as the member reads them after signing in."""
    given = dict(values) | {"fund": fund, "phone": i18n.phone(phone)}
    return _sentence(text(language, kind.title, **given)), _sentence(text(language, kind.body, **given))


def lock_screen(kind: MessageType, language: str, values: Mapping[str, object], *, fund: str) -> tuple[str, str]:
    """Title and body on a locked phone, for everybody to see."""
    given = dict(values) | {"fund": fund}
    return _sentence(text(language, kind.lock_title, **given)), _sentence(text(language, kind.lock_body, **given))


def of_stored(key: str, language: str, stored: Mapping[str, object], *, fund: str, phone: str) -> Texts:
    """The texts of a message as it lies in the database."""
    kind = BY_ID[key]
    return render(kind, language, decode(kind, stored), fund=fund, phone=phone)


def describe(kind: MessageType, language: str, *, fund: str, phone: str) -> Kind:
    """The kind with its example, and its rules in words."""
    return Kind(
        id=kind.id,
        number=kind.id.split(".")[0],
        klass=kind.klass,
        klass_name=text(language, words.KLASSES[kind.klass]),
        category=kind.category,
        category_name=text(language, BY_KEY[kind.category].label),
        trigger=text(language, kind.trigger),
        params={name: str(shown(language, kind.example[name])) for name in kind.params},
        steps=tuple(text(language, step) for step in _steps(kind)),
        limits=tuple(text(language, limit) for limit in _limits(kind)),
        lasts=_lasts(kind, language),
        holds=text(language, words.HOLDS[kind.holds_while]) if kind.holds_while else "",
        channels=tuple(one for one in CHANNELS if kind.klass == "L" or one in (*kind.ladder, *kind.instead)),
        texts=render(kind, language, kind.example, fund=fund, phone=phone),
    )


def describe_all(language: str, *, fund: str, phone: str) -> list[Kind]:
    """The whole catalogue, in its order."""
    return [describe(kind, language, fund=fund, phone=phone) for kind in CATALOGUE]


def common(language: str) -> tuple[str, ...]:
    """What goes for every message where `limits` says nothing else."""
    return tuple(text(language, one) for one in words.COMMON)


def _sentence(found: str) -> str:
    """A weekday that begins a text begins with a capital letter."""
    return found[:1].upper() + found[1:]


def _steps(kind: MessageType) -> list[str]:
    legal = [words.MAILBOX] if kind.klass == "L" else []
    at_once = [words.AT_ONCE[rung] for rung in kind.at_once]
    later = [words.STEPS[rung] for rung in kind.ladder if rung not in kind.at_once]
    instead = [words.INSTEAD[rung] for rung in kind.instead]
    return [*legal, words.INBOX, *instead, *at_once, *later]


def _limits(kind: MessageType) -> list[str]:
    found = (
        words.REFUSED_NEVER if kind.klass == "L" else None,
        words.HOURS[kind.hours],
        None if kind.capped else words.UNCAPPED,
        words.SMILEY if kind.smiley else None,
    )
    return [limit for limit in found if limit]


def _lasts(kind: MessageType, language: str) -> tuple[str, ...]:
    hours = round(kind.validity.total_seconds() / 3600)
    whole = not hours % 24 and hours > 24
    first = text(language, words.FOR_DAYS, n=hours // 24) if whole else text(language, words.FOR_HOURS, n=hours)
    end = kind.params[kind.ends_with].__name__ if kind.ends_with else ""
    ends = {"datetime": words.ENDS_AT, "date": words.ENDS_ON}.get(end)
    return (first, text(language, ends)) if ends else (first,)
