"""One member on one screen, the job log, and how the colour went."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import job_log_view, rating_view, staff_view, wire
from backend.api.given import Colleague, Language, Now, Session
from backend.api.job_log_view import EntryView
from backend.api.me_job_log import First, Last, Statuses
from backend.api.me_rating import Day
from backend.api.rating_view import RatingBrief, RatingView
from backend.api.staff_view import CallInView, CallView, DisputeStaffView, ExemptionView, OverrideView
from backend.api.wire import Cursor, Limit, Page, Wire
from backend.course.tables import SearchRequirement
from backend.followup import card
from backend.followup.card import Card
from backend.job_log import queries as job_log
from backend.members.identity import StaffIdentity
from backend.members.queries import Profile
from backend.rating import policy
from backend.rating import queries as ratings
from backend.rating.policy_values import Policy
from backend.rating.queries import Given, Place
from backend.timeline import texts
from backend.timeline.tables import TimelineItem


class ProfileStaffView(Wire):
    """Who the member is and whom they belong to."""

    member_no: str
    name: str
    email: str
    phone: str
    language: str
    unemployed_from: date
    insurance: str
    digital_exempt: bool
    branch_name: str
    adviser_name: str | None


class RequirementView(Wire):
    """A version of what was agreed, in force from `validFrom` until the next."""

    id: UUID
    valid_from: date
    min_per_week: int
    min_posted_per_week: int
    uploads_per_month: int
    source: str
    set_by: str | None
    set_at: datetime


class TimelineLine(Wire):
    """What the member sees happen, in the reader's language."""

    kind: str
    title: str
    body: str
    at: datetime
    due_at: datetime | None
    open: bool


class MemberCard(Wire):
    """All about one member. `since` is the day of the colour, `deadline` the first day that something is owed."""

    member_id: UUID
    profile: ProfileStaffView
    rating: RatingView
    since: date | None
    deadline: date | None
    ratios: list[int]
    requirements: list[RequirementView]
    exemptions: list[ExemptionView]
    overrides: list[OverrideView]
    calls: list[CallView]
    call_ins: list[CallInView]
    disputes: list[DisputeStaffView]
    log: list[EntryView]
    timeline: list[TimelineLine]


@get("/v1/staff/members/{member_id:uuid}", operation_id="getMemberCard", tags=["staff"], response_headers=wire.TAGGED)
async def member_card(
    request: Request[Any, Any, Any],
    session: Session,
    staff: Colleague,
    now: Now,
    language: Language,
    member_id: FromPath[UUID],
) -> Response[MemberCard]:
    """A member with colour and reasons, agreements, exemptions, calls, call-ins, objections, log and timeline."""
    found = await card.of(session, member_id, now=now)
    return wire.tagged(request, _card(language, staff, member_id, found))


@get(
    "/v1/staff/members/{member_id:uuid}/job-log",
    operation_id="listMemberJobLog",
    tags=["staff"],
    response_headers=wire.TAGGED,
)
async def member_log(
    request: Request[Any, Any, Any],
    session: Session,
    member_id: FromPath[UUID],
    status: Statuses = None,
    first: First = None,
    last: Last = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[EntryView]]:
    """A member's applications, deleted ones too, the latest first."""
    after = job_log.Place(*wire.position(cursor, tuple[date, UUID])) if cursor else None
    wanted = job_log.Wanted(status or (), first, last, withdrawn=True)
    found = await job_log.page(session, member_id, wanted, after=after, limit=limit + 1)
    more = wire.cursor(found[limit - 1].applied_on, found[limit - 1].id) if len(found) > limit else None
    return wire.tagged(request, Page(items=await _entries(session, found[:limit]), next=more))


