"""A broadcast as a state machine, its stages, and when each may begin. Pure.

draft → waiting (for a second person) → sending ⇄ paused → sent; stopped from sending or paused; withdrawn from draft or
waiting. Whoever changes a waiting broadcast makes it a draft again.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from backend.broadcasts import errors
from backend.notifications.sending import OFFICE, Window, held

MOST_STAGES = 5
LONGEST_TITLE, LONGEST_BODY = 60, 1000


class Stage(NamedTuple):
    """Up to `share` percent of the audience; nothing follows for `pause_minutes` after it."""

    share: Decimal
    pause_minutes: int = 0


# One in a hundred is enough to see that the text arrives and what people answer.
STANDARD_STAGES = (Stage(Decimal(1), 60), Stage(Decimal(10), 60), Stage(Decimal(100)))


def check_stages(stages: Sequence[Stage]) -> None:
    """Raises StagesWrong unless shares rise to a hundred."""
    shares = [stage.share for stage in stages]
    if not shares or shares != sorted(set(shares)) or shares[-1] != 100 or len(shares) > MOST_STAGES:
        raise errors.StagesWrong(field="stages")


def check_approval(*, state: str, author_id: UUID, version: int, approver_id: UUID, read_version: int) -> None:
    """Somebody else approves, and what they have read. Raises NotWaiting, OwnBroadcast, AnotherVersion."""
    if state != "waiting":
        raise errors.NotWaiting
    if author_id == approver_id:
        raise errors.OwnBroadcast
    if version != read_version:
        raise errors.AnotherVersion


def next_begins(due_from: datetime, spread: timedelta, pause: timedelta, hours: Window = OFFICE) -> datetime:
    """When the next stage may begin: its pause counts from the last push of this one, and in hours when phones ring."""
    last = held(due_from + spread, hours)
    return held(last + pause, hours)


def sizes(stages: Sequence[Stage], members: int) -> list[int]:
    """About how many members each stage adds: who is drawn into it is chance, the sum is certain."""
    reached = [round(members * stage.share / 100) for stage in stages]
    return [after - before for before, after in zip([0, *reached], reached, strict=False)]


class Expected(NamedTuple):
    """When a stage's pushes ring, as far as can be told: the first of them and the last."""

    first: datetime
    last: datetime


def forecast(stages: Sequence[Stage], starts: datetime, spread: timedelta, hours: Window = OFFICE) -> list[Expected]:
    """When each stage would be sent if nobody paused it."""
    found = []
    for stage in stages:
        first = held(starts, hours)
        found.append(Expected(first, held(first + spread, hours)))
        starts = next_begins(first, spread, timedelta(minutes=stage.pause_minutes), hours)
    return found


def draw(broadcast_id: UUID, member_id: UUID) -> tuple[float, float]:
    """Two even draws from 0 to 1 for a member: at which share of the audience, and when within the spread.

    The same as in the statement that stores the messages (sending.py), for tests and previews.
    """
    digest = hashlib.md5(f"{broadcast_id}{member_id}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) / 2**32, int(digest[8:16], 16) / 2**32
