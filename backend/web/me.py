"""What the member's pages share: the number of unread messages, and what was just done, in words."""

from collections.abc import Mapping
from typing import Any

from litestar import Response

from backend.i18n import N_, text
from backend.web.client import File, Refused
from backend.web.page import Page

# After a form was taken, the next page is asked for with `?done=CODE`.
DONE: Mapping[str, str] = {
    "saved": N_("Saved."),
    "removed": N_("Removed."),
    "restored": N_("It is back, and counts as before."),
    "uploaded": N_("The document is uploaded."),
    "booked": N_("It is booked. You find it here and on your timeline."),
    "moved": N_("It is moved."),
    "cancelled": N_("It is cancelled. The place is free for somebody else."),
    "in-line": N_("You are on the waiting list. We tell you when there is a seat for you."),
    "out-of-line": N_("You are off the waiting list."),
    "objected": N_("We have what you wrote. You see the answer here."),
    "objection-withdrawn": N_("Your objection is withdrawn."),
    "time-chosen": N_("We call you at the time that you chose."),
    "time-cleared": N_("We call you when it suits us both: we try by the day below."),
    "acknowledged": N_("Thank you. Your adviser can see that you have read it."),
    "ticked": N_("Well done."),
    "unticked": N_("It is open again."),
    "device-removed": N_("That phone gets no more messages."),
    "feed-ended": N_("The address has stopped working."),
    "read": N_("Everything is marked as read."),
}


async def render(page: Page, name: str, /, *, status: int = 200, **values: Any) -> Response[Any]:
    """A page of the member's, with the number of unread messages in its menu."""
    inbox = await page.api.get("/v1/me/inbox/summary")
    msgid = DONE.get(page.request.query_params.get("done", ""))
    done = text(page.language, msgid) if msgid and status == 200 else None
    return page.render(name, status=status, unread=inbox["unread"], done=done, **values)


def said(refusal: Refused) -> str:
    """What the API said, for a page that has no field to put it beside. Raises the refusal when it is about more."""
    if refusal.status not in (400, 409, 412, 422):
        raise refusal
    return str(refusal.problem.get("title", ""))


def file(found: File) -> Response[bytes]:
    """A file of the API's, to be saved: never shown in the page, never run, never kept by a cache."""
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox", **found.headers}
    return Response(content=found.content, media_type=found.media_type, headers=headers)
