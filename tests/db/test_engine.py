"""Connections, and what their loss looks like."""

from pathlib import Path

import pytest

from backend.db.engine import explicit_driver, make_engine


async def test_a_unix_socket_that_is_not_there_is_a_refused_connection(tmp_path: Path) -> None:
    engine = make_engine(f"postgresql+asyncpg://jobvej@/jobvej?host={tmp_path}&port=5432")
    with pytest.raises(ConnectionRefusedError):
        async with engine.connect():
            pass
    await engine.dispose()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgres://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql://u@h/d?sslmode=require", "postgresql+asyncpg://u@h/d?ssl=require"),
        ("postgresql://u@h/d?host=/run&sslmode=disable", "postgresql+asyncpg://u@h/d?host=/run&ssl=disable"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
    ],
)
def test_an_address_is_taken_as_people_write_it(written: str, meant: str) -> None:
    assert explicit_driver(written) == meant
