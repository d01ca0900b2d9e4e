"""kill -9 at any moment, of any process: each message once, each task once, nothing lost.

Two API, three worker and two clock processes share one database, which crashes once itself, while weekly runs rate
a fund, pushes leave for a stand-in of FCM and phones log applications. The same runs, undisturbed, in a second database
say what must have come of it.
"""

import asyncio
import json
import time as wall
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.api import builtin_identity
from backend.clock import local_date, local_time
from backend.db import embedded
from backend.db.engine import Sessions, transaction
from backend.followup import service as followup
from backend.jobs import batches, ledger, schedule
from backend.jobs.job import Payload
from backend.settings import load
from tests.e2e import accounts, grounds, population
from tests.e2e.house import House, free_port, house
from tests.e2e.phones import Phones
from tests.e2e.population import Fund

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(420)]

SEED = 20261118
MEMBERS, BUSY, BATCH = 300, 40, 30
RUNS = 2
LEAST_KILLS = 8
DEADLINE = 150.0
SETTLED = 4.0
# Deliveries that wait for another day, and the messages that a member was pushed on a day of Denmark's.
HELD = "coalesce(last_error IN ('CAPPED', 'SMILEY_LIMIT'), false)"
TOLD = (
    "SELECT count(DISTINCT message_id) AS told FROM delivery_done WHERE channel = 'push' AND state = 'sent'"
    " GROUP BY member_id, CAST(finished_at AT TIME ZONE 'Europe/Copenhagen' AS date)"
)
ROLES = {"api": 2, "worker": 3, "clock": 2}
# A little slow, where some phones are unknown and some answers are errors.
FAULTS = {"unregistered": 0.03, "503": 0.02, "delay": 0.02, "seed": SEED}


@dataclass
class Trial:
    """What happened on the way, for the counts at the end."""

    house: House
    sessions: Sessions
    draw: Random
    kills: Counter[str] = field(default_factory=Counter)
    at_kill: list[float] = field(default_factory=list)
    orphaned: set[tuple[UUID, UUID]] = field(default_factory=set)
    seen: dict[UUID, float] = field(default_factory=dict)
    restarts: int = 0
    at_the_caps: dict[str, int] = field(default_factory=dict)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)


async def test_every_message_and_every_task_exactly_once(folder: Path) -> None:
    last_run = _last_wednesday(clock.now()) - timedelta(weeks=1)
    runs = [last_run - timedelta(weeks=week) for week in reversed(range(RUNS))]
    with grounds.server(folder / "data") as url:
        beside = grounds.beside(url, "reference")
        async with (
            grounds.database(url, application="kill-test") as sessions,
            grounds.database(beside, application="kill-test") as undisturbed,
        ):
            fund = await _filled(sessions, last_run)
            await _filled(undisturbed, last_run)
            reference = await _reference(undisturbed, runs, fund)
            async with grounds.stand_in(folder, FAULTS) as fcm:
                trial, phones = await _disturbed(folder, url, sessions, runs, fund, fcm)
                sent = await grounds.counts(fcm["url"])
            await _judge(trial, phones, fund, runs, reference, sent)


def _last_wednesday(now: datetime) -> datetime:
    day = local_date(now)
    return local_time(day - timedelta(days=(day.weekday() - 2) % 7 or 7), time(6))


@pytest.fixture
def folder() -> Iterator[Path]:
    with grounds.folder() as made:
        yield made


async def _filled(sessions: Sessions, last_run: datetime) -> Fund:
    async with transaction(sessions) as session:
        return await population.fill(session, members=MEMBERS, busy=BUSY, last_day=local_date(last_run), seed=SEED)


async def _reference(sessions: Sessions, runs: list[datetime], fund: Fund) -> dict[str, Counter[Any]]:
    for at in runs:
        async with transaction(sessions) as session:
            members = list(await session.scalars(text("SELECT id FROM member ORDER BY id")))
            await followup.rate_and_follow_up(
                session, members, now=at, mode="weekly", call_queue="branch", sent_at=clock.now()
            )
    async with sessions() as session:
        return await accounts.weekly(session, fund.quiet)


