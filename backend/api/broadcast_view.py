"""Broadcasts as coordinators see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend import i18n
from backend.api.wire import Wire
from backend.broadcasts import audience, queries, rules
from backend.broadcasts.audience import Audience
from backend.broadcasts.queries import Full, Listed, Progress
from backend.broadcasts.rules import Stage
from backend.broadcasts.service import Draft
from backend.broadcasts.tables import Broadcast, BroadcastStage
from backend.clock import local_date
from backend.notifications import policy, rendering, sending
from backend.notifications.catalogue import BY_ID
from backend.notifications.catalogue_broadcasts import key


class BroadcastSummary(Wire):
    """A broadcast in the list. `state`: draft, waiting, withdrawn, sending, paused, stopped or sent.

    `planned`: how many members fitted when it was approved; `stored`: how many have it in their inbox, or had.
    """

    id: UUID
    state: str
    klass: str
    category: str
    title_da: str
    title_en: str
    author: str
    mine: bool
    planned: int | None
    stored: int
    created_at: datetime
    approved_at: datetime | None
    ended_at: datetime | None


class StageView(Wire):
    """A stage. `dueFrom`: when its first push may ring; `stored`: for how many members its messages are written."""

    number: int
    share: float
    pause_minutes: int
    stored: int
    begun_at: datetime | None
    due_from: datetime | None
    done_at: datetime | None


class BroadcastStep(Wire):
    """What was done, when, and by whom; nobody: the program."""

    kind: str
    at: datetime
    staff: str | None
    detail: dict[str, Any]


class BroadcastView(Wire):
    """A broadcast with its stages and every step. `clearedAt`: what a stop kept back has been taken away.

    `mine`: I wrote it, so a colleague approves it. `planned`: how many members fitted when it was approved. Of the
    `messages` so far `told` are those whose phone was told or who have read it, which no stop takes back; for the
    `settled` nothing waits to be sent.
    """

    id: UUID
    version: int
    state: str
    klass: str
    category: str
    title_da: str
    body_da: str
    title_en: str
    body_en: str
    audience: Audience
    stages: list[StageView]
    spread_minutes: int
    valid_days: int
    send_from: datetime | None
    author: str
    mine: bool
    approver: str | None
    created_at: datetime
    approved_at: datetime | None
    ended_at: datetime | None
    cleared_at: datetime | None
    planned: int | None
    messages: int
    read: int
    told: int
    settled: int
    pushes: dict[str, int]
    steps: list[BroadcastStep]


class Look(Wire):
    """The broadcast in one language: in the app after sign-in, and on a locked phone."""

    language: str
    title: str
    body: str
    lock_title: str
    lock_body: str


class StageForecast(Wire):
    """A stage if it went out as planned: about how many members more, and when its first and last push ring."""

    share: float
    members: int
    first_at: datetime
    last_at: datetime


class DryRun(Wire):
    """How many members fit and how each would hear of it, how it looks, and when it rings if approved now.

    Those without a phone, who want no pushes of the category, or are exempt from digital mail find it in the inbox.
    """

    members: int
    pushed: int
    no_phone: int
    not_wanted: int
    digital_exempt: int
    danish: int
    english: int
    looks: list[Look]
    stages: list[StageForecast]


async def view(session: AsyncSession, broadcast_id: UUID, staff_id: UUID) -> BroadcastView:
    found = await queries.full(session, broadcast_id)
    return _full(found, await queries.progress(session, found.stages), staff_id)


def _full(found: Full, reached: Progress, staff_id: UUID) -> BroadcastView:
    one = found.broadcast
    same = (
        "id", "version", "state", "klass", "category", "title_da", "body_da", "title_en", "body_en", "spread_minutes",
        "valid_days", "send_from", "created_at", "approved_at", "ended_at", "cleared_at",
    )  # fmt: skip
    return BroadcastView(
        **{name: getattr(one, name) for name in same},
        audience=audience.stored(one.audience),
        stages=[_stage(each, found.stored) for each in found.stages],
        author=found.author,
        mine=one.author_id == staff_id,
        approver=found.approver,
        planned=found.planned,
        messages=reached.messages,
        read=reached.read,
        told=reached.told,
        settled=reached.settled,
        pushes=dict(reached.pushes),
        steps=[BroadcastStep(kind=row.kind, at=row.at, staff=row.staff, detail=row.detail) for row in found.steps],
    )


def _stage(one: BroadcastStage, stored: Mapping[int, int]) -> StageView:
    same = ("number", "pause_minutes", "begun_at", "due_from", "done_at")
    values = {name: getattr(one, name) for name in same}
    return StageView(**values, share=float(one.share), stored=stored.get(one.number, 0))


def summary(found: Listed, staff_id: UUID) -> BroadcastSummary:
    one = found.broadcast
    same = (
        "id", "state", "klass", "category", "title_da", "title_en", "created_at", "approved_at", "ended_at",
    )  # fmt: skip
    return BroadcastSummary(
        **{name: getattr(one, name) for name in same},
        author=found.author,
        mine=one.author_id == staff_id,
        planned=found.planned,
        stored=found.stored,
    )


async def dry_run(
    session: AsyncSession, one: Broadcast | Draft, to: Audience, stages: Sequence[Stage], *, now: datetime, fund: str
) -> DryRun:
    today = local_date(now)
    count = await audience.count(session, to, one.category, today=today)
    hours = sending.office(await policy.in_force(session, today))
    starts = max(now, one.send_from or now)
    expected = rules.forecast(stages, starts, timedelta(minutes=one.spread_minutes), hours)
    return DryRun(
        **count._asdict(),
        looks=[_look(one, language, fund) for language in i18n.LANGUAGES],
        stages=[
            StageForecast(share=float(stage.share), members=more, first_at=when.first, last_at=when.last)
            for stage, more, when in zip(stages, rules.sizes(stages, count.members), expected, strict=True)
        ],
    )


def _look(one: Broadcast | Draft, language: str, fund: str) -> Look:
    kind = BY_ID[key(one.klass, one.category)]
    lock_title, lock_body = rendering.lock_screen(kind, language, kind.example, fund=fund)
    title, body = (one.title_en, one.body_en) if language == "en" else (one.title_da, one.body_da)
    return Look(language=language, title=title, body=body, lock_title=lock_title, lock_body=lock_body)
