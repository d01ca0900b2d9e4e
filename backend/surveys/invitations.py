"""Asking: who is due, what the rules decide of them, and writing it down, set by set."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db.types import new_id
from backend.surveys import attendance, catalogue, rules, service
from backend.surveys.catalogue import InForce
from backend.surveys.policy import DAY, Policy
from backend.surveys.rules import Attended, Decision, Setting, Standing

BATCH = 500


@dataclass(frozen=True, slots=True)
class Known:
    """What other rooms know of a member, gathered by the door: see `rules.Standing`."""

    sensitive_at: datetime | None = None
    rare_ahead_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`invited` counts members; `skipped` activities by reason."""

    invited: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)


async def due(session: AsyncSession, *, now: datetime, after: UUID | None = None, limit: int = BATCH) -> list[UUID]:
    """The members about whose activities something may be decided now, by id; `after` is the last one seen."""
    found = await session.execute(_DUE, {"now": now, "after": after or UUID(int=0), "limit": limit})
    return list(found.scalars())


async def invite(session: AsyncSession, known: Mapping[UUID, Known], *, now: datetime) -> Outcome:
    """Decide about all waiting activities of these members: invite, leave waiting, or record why not.

    Safe to repeat and to run beside itself: activities are locked, and two invitations too close to each other cannot
    be stored, in which case the activity waits for the next run.
    """
    in_force = await catalogue.in_force(session, clock.local_date(now))
    waiting = await _waiting(session, list(known))
    if not waiting:
        return Outcome()
    standings = await _standings(session, {m: known[m] for m in waiting}, now)
    settings = await _settings(session, in_force, now)
    decisions = [
        decision
        for member_id, activities in waiting.items()
        for decision in rules.decide(activities, standings[member_id], settings, in_force.policy, now)
    ]
    skipped = await _skip(session, decisions, now)
    return Outcome(await _invite(session, decisions, in_force, now), skipped)


async def remind(session: AsyncSession, known: Mapping[UUID, Known], *, now: datetime) -> int:
    """Send the one reminder to those of these members who may get it now; how many did."""
    in_force = await catalogue.in_force(session, clock.local_date(now))
    rows = (await session.execute(_UNANSWERED, {"members": list(known), "now": now})).all()
    standings = await _standings(session, {row.member_id: known[row.member_id] for row in rows}, now)
    free = [r for r in rows if rules.may_remind(r.invited_at, standings[r.member_id], in_force.policy, now)]
    await session.execute(_REMINDED, {"ids": [row.id for row in free], "now": now})
    return await service.announce(session, [row.id for row in free], reminder=True, now=now)


async def to_remind(session: AsyncSession, *, now: datetime, limit: int = BATCH) -> list[UUID]:
    """Members who have not answered an invitation of some days ago, and were not reminded yet."""
    policy = (await catalogue.in_force(session, clock.local_date(now))).policy
    window = {"from": now - policy.remind_until_days * DAY, "to": now - policy.remind_after_days * DAY}
    return list((await session.execute(_TO_REMIND, window | {"limit": limit})).scalars())


async def opt_out(session: AsyncSession, member_id: UUID, *, now: datetime) -> datetime:
    """The member does not want to be asked. Until when this is kept."""
    policy = (await catalogue.in_force(session, clock.local_date(now))).policy
    until = now + policy.opt_out_days * DAY
    await session.execute(_OPT_OUT, {"member": member_id, "now": now, "until": until})
    return until


async def opt_in(session: AsyncSession, member_id: UUID) -> None:
    """The member may be asked again."""
    await session.execute(_OPT_IN, {"member": member_id})


async def opted_out_until(session: AsyncSession, member_id: UUID, *, now: datetime) -> datetime | None:
    """Until when the member does not want to be asked."""
    found: datetime | None = await session.scalar(_OPTED_OUT, {"member": member_id, "now": now})
    return found


async def _waiting(session: AsyncSession, members: Sequence[UUID]) -> dict[UUID, list[Attended]]:
    found: dict[UUID, list[Attended]] = {}
    for row in await session.execute(_WAITING, {"members": members}):
        one = Attended(id=row.id, touchpoint=row.touchpoint, ended_at=row.ended_at, series=row.series)
        found.setdefault(row.member_id, []).append(one)
    return found


async def _standings(session: AsyncSession, known: Mapping[UUID, Known], now: datetime) -> dict[UUID, Standing]:
    # Longer than any number of days that a policy is likely to hold.
    since = now - timedelta(days=400)
    rows = (await session.execute(_STANDING, {"members": list(known), "since": since})).all()
    return {row.id: _standing(row, known[row.id]) for row in rows}


def _standing(row: Row[Any], known: Known) -> Standing:
    return Standing(
        invited=tuple(zip(row.touchpoints, row.invited_at, strict=True)),
        opted_out_until=row.until,
        digital_exempt=row.digital_exempt,
        sensitive_at=known.sensitive_at,
        rare_ahead_at=known.rare_ahead_at,
    )


async def _settings(session: AsyncSession, in_force: InForce, now: datetime) -> dict[str, Setting]:
    """The settings; a survey that has not asked its minimum of this quarter yet asks about every activity."""
    found = await session.execute(_ASKED, {"quarter": attendance.quarter(now)})
    asked = {row.touchpoint: row.n for row in found}
    short = {key for key, form in in_force.forms.items() if asked.get(key, 0) < form.minimum_per_quarter}
    return {key: _all_of(setting) if key in short else setting for key, setting in in_force.settings.items()}


