"""Pages of staff with a large fund: what the server takes for one, and how many statements it asks for.

The fund is rated, one member in ten has an open call, one in thirty a proposed call-in, one in eight a task, one in
five a talk ahead. Asked as a browser would, in process, by a coordinator (who sees everybody) and an adviser.
"""

import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from datetime import time as wall
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from sqlalchemy import event
from sqlalchemy.engine import Engine

from backend.api import builtin_identity
from backend.api.app import create_app
from backend.api.limits import Limits
from backend.db.engine import Sessions, make_engine, make_sessions, transaction
from backend.settings import load
from backend.web import sessions as web_sessions
from backend.web.app import Both, create_web
from backend.web.guard import COOKIE
from bench.rating_data import BRANCHES, CURRENT, DAY, ENTRIES_OF_MEMBERS, MEMBERS, REQUIREMENTS

NOW = datetime.combine(DAY, wall(9), UTC)
TIMES = 30
# Of each member: the board reads none of them, a member's page those of one.
ENTRIES = 4
LIMIT_MS = 100
MEMBER = "01920000-0000-7000-8000-000000000007"

STAFF = """
INSERT INTO staff (id, staff_no, name, email, role, branch_id)
SELECT gen_random_uuid(), 'S' || branch_no, 'Karen Kjær', 's@fund.example', 'adviser', id FROM branch;
INSERT INTO staff (id, staff_no, name, email, role)
VALUES (gen_random_uuid(), 'C1', 'Kim Bech', 'c@fund.example', 'coordinator');
UPDATE member AS m SET adviser_id = s.id FROM staff AS s WHERE s.branch_id = m.branch_id;
UPDATE member AS m SET name = f.name, search_key = lower(f.name)
FROM (SELECT id, (ARRAY['Søren', 'Åse', 'Bo', 'Kirsten', 'Troels', 'Ulrik', 'Lise'])[1 + n % 7] || ' '
                 || (ARRAY['Lund', 'Kjær', 'Bech', 'Toft', 'Dahl', 'Juhl', 'Brandt', 'Riis', 'Hjort', 'Ali', 'Skov'])
                    [1 + n % 11] || ' ' || n AS name
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM member) AS m) AS f WHERE f.id = m.id;
"""
STATE = """
UPDATE rating_current AS c SET colour = s.colour, urgency = s.urgency, since = $1::date - s.n % 60, counted = s.n % 9,
    required = 8, reasons = ARRAY['below_agreement'], trend = (s.n % 21 - 10) / 10.0,
    ratios = ARRAY[100, 90, 75, 50, 60, 40]::smallint[],
    deadline = CASE WHEN s.n % 10 = 0 OR s.n % 30 = 1 THEN $1::date + s.n % 5 ELSE 'infinity' END
FROM (SELECT member_id, n, (ARRAY['red', 'yellow', 'green', 'none', 'paused'])[r.k] AS colour,
             (ARRAY[0, 1, 3, 2, 4])[r.k] AS urgency
      FROM (SELECT member_id, (row_number() OVER (ORDER BY member_id))::int AS n FROM rating_current) AS c,
           LATERAL (SELECT CASE WHEN n % 30 = 1 THEN 1 WHEN n % 10 = 0 THEN 2 WHEN n % 25 = 3 THEN 4
                                WHEN n % 16 = 5 THEN 5 ELSE 3 END AS k) AS r) AS s
WHERE s.member_id = c.member_id
"""
CASES = """
INSERT INTO service_call (id, member_id, queue, fast, state, due_on, opened_at)
SELECT gen_random_uuid(), member_id, 'branch', false, 'open', deadline, now() FROM rating_current
WHERE colour = 'yellow';
INSERT INTO call_in (id, member_id, state, evidence, proposed_at, due_on)
SELECT gen_random_uuid(), member_id, 'proposed', '{}', now(), deadline FROM rating_current WHERE colour = 'red';
INSERT INTO task (id, member_id, kind, key, due_on, state, params, opened_at)
SELECT gen_random_uuid(), member_id, 'contact_me', k::text, since + 90, 'open', '{}', now()
FROM (SELECT member_id, since, row_number() OVER (ORDER BY member_id) AS n FROM rating_current) AS c,
     generate_series(1, 2) AS k WHERE n % 8 = 0;
"""
TALKS = """
WITH chosen AS (SELECT id, branch_id, (row_number() OVER (ORDER BY id))::int AS n, gen_random_uuid() AS session_id,
                       gen_random_uuid() AS booking_id FROM member),
talk AS (INSERT INTO activity_session (id, activity, kind, branch_id, starts_at, ends_at, local_start, zone, form,
             language, audience, capacity, closes_at, state)
         SELECT session_id, 'cv_talk', 'talk', branch_id, $1::timestamptz + n % 20 * interval '1 day',
                $1::timestamptz + n % 20 * interval '1 day' + interval '1 hour', '2026-11-18 10:00',
                'Europe/Copenhagen', 'personal', 'da', '{}', 1, $1, 'open' FROM chosen WHERE n % 5 = 0)
INSERT INTO booking (id, member_id, session_id, state, created_at, booked_at, changed_at)
SELECT booking_id, id, session_id, 'booked', $1, $1, $1 FROM chosen WHERE n % 5 = 0
"""
PAGES: tuple[tuple[str, str, str], ...] = (
    ("C1", "the board", "/staff/members?view=1"),
    ("C1", "the board, red", "/staff/members?view=1&colour=red"),
    ("C1", "the board, paused", "/staff/members?view=1&colour=paused"),
    ("SB1", "an adviser's board", "/staff/members?view=1"),
    ("SB1", "an adviser's own red", "/staff/members?view=1&colour=red&mine=true"),
    ("SB1", "an adviser's own new", "/staff/members?view=1&colour=none&mine=true"),
    ("C1", "a search by name", "åse kjær"),
    ("SB1", "an adviser's search by name", "åse kjær"),
    ("C1", "a search by a short name", "bo"),
    ("C1", "a search by number", "M700"),
    ("C1", "the rows again", "hx:/staff/members?view=1"),
    ("C1", "a member", f"/staff/members/{MEMBER}"),
    ("C1", "a member's log", f"/staff/members/{MEMBER}/log"),
)


