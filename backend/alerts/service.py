"""Raising and ending alerts. Whoever looks says what stands; one that stands already is not raised again."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import log
from backend.alerts import words
from backend.db.types import new_id

_log = log.get("alerts")


class NewAlert(NamedTuple):
    """Something that is wrong: `kind` one of words.SENTENCES, `key` what it is about, `params` fill its sentence."""

    kind: str
    key: str
    params: Mapping[str, str | int | float | date] = {}


# Of an alert that stands already the figures are brought up to date; it is not told again.
RAISE = text("""
    INSERT INTO alert (id, kind, key, params, opened_at)
    SELECT n.id, n.kind, n.key, CAST(n.params AS jsonb), :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:params AS text[]))
         AS n (id, kind, key, params)
    ORDER BY n.kind, n.key
    ON CONFLICT (kind, key) WHERE ended_at IS NULL DO UPDATE SET params = excluded.params
    RETURNING id, kind, key, xmax = 0 AS is_new
""")
END = text("""
    UPDATE alert SET ended_at = greatest(opened_at, CAST(:now AS timestamptz))
    WHERE kind = :kind AND ended_at IS NULL AND key <> ALL(CAST(:standing AS text[]))
    RETURNING id, key
""")


async def raise_many(session: AsyncSession, items: Sequence[NewAlert], *, now: datetime) -> list[UUID]:
    """Open an alert for each (kind, key) that has none open; returns the ids of the new ones. One statement.

    Raises ValueError for a kind that words.py lacks or params that do not fill its sentence.
    """
    wanted = {(item.kind, item.key): item for item in items}
    for item in wanted.values():
        words.check(*item)
    if not wanted:
        return []
    rows = await session.execute(RAISE, _columns(list(wanted.values())) | {"now": now})
    new = [row for row in rows if row.is_new]
    for row in new:
        _log.error("alert.opened", kind=row.kind, key=row.key, alert_id=str(row.id))
    return [row.id for row in new]


def _columns(items: Sequence[NewAlert]) -> dict[str, object]:
    return {
        "ids": [new_id() for _ in items],
        "kinds": [item.kind for item in items],
        "keys": [item.key for item in items],
        "params": [json.dumps(dict(item.params), default=str) for item in items],
    }


async def end_missing(session: AsyncSession, kind: str, standing_keys: Collection[str], *, now: datetime) -> list[UUID]:
    """End the open alerts of a kind whose key no longer stands; returns their ids. One statement."""
    rows = (await session.execute(END, {"kind": kind, "standing": list(standing_keys), "now": now})).all()
    for row in rows:
        _log.warning("alert.ended", kind=kind, key=row.key, alert_id=str(row.id))
    return [row.id for row in rows]
