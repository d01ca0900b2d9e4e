"""Placing things on a member's timeline and ticking them off."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.timeline import texts

Params = Mapping[str, Any]
NONE: Params = {}


@dataclass(frozen=True, slots=True)
class NewItem:
    """One thing on a member's timeline: (member_id, kind, key) names it, `kind` is one of `timeline.texts`.

    `at` places it, `due_at` is its deadline. Params are stored as given: dates and instants in ISO form or as such.
    """

    member_id: UUID
    kind: str
    key: str
    at: datetime
    due_at: datetime | None = None
    params: Params = field(default_factory=dict)
    needs_action: bool = False


async def add(session: AsyncSession, items: Sequence[NewItem], *, now: datetime) -> int:
    """Add the items, or bring those that exist up to date; how many rows changed. The same again changes nothing.

    An item that was done and is given again with other content is open again.
    Raises ValueError for a kind without texts, or without the params of its texts.
    """
    latest = {(item.member_id, item.kind, item.key): item for item in items}
    if not latest:
        return 0
    # One order for everybody, so that two sessions that add the same items never wait for each other.
    rows = [latest[name] for name in sorted(latest)]
    stored = await session.execute(_UPSERT, _columns(rows, now))
    return len(stored.all())


async def done_many(
    session: AsyncSession, member_ids: Sequence[UUID], kind: str, *, now: datetime, params: Params = NONE
) -> int:
    """Tick off all open items of one kind for these members, `params` telling how they ended; how many there were."""
    if not member_ids:
        return 0
    values = {"members": list(member_ids), "kind": kind, "now": now, "params": _json(kind, params)}
    return len((await session.execute(_DONE_MANY, values)).all())


async def done(
    session: AsyncSession, member_id: UUID, kind: str, key: str, *, now: datetime, params: Params = NONE
) -> bool:
    """Tick off one item, `params` telling how it ended; False when there is none, or it was done already."""
    values = {"member": member_id, "kind": kind, "key": key, "now": now, "params": _json(kind, params)}
    return (await session.execute(_DONE, values)).first() is not None


def _json(kind: str, params: Params) -> str:
    return json.dumps(texts.encode(kind, params))


def _columns(rows: Sequence[NewItem], now: datetime) -> dict[str, object]:
    return {
        "ids": [new_id() for _ in rows],
        "members": [row.member_id for row in rows],
        "kinds": [row.kind for row in rows],
        "keys": [row.key for row in rows],
        "at": [row.at for row in rows],
        "due": [row.due_at for row in rows],
        "params": [_json(row.kind, row.params) for row in rows],
        "needs": [row.needs_action for row in rows],
        "now": now,
    }


_UPSERT = text("""
INSERT INTO timeline_item AS old (id, member_id, kind, key, at, due_at, params, needs_action, updated_at)
SELECT n.id, n.member_id, n.kind, n.key, n.at, n.due_at, CAST(n.params AS jsonb), n.needs_action, :now
FROM unnest(
    CAST(:ids AS uuid[]), CAST(:members AS uuid[]), CAST(:kinds AS text[]), CAST(:keys AS text[]),
    CAST(:at AS timestamptz[]), CAST(:due AS timestamptz[]), CAST(:params AS text[]), CAST(:needs AS boolean[])
) AS n (id, member_id, kind, key, at, due_at, params, needs_action)
ON CONFLICT (member_id, kind, key) DO UPDATE SET
    at = excluded.at, due_at = excluded.due_at, params = excluded.params, needs_action = excluded.needs_action,
    done_at = NULL, updated_at = excluded.updated_at
WHERE (old.at, old.due_at, old.params, old.needs_action)
    IS DISTINCT FROM (excluded.at, excluded.due_at, excluded.params, excluded.needs_action)
RETURNING old.id
""")

_DONE_MANY = text("""
UPDATE timeline_item SET done_at = :now, updated_at = :now, params = params || CAST(:params AS jsonb)
WHERE member_id = ANY(:members) AND kind = :kind AND done_at IS NULL
RETURNING id
""")

_DONE = text("""
UPDATE timeline_item SET done_at = :now, updated_at = :now, params = params || CAST(:params AS jsonb)
WHERE member_id = :member AND kind = :kind AND key = :key AND done_at IS NULL
RETURNING id
""")
