"""The weekly hours in which members can book talks: shown as rows, saved as the week that holds from a day on."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from litestar import Response, get, post

from backend.clock import local_date
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_calendar import Whose, whose_calendar

FIELDS = {"validFrom": "valid_from", "days": "hours"}
WAYS = ("personal", "phone", "video")
# So many rows are left for new hours; a row without times is no row.
SPARE, MOST = 3, 42


@get("/staff/calendar/hours", name="hours")
async def show(request: AnyRequest, whose: Whose = None) -> Response[Any]:
    """The hours that hold, to be changed."""
    page = pages.of(request)
    page.staff()
    owner = await whose_calendar(page, whose)
    calendar = await page.api.get(f"/v1/staff/calendars/{owner['id']}", days=1)
    return _form(page, Form(_values(calendar["hours"])), owner)


@post("/staff/calendar/hours", name="hours_save")
async def save(request: AnyRequest, whose: Whose = None) -> Response[Any]:
    """The week from a day on; then what lies outside of it, if anything does."""
    page = pages.of(request)
    page.staff()
    owner, form = await whose_calendar(page, whose), await forms.read(request)
    body = {"validFrom": form.value("valid_from"), "hours": _hours(form)}
    try:
        saved = await page.api.put(f"/v1/staff/calendars/{owner['id']}/hours", body)
    except Refused as refusal:
        return _form(page, forms.refused(form, refusal, FIELDS), owner, status=422)
    if saved["outside"]:
        return page.render("staff/calendar/outside.html", owner=owner, outside=saved["outside"])
    return page.go(f"/staff/calendar?{owner['query']}")


def _values(hours: list[Mapping[str, Any]]) -> dict[str, str]:
    """The form of the hours that hold: those of the latest day on which a week began."""
    latest = max((one["validFrom"] for one in hours), default="")
    values: dict[str, str] = {}
    for n, one in enumerate(one for one in hours if one["validFrom"] == latest):
        values |= {f"weekday-{n}": str(one["weekday"]), f"from-{n}": one["fromTime"], f"to-{n}": one["toTime"]}
        values |= {f"{way}-{n}": "yes" for way in one["forms"]} | {f"place-{n}": one["place"] or ""}
    return values


def _hours(form: Form) -> list[dict[str, Any]]:
    return [
        forms.without_empty(
            {
                "weekday": int(form.value(f"weekday-{n}", "1")) if form.value(f"weekday-{n}", "1").isdigit() else 0,
                "fromTime": form.value(f"from-{n}"),
                "toTime": form.value(f"to-{n}"),
                "forms": [way for way in WAYS if form.value(f"{way}-{n}")],
                "place": form.value(f"place-{n}"),
            }
        )
        for n in range(MOST)
        if form.value(f"from-{n}") or form.value(f"to-{n}")
    ]


def _rows(form: Form) -> int:
    filled = [n for n in range(MOST) if form.value(f"from-{n}") or form.value(f"to-{n}")]
    return min(max(filled, default=-1) + 1 + SPARE, MOST)


def _form(page: Page, form: Form, owner: Mapping[str, Any], *, status: int = 200) -> Response[Any]:
    today: date = local_date(page.now)
    return page.render(
        "staff/calendar/hours.html", status=status, form=form, owner=owner, rows=_rows(form), ways=WAYS, today=today
    )


HANDLERS: tuple[Any, ...] = (show, save)
