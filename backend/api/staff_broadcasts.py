"""Broadcasts: written by a coordinator, approved by another, sent in stages, and stopped when they must be."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, JSONBody

from backend.api import broadcast_view, staff_view, wire
from backend.api.broadcast_view import BroadcastSummary, BroadcastView, DryRun
from backend.api.given import Colleague, Configured, Now, Session
from backend.api.staff_view import Instant, Reason
from backend.api.wire import Cursor, Input, Limit, Page
from backend.broadcasts import audience, queries, service
from backend.broadcasts.audience import Audience
from backend.broadcasts.rules import LONGEST_BODY, LONGEST_TITLE, MOST_STAGES, STANDARD_STAGES, Stage
from backend.broadcasts.service import Draft
from backend.notifications.catalogue_broadcasts import BroadcastCategory, BroadcastKlass

PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TITLE, pattern=r"^[^\x00-\x1f\x7f]*$")]
Body = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_BODY, pattern=PRINTABLE)]


class StageInput(Input):
    """Up to `share` percent of the audience, then a pause; the pause counts from the stage's last push."""

    share: Annotated[float, msgspec.Meta(gt=0, le=100)]
    pause_minutes: Annotated[int, msgspec.Meta(ge=0, le=10_080)] = 0


class BroadcastInput(Input):
    """What is written. Class R (reminder) or S (service). `spreadMinutes`: each stage's pushes go out over so long.

    Without `stages`: one in a hundred, then one in ten, then all, an hour apart.
    """

    klass: BroadcastKlass
    category: BroadcastCategory
    title_da: Title
    body_da: Body
    title_en: Title
    body_en: Body
    audience: Audience = msgspec.field(default_factory=Audience)
    stages: Annotated[list[StageInput], msgspec.Meta(max_length=MOST_STAGES)] = []
    spread_minutes: Annotated[int, msgspec.Meta(ge=0, le=480)] = 60
    valid_days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 7
    send_from: Instant | None = None


class VersionInput(Input):
    """The version that was read: another one is not approved."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class WhyInput(Input):
    reason: Reason


@get("/v1/staff/broadcasts", operation_id="listBroadcasts", tags=["broadcasts"])
async def list_broadcasts(
    session: Session, staff: Colleague, cursor: Cursor = None, limit: Limit = 30
) -> Page[BroadcastSummary]:
    """All broadcasts, newest first."""
    before = wire.position(cursor, tuple[UUID])[0] if cursor else None
    found = await queries.newest(session, before=before, limit=limit + 1)
    more = wire.cursor(found[limit - 1].broadcast.id) if len(found) > limit else None
    return Page(items=[broadcast_view.summary(one, staff.id) for one in found[:limit]], next=more)


@post("/v1/staff/broadcasts", operation_id="writeBroadcast", tags=["broadcasts"])
async def write(session: Session, staff: Colleague, now: Now, data: JSONBody[BroadcastInput]) -> BroadcastView:
    """A new draft."""
    made = await service.write(session, _draft(data), staff.id, now=now)
    return await broadcast_view.view(session, made.id, staff.id)


@get("/v1/staff/broadcasts/{broadcast_id:uuid}", operation_id="getBroadcast", tags=["broadcasts"])
async def get_one(session: Session, staff: Colleague, broadcast_id: FromPath[UUID]) -> BroadcastView:
    """One broadcast, with how far it has come."""
    return await broadcast_view.view(session, broadcast_id, staff.id)


@put("/v1/staff/broadcasts/{broadcast_id:uuid}", operation_id="editBroadcast", tags=["broadcasts"])
async def edit(
    session: Session, staff: Colleague, now: Now, broadcast_id: FromPath[UUID], data: JSONBody[BroadcastInput]
) -> BroadcastView:
    """Write it anew: it is a draft of mine then, whoever's it was."""
    await service.edit(session, broadcast_id, _draft(data), staff.id, now=now)
    return await broadcast_view.view(session, broadcast_id, staff.id)


@post("/v1/staff/broadcasts/dry-run", operation_id="previewBroadcast", tags=["broadcasts"], status_code=200)
async def preview(session: Session, now: Now, settings: Configured, data: JSONBody[BroadcastInput]) -> DryRun:
    """Whom this would reach, what they would see, and when, before anything is kept."""
    draft = _draft(data)
    await service.check(session, draft)
    fund = settings.fund_name
    return await broadcast_view.dry_run(session, draft, draft.audience, draft.stages, now=now, fund=fund)


