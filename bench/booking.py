"""Planning, capacity and the race for seats.

3,600 spells (a year's) are planned, and the capacity overview answers for them. Then a workshop of 20 seats is rushed;
beside it, in the same run, the bare limit: the one statement that counts a seat, over the same connections, with
nothing checked and nothing written down. The same over HTTP, as 200 phones do it, with two API processes of which
one is killed twice, on a workshop, an adviser's last time and seats held by others; nothing may be booked too often.
The limit there is the bare statement through asyncpg, by as many clients as the two processes have connections.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.booking import capacity, service
from backend.clock import COPENHAGEN
from backend.course import spells
from backend.course.spells import NewSpell
from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.errors import DomainError
from tests.e2e import api_pair, rush

SPELLS = 3600
NOW = datetime(2026, 8, 3, 9, tzinfo=COPENHAGEN)
SEATS, ATTEMPTS, CONNECTIONS = 20, 10_000, 20
# Phones, and the connections that two API processes share.
CLIENTS, POOLED = 200, 40

PEOPLE = """
    INSERT INTO branch (id, branch_no, name, kind, postcode, city, email, phone)
    SELECT gen_random_uuid(), 'B' || g, 'Metal ' || g, 'head_office', '7100', 'Vejle', 'b@fund.example', '75000000'
    FROM generate_series(1, 55) AS g;
    INSERT INTO staff (id, staff_no, name, email, role, branch_id)
    SELECT gen_random_uuid(), 'S' || b.n, 'Karen', 's@fund.example', 'adviser', b.id
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM branch) AS b;
    INSERT INTO working_hours (id, staff_id, weekday, from_time, to_time, valid_from, forms)
    SELECT gen_random_uuid(), s.id, d, '09:00', '15:00', '2026-01-01', '{personal}'
    FROM staff AS s, generate_series(1, 5) AS d;
    INSERT INTO member (id, member_no, name, search_key, born_on, email, phone, language, branch_id, unemployed_from,
        insurance, risk, newly_qualified, it_member)
    SELECT gen_random_uuid(), 'M' || g, 'Søren', 'søren', date '1965-01-01' + g, 'm@mail.example', '+4520000000', 'da',
        b.id, date '2026-08-03', 'full', CASE WHEN g % 2 = 0 THEN 'high' ELSE 'low' END, g % 5 = 0, g % 7 = 0
    FROM generate_series(1, %(members)s) AS g
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM branch) AS b ON b.n = g %% 55 + 1;
"""
WORKSHOP = """
    INSERT INTO activity_session (id, activity, kind, starts_at, ends_at, local_start, zone, form, language, audience,
        capacity, closes_at, state)
    SELECT gen_random_uuid(), 'cafe', 'workshop', '2026-08-26 08:00+00', '2026-08-26 10:00+00', '2026-08-26 10:00',
        'Europe/Copenhagen', 'personal', 'da', '{}', :seats, '2026-08-25 08:00+00', 'open'
    RETURNING id
