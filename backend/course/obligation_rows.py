"""Storing dated items in bulk. Spells that share their items name them once: the database multiplies."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.course.obligations import Dated
from backend.db.series import Series


class NewRows(NamedTuple):
    """The items of one spell. Spells with the same items best share the very tuple."""

    spell_id: UUID
    member_id: UUID
    items: tuple[Dated, ...]


# Talks go in as one text per row: unnest would flatten an array of arrays.
INSERT = """
    INSERT INTO obligation (id, spell_id, member_id, activity, occurrence, kind, talks, provider, requirement,
                            statutory, audience, may_be_earlier, window_from, window_to, planned_due_on, due_on, state)
    SELECT {id}, s.spell_id, s.member_id, n.activity, n.occurrence, n.kind, string_to_array(n.talks, ','), n.provider,
           n.requirement, n.statutory, n.audience, n.may_be_earlier, n.window_from, n.window_to, n.due_on, n.due_on,
           'planned'
    FROM unnest(CAST(:spells AS uuid[]), CAST(:members AS uuid[]), CAST(:courses AS int[]))
         AS s (spell_id, member_id, course)
    JOIN unnest(CAST(:of AS int[]), CAST(:activities AS text[]),
                CAST(:occurrences AS int[]), CAST(:kinds AS text[]), CAST(:talks AS text[]), CAST(:providers AS text[]),
                CAST(:requirements AS text[]), CAST(:statutory AS bool[]), CAST(:audiences AS text[]),
                CAST(:earlier AS bool[]), CAST(:froms AS date[]), CAST(:tos AS date[]), CAST(:due AS date[]))
         AS n (course, activity, occurrence, kind, talks, provider, requirement, statutory, audience,
               may_be_earlier, window_from, window_to, due_on) USING (course)
"""


async def insert(session: AsyncSession, rows: Sequence[NewRows]) -> None:
    """Add the items, all as planned. One statement for any number."""
    if any(row.items for row in rows):
        await session.execute(text(INSERT.format(id=Series().sql("row_number() OVER ()"))), _columns(rows))


def _columns(rows: Sequence[NewRows]) -> dict[str, Any]:
    known: dict[int, int] = {}
    courses = [known.setdefault(id(row.items), len(known)) for row in rows]
    distinct = {known[id(row.items)]: row.items for row in rows}
    items = [(course, item) for course, its in distinct.items() for item in its]
    spells = {
        "spells": [row.spell_id for row in rows],
        "members": [row.member_id for row in rows],
        "courses": courses,
        "of": [course for course, _ in items],
    }
    return spells | _items([item for _, item in items])


def _items(items: Sequence[Dated]) -> dict[str, Any]:
    return {
        "activities": [item.activity for item in items],
        "occurrences": [item.occurrence for item in items],
        "kinds": [item.kind for item in items],
        "talks": [",".join(item.talks) for item in items],
        "providers": [item.provider for item in items],
        "requirements": [item.requirement for item in items],
        "statutory": [item.statutory for item in items],
        "audiences": [item.audience for item in items],
        "earlier": [item.may_be_earlier for item in items],
        "froms": [item.window_from for item in items],
        "tos": [item.window_to for item in items],
        "due": [item.due_on for item in items],
    }
