"""Broadcasts as coordinators see them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.wire import Wire
from backend.broadcasts import audience, queries
from backend.broadcasts.audience import Audience
from backend.broadcasts.queries import Full, Progress
from backend.broadcasts.tables import Broadcast
from backend.notifications import rendering
from backend.notifications.catalogue import BY_ID
from backend.notifications.catalogue_broadcasts import key


class BroadcastSummary(Wire):
    """A broadcast in the list. `state`: draft, waiting, withdrawn, sending, paused, stopped or sent."""

    id: UUID
    state: str
    klass: str
    category: str
    title_da: str
    created_at: datetime
    approved_at: datetime | None
    ended_at: datetime | None


class StageView(Wire):
    number: int
    share: float
    pause_minutes: int
    begun_at: datetime | None
    done_at: datetime | None


class BroadcastStep(Wire):
    """What was done, when, and by whom; nobody: the program."""

    kind: str
    at: datetime
    staff: str | None
    detail: dict[str, Any]


class BroadcastView(Wire):
    """A broadcast with its stages and every step. `clearedAt`: what a stop kept back has been taken away."""

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
    approver: str | None
    created_at: datetime
    approved_at: datetime | None
    ended_at: datetime | None
    cleared_at: datetime | None
    messages: int
    read: int
    pushes: dict[str, int]
    steps: list[BroadcastStep]


class Look(Wire):
    """The broadcast in one language: in the app after sign-in, and on a locked phone."""

    language: str
    title: str
    body: str
    lock_title: str
    lock_body: str


class DryRun(Wire):
    """How many members fit and how each would hear of it, and how it looks. Nothing is sent.

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


async def view(session: AsyncSession, broadcast_id: UUID) -> BroadcastView:
    found = await queries.full(session, broadcast_id)
    return _full(found, await queries.progress(session, found.stages))


def _full(found: Full, reached: Progress) -> BroadcastView:
    one = found.broadcast
    same = (
        "id", "version", "state", "klass", "category", "title_da", "body_da", "title_en", "body_en", "spread_minutes",
        "valid_days", "send_from", "created_at", "approved_at", "ended_at", "cleared_at",
    )  # fmt: skip
    return BroadcastView(
        **{name: getattr(one, name) for name in same},
        audience=audience.stored(one.audience),
        stages=[
            StageView(
                number=each.number,
                share=float(each.share),
                pause_minutes=each.pause_minutes,
                begun_at=each.begun_at,
                done_at=each.done_at,
            )
            for each in found.stages
        ],
        author=found.author,
        approver=found.approver,
        messages=reached.messages,
        read=reached.read,
        pushes=dict(reached.pushes),
        steps=[BroadcastStep(kind=row.kind, at=row.at, staff=row.staff, detail=row.detail) for row in found.steps],
    )


def summary(one: Broadcast) -> BroadcastSummary:
    return BroadcastSummary(**{name: getattr(one, name) for name in BroadcastSummary.__struct_fields__})


def look(one: Broadcast, language: str, fund: str) -> Look:
    kind = BY_ID[key(one.klass, one.category)]
    lock_title, lock_body = rendering.lock_screen(kind, language, kind.example, fund=fund)
    title, body = (one.title_en, one.body_en) if language == "en" else (one.title_da, one.body_da)
    return Look(language=language, title=title, body=body, lock_title=lock_title, lock_body=lock_body)
