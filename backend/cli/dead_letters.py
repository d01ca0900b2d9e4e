"""`jobvej dead-letters`: deliveries that were given up, and trying them again."""

from dataclasses import asdict
from datetime import datetime

import typer
from rich.table import Table

from backend import clock
from backend.cli.common import CliError, database, out, print_json, run, settings
from backend.clock import COPENHAGEN
from backend.db.engine import transaction
from backend.notifications import dead_letters
from backend.notifications.dead_letters import DeadLetter, Filters
from backend.notifications.tables import CHANNELS, DEAD_STATES
from backend.settings import Settings

CHANNEL = typer.Option(None, "--channel", help=f"Of one channel: {', '.join(CHANNELS)}.")
STATE = typer.Option(None, "--state", help=f"Of one end: {', '.join(DEAD_STATES)}.")
REASON = typer.Option(None, "--reason", help="Of one reason, by its code.")
REPLAY = typer.Option(False, "--replay", help="Try again all that fit and are still worth sending.")
LIMIT = typer.Option(50, "--limit", min=1, max=1000, help="How many to show.")
JSON = typer.Option(False, "--json", help="One JSON document, for machines.")


def register(app: typer.Typer) -> None:
    @app.command("dead-letters")
    def list_or_replay(
        *,
        channel: str | None = CHANNEL,
        state: str | None = STATE,
        reason: str | None = REASON,
        replay: bool = REPLAY,
        limit: int = LIMIT,
        as_json: bool = JSON,
    ) -> None:
        """Deliveries that were given up, newest first; with --replay they are tried again."""
        filters, found = _filters(channel, state, reason), settings()
        if replay:
            _say_replayed(run(lambda: _replay(found, filters, clock.now())), as_json)
        else:
            _say(run(lambda: _list(found, filters, limit, clock.now())), as_json)


def _filters(channel: str | None, state: str | None, reason: str | None) -> Filters:
    if channel is not None and channel not in CHANNELS:
        raise CliError(f"There is no channel “{channel}”. There are: {', '.join(CHANNELS)}.")
    if state is not None and state not in DEAD_STATES:
        raise CliError(f"There is no such end as “{state}”. There are: {', '.join(DEAD_STATES)}.")
    return Filters(channel, state, reason)


async def _list(found: Settings, filters: Filters, limit: int, now: datetime) -> list[DeadLetter]:
    async with database(found) as opened, transaction(opened.sessions) as session:
        return await dead_letters.page(session, filters, now=now, limit=limit)


async def _replay(found: Settings, filters: Filters, now: datetime) -> int:
    async with database(found) as opened, transaction(opened.sessions) as session:
        return await dead_letters.replay(session, filters, staff_id=None, now=now)


def _say_replayed(count: int, as_json: bool) -> None:
    if as_json:
        print_json({"replayed": count})
    else:
        out.print(f"{count:,} deliveries are on their way again.", highlight=False)


def _say(letters: list[DeadLetter], as_json: bool) -> None:
    if as_json:
        print_json([asdict(letter) for letter in letters])
        return
    if not letters:
        out.print("Nothing was given up.")
        return
    table = Table("Given up", "Channel", "Message", "End", "Reason", "Tries", "Again?")
    table.columns[4].no_wrap = True  # what one types after --reason
    table.columns[4].overflow = "fold"
    for one in letters:
        at = f"{one.finished_at.astimezone(COPENHAGEN):%a %d %b %H:%M}"
        again = "yes" if one.replayable else "no"
        table.add_row(at, one.channel, one.key, one.state, one.reason or "", str(one.attempts), again)
    out.print(table)
