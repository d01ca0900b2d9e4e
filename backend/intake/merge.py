"""From the temporary tables into ours, set by set. What an export does not name stays: an import never deletes."""

from collections.abc import Sequence
from datetime import date, datetime

from backend.db.series import Series
from backend.intake.rows import MEMBER_COLUMNS, REQUIREMENT_COLUMNS
from backend.intake.staging import Connection, rows_of

# ruff: noqa: S608 -- names of our own tables and columns only, never a value


async def upsert(connection: Connection, table: str, columns: Sequence[str]) -> tuple[int, int]:
    """Rows of intake_<table> by their ids: (added, changed). The first column is the id."""
    staged, values = f"intake_{table}", columns[1:]
    changed = await connection.execute(
        f"UPDATE {table} t SET {', '.join(f'{c} = s.{c}' for c in values)} FROM {staged} s WHERE s.id = t.id "
        f"AND ({_list('t', values)}) IS DISTINCT FROM ({_list('s', values)})"
    )
    added = await connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {_list('s', columns)} FROM {staged} s "
        f"WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.id = s.id) ORDER BY s.id"
    )
    return rows_of(added), rows_of(changed)


async def members(connection: Connection, *, today: date, now: datetime) -> tuple[int, int]:
    """Members with their requirement: (added, changed). A member whose requirement alone changed has changed."""
    await connection.execute("CREATE TEMP TABLE intake_changed (member_id uuid) ON COMMIT DROP")
    await connection.execute(
        f"INSERT INTO intake_changed SELECT s.id FROM intake_member s JOIN member t ON t.id = s.id "
        f"WHERE ({_list('t', MEMBER_COLUMNS)}) IS DISTINCT FROM ({_list('s', MEMBER_COLUMNS)})"
    )
    # A new start or insurance changes what is asked, and so may change the colour.
    await connection.execute(
        "INSERT INTO intake_touched SELECT s.id FROM intake_member s JOIN member t ON t.id = s.id "
        "WHERE (t.unemployed_from, t.insurance) IS DISTINCT FROM (s.unemployed_from, s.insurance)"
    )
    added, _ = await upsert(connection, "member", MEMBER_COLUMNS)
    await _requirements(connection, today, now)
    await _begin_ratings(connection)
    changed = await connection.fetchval("SELECT count(DISTINCT member_id) FROM intake_changed")
    await connection.execute("DROP TABLE intake_changed")
    return added, changed


async def _requirements(connection: Connection, today: date, now: datetime) -> None:
    """A version where the export asks for something else than it did last.

    Compared with the latest imported version, so that what staff agreed since then stands until the export
    says something new.
    """
    wanted = _list("s", REQUIREMENT_COLUMNS)
    columns = ", ".join(REQUIREMENT_COLUMNS)
    await connection.execute(
        f"""
    WITH latest AS (
        SELECT DISTINCT ON (member_id) * FROM search_requirement WHERE source = 'import'
        ORDER BY member_id, valid_from DESC
    ), differing AS (
        SELECT s.id, l.id AS before, greatest($1, l.valid_from) AS later, s.unemployed_from, {wanted}
        FROM intake_member s LEFT JOIN latest l ON l.member_id = s.id
        WHERE l.id IS NULL OR ({_list("l", REQUIREMENT_COLUMNS)}) <> ({wanted})
    ), touched AS (INSERT INTO intake_touched SELECT id FROM differing WHERE before IS NOT NULL
    ), changed AS (INSERT INTO intake_changed SELECT id FROM differing WHERE before IS NOT NULL)
    INSERT INTO search_requirement (id, member_id, valid_from, {columns}, source, set_at)
    SELECT {Series().sql("row_number() OVER (ORDER BY id)")}, id,
        CASE WHEN before IS NULL THEN unemployed_from ELSE later END, {columns}, 'import', $2 FROM differing
    ON CONFLICT (member_id, valid_from, source) DO UPDATE SET set_at = EXCLUDED.set_at,
        {", ".join(f"{c} = EXCLUDED.{c}" for c in REQUIREMENT_COLUMNS)}""",
        today,
        now,
    )


async def _begin_ratings(connection: Connection) -> None:
    """Every member has a current colour from the first day, `none` until the first run. Waits for no rating."""
    await connection.execute(
        "INSERT INTO rating_current (member_id, since) SELECT id, unemployed_from FROM intake_member s "
        "WHERE NOT EXISTS (SELECT FROM rating_current c WHERE c.member_id = s.id) ORDER BY id ON CONFLICT DO NOTHING"
    )


async def exemptions(connection: Connection, *, now: datetime) -> tuple[int, int]:
    """By member, type and first day. Only the last day can change; one that staff cancelled stays cancelled.

    Whose exemptions are new or changed is kept in intake_exempted.
    """
    await connection.execute("CREATE TEMP TABLE intake_exempted (member_id uuid) ON COMMIT DROP")
    same = "t.source = 'import' AND t.member_id = s.member_id AND t.type = s.type AND t.from_on = s.from_on"
    changed = await connection.execute(
        f"""
    WITH changed AS (UPDATE exemption t SET to_on = s.to_on FROM intake_exemption s
        WHERE {same} AND t.to_on IS DISTINCT FROM s.to_on RETURNING t.member_id),
    noted AS (INSERT INTO intake_exempted SELECT member_id FROM changed)
    INSERT INTO intake_touched SELECT member_id FROM changed"""
    )
    added = await connection.execute(
        f"""
    WITH added AS (INSERT INTO exemption (id, member_id, type, from_on, to_on, source, granted_at)
        SELECT s.id, s.member_id, s.type, s.from_on, s.to_on, 'import', $1 FROM intake_exemption s
        WHERE NOT EXISTS (SELECT FROM exemption t WHERE {same}) RETURNING member_id),
    noted AS (INSERT INTO intake_exempted SELECT member_id FROM added)
    INSERT INTO intake_touched SELECT member_id FROM added""",
        now,
    )
    return rows_of(added), rows_of(changed)


async def any_rated(connection: Connection) -> bool:
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM rating_current WHERE rated_on IS NOT NULL)"))


# By itself and first: the mark that follows then sees what a rating committed while this one waited for it.
HOLD_TOUCHED = """
SELECT FROM rating_current WHERE member_id IN (SELECT member_id FROM intake_touched) ORDER BY member_id FOR UPDATE
"""


async def mark_stale(connection: Connection) -> int:
    """Rated members about whom something changed are rated again by a job. Locks rows in the order that ratings use."""
    await connection.execute(HOLD_TOUCHED)
    marked = await connection.execute(
        "UPDATE rating_current SET stale = true WHERE rated_on IS NOT NULL AND NOT stale "
        "AND member_id IN (SELECT member_id FROM intake_touched)"
    )
    return rows_of(marked)


def _list(alias: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{column}" for column in columns)
