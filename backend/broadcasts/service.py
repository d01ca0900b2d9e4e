"""What people do to a broadcast: write, submit, approve as a second person, pause, resume, stop. Each leaves a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.broadcasts import audience as audiences
from backend.broadcasts import errors, rules
from backend.broadcasts.audience import Audience
from backend.broadcasts.rules import STANDARD_STAGES, Stage
from backend.broadcasts.tables import Broadcast, BroadcastEvent, BroadcastStage
from backend.clock import local_date
from backend.db.types import new_id
from backend.errors import Conflict, NotFound
from backend.notifications.catalogue_broadcasts import BroadcastCategory, BroadcastKlass
from backend.notifications.tables_texts import MessageText


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a coordinator writes. Class R (reminder) or S (service): a legal notice is never a broadcast."""

    klass: BroadcastKlass
    category: BroadcastCategory
    title_da: str
    body_da: str
    title_en: str
    body_en: str
    audience: Audience
    stages: Sequence[Stage] = STANDARD_STAGES
    spread_minutes: int = 60
    valid_days: int = 7
    send_from: datetime | None = None


async def write(session: AsyncSession, draft: Draft, staff_id: UUID, *, now: datetime) -> Broadcast:
    """A new draft. Raises TextMissing, StagesWrong, UnknownNumbers."""
    await check(session, draft)
    made = Broadcast(id=new_id(), version=1, state="draft", author_id=staff_id, created_at=now, **_columns(draft))
    session.add(made)
    await session.flush()
    await _replace_stages(session, made.id, draft.stages)
    await note(session, made.id, "written", staff_id, now=now)
    return made


async def edit(session: AsyncSession, broadcast_id: UUID, draft: Draft, staff_id: UUID, *, now: datetime) -> Broadcast:
    """Write it anew: who does is its author now, and an approval that was asked for is asked for again.

    Raises NotDraft once it is approved or withdrawn.
    """
    await check(session, draft)
    found = await _locked(session, broadcast_id)
    if found.state not in ("draft", "waiting"):
        raise errors.NotDraft
    values = _columns(draft) | {"state": "draft", "version": found.version + 1, "author_id": staff_id}
    await _move(session, found, values)
    await _replace_stages(session, broadcast_id, draft.stages)
    await note(session, broadcast_id, "edited", staff_id, now=now, version=found.version)
    return found


async def submit(session: AsyncSession, broadcast_id: UUID, staff_id: UUID, *, now: datetime) -> Broadcast:
    """Ask a colleague to approve it. Raises NotDraft, NobodyThere."""
    found = await _locked(session, broadcast_id)
    if found.state != "draft":
        raise errors.NotDraft
    count = await audiences.count(session, audiences.stored(found.audience), found.category, today=local_date(now))
    if not count.members:
        raise errors.NobodyThere(field="audience")
    await _move(session, found, {"state": "waiting"})
    await note(session, broadcast_id, "submitted", staff_id, now=now, members=count.members)
    return found


async def hand_back(
    session: AsyncSession, broadcast_id: UUID, staff_id: UUID, reason: str, *, now: datetime
) -> Broadcast:
    """Give it back to its author with a reason. Raises NotWaiting, ReasonMissing."""
    found = await _locked(session, broadcast_id)
    if found.state != "waiting":
        raise errors.NotWaiting
    await _move(session, found, {"state": "draft"})
    await note(session, broadcast_id, "returned", staff_id, now=now, reason=_said(reason))
    return found


async def withdraw(session: AsyncSession, broadcast_id: UUID, staff_id: UUID, *, now: datetime) -> Broadcast:
    """It will not be sent. Raises NotDraft once it is approved."""
    found = await _locked(session, broadcast_id)
    if found.state not in ("draft", "waiting"):
        raise errors.NotDraft
    await _move(session, found, {"state": "withdrawn", "ended_at": now})
    await note(session, broadcast_id, "withdrawn", staff_id, now=now)
    return found


async def approve(
    session: AsyncSession, broadcast_id: UUID, staff_id: UUID, *, version: int, now: datetime
) -> Broadcast:
    """A second person lets go what they have read: the text is fixed, and sending begins with the next run.

    Raises NotWaiting, OwnBroadcast, AnotherVersion.
    """
    found = await _locked(session, broadcast_id)
    rules.check_approval(
        state=found.state, author_id=found.author_id, version=found.version, approver_id=staff_id, read_version=version
    )
    await _move(session, found, {"state": "sending", "approved_by": staff_id, "approved_at": now})
    texts = {name: getattr(found, name) for name in ("title_da", "body_da", "title_en", "body_en")}
    session.add(MessageText(id=broadcast_id, created_at=now, **texts))
    count = await audiences.count(session, audiences.stored(found.audience), found.category, today=local_date(now))
    await note(session, broadcast_id, "approved", staff_id, now=now, version=version, members=count.members)
    return found


