"""What a timeline item says, by kind. Text is made when it is read, in the reader's language."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backend.i18n import N_, text


@dataclass(frozen=True, slots=True)
class Wording:
    """A title, and bodies from the fullest to the plainest: the first whose fields are all known is shown."""

    title: str
    bodies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of item. Where `by` names a param, its value chooses the wording; `wordings[""]` serves all the others.

    Fields whose names end in `_on` are dates, in `_at` instants; `at` and `due_at` of the item itself are always known.
    """

    wordings: Mapping[str, Wording]
    by: str | None = None


def _plain(title: str, *bodies: str) -> Kind:
    return Kind({"": Wording(title, bodies)})


_RATING_CHANGED = Kind(
    by="colour",
    wordings={
        "green": Wording(N_("Your job search is on track"), (N_("You do what you agreed. Well done."),)),
        "yellow": Wording(
            N_("Your job search is a little below what you agreed"),
            (N_("We will call you to see how we can help. The app shows what would bring you back on track."),),
        ),
        "red": Wording(
            N_("Your job search is well below what you agreed"),
            (N_("We are looking at how we can best help you. The app shows what would bring you back on track."),),
        ),
        "paused": Wording(N_("Your job search is paused"), (N_("Nothing is asked of you while you are exempt."),)),
        "": Wording(N_("Your job search is not assessed yet"), (N_("It will be, when you have been with us longer."),)),
    },
)
_DISPUTE = Kind(
    by="state",
    wordings={
        "upheld": Wording(N_("You were right"), (N_("We have read what you wrote and corrected the assessment."),)),
        "dismissed": Wording(N_("The assessment stands"), (N_("We have read what you wrote. Read our answer."),)),
        "withdrawn": Wording(N_("You withdrew your objection"), (N_("You can write to us again at any time."),)),
        "": Wording(
            N_("You object to the assessment"), (N_("Your adviser reads what you wrote and answers you here."),)
        ),
    },
)

KINDS: Mapping[str, Kind] = {
    "welcome": _plain(N_("Welcome"), N_("Here you see what happens, what is coming, and what you need to do.")),
    "rating_changed": _RATING_CHANGED,
    "service_call": _plain(
        N_("We will call you"), N_("We talk about your job search and the job log. Pick a time if you like.")
    ),
    "call_in_talk": _plain(
        N_("Talk about your job search"),
        N_("You meet us at {place}. If you cannot come, call us before the talk."),
        N_("If you cannot come, call us before the talk."),
    ),
    "exemption": _plain(
        N_("You are exempt from applying for jobs"),
        N_("From {from_on} to {to_on}. Stay registered with Jobnet."),
        N_("From {from_on}. Stay registered with Jobnet."),
        N_("Stay registered with Jobnet."),
    ),
    "requirement": _plain(
        N_("What you agreed to apply for"),
        N_("{min_per_week} jobs a week from {from_on}."),
        N_("{min_per_week} jobs a week."),
        N_("Read your agreement in the app."),
    ),
    "dispute": _DISPUTE,
}


def encode(kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The params as they are stored: days and instants in ISO form. Raises ValueError for a kind without texts."""
    if kind not in KINDS:
        raise ValueError(f"The timeline has no kind {kind}.")
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in params.items()}


def render(
    language: str, kind: str, params: Mapping[str, Any], *, at: datetime, due_at: datetime | None
) -> tuple[str, str]:
    """Title and body of an item for a reader; `params` as stored."""
    known = {name: _value(name, value) for name, value in params.items() if value is not None}
    known |= {"at": at} | ({} if due_at is None else {"due_at": due_at})
    wording = _wording(KINDS[kind], params)
    body = next((one for one in wording.bodies if fields(one) <= known.keys()), wording.bodies[-1])
    return text(language, wording.title), text(language, body, **known)


def fields(msgid: str) -> set[str]:
    """The names that a text is to be filled with."""
    return {name for _, name, _, _ in string.Formatter().parse(msgid) if name}


def _wording(kind: Kind, params: Mapping[str, Any]) -> Wording:
    chosen = str(params.get(kind.by)) if kind.by else ""
    return kind.wordings.get(chosen, kind.wordings[""])


def _value(name: str, stored: Any) -> object:
    if name.endswith("_on"):
        return date.fromisoformat(stored)
    if name.endswith("_at"):
        return datetime.fromisoformat(stored)
    return stored
