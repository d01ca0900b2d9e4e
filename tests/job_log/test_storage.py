"""The store of documents."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.job_log import storage

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)


async def test_what_is_put_can_be_got_until_it_is_removed(tmp_path: Path) -> None:
    store = storage.open_store(tmp_path / "documents", None)
    key = storage.new_key(NOW)
    await storage.put(store, key, b"content")
    assert await storage.get(store, key) == b"content"
    await storage.remove(store, [key, key])
    with pytest.raises(storage.Missing):
        await storage.get(store, key)


def test_keys_tell_nothing_and_never_meet() -> None:
    keys = {storage.new_key(NOW) for _ in range(100)}
    assert len(keys) == 100
    assert all(key.startswith("2026/11/") and len(key) == 56 for key in keys)


async def test_the_sweep_sees_what_is_old_enough(tmp_path: Path) -> None:
    store = storage.open_store(tmp_path, None)
    await storage.put(store, "2026/11/a", b"x")
    present = datetime.now(UTC)
    assert [page async for page in storage.older_than(store, present - timedelta(hours=1))] == []
    assert [page async for page in storage.older_than(store, present + timedelta(hours=1))] == [["2026/11/a"]]


async def test_another_store_is_a_setting_away(tmp_path: Path) -> None:
    store = storage.open_store(tmp_path / "unused", "memory:///")
    await storage.put(store, "a", b"x")
    assert await storage.get(store, "a") == b"x"
    assert not (tmp_path / "unused").exists()
