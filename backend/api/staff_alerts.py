"""What is wrong with the running of the house, for those who lead. Nothing about persons."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import QueryParameter

from backend.alerts import queries, words
from backend.alerts.queries import Place
from backend.alerts.tables import Alert
from backend.api import wire
from backend.api.given import Language, Session
from backend.api.wire import Cursor, Limit, Page, Wire

AllOfThem = Annotated[bool, QueryParameter(name="all", description="Those that ended too.")]


class AlertView(Wire):
    """One thing that is, or was, wrong. `key` is what it is about: a job, a branch, a channel."""

    id: UUID
    kind: str
    key: str
    text: str
    opened_at: datetime
    ended_at: datetime | None


@get("/v1/staff/alerts", operation_id="listAlerts", tags=["alerts"])
async def list_alerts(
    session: Session, language: Language, all_of_them: AllOfThem = False, cursor: Cursor = None, limit: Limit = 50
) -> Page[AlertView]:
    """Alerts that are open, the newest first."""
    after = Place(*wire.position(cursor, tuple[datetime, UUID])) if cursor else None
    found = await queries.page(session, all_of_them=all_of_them, after=after, limit=limit + 1)
    more = wire.cursor(found[limit - 1].opened_at, found[limit - 1].id) if len(found) > limit else None
    return Page(items=[_view(language, alert) for alert in found[:limit]], next=more)


def _view(language: str, alert: Alert) -> AlertView:
    return AlertView(
        id=alert.id,
        kind=alert.kind,
        key=alert.key,
        text=words.sentence(language, alert.kind, alert.key, alert.params),
        opened_at=alert.opened_at,
        ended_at=alert.ended_at,
    )


HANDLERS = (list_alerts,)
