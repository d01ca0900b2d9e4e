"""Which survey an activity is asked about with. Pure but for the plans, which are data of the program."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from backend.course import plans
from backend.surveys.forms import Form

# For events that are in no course plan.
BY_KIND: Mapping[str, str] = {"workshop": "T4", "theme_day": "T5"}
# A talk that a member was called in to, after red: an availability talk (vejledning til rådighed § 36).
CALLED_IN = "T2"
# A call that a yellow smiley brought and that reached the member; asked about where a survey says so.
SERVICE_CALL = "service_call"
# Held by one adviser with one member: its series is the adviser, and so is its event, to be counted with other talks.
TALK = "talk"


class Held(NamedTuple):
    """A session as surveys place it: its series and event, and the keys under which a survey may be chosen for it."""

    series_key: str
    event_key: str
    choices: tuple[str, ...]


def held(kind: str, session_id: object, template_id: object | None, staff_id: object | None) -> Held:
    """Where a session's answers belong."""
    if kind == TALK and staff_id is not None:
        return Held(str(staff_id), str(staff_id), ())
    series = str(template_id or session_id)
    return Held(series, str(session_id), (str(session_id), series))


def of(activity: str, kind: str, where: Held, planned: Mapping[str, str], chosen: Mapping[str, str]) -> str | None:
    """The survey: the one chosen for the event, for its series, that of the course plan, that of its kind; or none."""
    own = next((chosen[key] for key in where.choices if key in chosen), None)
    return own or planned.get(activity) or BY_KIND.get(kind)


def asked_after(plan_set: str, forms: Mapping[str, Form]) -> Mapping[str, str]:
    """The touchpoints of activities: those of the plans, but for surveys that say themselves what they are asked after.

    So the sixth touchpoint, which the plans tie to the first joint talk, may be another: a service call, JobStarter.
    """
    own = {form.after: key for key, form in forms.items() if form.after}
    return {name: key for name, key in planned(plan_set).items() if key not in own.values()} | own


def activities(plan_set: str) -> set[str]:
    """What a survey may be asked after: any activity of the plans, and the service call."""
    return {SERVICE_CALL}.union(*(one.catalogue for one in plans.versions(plan_set)))


@cache
def planned(plan_set: str) -> Mapping[str, str]:
    """The touchpoints of a fund's activities, the newest plans last."""
    known = (one.catalogue.items() for one in plans.versions(plan_set))
    return {name: what.touchpoint for items in known for name, what in items if what.touchpoint}
