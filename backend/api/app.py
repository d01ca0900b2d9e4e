"""The HTTP application: every handler of the API, behind one door."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock as clocks
from backend.api import (
    access,
    contract,
    docs,
    health,
    identity,
    me_bookings,
    me_calendar,
    me_cv,
    me_devices,
    me_disputes,
    me_documents,
    me_inbox,
    me_job_log,
    me_notices,
    me_plan,
    me_preferences,
    me_profile,
    me_rating,
    me_service_call,
    me_slots,
    me_surveys,
    me_talks,
    me_timeline,
    me_waiting,
    metrics,
    observe,
    problems,
    staff_alerts,
    staff_attendance,
    staff_bookings,
    staff_brief,
    staff_broadcasts,
    staff_calendar,
    staff_call_ins,
    staff_calls,
    staff_capacity,
    staff_colleagues,
    staff_course,
    staff_cv,
    staff_deadlines,
    staff_decisions,
    staff_deliveries,
    staff_figures,
    staff_grants,
    staff_handover,
    staff_letters,
    staff_members,
    staff_my_plan,
    staff_notices,
    staff_operations,
    staff_policy,
    staff_record,
    staff_registry,
    staff_series,
    staff_sessions,
    staff_survey_events,
    staff_survey_figures,
    staff_surveys,
    staff_talks,
    staff_tasks,
    staff_triage,
    survey_links,
)
from backend.api.door import Door, exchange
from backend.api.identity import Verifier
from backend.api.limits import Limits
from backend.db.engine import Sessions
from backend.errors import DomainError
from backend.i18n import negotiate
from backend.job_log import storage
from backend.members.identity import MemberIdentity, StaffIdentity
from backend.settings import Settings

# Every handler and controller of the API, feature by feature.
HANDLERS: Sequence[ControllerRouterHandler] = (
    *health.HANDLERS,
    *docs.HANDLERS,
    *me_profile.HANDLERS,
    *me_timeline.HANDLERS,
    *me_job_log.HANDLERS,
    *me_documents.HANDLERS,
    *me_rating.HANDLERS,
    *me_disputes.HANDLERS,
    *me_inbox.HANDLERS,
    *me_notices.HANDLERS,
    *me_devices.HANDLERS,
    *me_preferences.HANDLERS,
    *me_service_call.HANDLERS,
    *me_slots.HANDLERS,
    *me_bookings.HANDLERS,
    *me_waiting.HANDLERS,
    *me_calendar.HANDLERS,
    *me_plan.HANDLERS,
    *staff_triage.HANDLERS,
    *staff_members.HANDLERS,
    *staff_record.HANDLERS,
    *staff_calls.HANDLERS,
    *staff_call_ins.HANDLERS,
    *staff_decisions.HANDLERS,
    *staff_deliveries.HANDLERS,
    *staff_grants.HANDLERS,
    *staff_colleagues.HANDLERS,
    *staff_course.HANDLERS,
    *staff_my_plan.HANDLERS,
    *staff_sessions.HANDLERS,
    *staff_series.HANDLERS,
    *staff_calendar.HANDLERS,
    *staff_bookings.HANDLERS,
    *staff_deadlines.HANDLERS,
    *staff_figures.HANDLERS,
    *staff_capacity.HANDLERS,
    *staff_brief.HANDLERS,
    *staff_talks.HANDLERS,
    *staff_attendance.HANDLERS,
    *staff_handover.HANDLERS,
    *staff_registry.HANDLERS,
    *me_talks.HANDLERS,
    *staff_tasks.HANDLERS,
    *staff_alerts.HANDLERS,
    *staff_operations.HANDLERS,
    *staff_policy.HANDLERS,
    *staff_cv.HANDLERS,
    *me_cv.HANDLERS,
    *staff_letters.HANDLERS,
    *staff_notices.HANDLERS,
    *staff_broadcasts.HANDLERS,
    *me_surveys.HANDLERS,
    *survey_links.HANDLERS,
    *staff_survey_events.HANDLERS,
    *staff_survey_figures.HANDLERS,
    *staff_surveys.HANDLERS,
)
MAX_BODY = 1_000_000
AnyRequest = Request[Any, Any, Any]


def create_app(
    settings: Settings,
    sessions: Sessions,
    *,
    clock: Callable[[], datetime] = clocks.now,
    verifier: Verifier | None = None,
    limits: Limits | None = None,
    handlers: Sequence[ControllerRouterHandler] = HANDLERS,
    overdue: metrics.Overdue | None = None,
    jobs: staff_operations.Jobs | None = None,
) -> Litestar:
    """The application on these sessions. Raises RuntimeError when an operation has no rule of access."""
    door = Door(sessions, verifier or identity.verifier(settings), clock, limits or Limits())
    app = Litestar(
        route_handlers=list(handlers),
        middleware=[observe.Begin(), door],
        dependencies={
            "session": Provide(_session, sync_to_thread=False),
            "member": Provide(_member, sync_to_thread=False),
            "staff": Provide(_staff, sync_to_thread=False),
            "now": Provide(_now, sync_to_thread=False),
            "today": Provide(_today, sync_to_thread=False),
            "language": Provide(_language, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
        },
        exception_handlers={
            DomainError: problems.domain,
            HTTPException: problems.framework,
            Exception: problems.unexpected,
        },
        before_send=[observe.before_send],
        state=State(
            {
                "documents": storage.open_store(settings.data / "documents", settings.documents_url),
                "overdue": overdue,
                "jobs": jobs,
                "fund": settings.fund_name,
            }
        ),
        openapi_config=contract.config(),
        request_max_body_size=MAX_BODY,
        logging_config=None,
        debug=False,
    )
    _every_operation_has_a_rule(app)
    contract.complete(app)
    return app


def operations(app: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    """Every (method, path, handler) that can be called, but OPTIONS and the contract itself."""
    found: list[tuple[str, str, HTTPRouteHandler]] = []
    for route in app.routes:
        if isinstance(route, HTTPRoute) and not route.path.startswith(contract.PATH):
            for handler in route.route_handlers:
                found += [(str(m), route.path, handler) for m in handler.http_methods if m != "OPTIONS"]
    return found


def _every_operation_has_a_rule(app: Litestar) -> None:
    missing = access.missing(
        str(handler.operation_id or f"{method} {path}") for method, path, handler in operations(app)
    )
    if missing:
        raise RuntimeError(f"no rule of access for: {', '.join(missing)}")


def _session(request: AnyRequest) -> AsyncSession:
    return exchange(request.scope).session


def _member(request: AnyRequest) -> MemberIdentity:
    found = exchange(request.scope).member
    assert found is not None
    return found


def _staff(request: AnyRequest) -> StaffIdentity:
    found = exchange(request.scope).staff
    assert found is not None
    return found


def _now(request: AnyRequest) -> datetime:
    return exchange(request.scope).now


def _today(request: AnyRequest) -> date:
    return clocks.local_date(exchange(request.scope).now)


def _language(request: AnyRequest) -> str:
    """What the caller asks for, else the member's own language."""
    asked = request.headers.get("accept-language")
    member = exchange(request.scope).member
    return member.language if member and not asked else negotiate(asked)
