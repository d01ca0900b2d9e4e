"""What must hold afterwards, told from the database alone."""

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

MESSAGE_OF = {
    "notify:SM_HINT": "N10",
    "notify:SM_YELLOW": "N11",
    "notify:SM_RED": "N14",
    "notify:SM_GREEN": "N15",
    "notify:SM_IMPROVED": "N15",
}
Told = Counter[tuple[str, str, str]]


async def expected_messages(session: AsyncSession) -> Told:
    """(member, key, period) of every message that the stored ratings ask for, from the rule's own consequences."""
    rows = await session.execute(
        text("SELECT r.id, m.member_no, r.rated_on, r.actions FROM rating r JOIN member m ON m.id = r.member_id")
    )
    wanted = {
        (row.member_no, MESSAGE_OF[action], _period(MESSAGE_OF[action], row))
        for row in rows
        for action in row.actions
        if action in MESSAGE_OF
    }
    return Counter(wanted)


def _period(key: str, row: Any) -> str:
    if key != "N10":
        return str(row.id)
    year, week, _ = row.rated_on.isocalendar()
    return f"{year}-W{week:02}"


async def messages(session: AsyncSession) -> Told:
    rows = await session.execute(
        text("SELECT m.member_no, x.key, x.period FROM message x JOIN member m ON m.id = x.member_id")
    )
    return Counter((row.member_no, row.key, row.period) for row in rows)


async def count(session: AsyncSession, query: str) -> int:
    return int(await session.scalar(text(f"SELECT count(*) FROM ({query}) counted")) or 0)


async def weekly(session: AsyncSession, members: tuple[str, ...]) -> dict[str, Counter[Any]]:
    """What the weekly runs made of these members, without ids, to be compared with another database."""
    queries = {
        "ratings": """
            SELECT m.member_no, r.rated_on, r.previous, r.colour, r.counted, r.required, r.reasons, r.actions
            FROM rating r JOIN member m ON m.id = r.member_id WHERE m.member_no = ANY(:members)
        """,
        "messages": """
            SELECT m.member_no, x.key, x.klass, x.cause ->> 'colour', r.rated_on
            FROM message x JOIN member m ON m.id = x.member_id LEFT JOIN rating r ON r.id::text = x.period
            WHERE m.member_no = ANY(:members)
        """,
        "calls": """
            SELECT m.member_no, c.state, c.due_on, c.fast, c.queue, c.ended_reason, r.rated_on
            FROM service_call c JOIN member m ON m.id = c.member_id JOIN rating r ON r.id = c.rating_id
            WHERE m.member_no = ANY(:members)
        """,
        "call-ins": """
            SELECT m.member_no, c.state, c.flagged_at IS NOT NULL, r.rated_on
            FROM call_in c JOIN member m ON m.id = c.member_id JOIN rating r ON r.id = c.rating_id
            WHERE m.member_no = ANY(:members)
        """,
        "timeline": """
            SELECT m.member_no, t.kind, t.at, t.due_at, t.params, t.needs_action, t.done_at IS NOT NULL
            FROM timeline_item t JOIN member m ON m.id = t.member_id
            WHERE m.member_no = ANY(:members) AND t.kind <> 'course_plan'
        """,
        "history": """
            SELECT m.member_no, h.subject, h.event, h.from_state, h.to_state
            FROM case_history h JOIN member m ON m.id = h.member_id WHERE m.member_no = ANY(:members)
        """,
    }
    found = {}
    for name, query in queries.items():
        rows = await session.execute(text(query), {"members": list(members)})
        found[name] = Counter(tuple(_hashable(value) for value in row) for row in rows)
    return found


def _hashable(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return tuple(sorted((name, str(inner)) for name, inner in value.items()))
    return value if not isinstance(value, date) else value.isoformat()
