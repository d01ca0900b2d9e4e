"""The pages: an application of their own beside the API, in the same process and on the same address."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import httpx
from litestar import Litestar
from litestar.datastructures import CacheControlHeader, State
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from backend import clock as clocks
from backend.api import identity
from backend.api.identity import Verifier
from backend.db.engine import Sessions
from backend.errors import DomainError
from backend.settings import Settings
from backend.web import (
    faults,
    guard,
    me_app,
    me_book,
    me_bookings,
    me_calendar,
    me_call,
    me_home,
    me_inbox,
    me_log,
    me_log_entry,
    me_plan,
    me_settings,
    me_smiley,
    me_surveys,
    me_talks,
    oidc,
    public,
    signin,
    staff_absences,
    staff_board,
    staff_broadcasts,
    staff_calendar,
    staff_call_ins,
    staff_calls,
    staff_capacity,
    staff_events,
    staff_feedback,
    staff_feedback_figures,
    staff_feedback_forms,
    staff_hours,
    staff_member,
    staff_member_book,
    staff_member_course,
    staff_member_decide,
    staff_member_letters,
    staff_member_mail,
    staff_member_objection,
    staff_member_plan,
    staff_operations,
    staff_policy,
    staff_roster,
    staff_series,
    staff_talk_open,
    staff_talks,
    staff_tasks,
    start,
    survey,
    templating,
)
from backend.web.client import Api, Refused

# Every page, group by group.
HANDLERS: Sequence[ControllerRouterHandler] = (
    *start.HANDLERS,
    *signin.HANDLERS,
    *public.HANDLERS,
    *survey.HANDLERS,
    *me_home.HANDLERS,
    *me_app.HANDLERS,
    *me_smiley.HANDLERS,
    *me_call.HANDLERS,
    *me_log.HANDLERS,
    *me_log_entry.HANDLERS,
    *me_bookings.HANDLERS,
    *me_book.HANDLERS,
    *me_calendar.HANDLERS,
    *me_plan.HANDLERS,
    *me_talks.HANDLERS,
    *me_inbox.HANDLERS,
    *me_settings.HANDLERS,
    *staff_calls.HANDLERS,
    *staff_call_ins.HANDLERS,
    *staff_tasks.HANDLERS,
    *staff_broadcasts.HANDLERS,
    *staff_policy.HANDLERS,
    *staff_operations.HANDLERS,
    *me_surveys.HANDLERS,
    *staff_feedback.HANDLERS,
    *staff_feedback_figures.HANDLERS,
    *staff_feedback_forms.HANDLERS,
    *staff_board.HANDLERS,
    *staff_member.HANDLERS,
    *staff_member_mail.HANDLERS,
    *staff_member_letters.HANDLERS,
    *staff_member_decide.HANDLERS,
    *staff_member_plan.HANDLERS,
    *staff_member_course.HANDLERS,
    *staff_member_book.HANDLERS,
    *staff_member_objection.HANDLERS,
    *staff_absences.HANDLERS,
    *staff_calendar.HANDLERS,
    *staff_capacity.HANDLERS,
    *staff_events.HANDLERS,
    *staff_hours.HANDLERS,
    *staff_roster.HANDLERS,
    *staff_series.HANDLERS,
    *staff_talk_open.HANDLERS,
    *staff_talks.HANDLERS,
)
# What is the API's; everything else is a page.
API_PATHS = ("/v1/", "/openapi", "/docs", "/problems", "/health", "/ready", "/metrics")
MAX_BODY = 12_000_000


def create_web(
    settings: Settings,
    sessions: Sessions,
    api: Litestar,
    *,
    clock: Callable[[], datetime] = clocks.now,
    verifier: Verifier | None = None,
) -> Litestar:
    """The pages, on the API of the same process."""
    return Litestar(
        route_handlers=[*HANDLERS, _static()],
        middleware=[guard.Guard(sessions, clock)],
        exception_handlers={
            DomainError: faults.domain,
            Refused: faults.refused,
            HTTPException: faults.framework,
            Exception: faults.unexpected,
        },
        before_send=[guard.before_send],
        state=State(
            {
                "settings": settings,
                "sessions": sessions,
                "api": Api(api),
                "verifier": verifier or identity.verifier(settings),
                "http": httpx.AsyncClient(timeout=oidc.TIMEOUT),
            }
        ),
        openapi_config=None,
        request_max_body_size=MAX_BODY,
        logging_config=None,
        debug=False,
    )


class Both:
    """The API and the pages on one address. The API owns the start and the end of the process."""

    def __init__(self, api: Litestar, web: Litestar) -> None:
        self._api = api
        self._web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inner: Any = scope
        if scope["type"] == ScopeType.HTTP and not inner["path"].startswith(API_PATHS):
            await self._web(scope, receive, send)
        else:
            await self._api(scope, receive, send)


def _static() -> ControllerRouterHandler:
    year = CacheControlHeader(max_age=31_536_000, public=True, immutable=True)
    return create_static_files_router(path="/static", directories=[templating.STATIC], cache_control=year)