async def _disturbed(
    folder: Path, url: str, sessions: Sessions, runs: list[datetime], fund: Fund, fcm: dict[str, str]
) -> tuple[Trial, Phones]:
    environment = {
        "JOBVEJ_DATABASE_URL": url,
        "JOBVEJ_DATA": str(folder / "data"),
        "JOBVEJ_PORT": str(free_port()),
        "JOBVEJ_OIDC_PORT": str(free_port()),
        "JOBVEJ_QUIET_HOURS": "off",
        "JOBVEJ_LOG_FORMAT": "json",
        "JOBVEJ_FCM_CREDENTIALS": fcm["credentials"],
        "JOBVEJ_FCM_URL": fcm["url"],
    }
    draw = Random(SEED)
    phones = Phones(f"http://127.0.0.1:{environment['JOBVEJ_PORT']}", _tokens(environment, fund), draw)
    await _leave_weekly_run_to_us(sessions)
    async with house(environment, ROLES, folder) as processes:
        trial = Trial(processes, sessions, draw)
        using = asyncio.create_task(phones.use(local_date(clock.now()), at_once=4))
        await _answering(phones.url)
        await _through(trial, folder / "data", runs)
        phones.stop.set()
        await asyncio.wait_for(using, 60)
        await _until(trial, _nothing_but_held, "deliveries and runs")
        trial.at_the_caps = await _at_the_caps(sessions)
        await _until(trial, _weeks_later, "deliveries that waited for another day")
    return trial, phones


def _tokens(environment: dict[str, str], fund: Fund) -> dict[str, str]:
    settings = load(environment)
    return {
        number: builtin_identity.mint(settings, {settings.oidc_member_claim: number}, subject=f"member:{number}")
        for number in fund.busy
    }


async def _leave_weekly_run_to_us(sessions: Sessions) -> None:
    """The clocks would begin this week's run by themselves on some weekdays; the test begins its own, of past weeks."""
    job, now = schedule.BY_NAME["rate-members"], clock.now()
    async with transaction(sessions) as session:
        due = job.due(now)
        if due:
            await ledger.begin(session, replace(job, plan=_no_plan), due, now)


async def _no_plan(_session: AsyncSession) -> list[Payload]:
    return []


