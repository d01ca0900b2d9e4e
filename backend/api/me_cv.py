"""My CV on Jobnet: whether it is approved, and what is to be better."""

from datetime import date, datetime
from typing import Any

from litestar import Request, Response, get

from backend.api import wire
from backend.api.given import Me, Session
from backend.api.wire import Wire
from backend.course import cv


class MyCv(Wire):
    """`readyBy` is the last day to have it ready; `comment` says what is to be better in one that was returned."""

    state: cv.State
    ready_by: date
    comment: str | None
    decided_at: datetime | None


@get("/v1/me/cv", operation_id="getMyCv", tags=["cv"], response_headers=wire.TAGGED)
async def my_cv(request: Request[Any, Any, Any], session: Session, member: Me) -> Response[MyCv]:
    """Where my CV stands."""
    stands = await cv.of_member(session, member.id)
    return wire.tagged(request, MyCv(**stands._asdict()))


HANDLERS = (my_cv,)
