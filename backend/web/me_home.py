"""The member's front page: what to do, how the job search stands and why, what comes."""

from typing import Any

from litestar import Response, get

from backend.web import page as pages
from backend.web.page import AnyRequest


@get("/me", name="me")
async def home(request: AnyRequest) -> Response[Any]:
    """The timeline with what needs doing first, and the smiley in short."""
    page = pages.of(request)
    page.member()
    return page.render(
        "me/home.html",
        timeline=await page.api.get("/v1/me/timeline"),
        rating=await page.api.get("/v1/me/rating"),
        inbox=await page.api.get("/v1/me/inbox/summary"),
    )


@get("/me/smiley", name="smiley")
async def smiley(request: AnyRequest) -> Response[Any]:
    """The colour with its reasons, figures and the way back; how it was before."""
    page = pages.of(request)
    page.member()
    rating = await page.api.get("/v1/me/rating")
    return page.render("me/smiley.html", rating=rating, before=await page.api.get("/v1/me/ratings"))


HANDLERS: tuple[Any, ...] = (home, smiley)
