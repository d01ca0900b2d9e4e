"""The timetable: times on ordinary days, on the two Sundays when the clocks change, and what is still made up for."""

from datetime import datetime, time, timedelta

import pytest

from backend.clock import COPENHAGEN, parse_local
from backend.jobs.job import Job
from backend.jobs.schedule import BY_NAME, TIMETABLE

CHANGES = ("2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31")


def times(job: Job, day: str, days: int = 1) -> list[datetime]:
    since = parse_local(day)
    until = (since + timedelta(days=days)).replace(tzinfo=COPENHAGEN) - timedelta(seconds=1)
    return list(job.occurrences(since, until))


def test_the_weekly_run_is_on_wednesday_at_six_wall_time() -> None:
    found = times(BY_NAME["rate-members"], "2026-10-19", days=14)
    assert [f"{at:%a %H:%M %z}" for at in found] == ["Wed 06:00 +0200", "Wed 06:00 +0100"]


@pytest.mark.parametrize("job", TIMETABLE, ids=lambda job: job.name)
@pytest.mark.parametrize("day", [*CHANGES, "2026-11-18"])
def test_nothing_begins_between_two_and_three(job: Job, day: str) -> None:
    assert [at for at in times(job, day) if time(2) <= at.time() < time(3)] == []


@pytest.mark.parametrize("day", CHANGES)
def test_on_the_days_the_clocks_change_everything_runs_as_on_any_day(day: str) -> None:
    daily = [job for job in TIMETABLE if job.only is None]
    ordinary = {job.name: [at.time() for at in times(job, "2026-11-15")] for job in daily}
    assert {job.name: [at.time() for at in times(job, day)] for job in daily} == ordinary
    assert len(ordinary["housekeeping"]) == 1
    assert len(ordinary["rate-stale"]) == 23 * 12


def test_a_missed_run_is_made_up_for_until_it_is_stale() -> None:
    job = BY_NAME["rate-members"]
    due = parse_local("2026-11-18T06:00")
    assert job.due(due - timedelta(seconds=1)) is None
    assert job.due(due) == due
    assert job.due(due + job.staleness) == due
    assert job.due(due + job.staleness + timedelta(seconds=1)) is None


def test_of_several_missed_runs_the_latest_is_made() -> None:
    assert BY_NAME["rate-stale"].due(parse_local("2026-11-18T10:09")) == parse_local("2026-11-18T10:05")


def test_the_next_run_is_in_the_future() -> None:
    at = parse_local("2026-11-18T06:00")
    assert BY_NAME["rate-members"].following(at + timedelta(seconds=1)) == parse_local("2026-11-25T06:00")


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(TIMETABLE)
