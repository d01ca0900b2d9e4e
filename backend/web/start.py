"""The start page: what this is, and whom one can be in a fund that is for trying out."""

from typing import Any

from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from backend.db.engine import transaction
from backend.demo import service as demo
from backend.i18n import N_
from backend.web import menu, signin
from backend.web import page as pages
from backend.web.page import AnyRequest

WHO = {
    "a member with a green smiley": N_("A member with a green smiley"),
    "a member with a yellow smiley": N_("A member with a yellow smiley"),
    "a member with a red smiley": N_("A member with a red smiley"),
    "a member who is new": N_("A member who is new"),
    "an adviser": N_("An adviser"),
    "a job consultant": N_("A job consultant"),
    "an organiser": N_("An organiser"),
    "a coordinator": N_("A coordinator"),
    "a manager": N_("A manager"),
    "a contact centre agent": N_("A contact centre agent"),
}


@get("/staff", name="staff")
async def staff(request: AnyRequest) -> Response[Any]:
    """Where the work of this role begins."""
    page = pages.of(request)
    return page.go(menu.of(page.staff().roles)[0][0])


@get("/", name="start")
async def start(request: AnyRequest, back: FromQuery[str] = "/") -> Response[Any]:
    """In production, the way to sign in; with the built-in identity provider, one click to be somebody.

    `back` is the page that they wanted: those who may have it go there.
    """
    page = pages.of(request)
    if page.who is not None:
        return Redirect("/me" if page.who.kind == "member" else "/staff", status_code=303)
    people = [] if page.settings.oidc_issuer else await _people(request)
    members = [one for one in people if one["subject"].startswith("member:")]
    staff = [one for one in people if one["subject"].startswith("staff:")]
    to = {kind: signin.own_path(back) if back.startswith(f"/{kind}") else "/" for kind in ("me", "staff")}
    return page.render("start.html", members=members, staff=staff, to=to)


async def _people(request: AnyRequest) -> list[dict[str, str]]:
    async with transaction(request.app.state["sessions"]) as session:
        found = await demo.people(session)
    return [{"who": WHO[person.who], "subject": _subject(person.option)} for person in found]


def _subject(option: str) -> str:
    """`--member 7000123` as the built-in provider's `member:7000123`."""
    kind, number = option.removeprefix("--").split(" ", 1)
    return f"{kind}:{number}"


HANDLERS: tuple[Any, ...] = (start, staff)
