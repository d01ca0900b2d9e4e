"""What happens around every page: who is signed in, may this be sent, the headers that a browser obeys."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.db.engine import Sessions, transaction
from backend.errors import DomainError
from backend.i18n import N_
from backend.web import sessions as web_sessions
from backend.web.sessions import SignedIn

COOKIE = "jobvej_session"
AnyRequest = Request[Any, Any, Any]
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Scripts, styles, pictures and requests from our own origin only; no inline script and no inline style.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cache-Control": "no-store",
}


class Forged(DomainError):
    """The form did not come from a page of this session."""

    status = 403
    type = "forged"
    message = N_("The page was too old, or did not come from here. Go back, load it again and try once more.")


class Guard(ASGIMiddleware):
    """Finds the session of a request and refuses what another site made the browser send."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._clock = clock

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: AnyRequest = Request(scope, receive, send)
        who = await self._who(request)
        scope["state"]["signed_in"] = who
        scope["state"]["now"] = self._clock()
        if request.method in UNSAFE:
            _same_origin(request)
            if who is not None:
                await _own_form(request, who)
        await next_app(scope, receive, send)

    async def _who(self, request: AnyRequest) -> SignedIn | None:
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return None
        async with transaction(self._sessions) as session:
            return await web_sessions.find(session, cookie, now=self._clock())


async def before_send(message: Message, _scope: Scope) -> None:
    """Litestar's hook on everything that leaves."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders(message)
    for name, value in HEADERS.items():
        if name.lower() not in headers:
            headers[name] = value


def _same_origin(request: AnyRequest) -> None:
    """Browsers tell where a request comes from; one from another site is refused, whatever it carries."""
    site = request.headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return
    origin = request.headers.get("origin")
    if site is None and (origin is None or urlsplit(origin).netloc == request.headers.get("host")):
        return
    raise Forged


async def _own_form(request: AnyRequest, who: SignedIn) -> None:
    """The session's form token must come back, in a header of our script's or in the form itself."""
    sent = request.headers.get("x-form-token") or await _field(request)
    if not secrets.compare_digest(sent.encode(), who.csrf.encode()):
        raise Forged


async def _field(request: AnyRequest) -> str:
    kind = request.content_type[0]
    if kind == "application/x-www-form-urlencoded":
        return parse_qs((await request.body()).decode("utf-8", "replace")).get("form_token", [""])[0]
    if kind == "multipart/form-data":
        return str((await request.form()).get("form_token", ""))
    return ""
