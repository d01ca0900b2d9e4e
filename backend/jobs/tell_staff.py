"""In the morning: those who follow up are told by e-mail how much has come; what could not be sent is tried again."""

from backend.clock import local_date
from backend.db.engine import Sessions, transaction
from backend.delivery import channels
from backend.delivery.types import SMALL_BATCH
from backend.followup import staff_digest
from backend.jobs.job import Counts, Moment
from backend.notifications import staff_notices
from backend.settings import Settings


async def outside(sessions: Sessions, *, moment: Moment, settings: Settings) -> Counts:
    """How many notices are new, and how many were sent. Nothing is said when the day is over."""
    if not moment.on_its_day:
        return {"new": 0, "sent": 0}
    async with transaction(sessions) as session:
        new = await staff_digest.write(session, now=moment.now)
    return {"new": new, "sent": await _send(sessions, moment, settings)}


async def _send(sessions: Sessions, moment: Moment, settings: Settings) -> int:
    """All that waits, batch by batch, until nothing gets through any more. No transaction is open meanwhile."""
    sender, total = channels.open_email(settings), 0
    try:
        while True:
            async with transaction(sessions) as session:
                batch = await staff_notices.waiting(
                    session, local_date(moment.now), fund=settings.fund_name, limit=SMALL_BATCH
                )
            outcomes = await sender.send(batch, moment.now) if batch else []
            async with transaction(sessions) as session:
                total += await staff_notices.record(session, outcomes, now=moment.now)
            if not any(one.kind != "retry" for one in outcomes):
                return total
    finally:
        await sender.close()
