"""Where each thing on the timeline and each message leads: to the page where it is done."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from backend.i18n import N_


class Action(NamedTuple):
    """A path, with the id of what it is about where it needs one, and the word on the button (to translate)."""

    path: str
    word: str


class Way(NamedTuple):
    """Where a thing on the timeline leads: the word while it is to be done, and the word for looking at it after.

    None: there is nothing to look at. `lasts`: it can be looked at for ever, not only until it is done.
    """

    path: str
    word: str
    look: str | None = None
    lasts: bool = False


ITEMS: Mapping[str, Way] = {
    "rating_changed": Way("/me/smiley", N_("See why"), N_("See why"), lasts=True),
    "dispute": Way("/me/smiley", N_("See the objection"), N_("See the objection"), lasts=True),
    "service_call": Way("/me/call", N_("Choose a time for the call"), N_("See when we call")),
    "call_in_talk": Way("/me/talks/preparation", N_("Prepare for the talk"), N_("Prepare for the talk")),
    "course_item": Way("/me/book/{id}", N_("Book a time")),
    "course_plan": Way("/me/plan", N_("See your course"), N_("See your course"), lasts=True),
    "my_plan": Way("/me/plan", N_("Read and confirm your plan"), N_("See your plan"), lasts=True),
    "requirement": Way("/me/plan", N_("See your plan"), N_("See your plan"), lasts=True),
    "booking": Way("/me/bookings/{id}", N_("See your booking"), N_("See your booking"), lasts=True),
    "waiting_list": Way("/me/bookings#waiting", N_("Take the seat"), N_("See your place in line")),
    "minutes": Way("/me/talks#talk-{id}", N_("Read the minutes"), N_("Read the minutes"), lasts=True),
    "agreement": Way("/me/talks#agreement-{id}", N_("Tick it off")),
    "preparation": Way("/me/talks/preparation", N_("Get ready")),
}
MESSAGES: Mapping[str, Action] = {
    "N01": Action("/me/plan", N_("See your course")),
    "N01.changed": Action("/me/plan", N_("See your course")),
    "N02": Action("/me/bookings", N_("Book a time")),
    "N03": Action("/me/bookings", N_("Book a time")),
    "N05": Action("/me/bookings", N_("See your booking")),
    "N05.prepare": Action("/me/talks/preparation", N_("Get ready")),
    "N06": Action("/me/bookings", N_("See your booking")),
    "N06.changed": Action("/me/bookings", N_("See your booking")),
    "N06.cancelled": Action("/me/bookings", N_("See your bookings")),
    "N07": Action("/me/bookings", N_("Book a time")),
    "N08": Action("/me/log/new", N_("Log an application")),
    "N09": Action("/me/log/new", N_("Log an application")),
    "N10": Action("/me/smiley", N_("See why")),
    "N11": Action("/me/call", N_("Choose a time for the call")),
    "N12": Action("/me/call", N_("Choose a time for the call")),
    "N13": Action("/me/log/new", N_("Log an application")),
    "N14": Action("/me/smiley", N_("See why")),
    "N15": Action("/me/smiley", N_("See your smiley")),
    "N16": Action("/me/log/new", N_("Log an application")),
    "N17": Action("/me/log", N_("Upload in your job log")),
    "N18": Action("/me/cv", N_("See your CV")),
    "N21": Action("/me/bookings", N_("Book a time")),
    "N22": Action("/me/bookings#waiting", N_("Take the seat")),
    "N23": Action("/me/talks", N_("Read the minutes")),
    "N24": Action("/me/talks", N_("See what you agreed")),
    "N26": Action("/me/surveys", N_("Answer the survey")),
    "N26.changed": Action("/me/surveys", N_("See what was changed")),
    "N27": Action("/me/plan", N_("See your plan")),
    "N31.cv": Action("/me/cv", N_("See your CV")),
    "N32": Action("/me/settings/devices", N_("See your phones")),
}


def of_item(item: Mapping[str, Any]) -> Action | None:
    """Where a thing on the timeline leads, if anywhere."""
    way = ITEMS.get(item["kind"])
    if way is None or ("{id}" in way.path and item["subjectId"] is None):
        return None
    word = way.word if item["needsAction"] else way.look
    if word is None or not (item["needsAction"] or way.lasts or item["doneAt"] is None):
        return None
    return Action(way.path.format(id=item["subjectId"]), word)


def of_message(message: Mapping[str, Any]) -> Action | None:
    """Where a message leads; a legal notice to its letter."""
    if message["noticeId"]:
        return Action(f"/me/notices/{message['noticeId']}", N_("Read the letter"))
    return MESSAGES.get(message["key"])
