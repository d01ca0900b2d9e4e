"""The member's colour: why, what did not count, the way back, and how it was before."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import rating_view, wire
from backend.api.given import Language, Me, Session, Today
from backend.api.rating_view import RatingBrief, RatingView
from backend.api.wire import Cursor, Limit, Page
from backend.rating import policy, queries
from backend.rating.queries import Given, Place
from backend.rating.way_back import WayBack, way_back

Day = Annotated[date | None, QueryParameter(description="The rating in force at the end of this day.")]


@get("/v1/me/rating", operation_id="getRating", tags=["rating"], response_headers=wire.TAGGED)
async def get_rating(
    request: Request[Any, Any, Any], session: Session, member: Me, today: Today, language: Language, on: Day = None
) -> Response[RatingView]:
    """My colour with its explanation; for the present also the way back."""
    given = await (queries.as_of(session, member.id, on) if on else queries.current(session, member.id))
    if given is None:
        return wire.tagged(request, rating_view.nothing_yet(language))
    back = None if on else await _way_back(session, member.id, today)
    numbers = await policy.of_rating(session, given.policy_version)
    return wire.tagged(request, rating_view.full(language, given, numbers, back))


@get("/v1/me/ratings", operation_id="listRatings", tags=["rating"], response_headers=wire.TAGGED)
async def list_ratings(
    request: Request[Any, Any, Any],
    session: Session,
    member: Me,
    language: Language,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response[Page[RatingBrief]]:
    """My ratings, newest first."""
    before = Place(*wire.position(cursor, tuple[datetime, UUID])) if cursor else None
    found = await queries.history(session, member.id, before=before, limit=limit + 1)
    items = [rating_view.brief(language, given) for given in found[:limit]]
    return wire.tagged(request, Page(items=items, next=_next(found, limit)))


async def _way_back(session: AsyncSession, member_id: UUID, today: date) -> WayBack | None:
    facts = await queries.facts_of(session, member_id, today)
    return way_back(facts, (await policy.on(session, today)).policy, today) if facts else None


def _next(found: list[Given], limit: int) -> str | None:
    return wire.cursor(found[limit - 1].rated_at, found[limit - 1].id) if len(found) > limit else None


HANDLERS = (get_rating, list_ratings)
