"""Everything that goes wrong while pushes go out, at once: each message reaches each phone once in the end.

FCM answers a third with 503, a tenth with 429, breaks connections, lets one hang and knows some phones no more; its
token endpoint is down for a while; PostgreSQL is stopped once and crashes once; workers are killed while they send.
Minutes of waiting pass in seconds (hurry.py), and a trigger of the test's tells which worker had claimed what.
"""

import asyncio
import json
import time as wall
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db import embedded
from backend.db.engine import Sessions, transaction
from backend.notifications import service
from backend.notifications.service import NewMessage
from tests import factories
from tests.e2e import accounts, grounds, pushlog
from tests.e2e.house import house
from tests.e2e.hurry import HELD, Hurry
from tests.e2e.trial import Trial, all_at_work, claims_are_noted, kill, let_time_pass, surely, until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(420), pytest.mark.xdist_group("faults")]

SEED = 20261122
MEMBERS, WORKERS = 150, 3
WAVES, WAVE_SECONDS = 36, 0.3
KILLS = 5
RETRY_AFTER = 25
FAULTS = {
    "503": 0.3, "429": 0.1, "reset": 0.03, "retry_after": str(RETRY_AFTER),
    "unregistered": 0.05, "invalid_argument": 0.01,
    # A little slow, so that somebody is killed in the middle; an access token is asked for every five seconds.
    "delay": 0.1, "token_lifetime": 230, "seed": SEED,
}  # fmt: skip
LASTING = ("unregistered", "invalid_argument")
# What happens before which wave.
HANG, DOWN, UP_AGAIN, RESTARTS = 6, 14, 26, {10: "fast", 32: "immediate"}
KEYS = ("N31", "N26.changed", "N32", "N06.cancelled", "N31")


@pytest.fixture
def folder() -> Iterator[Path]:
    with grounds.folder() as made:
        # Each worker is a user of its own, so that the trigger can tell them apart.
        (made / "hba.conf").write_text("local all all trust\n")
        yield made


async def test_whatever_fails_each_message_reaches_each_phone_once(folder: Path) -> None:
    begun = wall.monotonic()
    with grounds.server(folder / "data", hba_file=str(folder / "hba.conf")) as url:
        async with grounds.database(url, application="fault-run") as sessions:
            members = await _filled(sessions)
            async with grounds.stand_in(folder, FAULTS) as fcm:
                trial, capped = await _run(folder, url, sessions, members, fcm)
                log = await _log(fcm["url"])
            async with sessions() as session:
                figures = await _figures(trial, session, log) | capped
                figures |= {"breaker opened": _opened(folder), "seconds": round(wall.monotonic() - begun)}
                print("\n" + json.dumps(figures, indent=1))
                await _judge(trial, session, log, figures)


async def _filled(sessions: Sessions) -> list[UUID]:
    """Members with one to three phones each."""
    async with transaction(sessions) as session:
        one = await factories.member(session)
        await session.execute(text(_COPIES), {"one": one.id, "size": MEMBERS})
        await session.execute(text(_PHONES))
        await claims_are_noted(session)
        for number in range(WORKERS):
            await session.execute(text(f'CREATE ROLE "worker-{number}" SUPERUSER LOGIN'))
        return list(await session.scalars(text("SELECT id FROM member WHERE id <> :one ORDER BY id"), {"one": one.id}))


async def _run(
    folder: Path, url: str, sessions: Sessions, members: list[UUID], fcm: dict[str, str]
) -> tuple[Trial, dict[str, int]]:
    environment = {
        "JOBVEJ_DATA": str(folder / "data"),
        "JOBVEJ_QUIET_HOURS": "off",
        "JOBVEJ_LOG_FORMAT": "json",
        "JOBVEJ_FCM_CREDENTIALS": fcm["credentials"],
        "JOBVEJ_FCM_URL": fcm["url"],
    }
    own = {f"worker-{n}": {"JOBVEJ_DATABASE_URL": url.replace("jobvej@", f"worker-{n}@")} for n in range(WORKERS)}
    async with house(environment, {"worker": WORKERS}, folder, own.__getitem__) as processes:
        trial = Trial(processes, sessions, Hurry(sessions), Random(SEED))
        await until(trial, lambda _: all_at_work(trial), "the start of the workers")
        killing = asyncio.create_task(kill(trial, KILLS))
        await _waves(trial, members, fcm["url"], folder / "data")
        await killing
        await until(trial, _nothing_but_held, "deliveries")
        async with sessions() as session:
            capped = await _at_the_caps(session)
        await _faults(fcm["url"], dict.fromkeys(("503", "429", "reset"), 0))
        await until(trial, _a_week_later, "deliveries that waited for another day")
    return trial, capped


