"""The outbox to the shared registry (DFDG): what is reported is written with what happened, sent in order, recorded.

A member's reports go out one after another: while one waits or is in error, the later ones wait. Claimed, committed,
sent, recorded: a kill between sending and recording sends the same id once more, which the registry knows already.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.series import Series
from backend.delivery.registry import Answer, Report, next_try

LEASE = timedelta(minutes=5)
# After these tries, half a week, somebody must look at what the registry never answers.
MOST_TRIES = 20
NO_ANSWER = "NO_ANSWER"

# A booking is reported as it stands: booked, moved (a later revision), given back. Only talks that the law asks for.
BOOKINGS = """
    INSERT INTO registry_report (id, member_id, kind, subject_id, revision, payload, due_at, created_at)
    SELECT {id}, b.member_id, CASE b.state WHEN 'booked' THEN 'booked' ELSE 'booking_ended' END, b.id, b.sequence,
        jsonb_build_object('memberNo', m.member_no, 'booking', b.id, 'at', coalesce(lower(t.span), s.starts_at),
            'form', s.form, 'talks', to_jsonb(k.talks), 'selfBooked', b.booked_by IS NULL, 'staffNo', w.staff_no)
        || CASE b.state WHEN 'booked' THEN '{{}}'
           ELSE jsonb_build_object('reason', b.cancel_reason, 'lawful', b.lawful) END, :now, :now
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id JOIN member AS m ON m.id = b.member_id
    LEFT JOIN staff AS w ON w.id = s.staff_id LEFT JOIN member_time AS t ON t.booking_id = b.id
    JOIN LATERAL (SELECT array_agg(DISTINCT x.talk ORDER BY x.talk) AS talks FROM booking_obligation AS l
                  JOIN obligation AS o ON o.id = l.obligation_id CROSS JOIN unnest(o.talks) AS x (talk)
                  WHERE l.booking_id = b.id) AS k ON k.talks IS NOT NULL
    WHERE b.id = ANY(CAST(:ids AS uuid[])) AND b.booked_at IS NOT NULL AND s.kind IN ('talk', 'joint_talk')
      AND b.state IN ('booked', 'cancelled')
    ORDER BY b.id
    ON CONFLICT DO NOTHING
"""
CALL_INS = """
    INSERT INTO registry_report (id, member_id, kind, subject_id, payload, due_at, created_at)
    SELECT {id}, c.member_id, CASE c.state WHEN 'approved' THEN 'called_in' ELSE 'call_in_ended' END, c.id,
        jsonb_build_object('memberNo', m.member_no, 'callIn', c.id, 'at', c.talk_at, 'selfBooked', false)
        || CASE c.state WHEN 'approved' THEN '{{}}' ELSE jsonb_build_object('outcome', c.state) END, :now, :now
    FROM call_in AS c JOIN member AS m ON m.id = c.member_id
    WHERE c.id = ANY(CAST(:ids AS uuid[])) AND c.state IN ('approved', 'cancelled', 'no_show') AND c.talk_at IS NOT NULL
    ON CONFLICT DO NOTHING
"""
HELD = """
    INSERT INTO registry_report (id, member_id, kind, subject_id, payload, due_at, created_at)
    SELECT {id}, t.member_id, 'talk_held', t.id,
        jsonb_build_object('memberNo', m.member_no, 'talk', t.id, 'heldOn', t.held_on, 'form', t.form,
            'talks', to_jsonb(k.talks), 'staffNo', w.staff_no, 'registeredAt', t.closed_at, 'booking', t.booking_id,
            'callIn', t.call_in_id, 'chair', t.chair), :now, :now
    FROM talk AS t JOIN member AS m ON m.id = t.member_id JOIN staff AS w ON w.id = t.closed_by
    JOIN LATERAL (SELECT array_agg(x.talk ORDER BY x.talk) AS talks FROM unnest(t.types) AS x (talk)
                  WHERE x.talk = ANY(CAST(:statutory AS text[]))) AS k ON k.talks IS NOT NULL
    WHERE t.id = :talk AND t.state = 'closed'
    ON CONFLICT DO NOTHING
