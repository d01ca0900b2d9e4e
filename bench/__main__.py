"""`python -m bench [NAME …]`: speed and memory, each beside its limit or peer in the same run, printed as one table.

It starts an embedded PostgreSQL in a temporary folder, or uses JOBVEJ_BENCH_DATABASE_URL.
SCALE sets how many members (default 100,000; the size that a bench names, where it does).
"""

import asyncio
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.table import Table

from backend.db import migrate
from backend.db.embedded import running
from backend.db.engine import make_engine

BENCHES = ("imports", "rating", "pushes", "reads", "booking", "planning", "broadcasts", "pages")


@contextmanager
def server() -> Iterator[str]:
    given = os.environ.get("JOBVEJ_BENCH_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="jobvej-bench-") as folder, running(Path(folder)) as url:
        yield url


async def fresh(url: str, name: str) -> str:
    """A migrated, empty database of this bench alone."""
    base, _, query = url.partition("?")
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    found = base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")
    engine = make_engine(found)
    await migrate.upgrade(engine)
    await engine.dispose()
    return found


def size_of(name: str) -> int:
    own = getattr(importlib.import_module(f"bench.{name}"), "SCALE", 100_000)
    return int(os.environ.get("SCALE") or own)


async def measure(url: str, name: str, scale: int) -> list[dict[str, object]]:
    module = importlib.import_module(f"bench.{name}")
    found = await module.bench(await fresh(url, f"bench_{name}"), scale)
    return found if isinstance(found, list) else [found]


def main() -> None:
    console = Console(stderr=True)
    rows: list[dict[str, object]] = []
    with server() as url:
        for name in sys.argv[1:] or BENCHES:
            scale = size_of(name)
            console.print(f"{name} at {scale:,} members …")
            for row in asyncio.run(measure(url, name, scale)):
                rows.append({"bench": name, **row})
                console.print(json.dumps(row, default=str), highlight=False)
    show(rows)


def show(rows: list[dict[str, object]]) -> None:
    table = Table("bench", "what", "figures")
    for row in rows:
        figures = ", ".join(f"{k} {_short(v)}" for k, v in row.items() if k not in ("bench", "what"))
        table.add_row(str(row["bench"]), str(row.get("what", "")), figures)
    Console(width=160).print(table)


def _short(value: object) -> str:
    return f"{value:,.3g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


main()
