"""The form of a broadcast: what was typed as the API takes it, and a broadcast of the API's as the form shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backend.clock import COPENHAGEN
from backend.i18n import N_
from backend.web import forms
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

API = "/v1/staff/broadcasts"
# Fields of the API that are called otherwise in the form.
FIELDS = {
    "titleDa": "title_da", "bodyDa": "body_da", "titleEn": "title_en", "bodyEn": "body_en", "stages": "steps",
    "spreadMinutes": "spread", "validDays": "valid_days", "sendFrom": "from_day", "audience": "numbers",
    "audience.weeksFrom": "weeks_from", "audience.weeksTo": "weeks_to", "audience.memberNos": "numbers",
}  # fmt: skip
CATEGORIES = (
    ("news", N_("News from us")),
    ("talk", N_("Talks and bookings")),
    ("course", N_("Your way to a job")),
    ("job_log", N_("Your job log")),
    ("benefit", N_("Benefit card")),
    ("jobs", N_("New jobs")),
)
KINDS = (
    ("S", N_("News or an offer: whoever misses it loses nothing")),
    ("R", N_("A reminder of something that the member has to do")),
)
STEPS: Mapping[str, Sequence[int]] = {"careful": (1, 10, 100), "two": (10, 100), "once": (100,)}
STEP_WORDS = (
    ("careful", N_("Carefully: one in a hundred, then one in ten, then everybody")),
    ("two", N_("In two: one in ten, then everybody")),
    ("once", N_("Everybody at once")),
)
OWN_STEPS = ("own", N_("The stages that it has now"))
PAUSES = (("60", N_("An hour")), ("180", N_("Three hours")), ("1440", N_("A day")))
SPREADS = (("15", N_("A quarter of an hour")), ("60", N_("An hour")), ("180", N_("Three hours")))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The form with the lists that are ticked."""

    form: Form
    branches: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()

    def again(self, form: Form) -> "Chosen":
        return replace(self, form=form)


async def read(request: AnyRequest) -> Chosen:
    """What was sent."""
    sent = await request.form()
    branches, plans = (tuple(str(one) for one in sent.getall(name, [])) for name in ("branch", "plan"))
    return Chosen(await forms.read(request), branches, plans)


async def options(page: Page) -> dict[str, Any]:
    """What the form offers to choose from."""
    return {
        "branches": await page.api.get("/v1/staff/branches"),
        "plans": await page.api.get("/v1/staff/course-plans"),
        "categories": CATEGORIES,
        "kinds": KINDS,
        "pauses": PAUSES,
        "spreads": SPREADS,
    }


def body(chosen: Chosen, held: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """As the API takes it; what cannot be read goes as it was written, and the API says what is wrong with it.

    `held`: the broadcast that is changed, whose own stages may stay.
    """
    form = chosen.form
    texts = {"klass": "klass", "category": "category", "titleDa": "title_da", "bodyDa": "body_da",
             "titleEn": "title_en", "bodyEn": "body_en"}  # fmt: skip
    found: dict[str, Any] = {name: form.value(field) for name, field in texts.items()}
    found |= {"spreadMinutes": number(form.value("spread")), "validDays": number(form.value("valid_days"))}
    found |= {"audience": _audience(chosen), "stages": _stages(form, held)}
    return found | ({"sendFrom": _instant(form)} if form.value("from_day") else {})


def shown(held: Mapping[str, Any]) -> Chosen:
    """A broadcast as the form shows it."""
    to, at = held["audience"], _wall(held["sendFrom"])
    steps = _preset(held["stages"])
    values = {
        "klass": held["klass"], "category": held["category"],
        "title_da": held["titleDa"], "body_da": held["bodyDa"], "title_en": held["titleEn"], "body_en": held["bodyEn"],
        "spread": held["spreadMinutes"], "valid_days": held["validDays"],
        "steps": steps, "pause": held["stages"][0]["pauseMinutes"],
        "weeks_from": _text(to.get("weeksFrom")), "weeks_to": _text(to.get("weeksTo")),
        "risk": to.get("risk") or "", "language": to.get("language") or "",
        "numbers": "\n".join(to.get("memberNos", ())),
        "from_day": at.date().isoformat() if at else "", "from_time": f"{at:%H:%M}" if at else "",
    }  # fmt: skip
    form = Form({name: str(value) for name, value in values.items()})
    return Chosen(form, tuple(to.get("branches", ())), tuple(to.get("plans", ())))


def step_words(held: Mapping[str, Any] | None) -> Sequence[tuple[str, str]]:
    """The stages to choose from; those of the broadcast itself where they are others."""
    return (*STEP_WORDS, OWN_STEPS) if held and _preset(held["stages"]) == "own" else STEP_WORDS


def _audience(chosen: Chosen) -> dict[str, Any]:
    form = chosen.form
    given = {
        "weeksFrom": number(form.value("weeks_from")),
        "weeksTo": number(form.value("weeks_to")),
        "risk": form.value("risk"),
        "language": form.value("language"),
    }
    lists = {"branches": chosen.branches, "plans": chosen.plans, "memberNos": _numbers(form.value("numbers"))}
    return forms.without_empty(given) | {name: list(found) for name, found in lists.items() if found}


def _numbers(written: str) -> list[str]:
    """Member numbers, one a line or with commas or spaces between."""
    return list(dict.fromkeys(written.replace(",", " ").replace(";", " ").split()))


def _stages(form: Form, held: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    chosen = form.value("steps", "careful")
    if chosen == "own" and held:
        return [{"share": one["share"], "pauseMinutes": one["pauseMinutes"]} for one in held["stages"]]
    shares, pause = STEPS.get(chosen, STEPS["careful"]), number(form.value("pause", "60"))
    return [{"share": share} | ({"pauseMinutes": pause} if share < 100 else {}) for share in shares]


def _preset(stages: Sequence[Mapping[str, Any]]) -> str:
    """The name of these stages; "own" when they are none of those that the form offers."""
    pauses = {one["pauseMinutes"] for one in stages[:-1]}
    if len(pauses) > 1 or stages[-1]["pauseMinutes"]:
        return "own"
    shares = tuple(one["share"] for one in stages)
    return next((name for name, one in STEPS.items() if tuple(one) == shares), "own")


def number(written: str) -> int | str:
    """What is no number goes as it was written, and the API says so."""
    return int(written) if written.isdecimal() and len(written) < 9 else written


def _instant(form: Form) -> str:
    day, at = form.value("from_day"), form.value("from_time") or "08:30"
    try:
        return forms.instant(day, at)
    except ValueError:
        return f"{day}T{at}"


def _wall(instant: str | None) -> datetime | None:
    return datetime.fromisoformat(instant).astimezone(COPENHAGEN) if instant else None


def _text(value: object) -> str:
    return "" if value is None else str(value)
