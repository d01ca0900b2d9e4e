"""Reminders of the job log: nothing written this week, last week or this month, uploads missing. Set by set."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import calendar
from backend.clock import local_date
from backend.followup import rules_reminders as rules
from backend.followup.rules_reminders import Facts, Period
from backend.notifications import service as notifications
from backend.notifications.service import NewMessage
from backend.rating.figures import FULLY_EXEMPTING

# What is only planned, or was taken back, is no application; all else shows that the member uses the log. A spell that
# ended asks for nothing more; of a member without any spell here the first unemployed day is all that is known.
FACTS = text("""
    SELECT m.id, m.unemployed_from AS started_on, r.min_per_week, r.uploads_per_month, c.counted, c.required,
        e.entries, e.uploads
    FROM member AS m
    JOIN rating_current AS c ON c.member_id = m.id
    JOIN LATERAL (
        SELECT q.min_per_week, q.uploads_per_month FROM search_requirement AS q WHERE q.member_id = m.id
        ORDER BY q.valid_from <= :today DESC, abs(q.valid_from - :today), q.id DESC LIMIT 1) AS r ON true
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries, count(*) FILTER (WHERE j.has_document) AS uploads FROM job_log_entry AS j
        WHERE j.member_id = m.id AND j.applied_on BETWEEN :first AND :last AND j.withdrawn_at IS NULL
          AND j.status NOT IN ('planned', 'withdrawn')) AS e
    WHERE m.id = ANY(CAST(:members AS uuid[])) AND m.unemployed_from <= :today
      AND (NOT EXISTS (SELECT FROM spell AS s WHERE s.member_id = m.id)
           OR EXISTS (SELECT FROM spell AS s WHERE s.member_id = m.id AND s.started_on <= :today
                      AND (s.ended_on IS NULL OR s.ended_on >= :today)))
""")
EXEMPT = text("""
    SELECT member_id, from_on, to_on FROM exemption
    WHERE member_id = ANY(CAST(:members AS uuid[])) AND type = ANY(CAST(:types AS text[])) AND cancelled_at IS NULL
      AND from_on <= :last AND (to_on IS NULL OR to_on >= :first)
""")


class Span(NamedTuple):
    """The days that a reminder is about."""

    first: date
    last: date


class Reminder(NamedTuple):
    """One of the reminders that nothing is logged in some days."""

    key: str
    period: str
    span: Span
    rule: Callable[[Facts, date], bool]
    params: Mapping[str, object] = {}


async def this_week(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """N08 to those who logged nothing this week and are behind their agreement; how many were new."""
    monday = calendar.monday(local_date(now))
    given = Reminder("N08", _week(monday), Span(monday, calendar.sunday(monday)), rules.nothing_this_week)
    return await _remind(session, member_ids, given, now=now)


async def last_week(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """N09 to those who logged nothing in the week before; how many were new."""
    monday = calendar.monday(local_date(now)) - calendar.WEEK
    given = Reminder("N09", _week(monday), Span(monday, calendar.sunday(monday)), rules.nothing_last_week)
    return await _remind(session, member_ids, given, now=now)


async def this_month(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """N16 to those who logged nothing in the month so far; how many were new."""
    span = Span(*rules.month_of(local_date(now)))
    given = Reminder("N16", f"{span.first:%Y-%m}", span, rules.nothing_this_month, {"month": span.first})
    return await _remind(session, member_ids, given, now=now)


async def uploads(session: AsyncSession, member_ids: Sequence[UUID], *, now: datetime) -> int:
    """N17 to those who uploaded fewer applications this month than it asks for; how many were new."""
    today = local_date(now)
    span = Span(*rules.month_of(today))
    which = "last" if rules.is_last_uploads_day(today) else "first"
    wanted = []
    for member_id, facts in (await _facts(session, member_ids, span, today)).items():
        missing, asked = rules.uploads_missing(facts, today)
        if missing:
            cause = {"month": span.first.isoformat(), "needed": asked}
            params = {"n": missing, "m": facts.uploads_per_month}
            wanted.append(NewMessage(member_id, "N17", f"{span.first:%Y-%m}/{which}", params, cause))
    return await notifications.send(session, wanted, now=now)


async def _remind(session: AsyncSession, member_ids: Sequence[UUID], given: Reminder, *, now: datetime) -> int:
    today = local_date(now)
    cause = {"from_on": given.span.first.isoformat(), "to_on": given.span.last.isoformat(), "needed": 1}
    found = await _facts(session, member_ids, given.span, today)
    wanted = [
        NewMessage(member_id, given.key, given.period, given.params, cause)
        for member_id, facts in found.items()
        if given.rule(facts, today)
    ]
    return await notifications.send(session, wanted, now=now)


_COLUMNS = ("started_on", "min_per_week", "uploads_per_month", "counted", "required", "entries", "uploads")


async def _facts(session: AsyncSession, member_ids: Sequence[UUID], span: Span, today: date) -> dict[UUID, Facts]:
    """The facts of those of the members whose spell runs. Two statements for any number."""
    values = {"members": list(member_ids), "first": span.first, "last": span.last}
    rows = (await session.execute(FACTS, values | {"today": today})).mappings().all()
    exempt: defaultdict[UUID, list[Period]] = defaultdict(list)
    for member_id, from_on, to_on in await session.execute(EXEMPT, values | {"types": sorted(FULLY_EXEMPTING)}):
        exempt[member_id].append(Period(from_on, to_on))
    return {row["id"]: Facts(exempt=exempt[row["id"]], **{n: row[n] for n in _COLUMNS}) for row in rows}


def _week(monday: date) -> str:
    return "{}-W{:02}".format(*calendar.iso_week(monday))
