"""The form of a session or a series: fields to the API's shape and back. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.web import forms
from backend.web.forms import Form

Json = Mapping[str, Any]
TEXTS = {"activity": "activity", "form": "way", "place": "place", "branchId": "branch", "staffId": "host",
         "partnerId": "partner"}  # fmt: skip
NUMBERS = {"capacity": "capacity", "minutes": "minutes", "leadMinutes": "lead", "ownMinutes": "own",
           "closesHours": "closes"}  # fmt: skip
AGES = {"ageFrom": "age_from", "ageBelow": "age_below"}
FLAGS = {"newlyQualified": "newly_qualified", "itMember": "it_member", "basicIt": "basic_it"}
# The API's fields by the names that the form gives them.
FIELDS: Mapping[str, str] = {
    **TEXTS, **NUMBERS, **{f"audience.{name}": field for name, field in (AGES | FLAGS).items()},
    "startsAt": "on", "firstOn": "first_on", "lastOn": "last_on", "everyWeeks": "every", "movedTo": "moved_on",
}  # fmt: skip


def session(form: Form) -> dict[str, Any]:
    return _setup(form) | {"startsAt": wall(form, "on", "at")}


def series(form: Form) -> dict[str, Any]:
    own = {"firstOn": form.value("first_on"), "lastOn": form.value("last_on"), "at": form.value("at")}
    return _setup(form) | forms.without_empty(own | {"everyWeeks": _number(form.value("every", "1"))})


def wall(form: Form, day: str, at: str) -> str:
    """A day and a time by the clock on the wall, as the API takes it."""
    return f"{form.value(day)}T{form.value(at)}"


def of_session(view: Json) -> dict[str, str]:
    on, _, at = view["localStart"].partition("T")
    minutes = _minutes(view["startsAt"], view["endsAt"])
    closes = _minutes(view["closesAt"], view["startsAt"]) // 60
    return _values({**view, "minutes": minutes, "closesHours": closes}) | {"on": on, "at": at[:5]}


def of_series(view: Json, first_on: str) -> dict[str, str]:
    """The series as it is held, to be held otherwise from a day on."""
    own = {"first_on": first_on, "last_on": view["lastOn"] or "", "at": view["at"], "every": str(view["everyWeeks"])}
    return _values(view) | own


def _setup(form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {name: form.value(field) for name, field in TEXTS.items()}
    found |= {name: _number(form.value(field)) for name, field in NUMBERS.items()}
    audience: dict[str, Any] = {name: _number(form.value(field)) for name, field in AGES.items()}
    audience |= {name: {"yes": True, "no": False}.get(form.value(field), "") for name, field in FLAGS.items()}
    for_whom = forms.without_empty(audience)
    return forms.without_empty(found) | ({"audience": for_whom} if for_whom else {})


def _values(view: Json) -> dict[str, str]:
    found = {field: _text(view[name]) for name, field in (TEXTS | NUMBERS).items()}
    found |= {field: _text(view["audience"][name]) for name, field in AGES.items()}
    flags = {None: "", True: "yes", False: "no"}
    return found | {field: flags[view["audience"][name]] for name, field in FLAGS.items()}


def _number(text: str) -> int | str:
    """What is no whole number is left to the API to refuse."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _minutes(start: str, end: str) -> int:
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() // 60)