async def _answering(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=2) as client:
        for _ in range(300):
            try:
                if (await client.get("/healthz")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError("the API never answered")


async def _through(trial: Trial, data: Path, runs: list[datetime]) -> None:
    """The runs one after the other, with kills all the while and one crash of the database in the middle."""
    killing = asyncio.create_task(_kill(trial))
    for number, at in enumerate(runs):
        await _begin(trial.sessions, at)
        if number == len(runs) // 2:
            await asyncio.sleep(0.5)
            await asyncio.to_thread(embedded.restart, data, "immediate")
            trial.restarts += 1
        await _until(trial, _no_run_open, f"the run of {at:%d %B}")
    trial.may_end.set()
    await killing


async def _begin(sessions: Sessions, at: datetime) -> None:
    job = replace(schedule.BY_NAME["rate-members"], plan=_small_batches)
    async with transaction(sessions) as session:
        assert await ledger.begin(session, job, at, clock.now())


async def _small_batches(session: AsyncSession) -> list[Payload]:
    ids = [str(found) for found in await session.scalars(text("SELECT id FROM member ORDER BY id"))]
    parts = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    return [{"first": part[0], "last": part[-1]} for part in parts]


async def _kill(trial: Trial) -> None:
    """Workers more often than the others: they have the most to lose.

    Only where at least two of the role are at work: were they killed faster than they start, nobody would ever work.
    """
    while not trial.may_end.is_set() or sum(trial.kills.values()) < LEAST_KILLS:
        await asyncio.sleep(trial.draw.uniform(0.1, 0.8))
        role = trial.draw.choice(("worker", "worker", "api", "clock"))
        settled = trial.house.settled(role, SETTLED) if await _at_work(trial, role) >= 2 else []
        if settled and trial.draw.choice(settled).kill():
            trial.kills[role] += 1
            if role == "worker":
                trial.at_kill.append(wall.monotonic())


async def _at_work(trial: Trial, role: str) -> int:
    """How many processes of a role hold connections, at most; none while the database is away."""
    name = {"worker": "jobvej-queue", "api": "jobvej-api", "clock": "jobvej-clock"}[role]
    try:
        async with trial.sessions() as session:
            return await accounts.count(session, f"SELECT FROM pg_stat_activity WHERE application_name = '{name}'")
    except (OSError, SQLAlchemyError):
        return 0


async def _until(trial: Trial, holds: Callable[[AsyncSession], Any], what: str) -> None:
    deadline = wall.monotonic() + DEADLINE
    while wall.monotonic() < deadline:
        try:
            async with transaction(trial.sessions) as session:
                if await holds(session):
                    return
            async with transaction(trial.sessions) as session:
                await _let_time_pass(trial, session)
        except (OSError, DBAPIError) as error:
            if not batches.is_passing(error):
                raise
        await asyncio.sleep(0.3)
    raise AssertionError(f"never ended: {what}\n{await _state(trial)}")


async def _state(trial: Trial) -> str:
    """What is left to do, for whoever has to find out why."""
    queries = (
        "SELECT job, state, count(*) FROM job_run GROUP BY 1, 2",
        "SELECT number, attempts, error FROM job_batch WHERE done_at IS NULL",
        "SELECT status, entrypoint, count(*), min(heartbeat), min(execute_after) FROM pgqueuer GROUP BY 1, 2",
        "SELECT state, count(*), max(attempts), max(lapses), max(last_error) FROM delivery GROUP BY 1",
        "SELECT application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2",
    )
    async with trial.sessions() as session:
        found = [[str(tuple(row)) for row in await session.execute(text(query))] for query in queries]
    return "\n".join(
        [str(dict(trial.kills)), str(dict(trial.house.deaths)), *(line for part in found for line in part)]
    )


async def _no_run_open(session: AsyncSession) -> bool:
    return not await accounts.count(session, "SELECT FROM job_run WHERE state = 'running'")


async def _nothing_but_held(session: AsyncSession) -> bool:
    return await _no_run_open(session) and not await accounts.count(session, f"SELECT FROM delivery WHERE NOT {HELD}")


async def _at_the_caps(sessions: Sessions) -> dict[str, int]:
    """Three weeks of messages came in minutes: what of them waits, and the most messages pushed to anybody in a day."""
    async with sessions() as session:
        most = await session.scalar(text(f"SELECT max(told) FROM ({TOLD}) per_day"))
        held = await accounts.count(session, f"SELECT FROM delivery WHERE {HELD}")
        return {"most pushes to anybody in a day": int(most or 0), "deliveries held by a cap": held}


async def _weeks_later(session: AsyncSession) -> bool:
    """What waits for another day or week is due: every push so far lies weeks back."""
    await session.execute(text("DELETE FROM push_slot"))
    await session.execute(text(f"UPDATE delivery SET due_at = now() WHERE state = 'due' AND {HELD}"))
    return not await accounts.count(session, "SELECT FROM delivery")


async def _let_time_pass(trial: Trial, session: AsyncSession) -> None:
    """A killed worker's claims would run out in 90 seconds, and its batches in 20: here they do so in five.

    What such claims held is noted: those are the batches that were in flight when somebody was killed.
    """
    now = wall.monotonic()
    held = await session.execute(text("SELECT claim_id, id FROM delivery WHERE state = 'sending'"))
    for row in held.all():
        first = trial.seen.setdefault(row.claim_id, now)
        if now - first > 5 and any(first - 2 <= at <= now - 5 for at in trial.at_kill):
            trial.orphaned.add((row.claim_id, row.id))
    await session.execute(
        text("UPDATE delivery SET lease_until = now() WHERE state = 'sending' AND claim_id = ANY(:claims)"),
        {"claims": list({claim for claim, _ in trial.orphaned})},
    )
    await session.execute(
        text(
            "UPDATE pgqueuer SET heartbeat = now() - interval '60 seconds'"
            " WHERE status = 'picked' AND heartbeat < now() - interval '5 seconds'"
        )
    )
    await session.execute(text("UPDATE delivery SET due_at = now() WHERE state = 'due' AND attempts > 0"))


async def _judge(
    trial: Trial,
    phones: Phones,
    fund: Fund,
    runs: list[datetime],
    reference: dict[str, Counter[Any]],
    sent: dict[str, Any],
) -> None:
    async with trial.sessions() as session:
        wanted, told = await accounts.expected_messages(session), await accounts.messages(session)
        weekly = await accounts.weekly(session, fund.quiet)
        figures = await _figures(session)
    figures |= {
        "kills": dict(trial.kills),
        "database crashes": trial.restarts,
        "ended by themselves": dict(trial.house.deaths),
        "entries logged by phones": len(phones.logged),
        "requests repeated by phones": phones.repeats,
        "deliveries in flight at a kill": len(trial.orphaned),
        "pushes taken": sent["taken"],
        "pushes repeated": sent["repeated"],
        **trial.at_the_caps,
    }
    print("\n" + json.dumps(figures, indent=1))

    assert told == wanted, "each message that a rating asks for, once"
    assert weekly == reference, "the same as without any kill"
    assert sum(weekly["ratings"].values()) == len(fund.quiet) * len(runs)
    assert figures["inbox entries"] == figures["messages"] == sum(wanted.values())
    assert figures["deliveries finished"] == figures["deliveries wanted"]
    assert figures["most pushes to anybody in a day"] == 2, "as many as a day has, and no more"
    assert figures["deliveries held by a cap"] > 0, "what the caps hold waits"
    assert figures["calls open twice"] == figures["batches not done"] == 0
    assert figures["runs"] == figures["scheduled times"]
    assert phones.surprises == []
    assert figures["app entries"] == figures["app employers"] == len(phones.logged)
    assert sent["repeated"] <= len(trial.orphaned)
    assert sum(trial.kills.values()) >= LEAST_KILLS


async def _figures(session: AsyncSession) -> dict[str, Any]:
    counted = {
        "weekly ratings": "SELECT FROM rating WHERE mode = 'weekly'",
        "event ratings": "SELECT FROM rating WHERE mode = 'event'",
        "messages": "SELECT FROM message",
        "inbox entries": "SELECT FROM inbox_entry",
        "deliveries wanted": "SELECT FROM message m JOIN device d USING (member_id) WHERE d.revoked_at IS NULL"
        " OR EXISTS (SELECT FROM delivery_done x WHERE x.message_id = m.id AND x.device_id = d.id)",
        "deliveries finished": "SELECT FROM delivery_done WHERE channel = 'push'",
        "service calls": "SELECT FROM service_call",
        "calls open twice": "SELECT FROM service_call WHERE state IN ('open', 'claimed', 'suspended')"
        " GROUP BY member_id HAVING count(*) > 1",
        "call-ins": "SELECT FROM call_in",
        "runs": "SELECT FROM job_run",
        "scheduled times": "SELECT DISTINCT job, scheduled_for FROM job_run",
        "batches not done": "SELECT FROM job_batch WHERE done_at IS NULL",
        "app entries": "SELECT FROM job_log_entry WHERE source = 'app'",
        "app employers": "SELECT DISTINCT employer FROM job_log_entry WHERE source = 'app'",
    }
    found: dict[str, Any] = {name: await accounts.count(session, query) for name, query in counted.items()}
    states = await session.execute(text("SELECT state, count(*) FROM delivery_done GROUP BY state ORDER BY state"))
    return found | {"deliveries by state": {row.state: row.count for row in states}}
