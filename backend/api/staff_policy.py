"""The rating rule's numbers: versions, drafts, dry runs, and publishing by two people."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api import policy_view, wire
from backend.api.given import Colleague, Language, Now, Session, Today
from backend.api.policy_view import ChangeView, DraftView, Number, PolicyView
from backend.api.staff_view import Reason
from backend.api.wire import Cursor, Input, Limit, Page
from backend.notifications import policy as sending_policy
from backend.rating import draft_queries, drafts, trials
from backend.rating.drafts import NewPolicy

# How many drafts are listed; all that were published stand among the versions.
LISTED = 20
Colour = Literal["none", "green", "yellow", "red", "paused"]
From = Annotated[Colour | None, QueryParameter(name="before", description="Only those who have this colour.")]
To = Annotated[Colour | None, QueryParameter(name="after", description="Only those who would have this colour.")]
Numbers = Annotated[dict[str, Number], msgspec.Meta(max_length=40)]


class DraftInput(Input):
    """Every value by its name (what is left out has the rule's default), why, and the first day."""

    numbers: Numbers
    note: Reason
    valid_from: date


class EditionInput(Input):
    """The edition that was read: another one is not approved."""

    edition: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class BackInput(Input):
    reason: Reason


@get("/v1/staff/policy", operation_id="getPolicy", tags=["policy"])
async def get_policy(session: Session, staff: Colleague, language: Language, today: Today) -> PolicyView:
    """The rule in force and its other versions, drafts, and the rules of sending."""
    return PolicyView(
        values=policy_view.values(language),
        versions=policy_view.versions(await draft_queries.versions(session), today),
        drafts=[policy_view.summary(one, staff.id) for one in await draft_queries.newest(session, limit=LISTED)],
        sending=policy_view.sending(await sending_policy.in_force(session, today)),
    )


@post("/v1/staff/policy/drafts", operation_id="writePolicyDraft", tags=["policy"])
async def write(
    session: Session, staff: Colleague, language: Language, now: Now, today: Today, data: JSONBody[DraftInput]
) -> DraftView:
    """A new draft."""
    draft_id = await drafts.write(session, _new(data), staff.id, now=now)
    return await policy_view.draft(session, draft_id, staff.id, language=language, today=today)


@get("/v1/staff/policy/drafts/{draft_id:uuid}", operation_id="getPolicyDraft", tags=["policy"])
async def get_draft(
    session: Session, staff: Colleague, language: Language, today: Today, draft_id: FromPath[UUID]
) -> DraftView:
    """One draft with its history and dry run."""
    return await policy_view.draft(session, draft_id, staff.id, language=language, today=today)


@put("/v1/staff/policy/drafts/{draft_id:uuid}", operation_id="editPolicyDraft", tags=["policy"], status_code=204)
async def edit(
    session: Session, staff: Colleague, now: Now, draft_id: FromPath[UUID], data: JSONBody[DraftInput]
) -> None:
    """Write it anew: it is a draft of mine then, whoever's it was, and not tried yet."""
    await drafts.edit(session, draft_id, _new(data), staff.id, now=now)


@post(
    "/v1/staff/policy/drafts/{draft_id:uuid}/dry-run", operation_id="tryPolicyDraft", tags=["policy"], status_code=204
)
async def try_it(session: Session, staff: Colleague, now: Now, draft_id: FromPath[UUID]) -> None:
    """Try it on today's members. It begins within a minute; the draft then shows how far it has come."""
    await trials.begin(session, draft_id, staff.id, now=now)


@get("/v1/staff/policy/drafts/{draft_id:uuid}/changes", operation_id="listPolicyChanges", tags=["policy"])
async def list_changes(
    session: Session,
    staff: Colleague,
    language: Language,
    today: Today,
    draft_id: FromPath[UUID],
    before: From = None,
    after: To = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ChangeView]:
    """Who would have another colour."""
    place = wire.position(cursor, tuple[UUID])[0] if cursor else None
    found = await draft_queries.changes(
        session, draft_id, staff, colours=(before, after), today=today, after=place, limit=limit + 1
    )
    more = wire.cursor(found[limit - 1].member_id) if len(found) > limit else None
    return Page(items=[policy_view.change(language, row) for row in found[:limit]], next=more)


@post(
    "/v1/staff/policy/drafts/{draft_id:uuid}/submit", operation_id="submitPolicyDraft", tags=["policy"], status_code=204
)
async def submit(session: Session, staff: Colleague, now: Now, draft_id: FromPath[UUID]) -> None:
    """Ask for a colleague's approval; it must have been tried."""
    await drafts.submit(session, draft_id, staff.id, now=now)


@post(
    "/v1/staff/policy/drafts/{draft_id:uuid}/return", operation_id="returnPolicyDraft", tags=["policy"], status_code=204
)
async def hand_back(
    session: Session, staff: Colleague, now: Now, draft_id: FromPath[UUID], data: JSONBody[BackInput]
) -> None:
    """Do not approve it: back to its author, with the reason."""
    await drafts.hand_back(session, draft_id, staff.id, data.reason, now=now)


@post(
    "/v1/staff/policy/drafts/{draft_id:uuid}/withdraw",
    operation_id="withdrawPolicyDraft",
    tags=["policy"],
    status_code=204,
)
async def withdraw(session: Session, staff: Colleague, now: Now, draft_id: FromPath[UUID]) -> None:
    """It will not become a version."""
    await drafts.withdraw(session, draft_id, staff.id, now=now)


@post(
    "/v1/staff/policy/drafts/{draft_id:uuid}/approve",
    operation_id="approvePolicyDraft",
    tags=["policy"],
    status_code=204,
)
async def approve(
    session: Session, staff: Colleague, now: Now, draft_id: FromPath[UUID], data: JSONBody[EditionInput]
) -> None:
    """Publish it from its first day on, as a second person."""
    await drafts.approve(session, draft_id, staff.id, edition=data.edition, now=now)


@post(
    "/v1/staff/policy/drafts/{draft_id:uuid}/take-back",
    operation_id="takeBackPolicy",
    tags=["policy"],
    status_code=204,
)
async def take_back(
    session: Session, staff: Colleague, now: Now, draft_id: FromPath[UUID], data: JSONBody[BackInput]
) -> None:
    """A published version that does not apply yet never will."""
    await drafts.take_back(session, draft_id, staff.id, data.reason, now=now)


def _new(data: DraftInput) -> NewPolicy:
    return NewPolicy(numbers=data.numbers, note=data.note, valid_from=data.valid_from)


HANDLERS = (
    get_policy,
    write,
    get_draft,
    edit,
    try_it,
    list_changes,
    submit,
    hand_back,
    withdraw,
    approve,
    take_back,
)
