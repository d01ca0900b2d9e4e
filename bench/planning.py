"""A year's load of spells planned, and planned anew, beside the bare INSERT of the same rows.

The peer copies the rows that planning made into tables with the same indexes, CHECKs and foreign keys, in one statement
each: nothing is chosen, dated or compared.
"""

import time
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from backend.booking import capacity
from backend.clock import COPENHAGEN
from backend.course import following, spells
from backend.course.spells import NewSpell
from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.followup import course

SPELLS = 3600
NOW = datetime(2026, 8, 3, 9, tzinfo=COPENHAGEN)
TABLES = ("spell", "spell_plan", "obligation")
KEYS = (
    ("spell", "member_id", "member"),
    ("spell_plan", "spell_id", "peer_spell"),
    ("obligation", "spell_id", "peer_spell"),
    ("obligation", "member_id", "member"),
)
PEOPLE = """
    INSERT INTO branch (id, branch_no, name, kind, postcode, city, email, phone)
    SELECT gen_random_uuid(), 'B' || g, 'Metal ' || g, 'head_office', '7100', 'Vejle', 'b@fund.example', '75000000'
    FROM generate_series(1, 55) AS g;
    INSERT INTO member (id, member_no, name, search_key, born_on, email, phone, language, branch_id, unemployed_from,
        insurance, risk, newly_qualified, it_member)
    SELECT gen_random_uuid(), 'M' || g, 'Søren', 'søren', date '1965-01-01' + g, 'm@mail.example', '+4520000000', 'da',
        b.id, date '2026-08-03' + g % 364, 'full', CASE WHEN g % 2 = 0 THEN 'high' ELSE 'low' END, g % 5 = 0, g % 7 = 0
    FROM generate_series(1, :members) AS g
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM branch) AS b ON b.n = g % 55 + 1
"""


async def bench(url: str, _scale: int) -> list[dict[str, object]]:
    """The size does not scale: one fund's year, whose first days lie spread over the weeks to come."""
    engine = make_engine(url)
    sessions = make_sessions(engine)
    async with transaction(sessions) as session:
        for statement in PEOPLE.split(";"):
            await session.execute(text(statement), {"members": SPELLS} if ":members" in statement else {})
        rows = await session.execute(text("SELECT id, unemployed_from FROM member ORDER BY member_no"))
        items = [NewSpell(row.id, row.unemployed_from) for row in rows]
    found = [await _planned(sessions, items), await _replanned(sessions, [item.member_id for item in items])]
    found.append(await _settled(sessions, [item.member_id for item in items]))
    await engine.dispose()
    return found


async def _planned(sessions: Sessions, items: list[NewSpell]) -> dict[str, object]:
    begun = time.perf_counter()
    async with transaction(sessions) as session:
        started = await spells.start_many(session, items, set_name="metal", source="import", now=NOW)
    ours = time.perf_counter() - begun
    bare = await _bare(sessions)
    rows = sum(len(one.items) for one in started)
    return {
        "what": "a year's spells planned", "spells": len(started), "items": rows, "seconds": round(ours, 2),
        "bare_insert_s": round(bare, 2), "ratio": round(ours / bare, 2), "limit_s": 10,
    }  # fmt: skip


async def _bare(sessions: Sessions) -> float:
    async with transaction(sessions) as session:
        for table in TABLES:
            await session.execute(text(f"CREATE TABLE peer_{table} (LIKE {table} INCLUDING ALL)"))
        for table, column, to in KEYS:
            await session.execute(text(f"ALTER TABLE peer_{table} ADD FOREIGN KEY ({column}) REFERENCES {to} (id)"))
    begun = time.perf_counter()
    async with transaction(sessions) as session:
        for table in TABLES:
            await session.execute(text(f"INSERT INTO peer_{table} SELECT * FROM {table}"))
    taken = time.perf_counter() - begun
    async with transaction(sessions) as session:
        await session.execute(text("DROP TABLE peer_obligation, peer_spell_plan, peer_spell"))
    return taken


async def _replanned(sessions: Sessions, members: list[UUID]) -> dict[str, object]:
    """Everybody's risk turns, as at an import after the model was made anew."""
    async with transaction(sessions) as session:
        await session.execute(text("UPDATE member SET risk = CASE risk WHEN 'low' THEN 'high' ELSE 'low' END"))
    begun = time.perf_counter()
    async with transaction(sessions) as session:
        done = (await following.follow(session, members, set_name="metal", now=NOW)).replanned
    taken = time.perf_counter() - begun
    return {"what": "all planned anew", "spells": len(done), "seconds": round(taken, 2), "limit_s": 10}


async def _settled(sessions: Sessions, members: list[UUID]) -> dict[str, object]:
    """Timeline and messages of all, in batches as the job does it; then the capacity overview of them."""
    begun = time.perf_counter()
    for n in range(0, len(members), 1000):
        async with transaction(sessions) as session:
            await course.settle_many(session, members[n : n + 1000], set_name="metal", now=NOW)
    taken = time.perf_counter() - begun
    begun = time.perf_counter()
    async with transaction(sessions) as session:
        lines = await capacity.overview(session, set_name="metal", weeks=13, now=NOW + timedelta(weeks=13))
    overview = time.perf_counter() - begun
    return {
        "what": "all settled", "seconds": round(taken, 2), "capacity_lines": len(lines),
        "capacity_s": round(overview, 2), "limit_s": 10,
    }  # fmt: skip
