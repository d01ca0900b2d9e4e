"""Storing dated items in bulk."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course.obligations import Dated
from backend.db.types import new_id


class NewRow(NamedTuple):
    spell_id: UUID
    member_id: UUID
    item: Dated


# Talks go in as one text per row: unnest would flatten an array of arrays.
INSERT = text("""
    INSERT INTO obligation (id, spell_id, member_id, activity, occurrence, kind, talks, provider, requirement,
                            statutory, audience, may_be_earlier, window_from, window_to, planned_due_on, due_on, state)
    SELECT n.id, n.spell_id, n.member_id, n.activity, n.occurrence, n.kind, string_to_array(n.talks, ','), n.provider,
           n.requirement, n.statutory, n.audience, n.may_be_earlier, n.window_from, n.window_to, n.due_on, n.due_on,
           'planned'
    FROM unnest(CAST(:ids AS uuid[]), CAST(:spells AS uuid[]), CAST(:members AS uuid[]), CAST(:activities AS text[]),
                CAST(:occurrences AS int[]), CAST(:kinds AS text[]), CAST(:talks AS text[]), CAST(:providers AS text[]),
                CAST(:requirements AS text[]), CAST(:statutory AS bool[]), CAST(:audiences AS text[]),
                CAST(:earlier AS bool[]), CAST(:froms AS date[]), CAST(:tos AS date[]), CAST(:due AS date[]))
         AS n (id, spell_id, member_id, activity, occurrence, kind, talks, provider, requirement, statutory, audience,
               may_be_earlier, window_from, window_to, due_on)
""")


async def insert(session: AsyncSession, rows: Sequence[NewRow]) -> None:
    """Add the items, all as planned. One statement for any number."""
    if rows:
        await session.execute(INSERT, _columns(rows))


def _columns(rows: Sequence[NewRow]) -> dict[str, Any]:
    return {
        "ids": [new_id() for _ in rows],
        "spells": [row.spell_id for row in rows],
        "members": [row.member_id for row in rows],
        "activities": [row.item.activity for row in rows],
        "occurrences": [row.item.occurrence for row in rows],
        "kinds": [row.item.kind for row in rows],
        "talks": [",".join(row.item.talks) for row in rows],
        "providers": [row.item.provider for row in rows],
        "requirements": [row.item.requirement for row in rows],
        "statutory": [row.item.statutory for row in rows],
        "audiences": [row.item.audience for row in rows],
        "earlier": [row.item.may_be_earlier for row in rows],
        "froms": [row.item.window_from for row in rows],
        "tos": [row.item.window_to for row in rows],
        "due": [row.item.due_on for row in rows],
    }
