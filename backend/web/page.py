"""One request of a page: who asks, the API as they see it, and rendering in their language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, Response
from litestar.enums import MediaType
from litestar.response import Redirect

from backend import clock
from backend.errors import DomainError, NotFound
from backend.i18n import LANGUAGES, N_, negotiate
from backend.settings import Settings
from backend.web import menu, templating
from backend.web.client import Api, Caller
from backend.web.sessions import SignedIn

LANGUAGE = "jobvej_language"
AnyRequest = Request[Any, Any, Any]


class SignInFirst(DomainError):
    """A page for somebody who is not signed in (as the right kind of person)."""

    status = 401
    type = "unauthenticated"
    message = N_("Sign in first.")


@dataclass(frozen=True, slots=True)
class Page:
    """What every page handler works with."""

    request: AnyRequest
    settings: Settings
    api: Caller
    who: SignedIn | None
    now: datetime
    language: str

    @property
    def partial(self) -> bool:
        """htmx asks for a part of the page only."""
        return self.request.headers.get("hx-request") == "true" and "hx-boosted" not in self.request.headers

    def render(self, name: str, /, *, status: int = 200, **values: Any) -> Response[str]:
        """The template as an answer."""
        content = templating.render(name, self.language, self._common() | values)
        return Response(content=content, status_code=status, media_type=MediaType.HTML)

    def go(self, path: str) -> Redirect:
        """See other: after a form was taken, so that loading again sends nothing again."""
        return Redirect(path, status_code=303)

    def staff(self) -> SignedIn:
        """Raises SignInFirst when no staff member is signed in."""
        return self._kind("staff")

    def member(self) -> SignedIn:
        """Raises SignInFirst when no member is signed in."""
        return self._kind("member")

    def _kind(self, kind: str) -> SignedIn:
        if self.who is None:
            raise SignInFirst
        if self.who.kind != kind:
            raise NotFound
        return self.who

    def _common(self) -> dict[str, Any]:
        return {
            "fund": self.settings.fund_name,
            "fund_phone": self.settings.fund_phone,
            "production": self.settings.production,
            "who": self.who,
            "form_token": self.who.csrf if self.who else "",
            "menu": menu.of(self.who.roles) if self.who else [],
            "path": self.request.url.path,
            "now": self.now,
        }


def of(request: AnyRequest) -> Page:
    """The page of a request that came through the guard."""
    # Where no page was found, the guard was not asked either.
    who: SignedIn | None = request.scope["state"].get("signed_in")
    api: Api = request.app.state["api"]
    language = _language(request)
    address = request.client.host if request.client else "unknown"
    return Page(
        request=request,
        settings=request.app.state["settings"],
        api=api.of(who.claims if who else None, language, address),
        who=who,
        now=request.scope["state"].get("now") or clock.now(),
        language=language,
    )


def _language(request: AnyRequest) -> str:
    chosen = request.cookies.get(LANGUAGE, "")
    return chosen if chosen in LANGUAGES else negotiate(request.headers.get("accept-language"))
