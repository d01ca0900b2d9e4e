"""What a timeline item says, by kind. Text is made when it is read, in the reader's language."""

import string
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from backend.i18n import N_, text
from backend.timeline.texts_booking import BOOKING_KINDS
from backend.timeline.texts_talks import TALK_KINDS
from backend.timeline.wording import Kind, Wording


def _plain(title: str, *bodies: str) -> Kind:
    return Kind({"": Wording(title, bodies)})


_RATING_CHANGED = Kind(
    by=("before", "colour"),
    wordings={
        "red>yellow": Wording(
            N_("Your job search is moving the right way"),
            (N_("You are on your way back. The app shows what would bring you on track."),),
        ),
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
    by=("state",),
    wordings={
        "upheld": Wording(N_("You were right"), (N_("We have read what you wrote and corrected the assessment."),)),
        "dismissed": Wording(N_("The assessment stands"), (N_("We have read what you wrote. Read our answer."),)),
        "withdrawn": Wording(N_("You withdrew your objection"), (N_("You can write to us again at any time."),)),
        "": Wording(
            N_("You object to the assessment"), (N_("Your adviser reads what you wrote and answers you here."),)
        ),
    },
)
_TALKED = N_("We talked on the phone")
_SERVICE_CALL = Kind(
    by=("state",),
    wordings={
        "": Wording(
            N_("We will call you"), (N_("We talk about your job search and the job log. Pick a time if you like."),)
        ),
        "chosen": Wording(
            N_("We will call you"),
            (N_("We call on {at}, as you chose. If it does not suit you after all, pick another time."),),
        ),
        "tried": Wording(
            N_("We tried to call you"), (N_("We will try again. Pick a time if you like, or call us yourself."),)
        ),
        "agreed_plan": Wording(
            _TALKED, (N_("Thank you for the talk. Call us if anything gets in the way of what we agreed."),)
        ),
        "misregistered": Wording(
            _TALKED, (N_("Thank you for the talk. Call us if you want help with putting your job log right."),)
        ),
        "exempt": Wording(_TALKED, (N_("Thank you for the talk. You see your exemption here on the timeline."),)),
        "needs_help": Wording(_TALKED, (N_("Thank you for the talk. Your adviser will get in touch to help you."),)),
        "not_reached": Wording(
            N_("We could not reach you"), (N_("Call us when it suits you. We would like to help."),)
        ),
        "improved": Wording(
            N_("We need not call you"), (N_("Your job search is on track. You are always welcome to call us."),)
        ),
        "suspended": Wording(N_("Our call waits"), (N_("We do not call while you are exempt."),)),
    },
)
_TALK = Kind(
    by=("state",),
    wordings={
        "": Wording(
            N_("Talk about your job search"),
            (
                N_("You meet us at {place}. If you cannot come, call us before the talk."),
                N_("We call you: {call_to}. If it does not suit you, call us before the talk."),
                N_("We meet on video: {video}. If you cannot take part, call us before the talk."),
                N_("If you cannot come, call us before the talk."),
            ),
        ),
        "cancelled": Wording(N_("The talk is cancelled"), (N_("You need not come. Questions? Call us."),)),
        "held": Wording(
            N_("Talk about your job search"),
            (N_("Thank you for coming. Only days after the talk count in the rating now."),),
        ),
        "no_show": Wording(N_("We missed you at the talk"), (N_("Call us, so that we can find a solution together."),)),
    },
)
_EXEMPTION = Kind(
    by=("state",),
    wordings={
        "": Wording(
            N_("You are exempt from applying for jobs"),
            (
                N_("From {from_on} to {to_on}. Stay registered with Jobnet."),
                N_("From {from_on}. Stay registered with Jobnet."),
                N_("Stay registered with Jobnet."),
            ),
        ),
        "cancelled": Wording(
            N_("You are no longer exempt"),
            (N_("The exemption was registered by mistake and does not apply. Questions? Call us."),),
        ),
    },
)

_COURSE_PLAN = Kind(
    by=("state",),
    wordings={
        "": Wording(
            N_("Your course is planned"),
            (N_("Here you see your talks and activities, each with the days in which to book."),),
        ),
        "changed": Wording(
            N_("Your course has changed"),
            (
                N_("Why: {reason} What you have done stays done. Questions? Call us."),
                N_("What we know about your situation has changed. What you have done stays done. Questions? Call us."),
            ),
        ),
        "ended": Wording(
            N_("Your course has ended"),
            (N_("What lay ahead is cancelled. Do you become unemployed again, we are here. Questions? Call us."),),
        ),
    },
)

KINDS: Mapping[str, Kind] = {
    "welcome": _plain(N_("Welcome"), N_("Here you see what happens, what is coming, and what you need to do.")),
    "rating_changed": _RATING_CHANGED,
    "service_call": _SERVICE_CALL,
    "call_in_talk": _TALK,
    "exemption": _EXEMPTION,
    "requirement": _plain(
        N_("What you agreed to apply for"),
        N_("{min_per_week} jobs a week from {from_on}."),
        N_("{min_per_week} jobs a week."),
        N_("Read your agreement in the app."),
    ),
    "dispute": _DISPUTE,
    "course_plan": _COURSE_PLAN,
    "my_plan": _plain(
        N_("Your plan has a new version"),
        N_("It holds from {from_on}. Read it, and confirm that you have."),
        N_("Read it, and confirm that you have."),
    ),
    "hearing": _plain(
        N_("We want to hear you before we decide"),
        N_("Read our letter, and answer us by {answer_by_on}. Questions? Call us."),
        N_("Read our letter. Questions? Call us."),
    ),
    "decision": _plain(
        N_("A decision in your case"),
        N_("Read our letter: why we decided so, and how to complain. Questions? Call us."),
    ),
    **BOOKING_KINDS,
    **TALK_KINDS,
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
    known = {name: _value(language, name, value) for name, value in params.items() if value is not None}
    known |= {"at": at} | ({} if due_at is None else {"due_at": due_at})
    wording = _wording(KINDS[kind], params)
    body = next((one for one in wording.bodies if fields(one) <= known.keys()), wording.bodies[-1])
    return text(language, wording.title), text(language, body, **known)


def fields(msgid: str) -> set[str]:
    """The names that a text is to be filled with."""
    return {name for _, name, _, _ in string.Formatter().parse(msgid) if name}


def _wording(kind: Kind, params: Mapping[str, Any]) -> Wording:
    values = [str(params.get(name)) for name in kind.by]
    found = (kind.wordings.get(">".join(values[n:])) for n in range(len(values)))
    return next((wording for wording in found if wording), kind.wordings[""])


def _value(language: str, name: str, stored: Any) -> object:
    if isinstance(stored, dict):
        return stored[language]
    if name.endswith("_on"):
        return date.fromisoformat(stored)
    if name.endswith("_at"):
        return datetime.fromisoformat(stored)
    return stored
