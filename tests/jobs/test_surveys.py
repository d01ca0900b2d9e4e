"""The surveys' jobs: what is counted and closed, whose turn it is, and what is no longer pushed."""

from datetime import date, time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_time
from backend.jobs import ranges, still_true_surveys, surveys
from backend.jobs.job import Moment
from backend.jobs.schedule import BY_NAME
from backend.settings import Settings
from backend.surveys import attendance, invitations
from backend.surveys.hours import invitation_window, is_open
from backend.surveys.invitations import Known
from backend.surveys.policy import STANDARD
from tests import factories
from tests.casework.factories import rating
from tests.jobs.helpers import run_through as run
from tests.surveys.builders import DAY, HOUR
from tests.surveys.factories import NOON, answer, invited, rows

pytestmark = pytest.mark.db

SETTINGS = Settings()


async def test_counting_and_closing(session: AsyncSession) -> None:
    for invitation_id in await invited(session, 6, (await factories.branch(session)).id):
        await answer(session, invitation_id, "5")
    assert await run(session, BY_NAME["survey-count"], NOON) == {"blocks": 3, "low": 0}
    assert await run(session, BY_NAME["survey-release"], NOON) == {"quarters": 0, "blocks": 0}
    later = NOON + 30 * DAY
    assert await run(session, BY_NAME["survey-release"], later) == {"quarters": 1, "blocks": 0}
    assert await run(session, BY_NAME["survey-release"], later) == {"quarters": 0, "blocks": 0}
    assert await run(session, BY_NAME["survey-forget"], NOON + 366 * DAY) == {"responses": 6}


def test_whenever_something_ends_a_run_comes_while_it_may_be_asked_about() -> None:
    """A fortnight with Christmas in it, each quarter of an hour in which something may end."""
    begins, job = local_time(date(2026, 12, 14), time(7)), BY_NAME["survey-invite"]
    runs = list(job.occurrences(begins, begins + 24 * DAY))
    for ended in (begins + day * DAY + n * HOUR / 4 for day in range(18) for n in range(4 * 14)):
        window = invitation_window(ended, STANDARD)
        assert any(window.opens <= run < window.closes and is_open(run, STANDARD) for run in runs), ended


async def test_batches_are_of_those_who_wait_and_those_who_were_asked(session: AsyncSession) -> None:
    assert (await ranges.waiting(session), await ranges.asked(session)) == ([], [])
    await invited(session, 2, (await factories.branch(session)).id)
    asked = [row["member_id"] for row in await rows(session, "survey_invitation", "member_id")]
    assert await ranges.waiting(session) == []
    [payload] = await ranges.asked(session)
    assert await ranges.asked_members(session, payload) == sorted(asked)
    await surveys.note(session, [], moment=Moment(NOON, NOON), settings=SETTINGS)


async def test_what_is_answered_declined_or_hard_is_not_pushed_any_more(session: AsyncSession) -> None:
    branch = await factories.branch(session)
    asked = await invited(session, 5, branch.id)
    who = {row["id"]: row["member_id"] for row in await rows(session, "survey_invitation", "id, member_id")}
    answered, declined, red, out, open_ = asked
    await answer(session, answered, "5")
    await session.execute(text("UPDATE survey_invitation SET declined_at = :at WHERE id = :id"), at(declined))
    await rating(session, who[red], colour="red", previous="green", rated_at=NOON + HOUR)
    await session.execute(
        text("INSERT INTO survey_opt_out VALUES (:m, :at, CAST(:at AS timestamptz) + interval '1 year')"),
        {"m": who[out], "at": NOON},
    )
    claimed: Any = [Claim(one, who[one]) for one in asked]
    assert await still_true_surveys.need_not_answer(session, claimed) == {answered, declined, red, out}
    assert await still_true_surveys.need_not_answer(session, [Claim(declined, who[declined])]) == {declined}  # type: ignore[list-item]
    assert open_ not in {answered, declined, red, out}


async def test_who_was_not_there_after_all_is_neither_pushed_nor_reminded_nor_counted(session: AsyncSession) -> None:
    """Absence was noted after they were asked. Who had answered by then has said something, and that stays."""
    asked = await invited(session, 2, (await factories.branch(session)).id)
    occasions = {
        row.id: (row.member_id, row.occasion)
        for row in await session.execute(
            text(
                "SELECT i.id, i.member_id, a.occasion FROM survey_invitation i "
                "JOIN survey_attendance a ON a.id = i.attendance_id"
            )
        )
    }
    said, away = asked
    await answer(session, said, "5")
    now = NOON + HOUR
    assert await attendance.withdraw(session, [occasion for _, occasion in occasions.values()], now=now) == 1
    assert await still_true_surveys.need_not_answer(session, [Claim(away, occasions[away][0])]) == {away}  # type: ignore[list-item]
    known = {member: Known() for member, _ in occasions.values()}
    assert await invitations.remind(session, known, now=NOON + 4 * DAY) == 0
    stands = {row["occasion"]: row["state"] for row in await rows(session, "survey_attendance")}
    assert stands == {occasions[said][1]: "invited", occasions[away][1]: "skipped"}


def at(invitation_id: UUID) -> dict[str, object]:
    return {"at": NOON, "id": invitation_id}


class Claim:
    """As much of a claimed delivery as the rule reads; its own id is the invitation's."""

    def __init__(self, invitation_id: UUID, member_id: UUID) -> None:
        self.id = invitation_id
        self.member_id = member_id
        self.period = f"{invitation_id}:reminder"
        self.cause: dict[str, str] = {}