def _all_of(setting: Setting) -> Setting:
    return Setting(
        touchpoint=setting.touchpoint,
        priority=setting.priority,
        rare=setting.rare,
        ends_of_series_only=setting.ends_of_series_only,
    )


async def _skip(session: AsyncSession, decisions: Iterable[Decision], now: datetime) -> Mapping[str, int]:
    skipped = [decision for decision in decisions if decision.action == "skip"]
    values = {"ids": [d.attended_id for d in skipped], "reasons": [d.reason for d in skipped], "now": now}
    await session.execute(_SKIP, values)
    return Counter(decision.reason for decision in skipped)


async def _invite(session: AsyncSession, decisions: Iterable[Decision], in_force: InForce, now: datetime) -> int:
    chosen = [decision.attended_id for decision in decisions if decision.action == "invite"]
    values = {
        "ids": [new_id() for _ in chosen],
        "attendances": chosen,
        # Which of a survey's questions take their turn: any number that is divisible by every small one.
        "variants": [attended_id.int % 2520 for attended_id in chosen],
        "keys": list(in_force.forms),
        "surveys": [form.survey_id for form in in_force.forms.values()],
        "version": in_force.version,
    }
    stored = (await session.execute(_INVITE, values | _dates(in_force.policy, now))).scalars().all()
    return await service.announce(session, stored, reminder=False, now=now)


def _dates(policy: Policy, now: datetime) -> dict[str, datetime]:
    return {
        "now": now,
        "free": now + policy.between_days * DAY,
        "touchpoint_free": now + policy.same_touchpoint_days * DAY,
        "expires": now + policy.answer_days * DAY,
    }


_DUE = text("""
SELECT DISTINCT member_id FROM survey_attendance
WHERE state = 'waiting' AND ended_at <= :now AND member_id > :after ORDER BY member_id LIMIT :limit
""")
_WAITING = text("""
SELECT id, member_id, touchpoint, ended_at, series FROM survey_attendance
WHERE state = 'waiting' AND member_id = ANY(:members) ORDER BY id FOR UPDATE SKIP LOCKED
""")
_STANDING = text("""
SELECT m.id, m.digital_exempt, o.until, i.touchpoints, i.invited_at
FROM member m LEFT JOIN survey_opt_out o ON o.member_id = m.id
CROSS JOIN LATERAL (
    SELECT COALESCE(array_agg(touchpoint ORDER BY invited_at), '{}') AS touchpoints,
        COALESCE(array_agg(invited_at ORDER BY invited_at), '{}') AS invited_at
    FROM survey_invitation WHERE member_id = m.id AND invited_at >= :since
) i
WHERE m.id = ANY(:members)
""")
_ASKED = text("""
SELECT a.touchpoint, count(*) AS n FROM survey_attendance a
WHERE a.quarter = :quarter AND a.state = 'invited' GROUP BY a.touchpoint
""")
_SKIP = text("""
UPDATE survey_attendance a SET state = 'skipped', reason = d.reason, decided_at = :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:reasons AS text[])) AS d (id, reason) WHERE a.id = d.id
""")
_INVITE = text("""
WITH new AS (
    INSERT INTO survey_invitation (id, attendance_id, member_id, touchpoint, survey_id, variant, policy_version,
        invited_at, free_from, touchpoint_free_from, expires_at)
    SELECT n.id, a.id, a.member_id, a.touchpoint, s.id, n.variant, :version, :now, :free, :touchpoint_free, :expires
    FROM unnest(CAST(:ids AS uuid[]), CAST(:attendances AS uuid[]), CAST(:variants AS int[]))
        AS n (id, attendance_id, variant)
    JOIN survey_attendance a ON a.id = n.attendance_id
    JOIN unnest(CAST(:keys AS text[]), CAST(:surveys AS uuid[])) AS s (key, id) ON s.key = a.touchpoint
    ON CONFLICT DO NOTHING
    RETURNING id, attendance_id
), decided AS (
    UPDATE survey_attendance SET state = 'invited', decided_at = :now
    WHERE id IN (SELECT attendance_id FROM new)
)
SELECT id FROM new
""")
_UNANSWERED = text("""
SELECT id, member_id, invited_at FROM survey_invitation
WHERE member_id = ANY(:members) AND answered_at IS NULL AND declined_at IS NULL AND reminded_at IS NULL
    AND expires_at > :now
ORDER BY id FOR UPDATE SKIP LOCKED
""")
_TO_REMIND = text("""
SELECT member_id FROM survey_invitation
WHERE answered_at IS NULL AND declined_at IS NULL AND reminded_at IS NULL AND invited_at > :from AND invited_at <= :to
ORDER BY invited_at LIMIT :limit
""")
_REMINDED = text("UPDATE survey_invitation SET reminded_at = :now WHERE id = ANY(:ids)")
_OPT_OUT = text("""
INSERT INTO survey_opt_out (member_id, opted_out_at, until) VALUES (:member, :now, :until)
ON CONFLICT (member_id) DO UPDATE SET opted_out_at = excluded.opted_out_at, until = excluded.until
""")
_OPT_IN = text("DELETE FROM survey_opt_out WHERE member_id = :member")
_OPTED_OUT = text("SELECT until FROM survey_opt_out WHERE member_id = :member AND until > :now")