async def _waves(trial: Trial, members: list[UUID], fcm: str, data: Path) -> None:
    """Messages of one kind after the other to all members, a few at a time; between them, what is to go wrong."""
    wanted = [(member, period, key) for period, key in enumerate(KEYS) for member in members]
    size = -(-len(wanted) // WAVES)
    for wave in range(WAVES):
        await _mishap(trial, wave, fcm, data)
        some = [_message(*one) for one in wanted[wave * size : (wave + 1) * size]]
        await surely(trial, lambda session, some=some: service.send(session, some, now=clock.now()))  # type: ignore[misc]
        await let_time_pass(trial)
        await asyncio.sleep(WAVE_SECONDS)


def _message(member: UUID, period: int, key: str) -> NewMessage:
    params: dict[str, dict[str, object]] = {
        "N31": {"name": "Anne"},
        "N32": {"device": "Pixel 9"},
        "N06.cancelled": {"at": clock.now() + timedelta(days=30)},
    }
    return NewMessage(member, key, f"run-{period}", params.get(key, {}))


async def _mishap(trial: Trial, wave: int, fcm: str, data: Path) -> None:
    if wave == HANG:
        async with trial.sessions() as session:
            token = await session.scalar(text("SELECT token FROM device ORDER BY token LIMIT 1"))
        await _faults(fcm, {"tokens": {token: ["hang"]}})
    if wave == DOWN:
        await _faults(fcm, {"token_endpoint": "down"})
    if wave == UP_AGAIN:
        await until(trial, _found_down, "access tokens")
        await _faults(fcm, {"token_endpoint": "ok"})
    if wave in RESTARTS:
        await asyncio.to_thread(embedded.restart, data, RESTARTS[wave])


async def _faults(url: str, faults: dict[str, Any]) -> None:
    async with httpx.AsyncClient() as client:
        (await client.post(f"{url}/faults", json=faults)).raise_for_status()


async def _log(url: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        return list((await client.get(f"{url}/log")).json())


async def _found_down(session: AsyncSession) -> bool:
    return bool(await session.scalar(text("SELECT state <> 'closed' FROM channel WHERE name = 'push'")))


async def _nothing_but_held(session: AsyncSession) -> bool:
    return not await accounts.count(session, f"SELECT FROM delivery WHERE NOT {HELD}")


async def _a_week_later(session: AsyncSession) -> bool:
    await session.execute(text("DELETE FROM push_slot"))
    await session.execute(text(f"UPDATE delivery SET due_at = now() WHERE state = 'due' AND {HELD}"))
    return not await accounts.count(session, "SELECT FROM delivery")


async def _at_the_caps(session: AsyncSession) -> dict[str, int]:
    most = await session.scalar(text(_MOST_A_DAY))
    held = await accounts.count(session, f"SELECT FROM delivery WHERE {HELD}")
    return {"most pushes to anybody in a day": int(most or 0), "held by a cap": held}


def _opened(folder: Path) -> int:
    """How often a worker found the provider down."""
    lines = [line for path in folder.glob("worker-*.log") for line in path.read_text().splitlines()]
    return sum("channel.changed" in line and '"open"' in line for line in lines)


async def _figures(trial: Trial, session: AsyncSession, log: list[dict[str, Any]]) -> dict[str, Any]:
    taken = pushlog.taken(log)
    states = await session.execute(text("SELECT state, count(*) FROM delivery_done GROUP BY 1 ORDER BY 1"))
    return {
        "messages": await accounts.count(session, "SELECT FROM message"),
        "deliveries": await accounts.count(session, "SELECT FROM delivery_done"),
        "by state": {row.state: row.count for row in states},
        "requests to FCM": len(log),
        "answers": dict(Counter(one["fault"] for one in log)),
        "taken": len(taken),
        "taken twice": sum(times - 1 for times in taken.values()),
        "workers killed": trial.kills,
        "in flight at a kill": len(trial.orphaned),
        "database restarts": len(RESTARTS),
        "ended by themselves": dict(trial.house.deaths),
        "phones revoked": await accounts.count(session, "SELECT FROM device WHERE revoked_at IS NOT NULL"),
        "repeats in time": pushlog.repeats(log, trial.hurry, RETRY_AFTER, trial.orphaned)[0],
        "seconds until the end of": trial.ended,
        "minutes hurried": round(sum(seconds for _, seconds in trial.hurry.moves) / 60),
    }


async def _judge(trial: Trial, session: AsyncSession, log: list[dict[str, Any]], figures: dict[str, Any]) -> None:
    rows = list((await session.execute(text(_ENDED))).all())
    taken = pushlog.taken(log)
    lasting = {one["token"]: one["fault"] for one in log if one["fault"] in LASTING}
    sound = [row for row in rows if row.token not in lasting]

    assert figures["messages"] == len(KEYS) * MEMBERS
    assert len(sound) == await accounts.count(session, _SOUND), "a delivery for each phone that is signed in"
    assert {row.state for row in sound} == {"sent", "bundled"}, "nothing is lost"
    told = {(row.token, row.told_by) for row in sound}
    assert told <= set(taken), "each phone is told of each message"
    assert set(taken) - told <= trial.orphaned, "and of nothing else, but what a killed worker sent and another bundled"
    twice = {pair for pair, times in taken.items() if times > 1}
    assert twice <= trial.orphaned, "twice only what a killed worker had in hand"
    assert figures["taken twice"] <= figures["in flight at a kill"]

    assert not pushlog.repeats(log, trial.hurry, RETRY_AFTER, trial.orphaned)[1], (
        "no request before the time that was asked for"
    )
    assert figures["repeats in time"] > 100
    assert not pushlog.refused_and_repeated(log, trial.orphaned), "of the 4xx only 429 is tried again"
    revoked = {row.token: row.revoked_reason for row in await session.execute(text(_REVOKED))}
    assert revoked == {token: "unregistered" for token, fault in lasting.items() if fault == "unregistered"}
    assert {row.state for row in rows if lasting.get(row.token) == "invalid_argument"} <= {"rejected", "bundled"}

    assert figures["most pushes to anybody in a day"] == 2, "as many as a day has, and no more"
    assert figures["held by a cap"] > 0, "what the caps hold waits"
    assert figures["breaker opened"] > 0
    assert await session.scalar(text("SELECT state FROM channel WHERE name = 'push'")) == "closed"
    assert figures["answers"]["hang"] == 1
    assert trial.kills >= KILLS
    assert figures["in flight at a kill"] > 0


_COPIES = """
INSERT INTO member (id, member_no, name, search_key, born_on, email, phone, language, branch_id, unemployed_from,
    insurance, risk, newly_qualified, it_member)
SELECT gen_random_uuid(), 'copy' || n, name, search_key, born_on, email, phone, language, branch_id, unemployed_from,
    insurance, risk, newly_qualified, it_member
FROM member, generate_series(1, CAST(:size AS int)) AS n WHERE id = :one
"""
_PHONES = """
INSERT INTO device (id, member_id, token, token_kind, platform, name, app_version, registered_at, last_seen_at)
SELECT gen_random_uuid(), id, 'token-' || member_no || '-' || n, 'token', 'android', 'Pixel 9', '1.0', now(), now()
FROM member, generate_series(1, 1 + abs(hashtext(member_no)) % 3) AS n WHERE member_no LIKE 'copy%'
"""
_MOST_A_DAY = """
SELECT max(told) FROM (
    SELECT count(DISTINCT f.message_id) AS told FROM delivery_done f JOIN message m ON m.id = f.message_id
    WHERE f.state = 'sent' AND m.key <> 'N06.cancelled'
    GROUP BY f.member_id, CAST(f.finished_at AT TIME ZONE 'Europe/Copenhagen' AS date)
) per_day
"""
_ENDED = """
SELECT f.state, v.token, CAST(coalesce(m.carrier_id, m.id) AS text) AS told_by
FROM delivery_done f JOIN device v ON v.id = f.device_id JOIN message m ON m.id = f.message_id
"""
_SOUND = """
SELECT FROM message JOIN device v USING (member_id)
WHERE NOT EXISTS (
    SELECT FROM delivery_done f WHERE f.device_id = v.id AND f.state IN ('gone', 'rejected')
)
"""
_REVOKED = "SELECT token, revoked_reason FROM device WHERE revoked_at IS NOT NULL"
