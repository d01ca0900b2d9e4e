"""Files go when nobody holds them any more, and no sooner."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.job_log import service, storage
from backend.job_log.rules import Content
from backend.job_log.tables import Document
from backend.jobs import sweep_documents
from backend.jobs.job import Moment
from backend.settings import Settings
from tests import factories

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


async def test_what_nobody_holds_goes_after_a_day(session: AsyncSession, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    store = storage.open_store(tmp_path / "documents", None)
    for key in ("held", "removed", "orphan"):
        await storage.put(store, key, b"x")
    await document(session, "held", removed=False)
    await document(session, "removed", removed=True)
    present = datetime.now(UTC)
    early = await sweep_documents.work(session, [], moment=Moment(present, present), settings=settings)
    later = present + timedelta(days=1, seconds=1)
    late = await sweep_documents.work(session, [], moment=Moment(later, later), settings=settings)
    again = await sweep_documents.work(session, [], moment=Moment(later, later), settings=settings)
    assert (early, late, again) == ({"documents": 0}, {"documents": 2}, {"documents": 0})
    assert await storage.get(store, "held") == b"x"
    with pytest.raises(storage.Missing):
        await storage.get(store, "orphan")
