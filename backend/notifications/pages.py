"""The catalogue as a page: what it shows, in one language, with each message's phone in every language."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backend.i18n import LANGUAGES, N_, text
from backend.notifications import rendering, staff_texts
from backend.notifications.categories import CATEGORIES
from backend.notifications.rendering import Kind, Texts
from backend.notifications.staff_texts import STAFF_TEXTS, StaffText

TEMPLATES = Path(__file__).resolve().parent / "templates"
LANGUAGE_NAMES = {"da": "Dansk", "en": "English"}

# The words of the page itself; templates take them by name.
WORDS = {
    "heading": N_("All messages"),
    "intro": N_(
        "Every message that {fund} sends its members, with an example of each. The phone shows what anybody can read "
        "on a locked screen; below it is what the member reads after signing in."
    ),
    "contents": N_("Contents"),
    "locked": N_("On a locked phone"),
    "unlocked": N_("In the app, after signing in"),
    "now": N_("now"),
    "sms": N_("As an SMS"),
    "email": N_("As an e-mail"),
    "trigger": N_("When"),
    "steps": N_("How it arrives"),
    "limits": N_("Apart from the rest"),
    "lasts": N_("Sent within"),
    "holds": N_("Only while"),
    "params": N_("Filled in"),
    "common": N_("For all messages"),
    "staff": N_("To staff"),
    "staff_intro": N_("E-mails to people at work, beside their tasks and alerts. They hold counts, never names."),
    "count": N_("{n} messages"),
}


@dataclass(frozen=True, slots=True)
class Phone:
    """One message as one language's member sees it."""

    language: str
    name: str
    texts: Texts
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One kind of message: its rules in the page's language, its phones in all."""

    kind: Kind
    phones: tuple[Phone, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A category with its messages."""

    key: str
    label: str
    help: str
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A text to staff, in every language: (language, its name, title, body)."""

    id: str
    trigger: str
    texts: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """All that the templates need, and no more."""

    language: str
    fund: str
    words: dict[str, str]
    common: tuple[str, ...]
    groups: tuple[Group, ...]
    staff: tuple[Notice, ...]


def catalogue_page(language: str, *, fund: str, phone: str) -> CataloguePage:
    """The page's contents, for any template that shows them."""
    kinds = {one: rendering.describe_all(one, fund=fund, phone=phone) for one in LANGUAGES}
    own = kinds[language]
    shown = [Shown(kind, _phones([kinds[one][n] for one in LANGUAGES])) for n, kind in enumerate(own)]
    return CataloguePage(
        language=language,
        fund=fund,
        words=words(language, fund=fund, n=len(own)),
        common=rendering.common(language),
        groups=tuple(
            Group(one.key, text(language, one.label), text(language, one.help), of_category)
            for one in CATEGORIES
            if (of_category := tuple(s for s in shown if s.kind.category == one.key))
        ),
        staff=tuple(_notice(one, language) for one in STAFF_TEXTS),
    )


def html(page: CataloguePage) -> str:
    """The page as one file that needs no other."""
    style = Markup((TEMPLATES / "catalogue.css").read_text(encoding="utf-8"))  # noqa: S704 - a file of ours
    return _environment().get_template("catalogue.html").render(page=page, style=style)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _phones(kinds: Sequence[Kind]) -> tuple[Phone, ...]:
    return tuple(
        Phone(language, LANGUAGE_NAMES[language], kind.texts, words(language))
        for language, kind in zip(LANGUAGES, kinds, strict=True)
    )


def words(language: str, *, fund: str = "", n: int = 0) -> dict[str, str]:
    """The page's own words by name."""
    return {name: text(language, msgid, fund=fund, n=n) for name, msgid in WORDS.items()}


def _notice(one: StaffText, language: str) -> Notice:
    texts = ((other, LANGUAGE_NAMES[other], *staff_texts.render(other, one)) for other in LANGUAGES)
    return Notice(one.id, text(language, one.trigger), tuple(texts))
