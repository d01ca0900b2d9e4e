"""The start page: what this is, and whom one can be in a fund that is for trying out."""

from typing import Any, NamedTuple

from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from backend.db.engine import transaction
from backend.demo import service as demo
from backend.i18n import N_
from backend.web import menu, signin
from backend.web import page as pages
from backend.web.page import AnyRequest


class Someone(NamedTuple):
    """Who one can be, and what there is to see as that person; a member's `colour` gives the picture."""

    name: str
    sees: str
    colour: str = ""


WHO = {
    "a member with a green smiley": Someone(
        N_("A member with a green smiley"), N_("Does what was agreed, and sees that it shows."), "green"
    ),
    "a member with a yellow smiley": Someone(
        N_("A member with a yellow smiley"), N_("Sees why, what would help, and when the fund calls."), "yellow"
    ),
    "a member with a red smiley": Someone(
        N_("A member with a red smiley"), N_("Sees the way back, and can say that it is wrong."), "red"
    ),
    "a member who is new": Someone(
        N_("A member who is new"), N_("Books the first talk and logs the first application."), "none"
    ),
    "an adviser": Someone(
        N_("An adviser"), N_("Whom to help first, calls and call-ins to decide, talks with minutes.")
    ),
    "a job consultant": Someone(N_("A job consultant"), N_("Coaching talks, workshops, the members on loan.")),
    "an organiser": Someone(N_("An organiser"), N_("Workshops with seats and attendance, and what people thought.")),
    "a coordinator": Someone(
        N_("A coordinator"), N_("All branches: capacity, the rule behind the smiley, broadcasts, operations.")
    ),
    "a manager": Someone(N_("A manager"), N_("Capacity and feedback in sums, nobody by name.")),
    "a contact centre agent": Someone(
        N_("A contact centre agent"), N_("The next call, with words to say and a result to note.")
    ),
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
    coordinator = next((one["subject"] for one in staff if one["name"] == WHO["a coordinator"].name), None)
    return page.render("start.html", members=members, staff=staff, to=to, coordinator=coordinator)


async def _people(request: AnyRequest) -> list[dict[str, str]]:
    async with transaction(request.app.state["sessions"]) as session:
        found = await demo.people(session)
    return [WHO[person.who]._asdict() | {"subject": _subject(person.option)} for person in found]


def _subject(option: str) -> str:
    """`--member 7000123` as the built-in provider's `member:7000123`."""
    kind, number = option.removeprefix("--").split(" ", 1)
    return f"{kind}:{number}"


HANDLERS: tuple[Any, ...] = (start, staff)
