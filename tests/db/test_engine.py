"""Connections, and what their loss looks like."""

from pathlib import Path

import pytest

from backend.db.engine import make_engine


async def test_a_unix_socket_that_is_not_there_is_a_refused_connection(tmp_path: Path) -> None:
    engine = make_engine(f"postgresql+asyncpg://jobvej@/jobvej?host={tmp_path}&port=5432")
    with pytest.raises(ConnectionRefusedError):
        async with engine.connect():
            pass
    await engine.dispose()
