"""200 phones rush on 20 seats, on an adviser's last time and on seats held by others; two API processes, one killed.

The same at full size, beside a bare limit, is `make bench BENCH=booking`.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.db.engine import make_engine, make_sessions
from tests.e2e import api_pair, rush

pytestmark = [pytest.mark.e2e, pytest.mark.db, pytest.mark.slow, pytest.mark.timeout(300)]
CLIENTS, ATTEMPTS = 200, 400


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jobvej-rush-") as made:
        yield Path(made)


async def test_never_a_place_too_many_and_every_success_is_a_row(fresh_database: str, folder: Path) -> None:
    engine = make_engine(fresh_database, pool_size=4, application="rush")
    sessions = make_sessions(engine)
    environment = api_pair.environment(fresh_database, folder)
    async with api_pair.serving(environment, folder) as processes:
        scene = await rush.fill(sessions, environment, CLIENTS)
        tally = await rush.rush(
            scene, int(environment["JOBVEJ_PORT"]), processes, sessions, attempts=ATTEMPTS, kill_at=(0.4,), seed=20
        )
        figures = await rush.judge(scene, tally, sessions)
    await engine.dispose()
    print("\n" + json.dumps(figures, indent=1))
    assert figures["processes killed"] == 1
    assert figures["attempts"] == ATTEMPTS
    assert len(tally.won) > 20
    assert 0 < figures["seats taken of 20"] <= rush.SEATS
    assert 0 < figures["seats taken of 20 that were held"] <= rush.SEATS
