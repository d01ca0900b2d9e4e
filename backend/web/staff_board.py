"""Whom to help first: the members in one's sight by urgency, narrowed, searched, kept up to date."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery

from backend.clock import local_date
from backend.i18n import N_
from backend.web import forms
from backend.web import page as pages
from backend.web.client import Refused
from backend.web.forms import Form
from backend.web.page import AnyRequest, Page

PATH = "/staff/members"
KEPT, KEPT_FOR = "jobvej_board", 180 * 24 * 3600
ROWS = 25
COLOURS = {"red": N_("Red"), "yellow": N_("Yellow"), "none": N_("No colour yet"), "green": N_("Green"),
           "paused": N_("Paused")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """What the list is narrowed to: colours, one's own members, one branch; all when empty."""

    colours: tuple[str, ...] = ()
    mine: bool = False
    branch: str = ""

    @property
    def query(self) -> str:
        """As the query of an address; `view` tells a view of everything from no view."""
        pairs = [("view", "1"), *(("colour", one) for one in self.colours)]
        pairs += [("mine", "true")] * self.mine + [("branch", self.branch)] * bool(self.branch)
        return urlencode(pairs)

    @property
    def narrowed(self) -> bool:
        return self != View()


@get(PATH, name="board")
async def board(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """The list as it was narrowed last, kept for this person; htmx asks for the rows again and again."""
    page = pages.of(request)
    page.staff()
    asked_for = request.query_params
    wanted = _view(asked_for.dict()) if "view" in asked_for else _kept(page)
    asked = await _asked(page, wanted) | {"cursor": cursor, "limit": ROWS}
    rows = await page.api.get("/v1/staff/members", **asked)
    here = f"{PATH}?{wanted.query}"
    shown = {"rows": rows, "here": here, "first": cursor is None, "today": local_date(page.now)}
    if page.partial:
        return _again(page, shown)
    answer = await _whole(
        page, wanted, Form(), polled=f"{here}&{urlencode({'cursor': cursor})}" if cursor else here, **shown
    )
    return _keep(page, wanted, answer)


@post(PATH + "/search", name="board_search")
async def search(request: AnyRequest) -> Response[Any]:
    """By a part of the name or the start of a number: sent in a form, since addresses are written to logs."""
    page = pages.of(request)
    page.staff()
    sent = await request.form()
    form = await forms.read(request)
    wanted = _view(sent.dict())
    if not form.value("search"):
        return page.go(f"{PATH}?{wanted.query}")
    asked = forms.without_empty(await _asked(page, wanted))
    body = asked | forms.without_empty({"search": form.value("search"), "cursor": form.value("cursor")})
    try:
        rows = await page.api.post("/v1/staff/members/search", body | {"limit": ROWS})
    except Refused as refusal:
        form, rows = forms.refused(form, refusal), {"items": [], "next": None}
    shown = {"rows": rows, "here": f"{PATH}?{wanted.query}", "first": True, "today": local_date(page.now)}
    return await _whole(page, wanted, form, polled=None, status=422 if form.faulty else 200, **shown)


async def _whole(page: Page, wanted: View, form: Form, **shown: Any) -> Response[Any]:
    coordinates = page.who is not None and "coordinator" in page.who.roles
    branches = await page.api.get("/v1/staff/branches") if coordinates else []
    return page.render("staff/board/board.html", wanted=wanted, form=form, colours=COLOURS, branches=branches, **shown)


async def _asked(page: Page, wanted: View) -> dict[str, Any]:
    """The view as the API takes it."""
    mine = (await page.api.get("/v1/staff/me"))["id"] if wanted.mine else None
    return {"colour": list(wanted.colours), "adviser": mine, "branch": wanted.branch}


def _again(page: Page, shown: dict[str, Any]) -> Response[Any]:
    """The rows alone; nothing where the browser holds them already."""
    answer = page.render("staff/board/rows.html", **shown)
    tag = f'W/"{hashlib.blake2b(answer.content.encode(), digest_size=12).hexdigest()}"'
    if page.request.headers.get("if-none-match") == tag:
        return Response(content=None, status_code=304, headers={"ETag": tag})
    answer.headers["ETag"] = tag
    return answer


def _view(given: Mapping[str, Sequence[Any]]) -> View:
    """A view from the fields of a query or a form; what makes no sense is left out."""
    colours = tuple(one for one in COLOURS if one in given.get("colour", ()))
    branch = str((*given.get("branch", ()), "")[0])
    return View(colours, bool(given.get("mine")), branch if _is_id(branch) else "")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _whose(page: Page) -> str:
    """Computers are shared: the view that a colleague left is not mine."""
    subject = str(page.staff().claims.get("sub", ""))
    return hashlib.blake2b(subject.encode(), digest_size=8).hexdigest()


def _kept(page: Page) -> View:
    whose, _, query = page.request.cookies.get(KEPT, "").partition(".")
    if whose != _whose(page):
        return View()
    return _view(parse_qs(query))


def _keep(page: Page, wanted: View, answer: Response[Any]) -> Response[Any]:
    if wanted != _kept(page):
        answer.cookies.append(
            Cookie(
                key=KEPT, value=f"{_whose(page)}.{wanted.query}", path=PATH, max_age=KEPT_FOR, httponly=True,
                samesite="strict", secure=page.request.url.scheme == "https",
            )
        )  # fmt: skip
    return answer


HANDLERS: tuple[Any, ...] = (board, search)