async def bench(url: str, scale: int) -> list[dict[str, object]]:
    """Server time of each page (best and median of thirty), of it this process's own processor time, and statements."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(BRANCHES)
    await connection.execute(MEMBERS, scale, DAY)
    await connection.execute(REQUIREMENTS)
    await connection.execute(CURRENT)
    await connection.execute(ENTRIES_OF_MEMBERS, ENTRIES, DAY)
    await connection.execute(STAFF)
    await connection.execute(STATE, DAY)
    await connection.execute(CASES)
    await connection.execute(TALKS, NOW)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    engine = make_engine(url)
    with tempfile.TemporaryDirectory() as folder:
        found = await _all(make_sessions(engine), Path(folder), scale)
    await engine.dispose()
    return found


async def _all(sessions: Sessions, folder: Path, scale: int) -> list[dict[str, object]]:
    settings = replace(load({}), data=folder)
    builtin_identity.key_set(settings)
    # One person who asks without a pause would meet the limit.
    api = create_app(settings, sessions, clock=lambda: NOW, limits=Limits(per_second=1e6, burst=1e6))
    web: Any = Both(api, create_web(settings, sessions, api, clock=lambda: NOW))
    found = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=web), base_url="http://jobvej.bench") as client:
        for who, what, path in PAGES:
            token = await _sign_in(client, sessions, who)
            found.append(
                {"what": what, "members": scale} | await _measure(client, path, token) | {"limit_ms": LIMIT_MS}
            )
    return found


async def _sign_in(client: httpx.AsyncClient, sessions: Sessions, staff_no: str) -> str:
    role = "coordinator" if staff_no == "C1" else "adviser"
    claims = {"sub": staff_no, "staff_no": staff_no, web_sessions.ROLES: [role]}
    async with transaction(sessions) as session:
        cookie = await web_sessions.begin(session, "staff", claims, now=NOW)
        signed = await web_sessions.find(session, cookie, now=NOW)
    client.cookies.set(COOKIE, cookie)
    assert signed is not None
    return signed.csrf


async def _measure(client: httpx.AsyncClient, path: str, token: str) -> dict[str, object]:
    asked: list[object] = []

    def note(*_arguments: object) -> None:
        asked.append(1)

    await _once(client, path, token)
    event.listen(Engine, "before_cursor_execute", note)
    await _once(client, path, token)
    event.remove(Engine, "before_cursor_execute", note)
    took, cpu = [], time.process_time()
    for _ in range(TIMES):
        begun = time.perf_counter()
        await _once(client, path, token)
        took.append((time.perf_counter() - begun) * 1000)
    ours = (time.process_time() - cpu) / TIMES * 1000
    return {
        "best_ms": round(min(took), 1),
        "median_ms": round(statistics.median(took), 1),
        "own_cpu_ms": round(ours, 1),
        "statements": len(asked),
    }


async def _once(client: httpx.AsyncClient, path: str, token: str) -> None:
    """A page by its address, its rows alone after "hx:", or a search for words."""
    if path.startswith("/"):
        answer = await client.get(path)
    elif path.startswith("hx:"):
        answer = await client.get(path.removeprefix("hx:"), headers={"HX-Request": "true"})
    else:
        answer = await client.post("/staff/members/search", data={"search": path, "form_token": token})
    assert answer.status_code == 200, (path, answer.status_code)