"""
NUMBER = "row_number() OVER ()"


async def note_bookings(session: AsyncSession, booking_ids: Collection[UUID], *, now: datetime) -> None:
    """Report these bookings as they stand; each state of each once. One statement for any number."""
    statement = text(BOOKINGS.format(id=Series().sql(NUMBER)))
    await session.execute(statement, {"ids": list(booking_ids), "now": now})


async def note_call_ins(session: AsyncSession, call_in_ids: Collection[UUID], *, now: datetime) -> None:
    """Report these call-ins: sent to the member, called off or missed. A held one is reported as a talk."""
    statement = text(CALL_INS.format(id=Series().sql(NUMBER)))
    await session.execute(statement, {"ids": list(call_in_ids), "now": now})


async def note_held(session: AsyncSession, talk_id: UUID, statutory: Collection[str], *, now: datetime) -> None:
    """Report a closed talk, when it was one that the law asks for."""
    statement = text(HELD.format(id=Series().sql(NUMBER)))
    await session.execute(statement, {"talk": talk_id, "statutory": sorted(statutory), "now": now})


CLAIM = text("""
    WITH heads AS (
        SELECT r.id FROM registry_report AS r
        WHERE r.state = 'waiting' AND r.due_at <= :now AND (r.claimed_until IS NULL OR r.claimed_until <= :now)
          AND NOT EXISTS (SELECT FROM registry_report AS e WHERE e.member_id = r.member_id AND e.seq < r.seq
                          AND e.state IN ('waiting', 'failed'))
        ORDER BY r.seq LIMIT :limit FOR UPDATE SKIP LOCKED)
    UPDATE registry_report AS r SET claimed_until = :until, attempts = attempts + 1
    FROM heads WHERE r.id = heads.id
    RETURNING r.id, r.seq, r.kind, r.payload, r.attempts
""")
RECORD = text("""
    UPDATE registry_report AS r
    SET state = n.state, claimed_until = NULL, due_at = coalesce(n.due_at, r.due_at), error_code = n.code,
        registry_no = coalesce(n.number, r.registry_no),
        sent_at = CASE n.state WHEN 'sent' THEN coalesce(r.sent_at, CAST(:now AS timestamptz)) ELSE r.sent_at END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:due AS timestamptz[]), CAST(:codes AS text[]),
                CAST(:numbers AS text[])) AS n (id, state, due_at, code, number)
    WHERE r.id = n.id AND r.state = 'waiting'
""")


class Claimed(NamedTuple):
    """A report whose turn it is; `attempts` counts this one."""

    report: Report
    attempts: int


async def claim(session: AsyncSession, *, limit: int, now: datetime) -> list[Claimed]:
    """The next report of each member that has one due, held for LEASE; the caller commits before it sends."""
    values = {"now": now, "until": now + LEASE, "limit": limit}
    rows = sorted((await session.execute(CLAIM, values)).all(), key=lambda row: row.seq)
    return [Claimed(Report(row.id, content(row.kind, row.payload)), row.attempts) for row in rows]


def content(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The report as the registry holds it."""
    return {"kind": kind, **payload}


async def record(
    session: AsyncSession, claimed: Sequence[Claimed], answers: Sequence[Answer], *, now: datetime
) -> None:
    """Write down what came of them; what was recorded meanwhile stays. A refusal is for a person to look at."""
    tried = {one.report.id: one.attempts for one in claimed}
    states = [_state(one, tried[one.report_id]) for one in answers]
    columns = {
        "ids": [one.report_id for one in answers],
        "states": states,
        "due": [next_try(tried[one.report_id], now) if one.kind == "retry" else None for one in answers],
        "codes": [
            one.code or (NO_ANSWER if state == "failed" else None) for one, state in zip(answers, states, strict=True)
        ],
        "numbers": [one.number for one in answers],
    }
    await session.execute(RECORD, columns | {"now": now})


def _state(answer: Answer, attempts: int) -> str:
    if answer.kind == "sent":
        return "sent"
    return "failed" if answer.kind == "rejected" or attempts >= MOST_TRIES else "waiting"
