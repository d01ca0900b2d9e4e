"""The servers that `bench.reads` compares: ours, the same answer from raw ASGI + asyncpg, and FastAPI + SQLAlchemy.

`python -m bench.peers NAME PORT URL` serves one of them with uvicorn, uvloop and httptools, as `jobvej api` does.
"""

import hashlib
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import msgspec
import uvicorn
from fastapi import Depends, FastAPI, Header, Response
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import log
from backend.api import identity
from backend.api.app import create_app
from backend.api.limits import Limits
from backend.clock import now
from backend.db.engine import explicit_driver, make_engine, make_sessions
from backend.job_log.tables import Document, JobLogEntry
from backend.members.tables import Member
from backend.settings import Settings, load

App = Callable[..., Awaitable[None]]
QUERY = """
    SELECT e.id, e.applied_on, e.status, e.channel, e.employer, e.title, e.hours, e.country, e.postcode, e.logged_at,
           e.has_document, e.source, e.withdrawn_at, e.version
    FROM job_log_entry e
    JOIN member m ON m.id = e.member_id
    WHERE m.member_no = $1 AND e.withdrawn_at IS NULL ORDER BY e.applied_on DESC, e.id DESC LIMIT 51
"""


def raw(url: str) -> App:
    """The bare limit: no framework, no sign-in, one prepared query, rows as JSON; the member's number is the path."""
    encoder = msgspec.json.Encoder()
    pool: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send, pool, url)
            return
        rows = await pool[0].fetch(QUERY, scope["path"].rsplit("/", 1)[1])
        body = encoder.encode({"items": [dict(row) for row in rows], "next": None})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


async def _lifespan(receive: Any, send: Any, pool: list[Any], url: str) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            pool.append(await asyncpg.create_pool(url.replace("+asyncpg", ""), min_size=10, max_size=10))
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


class Entry(BaseModel):
    """The peer's answer: the same fields as ours."""

    model_config = {"from_attributes": True}

    id: Any
    applied_on: Any
    status: str
    channel: str
    employer: str
    title: str
    hours: str
    country: str
    postcode: str
    logged_at: Any
    has_document: bool
    documents: list[Any] = []
    source: str
    withdrawn_at: Any
    version: int


class Entries(BaseModel):
    items: list[Entry]
    next: str | None = None


def fastapi(url: str, settings: Settings) -> FastAPI:
    """The peer: the same endpoint (sign-in, documents, ETag) in its documented way; no limits, logs or metrics."""
    app = FastAPI()
    sessions = make_sessions(make_engine(url))
    verifier = identity.verifier(settings)

    async def member(authorization: str = Header()) -> str:
        claims = await verifier.claims(identity.bearer(authorization), now())
        return str(claims[settings.oidc_member_claim])

    async def session() -> Any:
        async with sessions() as opened:
            yield opened

    @app.get("/v1/me/job-log", response_model=Entries)
    async def entries(
        response: Response,
        number: str = Depends(member),
        session: AsyncSession = Depends(session),  # noqa: B008 - the framework's own way
    ) -> Any:
        found = await session.scalar(select(Member).where(Member.member_no == number))
        assert found
        wanted = select(JobLogEntry).where(JobLogEntry.member_id == found.id, JobLogEntry.withdrawn_at.is_(None))
        wanted = wanted.order_by(JobLogEntry.applied_on.desc(), JobLogEntry.id.desc()).limit(51)
        rows = (await session.scalars(wanted)).all()
        of_rows = select(Document).where(Document.entry_id.in_([row.id for row in rows]), Document.removed_at.is_(None))
        documents: dict[Any, list[Document]] = {}
        for document in await session.scalars(of_rows):
            documents.setdefault(document.entry_id, []).append(document)
        items = [Entry.model_validate(row) for row in rows]
        for item in items:
            item.documents = documents.get(item.id, [])
        response.headers["ETag"] = hashlib.blake2b(Entries(items=items).model_dump_json().encode()).hexdigest()
        return Entries(items=items)

    return app


def build(name: str, url: str) -> Any:
    settings = load()
    log.configure(json=True, level="INFO")
    if name == "raw":
        return raw(explicit_driver(url))
    if name == "fastapi":
        return fastapi(url, settings)
    unlimited = Limits(per_second=1e9, burst=1e9, tries_per_second=1e9, tries_burst=1e9)
    return create_app(settings, make_sessions(make_engine(url)), limits=unlimited)


if __name__ == "__main__":
    uvicorn.run(build(sys.argv[1], sys.argv[3]), port=int(sys.argv[2]), log_level="error", access_log=False)
