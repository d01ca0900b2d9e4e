"""Benefit cards that were sent, where the export has them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.followup import card_reminders
from backend.intake import checks, staging
from backend.intake.checks import Fault
from backend.intake.layout import CARDS
from backend.intake.run import Run
from backend.intake.staging import Connection

COLUMNS = ("member_id", "month", "sent_on")
MERGE = """
    INSERT INTO benefit_card (member_id, month, sent_on, source)
    SELECT member_id, month, sent_on, 'import' FROM intake_benefit_card ORDER BY member_id, month ON CONFLICT DO NOTHING
"""


class Cards:
    """The cards of one file; the same member and month may stand there once."""

    def __init__(self, members: dict[str, UUID], today: date) -> None:
        self._members = members
        self._today = today
        self._here: set[tuple[UUID, date]] = set()

    def row(self, fields: list[str]) -> tuple[Any, ...]:
        number, month_of, sent = fields
        number = checks.identifier(number)
        member_id = checks.code(number, self._members, "unknown_member")
        month, sent_on = checks.month(month_of), checks.past_day(sent, self._today)
        if sent_on < month:
            raise Fault("bad_period", sent)
        if (member_id, month) in self._here:
            raise Fault("duplicate_row", number)
        self._here.add((member_id, month))
        return (member_id, month, sent_on)


async def load(session: AsyncSession, connection: Connection, run: Run, members: dict[str, UUID]) -> None:
    """Note the cards, and end the tasks that asked for them. Does nothing where the export has no such file."""
    if CARDS not in run.sources:
        return
    await staging.stage(connection, "benefit_card", COLUMNS, run.good(CARDS, Cards(members, run.today).row))
    run.tally.stored(CARDS, staging.rows_of(await connection.execute(MERGE)), 0)
    await card_reminders.settle(session, now=run.now)
