"""The rating rule's versions and drafts as coordinators read them: every value with its name, meaning and limits."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.rating_view import ColourView, colour_view
from backend.api.staff_view import ReasonView
from backend.api.wire import Wire
from backend.i18n import text
from backend.job_log.tables import STATUSES
from backend.notifications.policy import Policy as SendingPolicy
from backend.rating import draft_queries
from backend.rating.draft_queries import Full, Version
from backend.rating.policy_texts import STATUSES as STATUS_WORDS
from backend.rating.policy_texts import UNITS, WORDS
from backend.rating.policy_values import LIMITS, RATIOS, Policy
from backend.rating.tables_drafts import PolicyTrial, PolicyTrialCount
from backend.rating.texts import LABELS

Number = int | float | list[str]
# As it is shown: a whole number is a number too, and a schema must not name it twice.
Shown = float | list[str]


class ChoiceView(Wire):
    code: str
    word: str


class ValueView(Wire):
    """A value of the rule. `low` and `high` are its limits, `choices` what a list can hold; `name` never changes."""

    name: str
    label: str
    meaning: str
    unit: str
    whole: bool
    low: float | None
    high: float | None
    choices: list[ChoiceView]


class VersionView(Wire):
    """A version of the rule and when it applies; `validTo` is its last day, if another follows."""

    version: int
    valid_from: date
    valid_to: date | None
    in_force: bool
    numbers: dict[str, Shown]
    note: str
    published_by: str | None
    published_at: datetime


class SendingView(Wire):
    """The rules of sending that apply today: wall-clock times in Denmark."""

    version: int
    quiet_from: str
    quiet_until: str
    held_until: str
    same_day_from: str
    pushes_a_day: int
    pushes_a_week: int
    smiley_days: int


class DraftSummary(Wire):
    """A draft. `edition` rises with every edit; `mine`: I wrote it, so that somebody else approves it."""

    id: UUID
    state: str
    edition: int
    note: str
    valid_from: date
    author: str
    mine: bool
    approver: str | None
    approved_at: datetime | None
    version: int | None
    created_at: datetime


class PolicyView(Wire):
    """All of the policy: what each value means, the versions (latest first), the latest drafts, the sending rules."""

    values: list[ValueView]
    versions: list[VersionView]
    drafts: list[DraftSummary]
    sending: SendingView


class EventView(Wire):
    at: datetime
    kind: str
    by: str
    reason: str | None


class MoveView(Wire):
    """How many members go from one colour to another; the same twice: they keep it."""

    before: ColourView
    after: ColourView
    members: int


class TrialView(Wire):
    """A dry run: `members` of `total` are looked at. `outdated`: it was of other numbers or of another day."""

    state: str
    rated_on: date
    against: int
    outdated: bool
    total: int
    members: int
    changed: int
    moves: list[MoveView]
    requested_at: datetime
    done_at: datetime | None


class DraftView(DraftSummary):
    """A draft whole. `changed` names the values that differ from the version in force."""

    numbers: dict[str, Shown]
    changed: list[str]
    events: list[EventView]
    trial: TrialView | None


class ChangeView(Wire):
    """A member whose colour the draft would change, and why."""

    member_id: UUID
    member_no: str
    name: str
    before: ColourView
    after: ColourView
    reasons: list[ReasonView]


def values(language: str) -> list[ValueView]:
    return [_value(language, name) for name in WORDS]


def versions(found: Sequence[Version], today: date) -> list[VersionView]:
    """Latest first, so that each ends the day before the one above begins."""
    shown: list[VersionView] = []
    for one in found:
        ends = date.fromordinal(shown[-1].valid_from.toordinal() - 1) if shown else None
        applies = one.valid_from <= today and (ends is None or today <= ends)
        same = {name: getattr(one, name) for name in ("valid_from", "note", "published_by", "published_at")}
        numbers = Policy.from_mapping(one.numbers).to_mapping()
        shown.append(VersionView(version=one.number, valid_to=ends, in_force=applies, numbers=numbers, **same))
    return shown


def sending(found: SendingPolicy) -> SendingView:
    values = {name: getattr(found, name) for name in SendingView.__struct_fields__}
    return SendingView(**{name: _wall(value) for name, value in values.items()})


def _wall(value: Any) -> Any:
    """A time as the clock on the wall shows it; numbers as they are."""
    return value.isoformat("minutes") if isinstance(value, time) else value


def summary(row: Row[Any], staff_id: UUID) -> DraftSummary:
    return DraftSummary(**_summary(row, staff_id))


async def draft(session: AsyncSession, draft_id: UUID, staff_id: UUID, *, language: str, today: date) -> DraftView:
    found = await draft_queries.full(session, draft_id)
    in_force = next(one for one in await draft_queries.versions(session) if one.valid_from <= today)
    return DraftView(
        **_summary(found.draft, staff_id),
        numbers=found.draft.numbers,
        changed=_differing(found.draft.numbers, in_force.numbers),
        events=[
            EventView(at=one.at, kind=one.kind, by=one.by, reason=one.detail.get("reason")) for one in found.events
        ],
        trial=_trial(language, found, today),
    )


def change(language: str, row: Row[Any]) -> ChangeView:
    reasons = [code.partition(":")[0] for code in row.reasons]
    return ChangeView(
        member_id=row.member_id,
        member_no=row.member_no,
        name=row.name,
        before=colour_view(language, row.before),
        after=colour_view(language, row.after),
        reasons=[ReasonView(code=code, text=text(language, LABELS[code])) for code in reasons],
    )


def _value(language: str, name: str) -> ValueView:
    words = WORDS[name]
    low, high = LIMITS.get(name, (0, 10) if name in RATIOS else (None, None))
    codes = STATUSES if name == "counting_statuses" else ()
    return ValueView(
        name=name,
        label=text(language, words.label),
        meaning=text(language, words.meaning),
        unit=text(language, UNITS[words.unit]),
        whole=name in LIMITS,
        low=low,
        high=high,
        choices=[ChoiceView(code=code, word=text(language, STATUS_WORDS[code])) for code in codes],
    )


def _summary(row: Row[Any], staff_id: UUID) -> dict[str, Any]:
    same = ("id", "state", "edition", "note", "valid_from", "author", "approver", "approved_at", "created_at")
    own = {"mine": row.author_id == staff_id, "version": row.published_version}
    return {name: getattr(row, name) for name in same} | own


def _differing(numbers: Mapping[str, Any], in_force: Mapping[str, Any]) -> list[str]:
    draft, present = Policy.from_mapping(numbers), Policy.from_mapping(in_force)
    return [name for name in WORDS if getattr(draft, name) != getattr(present, name)]


def _trial(language: str, found: Full, today: date) -> TrialView | None:
    trial: PolicyTrial | None = found.trial
    if trial is None:
        return None
    same = ("state", "rated_on", "against", "total", "members", "requested_at", "done_at")
    return TrialView(
        **{name: getattr(trial, name) for name in same},
        outdated=trial.rated_on != today or trial.edition != found.draft.edition,
        changed=sum(one.members for one in found.counts if one.before != one.after),
        moves=[_move(language, one) for one in found.counts],
    )


def _move(language: str, one: PolicyTrialCount) -> MoveView:
    before, after = colour_view(language, one.before), colour_view(language, one.after)
    return MoveView(before=before, after=after, members=one.members)