async def pause(session: AsyncSession, broadcast_id: UUID, staff_id: UUID, reason: str, *, now: datetime) -> Broadcast:
    """Nothing more goes out until it is resumed; what a worker holds in its hands still may. Raises NotSending."""
    found = await _locked(session, broadcast_id)
    if found.state != "sending":
        raise errors.NotSending
    await _move(session, found, {"state": "paused"})
    held = await session.execute(_HOLD, {"broadcast": str(broadcast_id)})
    await note(session, broadcast_id, "paused", staff_id, now=now, reason=_said(reason), held=len(held.all()))
    return found


async def resume(session: AsyncSession, broadcast_id: UUID, staff_id: UUID, *, now: datetime) -> Broadcast:
    """Go on; what was held is spread anew from now. Raises NotPaused."""
    found = await _locked(session, broadcast_id)
    if found.state != "paused":
        raise errors.NotPaused
    await _move(session, found, {"state": "sending"})
    values = {"broadcast": str(broadcast_id), "now": now, "spread": found.spread_minutes}
    freed = await session.execute(_FREE, values)
    await note(session, broadcast_id, "resumed", staff_id, now=now, freed=len(freed.all()))
    return found


async def stop(session: AsyncSession, broadcast_id: UUID, staff_id: UUID, reason: str, *, now: datetime) -> Broadcast:
    """End it for good. From this moment no claim sends any more of it; the next run takes back what had not gone out.

    Raises NotSending, ReasonMissing.
    """
    found = await _locked(session, broadcast_id)
    if found.state not in ("sending", "paused"):
        raise errors.NotSending
    await _move(session, found, {"state": "stopped", "ended_at": now})
    await note(session, broadcast_id, "stopped", staff_id, now=now, reason=_said(reason))
    return found


async def note(
    session: AsyncSession, broadcast_id: UUID, kind: str, staff_id: UUID | None, *, now: datetime, **detail: Any
) -> None:
    """A line of the broadcast's history."""
    session.add(
        BroadcastEvent(id=new_id(), broadcast_id=broadcast_id, kind=kind, at=now, staff_id=staff_id, detail=detail)
    )
    await session.flush()


async def _locked(session: AsyncSession, broadcast_id: UUID) -> Broadcast:
    """Waits for the ranges that are being stored: they hold a shared lock on the row."""
    statement = select(Broadcast).where(Broadcast.id == broadcast_id).with_for_update()
    found = await session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


async def _move(session: AsyncSession, found: Broadcast, values: Mapping[str, Any]) -> None:
    statement = (
        update(Broadcast)
        .where(Broadcast.id == found.id, Broadcast.state == found.state)
        .values(**values)
        .returning(Broadcast)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if await session.scalar(statement) is None:
        raise Conflict


async def check(session: AsyncSession, draft: Draft) -> None:
    """Raises TextMissing, StagesWrong, UnknownNumbers."""
    if not all(one.strip() for one in (draft.title_da, draft.body_da, draft.title_en, draft.body_en)):
        raise errors.TextMissing
    rules.check_stages(draft.stages)
    await audiences.check(session, draft.audience.member_nos)


def _columns(draft: Draft) -> dict[str, Any]:
    same = ("klass", "category", "title_da", "body_da", "title_en", "body_en", "spread_minutes", "valid_days")
    values = {name: getattr(draft, name) for name in (*same, "send_from")}
    texts = {name: values[name].strip() for name in ("title_da", "body_da", "title_en", "body_en")}
    return values | texts | {"audience": msgspec.to_builtins(draft.audience)}


async def _replace_stages(session: AsyncSession, broadcast_id: UUID, stages: Sequence[Stage]) -> None:
    await session.execute(_NO_STAGES, {"broadcast": broadcast_id})
    session.add_all(
        BroadcastStage(broadcast_id=broadcast_id, number=number, share=stage.share, pause_minutes=stage.pause_minutes)
        for number, stage in enumerate(stages, 1)
    )
    await session.flush()


def _said(reason: str) -> str:
    if not reason.strip():
        raise errors.ReasonMissing(field="reason")
    return reason.strip()


_NO_STAGES = text("DELETE FROM broadcast_stage WHERE broadcast_id = :broadcast")

# What waits in the hot table, by its message: held rows are due at the end of time.
_HOLD = text("""
UPDATE delivery d SET due_at = 'infinity' FROM message m
WHERE m.id = d.message_id AND d.state = 'due' AND m.params ->> 'broadcast' = :broadcast
RETURNING 1
""")

_FREE = text("""
UPDATE delivery d
SET due_at = CAST(:now AS timestamptz) + make_interval(mins => :spread)
    * (('x' || substr(md5(CAST(d.id AS text)), 1, 8))::bit(32)::bigint / 4294967296.0)
FROM message m
WHERE m.id = d.message_id AND d.state = 'due' AND d.due_at = 'infinity' AND m.params ->> 'broadcast' = :broadcast
RETURNING 1
""")