@get(
    "/v1/staff/members/{member_id:uuid}/ratings",
    operation_id="listMemberRatings",
    tags=["staff"],
    response_headers=wire.TAGGED,
)
async def member_ratings(
    request: Request[Any, Any, Any],
    session: Session,
    language: Language,
    member_id: FromPath[UUID],
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response[Page[RatingBrief]]:
    """A member's ratings, newest first."""
    before = Place(*wire.position(cursor, tuple[datetime, UUID])) if cursor else None
    found = await ratings.history(session, member_id, before=before, limit=limit + 1)
    more = wire.cursor(found[limit - 1].rated_at, found[limit - 1].id) if len(found) > limit else None
    items = [rating_view.brief(language, given) for given in found[:limit]]
    return wire.tagged(request, Page(items=items, next=more))


@get(
    "/v1/staff/members/{member_id:uuid}/rating",
    operation_id="getMemberRating",
    tags=["staff"],
    response_headers=wire.TAGGED,
)
async def member_rating(
    request: Request[Any, Any, Any],
    session: Session,
    staff: Colleague,
    language: Language,
    member_id: FromPath[UUID],
    on: Day = None,
) -> Response[RatingView]:
    """A member's colour with its explanation, as it holds or as it was in force at the end of a day."""
    given = await (ratings.as_of(session, member_id, on) if on else ratings.current(session, member_id))
    numbers = await policy.of_rating(session, given.policy_version) if given else None
    return wire.tagged(request, _rating(language, staff, given, numbers))


async def _entries(session: AsyncSession, entries: Sequence[Row[Any]]) -> list[EntryView]:
    documents = await job_log.documents(session, [entry.id for entry in entries])
    return [job_log_view.entry_view(entry, documents.get(entry.id, [])) for entry in entries]


def _card(language: str, staff: StaffIdentity, member_id: UUID, found: Card) -> MemberCard:
    names, current = found.staff, found.current
    return MemberCard(
        member_id=member_id,
        profile=_profile(found.profile),
        rating=_rating(language, staff, found.rating, found.numbers),
        since=current.since if current else None,
        deadline=current.deadline if current and current.deadline != date.max else None,
        ratios=current.ratios if current else [],
        requirements=[requirement_view(each, names) for each in found.requirements],
        exemptions=[staff_view.exemption_view(each, staff, names) for each in found.exemptions],
        overrides=[staff_view.override_view(each, names) for each in found.overrides],
        calls=[staff_view.call_view(each, found.attempts.get(each.id, ()), names) for each in found.calls],
        call_ins=[staff_view.call_in_view(each, names) for each in found.call_ins],
        disputes=[staff_view.dispute_view(each, names) for each in found.disputes],
        log=[job_log_view.entry_view(each, found.documents.get(each.id, [])) for each in found.log],
        timeline=[_line(language, item) for item in found.timeline],
    )


def _rating(language: str, staff: StaffIdentity, given: Given | None, numbers: Policy | None) -> RatingView:
    if given is None or numbers is None:
        return rating_view.nothing_yet(language)
    shown = rating_view.full(language, given, numbers, None)
    if any(staff_view.hides_health(staff, reason.partition(":")[2]) for reason in given.result.reasons):
        shown.reasons = []
    return shown


def _profile(profile: Profile) -> ProfileStaffView:
    return ProfileStaffView(**{name: getattr(profile, name) for name in ProfileStaffView.__struct_fields__})


def requirement_view(version: SearchRequirement, names: staff_view.Names = staff_view.NOBODY) -> RequirementView:
    fields = [name for name in RequirementView.__struct_fields__ if name != "set_by"]
    set_by = names.get(version.set_by) if version.set_by else None
    return RequirementView(**{name: getattr(version, name) for name in fields}, set_by=set_by)


def _line(language: str, item: TimelineItem) -> TimelineLine:
    title, body = texts.render(language, item.kind, item.params, at=item.at, due_at=item.due_at)
    still = item.needs_action and item.done_at is None
    return TimelineLine(kind=item.kind, title=title, body=body, at=item.at, due_at=item.due_at, open=still)


HANDLERS = (member_card, member_log, member_ratings, member_rating)
