"""The forms of the search numbers and of Min Plan: fields to the API's input. Pure."""

from collections.abc import Mapping
from typing import Any

from backend.web.forms import Form

NUMBERS: Mapping[str, str] = {
    "minPerWeek": "per_week",
    "minPostedPerWeek": "posted_per_week",
    "uploadsPerMonth": "uploads_per_month",
}
VERSION: Mapping[str, str] = {
    "validFrom": "plan_from",
    "jobGoals": "job_goals",
    "effortAreas": "effort_areas",
    "searchStrategy": "search_strategy",
    "planA": "plan_a",
    "planB": "plan_b",
    "planC": "plan_c",
}


def numbers(form: Form) -> dict[str, Any]:
    """What is typed goes to the API as a number where it is one, and as it stands where it is not."""
    return {name: _number(form.value(field)) for name, field in NUMBERS.items()}


def version(form: Form) -> dict[str, Any]:
    """A version of Min Plan; goals and areas stand one to a line."""
    plans = {name: form.value(VERSION[name]) or None for name in ("planA", "planB", "planC")}
    return plans | {
        "validFrom": form.value("plan_from"),
        "jobGoals": _lines(form.value("job_goals")),
        "effortAreas": _lines(form.value("effort_areas")),
        "searchStrategy": form.value("search_strategy"),
    }


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
