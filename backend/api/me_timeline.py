"""The member's timeline: what was, what is today, what is coming, and what to do."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import wire
from backend.api.given import Language, Me, Now, Session, Today
from backend.api.wire import Cursor, Limit, Wire
from backend.clock import local_time
from backend.timeline import queries, texts
from backend.timeline.queries import Place
from backend.timeline.tables import TimelineItem

Way = Literal["past", "coming"]


class ItemView(Wire):
    """One thing on the timeline. `at` places it, `dueAt` is a deadline; `needsAction` until `doneAt`.

    `subjectId` is what it is about where that is one thing: the booking, the item of the course, the agreement.
    """

    id: UUID
    kind: str
    subject_id: UUID | None
    title: str
    body: str
    at: datetime
    due_at: datetime | None
    needs_action: bool
    done_at: datetime | None


class Overview(Wire):
    """`past` newest first, `today`, `coming` soonest first, and `actions`: all that is to be done, most urgent first.

    `earlier` and `later` are cursors that go on from there; null at the end.
    """

    actions: list[ItemView]
    past: list[ItemView]
    today: list[ItemView]
    coming: list[ItemView]
    earlier: str | None
    later: str | None


class TimelinePage(Wire):
    """Items in the direction of the cursor. `next` goes on in it; null at the end."""

    items: list[ItemView]
    next: str | None


@get("/v1/me/timeline", operation_id="getTimeline", tags=["timeline"], response_headers=wire.TAGGED)
async def get_timeline(
    request: Request[Any, Any, Any], session: Session, member: Me, today: Today, language: Language, limit: Limit = 20
) -> Response[Overview]:
    """My timeline around today."""
    start, end = local_time(today, time.min), local_time(today + timedelta(days=1), time.min)
    past = await queries.page(session, member.id, towards="past", start=start, limit=limit + 1)
    ahead = await queries.page(session, member.id, towards="coming", start=start, limit=2 * limit + 1)
    now = [item for item in ahead[: 2 * limit] if item.at < end]
    coming = [item for item in ahead[: 2 * limit] if item.at >= end]
    overview = Overview(
        actions=_views(language, await queries.open_actions(session, member.id)),
        past=_views(language, past[:limit]),
        today=_views(language, now),
        coming=_views(language, coming[:limit]),
        earlier=_next("past", past, limit),
        later=_next("coming", coming, limit) or _next("coming", ahead, 2 * limit),
    )
    return wire.tagged(request, overview)


@get("/v1/me/timeline/items", operation_id="listTimeline", tags=["timeline"], response_headers=wire.TAGGED)
async def list_timeline(
    request: Request[Any, Any, Any],
    session: Session,
    member: Me,
    now: Now,
    language: Language,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[TimelinePage]:
    """My timeline page by page: from a cursor of the overview on, or from now back."""
    return wire.tagged(request, await page_of(session, member.id, now, language, cursor, limit))


async def page_of(
    session: AsyncSession, member_id: UUID, start: datetime, language: str, cursor: str | None, limit: int
) -> TimelinePage:
    """A page of a member's timeline: back from `start`, or from the cursor on."""
    way, place = _from(cursor, start)
    found = await queries.page(session, member_id, towards=way, start=place, limit=limit + 1)
    return TimelinePage(items=_views(language, found[:limit]), next=_next(way, found, limit))


def _from(cursor: str | None, now: datetime) -> tuple[Way, datetime | Place]:
    if cursor is None:
        return "past", now
    way, at, item = wire.position(cursor, tuple[Way, datetime, UUID])
    return way, Place(at, item)


def _next(way: Way, found: Sequence[TimelineItem], limit: int) -> str | None:
    return wire.cursor(way, found[limit - 1].at, found[limit - 1].id) if len(found) > limit else None


def _views(language: str, items: Sequence[TimelineItem]) -> list[ItemView]:
    return [_view(language, item) for item in items]


def _view(language: str, item: TimelineItem) -> ItemView:
    title, body = texts.render(language, item.kind, item.params, at=item.at, due_at=item.due_at)
    return ItemView(
        id=item.id,
        kind=item.kind,
        subject_id=_subject(item.key),
        title=title,
        body=body,
        at=item.at,
        due_at=item.due_at,
        needs_action=item.needs_action and item.done_at is None,
        done_at=item.done_at,
    )


def _subject(key: str) -> UUID | None:
    """The id in an item's key; keys of other things are nobody's business."""
    try:
        return UUID(key)
    except ValueError:
        return None


HANDLERS = (get_timeline, list_timeline)
