"""The four smaller files: branches, staff, members with what they agreed to, exemptions."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from backend.intake import load_spells, merge, rows, staging
from backend.intake.layout import BRANCHES, EXEMPTIONS, MEMBERS, STAFF
from backend.intake.run import Run
from backend.intake.staging import Connection

Convert = Callable[[list[str]], tuple[Any, ...]]


async def load(connection: Connection, run: Run) -> dict[str, UUID]:
    """Store the good rows of the four files; returns the ids of all members by their numbers."""
    branches = rows.Register(await _known(connection, "branch", "branch_no"))
    await _upsert(connection, run, BRANCHES, rows.BRANCH_COLUMNS, lambda fields: rows.branch(fields, branches))
    staff = rows.Register(await _known(connection, "staff", "staff_no"))
    await _upsert(connection, run, STAFF, rows.STAFF_COLUMNS, lambda fields: rows.staff(fields, staff, branches))
    members = rows.Register(await _known(connection, "member", "member_no"))
    await _members(connection, run, lambda fields: rows.member(fields, members, branches, staff))
    await _exemptions(connection, run, rows.Exemptions(members))
    return members.ids


async def _known(connection: Connection, table: str, number: str) -> dict[str, UUID]:
    found = await connection.fetch(f"SELECT {number}, id FROM {table}")  # noqa: S608
    return {row[0]: row[1] for row in found}


async def _upsert(connection: Connection, run: Run, name: str, columns: Sequence[str], convert: Convert) -> None:
    table = "branch" if name == BRANCHES else "staff"
    await staging.stage(connection, table, columns, run.good(name, convert))
    run.tally.stored(name, *await merge.upsert(connection, table, columns))


async def _members(connection: Connection, run: Run, convert: Convert) -> None:
    await staging.empty_copy(connection, "member", rows.MEMBER_COLUMNS)
    await connection.execute(
        "ALTER TABLE intake_member " + ", ".join(f"ADD COLUMN {name} integer" for name in rows.REQUIREMENT_COLUMNS)
    )
    columns = (*rows.MEMBER_COLUMNS, *rows.REQUIREMENT_COLUMNS)
    await staging.fill(connection, "member", columns, run.good(MEMBERS, convert))
    empty = await staging.is_empty(connection, "member")
    await load_spells.note_changes(connection)
    async with staging.without_indexes(connection, "member") if empty else nullcontext():
        run.tally.stored(MEMBERS, *await merge.members(connection, today=run.today, now=run.now))


async def _exemptions(connection: Connection, run: Run, found: rows.Exemptions) -> None:
    await staging.stage(connection, "exemption", rows.EXEMPTION_COLUMNS, run.good(EXEMPTIONS, found.row))
    run.tally.stored(EXEMPTIONS, *await merge.exemptions(connection, now=run.now))
