"""For managers: branch by survey by quarter, quarters in a row, advisers from five answers on, targets."""

from datetime import date
from typing import Any, Literal

from litestar import Response, get, post
from litestar.params import FromQuery

from backend.clock import local_date
from backend.i18n import N_, text
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page
from backend.web.staff_feedback import places, survey_name
from backend.web.templating import quarter_name

BACK = 8
FIELDS = {"validFrom": "valid_from"}


@get("/staff/feedback/figures", name="feedback_figures")
async def figures(
    request: AnyRequest, quarter: FromQuery[str | None] = None, touchpoint: FromQuery[str | None] = None
) -> Response[Any]:
    """All surveys of a quarter in short, or one with everything that there is to see of it."""
    return await _figures(pages.of(request), quarter, touchpoint or None, Form())


@get("/staff/feedback/figures/download", name="feedback_figures_download")
async def download(
    request: AnyRequest,
    form: FromQuery[Literal["csv", "xlsx"]],
    quarter: FromQuery[str],
    touchpoint: FromQuery[str | None] = None,
) -> Response[bytes]:
    """The same table as a spreadsheet."""
    page = pages.of(request)
    page.staff()
    path = "/v1/staff/survey-figures/export"
    found = await page.api.download(path, quarter=quarter, touchpoint=touchpoint, format=form)
    return Response(content=found.content, media_type=found.media_type.partition(";")[0], headers=dict(found.headers))


@post("/staff/feedback/targets", name="feedback_target")
async def target(request: AnyRequest) -> Response[Any]:
    """Aim at something else from a quarter on."""
    page = pages.of(request)
    page.staff()
    form = await forms.read(request)
    touchpoint = form.value("aim_of")
    try:
        body = {"share": _share(form.value("share")), "validFrom": form.value("valid_from")}
        await page.api.put(f"/v1/staff/survey-targets/{touchpoint}", body)
    except Refused as refusal:
        return await _figures(page, None, None, forms.refused(form, refusal, FIELDS), status=422)
    return page.go(f"/staff/feedback/figures?touchpoint={touchpoint}#targets")


def _share(percent: str) -> float | str | None:
    """Per cent as a share; what is no number goes to the API as it is, which says so."""
    if not percent:
        return None
    try:
        return float(percent.replace(",", ".")) / 100
    except ValueError:
        return percent


async def _figures(
    page: Page, quarter: str | None, touchpoint: str | None, form: Form, *, status: int = 200
) -> Response[Any]:
    page.staff()
    today = local_date(page.now)
    chosen = quarter or _word(_quarter(today))
    tables = await page.api.get("/v1/staff/survey-figures", quarter=chosen, touchpoint=touchpoint)
    names = {one["key"]: survey_name(one, page.language) for one in await page.api.get("/v1/staff/surveys")}
    more = await _more(page, chosen, touchpoint, tables) if touchpoint else {"trends": [], "people": []}
    return page.render(
        "staff/feedback/figures.html",
        status=status,
        form=form,
        none_form=Form(),
        places=places(page),
        quarter=chosen,
        quarters=[(_word(one), quarter_name(page.language, _word(one))) for one in _quarters(today)],
        touchpoint=touchpoint,
        touchpoints=[("", text(page.language, N_("All surveys"))), *names.items()],
        names=names,
        tables=tables,
        aims=await page.api.get("/v1/staff/survey-targets"),
        starts=[
            (one.isoformat(), quarter_name(page.language, _word(one)))
            for one in (_quarter(today), _next(_quarter(today)))
        ],
        **more,
    )


async def _more(page: Page, quarter: str, touchpoint: str, tables: list[Any]) -> dict[str, Any]:
    """One survey: quarter by quarter for each kind of contact, and adviser by adviser."""
    path, what = "/v1/staff/survey-figures", {"quarter": quarter, "touchpoint": touchpoint}
    kinds = [one["fund"]["compulsory"] for one in tables]
    trends = [await page.api.get(f"{path}/trend", **what, compulsory=kind) for kind in kinds]
    return {"trends": trends, "people": await page.api.get(f"{path}/people", **what)}


def _quarters(today: date) -> list[date]:
    """This quarter and some before, the latest first."""
    found = [_quarter(today)]
    while len(found) < BACK:
        last = found[-1]
        found.append(date(last.year - (last.month == 1), (last.month + 8) % 12 + 1, 1))
    return found


def _quarter(day: date) -> date:
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def _next(quarter: date) -> date:
    return date(quarter.year + (quarter.month == 10), (quarter.month + 2) % 12 + 1, 1)


def _word(quarter: date) -> str:
    """A quarter as the API names it, such as 2026-3."""
    return f"{quarter.year}-{(quarter.month + 2) // 3}"


HANDLERS: tuple[Any, ...] = (figures, download, target)
