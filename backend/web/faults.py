"""What a person sees when a page cannot be shown: what happened, what to do, whom to call."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from backend import log
from backend.api.problems import BY_STATUS, UNEXPECTED
from backend.errors import DomainError
from backend.i18n import text
from backend.web import page as pages
from backend.web.client import Refused

logger = log.get("web")
AnyRequest = Request[Any, Any, Any]


def domain(request: AnyRequest, error: DomainError) -> Response[Any]:
    """An error of ours. Who is not signed in is sent to sign in, and comes back after it."""
    if error.status == 401 and request.method == "GET":
        return Redirect(f"/sign-in?back={quote(_here(request))}", status_code=303)
    page = pages.of(request)
    return page.render("fault.html", status=error.status, title=page_text(page, error.message))


def refused(request: AnyRequest, error: Refused) -> Response[Any]:
    """The API said no, and the page has nothing better to say."""
    if error.status == 401 and request.method == "GET":
        return Redirect(f"/sign-in?back={quote(_here(request))}", status_code=303)
    page = pages.of(request)
    title = str(error.problem.get("title") or page_text(page, UNEXPECTED[1]))
    return page.render("fault.html", status=error.status, title=title)


def framework(request: AnyRequest, error: HTTPException) -> Response[Any]:
    page = pages.of(request)
    msgid = BY_STATUS.get(error.status_code, UNEXPECTED)[1]
    return page.render("fault.html", status=error.status_code, title=page_text(page, msgid))


def unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    logger.error("page.failed", error=type(error).__name__, path=request.route_handler.name, exc_info=error)
    page = pages.of(request)
    return page.render("fault.html", status=500, title=page_text(page, UNEXPECTED[1]))


def page_text(page: pages.Page, msgid: str) -> str:
    return text(page.language, msgid)


def _here(request: AnyRequest) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