@get("/v1/staff/broadcasts/{broadcast_id:uuid}/dry-run", operation_id="tryBroadcast", tags=["broadcasts"])
async def dry_run(session: Session, now: Now, settings: Configured, broadcast_id: FromPath[UUID]) -> DryRun:
    """Whom it would reach, what they would see, and when."""
    found = await queries.full(session, broadcast_id)
    one, stages = found.broadcast, [Stage(each.share, each.pause_minutes) for each in found.stages]
    fund, to = settings.fund_name, audience.stored(one.audience)
    return await broadcast_view.dry_run(session, one, to, stages, now=now, fund=fund)


@post(
    "/v1/staff/broadcasts/{broadcast_id:uuid}/submit",
    operation_id="submitBroadcast",
    tags=["broadcasts"],
    status_code=200,
)
async def submit(session: Session, staff: Colleague, now: Now, broadcast_id: FromPath[UUID]) -> BroadcastView:
    """Ask for a colleague's approval."""
    await service.submit(session, broadcast_id, staff.id, now=now)
    return await broadcast_view.view(session, broadcast_id, staff.id)


@post(
    "/v1/staff/broadcasts/{broadcast_id:uuid}/return",
    operation_id="returnBroadcast",
    tags=["broadcasts"],
    status_code=200,
)
async def hand_back(
    session: Session, staff: Colleague, now: Now, broadcast_id: FromPath[UUID], data: JSONBody[WhyInput]
) -> BroadcastView:
    """Do not approve it: back to its author, with the reason."""
    await service.hand_back(session, broadcast_id, staff.id, data.reason, now=now)
    return await broadcast_view.view(session, broadcast_id, staff.id)


@post(
    "/v1/staff/broadcasts/{broadcast_id:uuid}/approve",
    operation_id="approveBroadcast",
    tags=["broadcasts"],
    status_code=200,
)
async def approve(
    session: Session, staff: Colleague, now: Now, broadcast_id: FromPath[UUID], data: JSONBody[VersionInput]
) -> BroadcastView:
    """Let it go, as a second person."""
    await service.approve(session, broadcast_id, staff.id, version=data.version, now=now)
    return await broadcast_view.view(session, broadcast_id, staff.id)


@post(
    "/v1/staff/broadcasts/{broadcast_id:uuid}/withdraw",
    operation_id="withdrawBroadcast",
    tags=["broadcasts"],
    status_code=200,
)
async def withdraw(session: Session, staff: Colleague, now: Now, broadcast_id: FromPath[UUID]) -> BroadcastView:
    """It will not be sent at all."""
    await service.withdraw(session, broadcast_id, staff.id, now=now)
    return await broadcast_view.view(session, broadcast_id, staff.id)


@post(
    "/v1/staff/broadcasts/{broadcast_id:uuid}/pause",
    operation_id="pauseBroadcast",
    tags=["broadcasts"],
    status_code=200,
)
async def pause(
    session: Session, staff: Colleague, now: Now, broadcast_id: FromPath[UUID], data: JSONBody[WhyInput]
) -> BroadcastView:
    """Hold what has not gone out."""
    await service.pause(session, broadcast_id, staff.id, data.reason, now=now)
    return await broadcast_view.view(session, broadcast_id, staff.id)


@post(
    "/v1/staff/broadcasts/{broadcast_id:uuid}/resume",
    operation_id="resumeBroadcast",
    tags=["broadcasts"],
    status_code=200,
)
async def resume(session: Session, staff: Colleague, now: Now, broadcast_id: FromPath[UUID]) -> BroadcastView:
    """Go on."""
    await service.resume(session, broadcast_id, staff.id, now=now)
    return await broadcast_view.view(session, broadcast_id, staff.id)


@post(
    "/v1/staff/broadcasts/{broadcast_id:uuid}/stop",
    operation_id="stopBroadcast",
    tags=["broadcasts"],
    status_code=200,
)
async def stop(
    session: Session, staff: Colleague, now: Now, broadcast_id: FromPath[UUID], data: JSONBody[WhyInput]
) -> BroadcastView:
    """End it for good. What has not gone out is cancelled; who was not told does not find it in the inbox."""
    await service.stop(session, broadcast_id, staff.id, data.reason, now=now)
    return await broadcast_view.view(session, broadcast_id, staff.id)


def _draft(data: BroadcastInput) -> Draft:
    stages = [Stage(Decimal(str(round(one.share, 2))), one.pause_minutes) for one in data.stages]
    same = (
        "klass",
        "category",
        "title_da",
        "body_da",
        "title_en",
        "body_en",
        "audience",
        "spread_minutes",
        "valid_days",
    )
    return Draft(
        **{name: getattr(data, name) for name in same},
        stages=stages or STANDARD_STAGES,
        send_from=staff_view.sensible(data.send_from, "sendFrom") if data.send_from else None,
    )


HANDLERS = (
    list_broadcasts, write, preview, get_one, edit, dry_run, submit, hand_back, approve, withdraw, pause, resume, stop,
)  # fmt: skip
