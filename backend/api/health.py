"""Is the process alive, is it ready to serve, and what does it count?"""

from functools import cache
from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from sqlalchemy import text

from backend.api import metrics
from backend.api.given import Now, Session
from backend.api.problems import Unavailable
from backend.api.wire import Wire
from backend.db import migrate


class Status(Wire):
    """`ok`, or there would be a problem instead."""

    status: str


@get("/healthz", operation_id="getHealth", tags=["operations"], security=[{}])
async def health() -> Status:
    """The process answers. Says nothing of the database."""
    return Status(status="ok")


@get("/readyz", operation_id="getReadiness", tags=["operations"], security=[{}])
async def readiness(session: Session) -> Status:
    """The database is reachable and at this program's schema."""
    version = await session.scalar(text("SELECT version_num FROM alembic_version"))
    if version != _head():
        raise Unavailable
    return Status(status="ok")


@get("/metrics", operation_id="getMetrics", tags=["operations"], media_type="text/plain", security=[{}])
async def prometheus(session: Session, now: Now, state: State) -> Response[str]:
    """Metrics in Prometheus' text format."""
    page: Any = await metrics.page(session, now, state.overdue)
    return Response(content=page, media_type=metrics.CONTENT_TYPE)


@cache
def _head() -> str | None:
    return migrate.head()


HANDLERS = (health, readiness, prometheus)
