"""Signing in and out, and choosing the language."""

from typing import Any
from urllib.parse import quote, urlsplit

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import identity
from backend.api.identity import Claims, Verifier
from backend.db.engine import Sessions, transaction
from backend.errors import NotFound
from backend.i18n import LANGUAGES
from backend.members.identity import MemberIdentity, StaffIdentity
from backend.web import oidc
from backend.web import page as pages
from backend.web import sessions as web_sessions
from backend.web.guard import COOKIE
from backend.web.oidc import SignInFailed
from backend.web.page import LANGUAGE, AnyRequest
from backend.web.sessions import Kind

UNDER_WAY = "jobvej_sign_in"
SIGNED_IN = "/signed-in"


@get("/sign-in", name="sign_in")
async def sign_in(request: AnyRequest, back: FromQuery[str] = "/", who: FromQuery[str | None] = None) -> Redirect:
    """Send the browser to the identity provider; with the built-in one, `who` (member:NO, staff:NO) is chosen here.

    Whoever wanted a page of the demo is asked on the start page who they want to be.
    """
    page = pages.of(request)
    state = request.app.state
    if not who and own_path(back) != "/" and not page.settings.oidc_issuer:
        return page.go(f"/?back={quote(back)}")
    started = oidc.new_sign_in(own_path(back))
    provider = await oidc.discover(state["http"], page.settings)
    url = oidc.authorization_url(provider, page.settings, started, _redirect(request))
    async with transaction(state["sessions"]) as session:
        cookie = await web_sessions.remember(session, started, now=page.now)
    if who and not page.settings.oidc_issuer:
        url = await oidc.sign_in_as(state["http"], url, who)
    return Redirect(url, status_code=303, cookies=[_cookie(request, UNDER_WAY, cookie, 600)])


@get(SIGNED_IN, name="signed_in")
async def signed_in(request: AnyRequest, code: FromQuery[str] = "") -> Redirect:
    """Back from the identity provider: check everything that was asked, then begin the session."""
    page = pages.of(request)
    held = request.app.state
    async with transaction(held["sessions"]) as session:
        started = await web_sessions.recall(session, request.cookies.get(UNDER_WAY, ""), now=page.now)
    if started is None or not code or request.query_params.get("state") != started.state:
        raise SignInFailed
    provider = await oidc.discover(held["http"], page.settings)
    claims = await oidc.claims(
        held["http"], provider, held["verifier"], started, code=code, redirect=_redirect(request), now=page.now
    )
    kind, cookie = await _begin(held["sessions"], held["verifier"], claims, page)
    home = "/me" if kind == "member" else "/staff"
    back = started.back_to if started.back_to != "/" else home
    longest = int(web_sessions.LONGEST[kind].total_seconds())
    return Redirect(back, status_code=303, cookies=[_cookie(request, COOKIE, cookie, longest)])


@post("/sign-out", name="sign_out")
async def sign_out(request: AnyRequest) -> Redirect:
    """End the session here; the cookie means nothing any more."""
    async with transaction(request.app.state["sessions"]) as session:
        await web_sessions.end(session, request.cookies.get(COOKIE, ""))
    return Redirect("/", status_code=303, cookies=[_cookie(request, COOKIE, "", 0)])


@get("/language/{chosen:str}", name="language")
async def language(request: AnyRequest, chosen: FromPath[str], back: FromQuery[str] = "/") -> Redirect:
    """Danish or English for this browser."""
    if chosen not in LANGUAGES:
        raise NotFound
    return Redirect(own_path(back), status_code=303, cookies=[_cookie(request, LANGUAGE, chosen, 31_536_000)])


async def _begin(sessions: Sessions, verifier: Verifier, claims: Claims, page: pages.Page) -> tuple[Kind, str]:
    """A session for the member or staff member that the claims are about. Raises NotKnown."""
    kept = {
        "sub",
        verifier.settings.oidc_member_claim,
        verifier.settings.oidc_staff_claim,
        verifier.settings.oidc_roles_claim,
    }
    async with transaction(sessions) as session:
        person = await _person(session, verifier, claims)
        kind: Kind = "member" if isinstance(person, MemberIdentity) else "staff"
        chosen: dict[str, Any] = {name: value for name, value in claims.items() if name in kept}
        if isinstance(person, StaffIdentity):
            chosen[web_sessions.ROLES] = sorted(person.roles)
        return kind, await web_sessions.begin(session, kind, chosen, now=page.now)


async def _person(session: AsyncSession, verifier: Verifier, claims: Claims) -> MemberIdentity | StaffIdentity:
    settings = verifier.settings
    if settings.oidc_staff_claim in claims:
        return await identity.staff(session, settings, claims)
    return await identity.member(session, settings, claims)


def own_path(back: str) -> str:
    """A path of ours to return to, never another site's address."""
    parts = urlsplit(back)
    sound = back.startswith("/") and not back.startswith(("//", "/\\")) and not parts.netloc and "\n" not in back
    return back if sound else "/"


def _redirect(request: AnyRequest) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', 'localhost')}{SIGNED_IN}"


def _cookie(request: AnyRequest, key: str, value: str, max_age: int) -> Cookie:
    """Lax, since the identity provider sends the browser back to us."""
    return Cookie(
        key=key, value=value, path="/", max_age=max_age, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip


HANDLERS: tuple[Any, ...] = (sign_in, signed_in, sign_out, language)
