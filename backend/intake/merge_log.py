"""The job log into its table. An entry is known by its external number; what members made in the app has none."""

from datetime import datetime

from backend.db.series import Series
from backend.intake.log_rows import COPY_COLUMNS
from backend.intake.staging import Connection, rows_of

# ruff: noqa: S608 -- names of our own tables and columns only, never a value

STAGED = "intake_job_log_entry"
VALUES = (
    "member_id", "applied_on", "logged_at", "logged_on", "employer", "title", "duplicate_key", "postcode", "country",
    "channel", "hours", "has_document", "status",
)  # fmt: skip


async def drop_repeated(connection: Connection, table: str, suspects: list[str] | None) -> list[tuple[int, str]]:
    """Delete rows whose number stands on an earlier line; returns their lines and numbers.

    `suspects` are the only numbers that can be repeated (None: any). Ids end in the line, so their order is the file's.
    """
    if suspects is not None and not suspects:
        return []
    narrowed = "" if suspects is None else "WHERE external_no = ANY($1)"
    found = await connection.fetch(
        f"""
    WITH repeated AS (SELECT external_no FROM {table} {narrowed} GROUP BY 1 HAVING count(*) > 1),
    numbered AS (SELECT id, row_number() OVER (PARTITION BY external_no ORDER BY id) AS n
        FROM {table} JOIN repeated USING (external_no))
    DELETE FROM {table} t USING numbered WHERE t.id = numbered.id AND n > 1 RETURNING t.id, t.external_no""",
        *([] if suspects is None else [suspects]),
    )
    return sorted((int(str(row["id"])[24:], 16), row["external_no"]) for row in found)


async def merge(connection: Connection, now: datetime) -> tuple[int, int]:
    """Staged rows into the log: (added, changed)."""
    await connection.execute(f"ANALYZE {STAGED}")
    changed = await _change(connection, now)
    return await _add(connection), changed


async def _change(connection: Connection, now: datetime) -> int:
    """Where the export says something else than at the last import, it is followed, and the change is kept as history.

    A row that the export only repeats is left alone, so that what was edited here since then stands. A withdrawn entry
    stays withdrawn, and a document that was uploaded here stays attached.
    """
    staged = ", ".join(f"s.{value}" for value in VALUES if value != "has_document")
    await connection.execute(
        f"""
    CREATE TEMP TABLE intake_changed ON COMMIT DROP AS
    SELECT e.id, {staged}, s.import_hash, s.has_document OR EXISTS (
        SELECT FROM document d WHERE d.entry_id = e.id AND d.removed_at IS NULL) AS has_document
    FROM {STAGED} s JOIN job_log_entry e USING (external_no) WHERE e.import_hash IS DISTINCT FROM s.import_hash"""
    )
    await connection.execute(
        f"UPDATE job_log_entry e SET import_hash = s.import_hash FROM intake_changed s WHERE s.id = e.id AND {_same()}"
    )
    await connection.execute(f"DELETE FROM intake_changed s USING job_log_entry e WHERE s.id = e.id AND {_same()}")
    await _keep_history(connection, now)
    changed = await connection.execute(
        f"UPDATE job_log_entry e SET {', '.join(f'{v} = s.{v}' for v in VALUES)}, import_hash = s.import_hash, "
        "version = version + 1 FROM intake_changed s WHERE s.id = e.id"
    )
    await connection.execute("DROP TABLE intake_changed")
    return rows_of(changed)


async def _keep_history(connection: Connection, now: datetime) -> None:
    """Before and after of the columns that differ; and both members, should the entry move to another."""
    await connection.execute(
        f"""
    INSERT INTO job_log_history (id, entry_id, at, actor_kind, event, before, after)
    SELECT {Series().sql("row_number() OVER ()")}, e.id, $1, 'import', 'changed',
        (SELECT jsonb_object_agg(b.key, b.value) FROM jsonb_each(to_jsonb(e)) b WHERE b.value <> to_jsonb(s) -> b.key),
        (SELECT jsonb_object_agg(a.key, a.value) FROM jsonb_each(to_jsonb(s)) a WHERE a.value <> to_jsonb(e) -> a.key)
    FROM (SELECT id, {", ".join(VALUES)} FROM intake_changed) s
    JOIN (SELECT id, {", ".join(VALUES)} FROM job_log_entry) e USING (id)""",
        now,
    )
    await connection.execute(
        "INSERT INTO intake_touched SELECT unnest(ARRAY[e.member_id, s.member_id]) "
        "FROM intake_changed s JOIN job_log_entry e USING (id)"
    )


async def _add(connection: Connection) -> int:
    columns = ", ".join(COPY_COLUMNS)
    added = await connection.execute(
        f"""
    WITH added AS (INSERT INTO job_log_entry ({columns}) SELECT {columns} FROM {STAGED} s
        WHERE NOT EXISTS (SELECT FROM job_log_entry e WHERE e.external_no = s.external_no)
        ORDER BY id RETURNING member_id)
    INSERT INTO intake_touched SELECT member_id FROM added"""
    )
    return rows_of(added)


def _same() -> str:
    return f"({', '.join(f'e.{v}' for v in VALUES)}) IS NOT DISTINCT FROM ({', '.join(f's.{v}' for v in VALUES)})"