"""
BARE = "UPDATE activity_session SET taken = taken + 1 WHERE id = :id AND taken + held + offered < capacity RETURNING id"


BARE_DRIVER = BARE.replace(":id", "$1")


async def bench(url: str, _scale: int) -> list[dict[str, object]]:
    """The sizes do not scale: those of one fund in one year, and of one very popular workshop."""
    engine = make_engine(url, pool_size=CONNECTIONS // 2)
    sessions = make_sessions(engine)
    async with transaction(sessions) as session:
        for statement in PEOPLE.replace("%(members)s", str(SPELLS)).replace("%%", "%").split(";")[:-1]:
            await session.execute(text(statement))
        members = list((await session.execute(text("SELECT id FROM member ORDER BY member_no"))).scalars())
    found = [await _planning(sessions, members), await _overview(sessions), await _over_http(url, sessions)]
    found += [await _seats(sessions, members, SEATS), await _seats(sessions, members, ATTEMPTS)]
    await engine.dispose()
    return found


async def _over_http(url: str, sessions: Sessions) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="jobvej-rush-") as folder:
        environment = api_pair.environment(url, Path(folder))
        async with api_pair.serving(environment, Path(folder)) as processes:
            scene = await rush.fill(sessions, environment, CLIENTS)
            tally = await rush.rush(
                scene, int(environment["JOBVEJ_PORT"]), processes, sessions,
                attempts=ATTEMPTS, kill_at=(0.3, 0.6), seed=20,
            )  # fmt: skip
            figures = await rush.judge(scene, tally, sessions)
    bare = await _bare(url, sessions)
    limit = {"bare_per_s": round(bare), "ratio": round(bare / figures["attempts/s"], 1)}
    return {"what": "a rush over HTTP, one of two processes killed twice"} | figures | limit


async def _bare(url: str, sessions: Sessions) -> float:
    """Statements a second, of the one that takes a seat while there are some."""
    async with transaction(sessions) as session:
        event = await session.scalar(text(WORKSHOP), {"seats": SEATS})
    numbers = iter(range(ATTEMPTS))

    async def client(pool: "asyncpg.Pool[asyncpg.Record]") -> int:
        async with pool.acquire() as connection:
            return sum([await connection.fetchval(BARE_DRIVER, event) is not None for _ in numbers])

    async with asyncpg.create_pool(url.replace("+asyncpg", ""), min_size=POOLED, max_size=POOLED) as pool:
        begun = time.perf_counter()
        won = sum(await asyncio.gather(*(client(pool) for _ in range(POOLED))))
        seconds = time.perf_counter() - begun
    assert won == SEATS
    return ATTEMPTS / seconds


async def _planning(sessions: Sessions, members: list[object]) -> dict[str, object]:
    days = [date(2026, 8, 3) - timedelta(days=n % 364) for n in range(len(members))]
    items = [NewSpell(member, day) for member, day in zip(members, days, strict=True)]  # type: ignore[arg-type]
    begun = time.perf_counter()
    async with transaction(sessions) as session:
        started = await spells.start_many(session, items, set_name="metal", source="import", now=NOW)
    taken = time.perf_counter() - begun
    rows = sum(len(one.items) for one in started)
    return {"what": "planning", "spells": len(started), "items": rows, "seconds": round(taken, 2), "limit": 10}


async def _overview(sessions: Sessions) -> dict[str, object]:
    async with transaction(sessions) as session:
        begun = time.perf_counter()
        lines = await capacity.overview(session, set_name="metal", weeks=13, now=NOW)
        taken = time.perf_counter() - begun
    return {"what": "capacity", "lines": len(lines), "weeks": 13, "seconds": round(taken, 2), "limit": 1}


async def _seats(sessions: Sessions, members: list[object], seats: int) -> dict[str, object]:
    """Attempts by members in turn; where there are seats for all, every one wins."""
    async with transaction(sessions) as session:
        ours, bare = [await session.scalar(text(WORKSHOP), {"seats": seats}) for _ in range(2)]

    async def book(session: AsyncSession, n: int) -> bool:
        try:
            await service.book_seat(session, members[n % len(members)], ours, now=NOW)  # type: ignore[arg-type]
        except DomainError:
            return False
        return True

    async def count(session: AsyncSession, _: int) -> bool:
        return await session.scalar(text(BARE), {"id": bare}) is not None

    attempts = ATTEMPTS if seats < ATTEMPTS else len(members)
    booked, seconds = await _rush(sessions, book, attempts)
    _, limit = await _rush(sessions, count, attempts)
    async with transaction(sessions) as session:
        rows = await session.scalar(text("SELECT count(*) FROM booking WHERE session_id = :s"), {"s": ours})
        taken = await session.scalar(text("SELECT taken FROM activity_session WHERE id = :s"), {"s": ours})
        await session.execute(text("DELETE FROM member_time"))
    assert booked == rows == taken == min(seats, attempts)
    return {
        "what": f"{attempts} attempts on {seats} seats", "booked": booked, "attempts_per_s": round(attempts / seconds),
        "bare_per_s": round(attempts / limit), "ratio": round(seconds / limit, 2),
    }  # fmt: skip


async def _rush(
    sessions: Sessions, act: Callable[[AsyncSession, int], Awaitable[bool]], attempts: int
) -> tuple[int, float]:
    """All attempts over a fixed number of clients: how many won, and the seconds it took."""
    numbers = iter(range(attempts))

    async def client() -> int:
        won = 0
        for n in numbers:
            async with transaction(sessions) as session:
                won += await act(session, n)
        return won

    begun = time.perf_counter()
    won = sum(await asyncio.gather(*(client() for _ in range(CONNECTIONS))))
    return won, time.perf_counter() - begun
