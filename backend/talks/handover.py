"""The handover to the jobcentre: the counter, the forecast, and the packet of plan, minutes and agreements."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.benefit import hours
from backend.clock import local_date
from backend.course import my_plan, regimes
from backend.talks import errors, rules_handover
from backend.talks.rules_handover import Forecast

# A benefit period is used up within three years: hours from before them belong to another one.
REFERENCE = timedelta(days=3 * 366)


class Ahead(NamedTuple):
    """A member whose handover can be foreseen, with the spell that runs."""

    member_id: UUID
    spell_id: UUID
    forecast: Forecast


SPELLS = text("""
    SELECT s.id, s.member_id, s.started_on, s.regime, m.insurance FROM spell AS s JOIN member AS m ON m.id = s.member_id
    WHERE s.member_id = ANY(CAST(:members AS uuid[])) AND s.ended_on IS NULL
      AND NOT EXISTS (SELECT FROM handover AS h WHERE h.spell_id = s.id)
    ORDER BY s.member_id
""")


async def ahead(session: AsyncSession, member_ids: Sequence[UUID], *, today: date) -> list[Ahead]:
    """When these members go over, those of them whose regime has a limit and who did not go yet. Two statements."""
    rows = (await session.execute(SPELLS, {"members": list(member_ids)})).all()
    limits = {row.id: limit for row in rows if (limit := _limit(row.regime, row.insurance)) is not None}
    paid = await hours.since(session, [row.member_id for row in rows if row.id in limits], today - REFERENCE)
    return [
        Ahead(
            row.member_id,
            row.id,
            rules_handover.forecast(paid.get(row.member_id, {}), limits[row.id], row.insurance, row.started_on, today),
        )
        for row in rows
        if row.id in limits
    ]


def _limit(regime: str, insurance: str) -> int | None:
    limits = regimes.all_regimes()[regime].handover_hours
    return limits[insurance] if limits else None


PACKET = text("""
    SELECT m.member_no, s.id AS spell_id, s.started_on, h.handed_on,
        coalesce((SELECT jsonb_agg(jsonb_build_object('heldOn', t.held_on, 'form', t.form, 'types', t.types,
                'chair', t.chair, 'minutes', t.minutes, 'closedAt', t.closed_at, 'staffName', w.name,
                'corrections', coalesce((SELECT jsonb_agg(jsonb_build_object('at', c.at, 'correction', c.correction)
                                                          ORDER BY c.at, c.id)
                                         FROM talk_correction AS c WHERE c.talk_id = t.id), '[]'))
                ORDER BY t.held_on, t.id)
            FROM talk AS t JOIN staff AS w ON w.id = t.closed_by
            WHERE t.member_id = m.id AND t.state = 'closed' AND t.held_on >= s.started_on), '[]') AS talks,
        coalesce((SELECT jsonb_agg(jsonb_build_object('owner', a.owner, 'what', a.what, 'dueOn', a.due_on)
                ORDER BY a.due_on, a.id)
            FROM agreement AS a LEFT JOIN task AS k
                ON k.kind = 'agreement' AND k.member_id = a.member_id AND k.key = CAST(a.id AS text)
            WHERE a.member_id = m.id AND a.state = 'open'
              AND coalesce(k.state IN ('open', 'claimed'), true)), '[]') AS agreements
    FROM member AS m JOIN spell AS s ON s.member_id = m.id AND s.ended_on IS NULL
    LEFT JOIN handover AS h ON h.spell_id = s.id
    WHERE m.id = :member
""")


class Packet(NamedTuple):
    """What the jobcentre is given; `missing` names what the plan still lacks, `handed_on` when it was done."""

    spell_id: UUID
    started_on: date
    handed_on: date | None
    missing: Sequence[str]
    content: Mapping[str, Any]


async def packet(session: AsyncSession, member_id: UUID, *, now: datetime) -> Packet:
    """The packet as it would be handed over now. Raises NoSpell."""
    row = (await session.execute(PACKET, {"member": member_id})).one_or_none()
    if row is None:
        raise errors.NoSpell
    plan = my_plan.in_force(await my_plan.versions(session, member_id), local_date(now))
    content = {
        "memberNo": row.member_no, "unemployedFrom": row.started_on.isoformat(), "madeAt": now.isoformat(),
        "plan": _plan(plan) if plan else None, "talks": row.talks, "agreements": row.agreements,
    }  # fmt: skip
    return Packet(row.spell_id, row.started_on, row.handed_on, my_plan.missing(plan), content)


def _plan(version: my_plan.Version) -> dict[str, Any]:
    plan, requirement = version
    return {
        "number": plan.number, "validFrom": plan.valid_from.isoformat(), "jobGoals": list(plan.job_goals),
        "effortAreas": list(plan.effort_areas), "searchStrategy": plan.search_strategy,
        "planA": plan.plan_a, "planB": plan.plan_b, "planC": plan.plan_c,
        "acknowledgedAt": plan.acknowledged_at.isoformat() if plan.acknowledged_at else None,
        "requirement": my_plan.numbers_of(requirement)._asdict() if requirement else None,
    }  # fmt: skip


HAND_OVER = text("""
    INSERT INTO handover (spell_id, member_id, handed_on, staff_id, at, packet)
    VALUES (:spell, :member, :day, :by, :now, CAST(:packet AS jsonb)) ON CONFLICT DO NOTHING RETURNING spell_id
""")
KEPT = text("SELECT packet FROM handover WHERE spell_id = :spell")


async def hand_over(session: AsyncSession, member_id: UUID, *, by: UUID, now: datetime) -> Packet:
    """Keep the packet as it is handed over. Raises NoSpell, PlanIncomplete, HandedOver."""
    found = await packet(session, member_id, now=now)
    if found.handed_on is not None:
        raise errors.HandedOver
    if found.missing:
        raise errors.PlanIncomplete
    day = local_date(now)
    values = {"spell": found.spell_id, "member": member_id, "day": day, "by": by, "now": now}
    stored = msgspec.json.encode(found.content).decode()
    if await session.scalar(HAND_OVER, values | {"packet": stored}) is None:
        raise errors.HandedOver
    return found._replace(handed_on=day)


async def kept(session: AsyncSession, found: Packet) -> Packet:
    """The packet as it was handed over, where it was."""
    if found.handed_on is None:
        return found
    content: dict[str, Any] = (await session.execute(KEPT, {"spell": found.spell_id})).scalar_one()
    return found._replace(content=content)
