"""Pages that nobody has to sign in for: every message that the fund can send."""

from typing import Any

from litestar import Response, get

from backend.notifications.pages import catalogue_page
from backend.web import page as pages
from backend.web.page import AnyRequest


@get("/messages", name="messages")
async def messages(request: AnyRequest) -> Response[Any]:
    """The catalogue of messages as members meet them, in both languages."""
    page = pages.of(request)
    shown = catalogue_page(page.language, fund=page.settings.fund_name, phone=page.settings.fund_phone)
    return page.render("messages.html", page=shown)


HANDLERS: tuple[Any, ...] = (messages,)
