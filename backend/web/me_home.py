"""The member's front page: what to do, where one stands and why, what comes; and the way to everything else."""

from typing import Any

from litestar import Response, get
from litestar.params import FromQuery

from backend.web import me, me_actions
from backend.web import page as pages
from backend.web.page import AnyRequest

FEW = 12


@get("/me", name="me")
async def home(request: AnyRequest) -> Response[Any]:
    """The timeline with what needs doing first, and the smiley in short."""
    page = pages.of(request)
    page.member()
    timeline = await page.api.get("/v1/me/timeline", limit=FEW)
    rating = await page.api.get("/v1/me/rating")
    todo = {one["id"] for one in timeline["actions"]}
    rest = {
        part: [one for one in timeline[part] if one["id"] not in todo] for part in ("today", "coming", "past")
    }  # fmt: skip
    return await me.render(
        page, "me/home.html", timeline=timeline | rest, rating=rating, action=me_actions.of_item
    )  # fmt: skip


@get("/me/timeline", name="me_timeline")
async def further(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """The timeline page by page, back or ahead, as the cursor says."""
    page = pages.of(request)
    page.member()
    found = await page.api.get("/v1/me/timeline/items", cursor=cursor, limit=30)
    return await me.render(
        page, "me/timeline.html", items=found["items"], next=found["next"], action=me_actions.of_item
    )


@get("/me/more", name="me_more")
async def more(request: AnyRequest) -> Response[Any]:
    """Everything that is not in the menu itself."""
    page = pages.of(request)
    page.member()
    return await me.render(page, "me/more.html")


HANDLERS: tuple[Any, ...] = (home, further, more)
