"""What the engine keeps to itself."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.db.engine import make_engine

pytestmark = pytest.mark.db


async def test_errors_do_not_tell_what_a_statement_was_given(database_url: str) -> None:
    """Libraries log errors as they are."""
    engine = make_engine(database_url)
    try:
        with pytest.raises(DBAPIError) as failed:
            async with engine.connect() as connection:
                await connection.execute(
                    text("SELECT 1 / :none, CAST(:name AS text)"), {"none": 0, "name": "Karen Kjær"}
                )
        assert "Karen" not in str(failed.value)
    finally:
        await engine.dispose()
