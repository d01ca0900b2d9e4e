"""Files go when nobody holds them any more, and no sooner."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from obstore.store import ObjectStore
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db.engine import Sessions, transaction
from backend.db.types import new_id
from backend.job_log import service, storage
from backend.job_log.rules import Content
from backend.job_log.tables import Document
from backend.jobs import batches, schedule, sweep_documents
from backend.jobs.job import Moment
from backend.settings import Settings
from tests import factories
from tests.jobs.helpers import begin, rows

pytestmark = pytest.mark.db


async def document(session: AsyncSession, key: str, *, removed: bool) -> None:
    now = datetime.now(UTC)
    member = await factories.member(session)
    content = Content(now.date(), "applied", "posted", "full", "DK", "", "Aros Stål", "Smed")
    entry = await service.create(session, member.id, content, now=now)
    session.add(
        Document(
            id=new_id(), entry_id=entry.id, member_id=member.id, file_name="a.pdf", media_type="application/pdf",
            size=1, sha256="x", storage_key=key, uploaded_at=now, removed_at=now if removed else None,
        )
    )  # fmt: skip
    await session.flush()


def fill(folder: Path) -> ObjectStore:
    return storage.open_store(folder / "documents", None)


async def test_what_nobody_holds_goes_after_a_day(sessions: Sessions, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    store = fill(tmp_path)
    for key in ("held", "removed", "orphan"):
        await storage.put(store, key, b"x")
    async with transaction(sessions) as session:
        await document(session, "held", removed=False)
        await document(session, "removed", removed=True)
    present = datetime.now(UTC)
    early = await sweep_documents.outside(sessions, moment=Moment(present, present), settings=settings)
    later = present + timedelta(days=1, seconds=1)
    late = await sweep_documents.outside(sessions, moment=Moment(later, later), settings=settings)
    again = await sweep_documents.outside(sessions, moment=Moment(later, later), settings=settings)
    assert (early, late, again) == ({"documents": 0}, {"documents": 2}, {"documents": 0})
    assert await storage.get(store, "held") == b"x"
    with pytest.raises(storage.Missing):
        await storage.get(store, "orphan")


async def test_no_transaction_is_open_while_the_store_is_asked(
    fresh_sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole run, with the store asked by the job as a worker does it."""
    await storage.put(fill(tmp_path), "orphan", b"x")
    open_then: list[Any] = []
    really = storage.remove

    async def watch(store: ObjectStore, keys: list[str]) -> None:
        busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
        open_then.extend(await rows(fresh_sessions, f"{busy} AND pid <> pg_backend_pid()"))
        await really(store, keys)

    monkeypatch.setattr(storage, "remove", watch)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(days=2))
    run_id = await begin(fresh_sessions, job=schedule.BY_NAME["sweep-documents"])
    assert await batches.perform(fresh_sessions, run_id, 1, Settings(data=tmp_path))
    assert not await batches.perform(fresh_sessions, run_id, 1, Settings(data=tmp_path))
    assert await rows(fresh_sessions, "SELECT state, result FROM job_run") == [("done", {"documents": 1})]
    assert open_then == [(0,)]
