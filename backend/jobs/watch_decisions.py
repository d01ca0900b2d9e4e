"""Alerts where approvals of call-ins are hasty, or hardly any proposal is rejected: then nobody decides."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts import service as alerts
from backend.followup import figures, rules_decisions
from backend.jobs.job import Counts, Moment
from backend.settings import Settings


async def work(session: AsyncSession, member_ids: Sequence[UUID], *, moment: Moment, settings: Settings) -> Counts:
    """Raise what the decisions of the last months show, and end what they show no longer."""
    del member_ids, settings
    now = moment.now
    found = rules_decisions.findings(await figures.decisions(session, now - rules_decisions.WINDOW))
    raised = await alerts.raise_many(session, found, now=now)
    for kind in (rules_decisions.HASTY, rules_decisions.FEW_REJECTIONS):
        await alerts.end_missing(session, kind, [one.key for one in found if one.kind == kind], now=now)
    return {"found": len(found), "new": len(raised)}
