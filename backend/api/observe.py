"""Seen from outside: request ids, security headers, one log line per request without personal data, request metrics."""

import re
import time
from typing import Any

import structlog
from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from backend import log
from backend.api import metrics, problems
from backend.db.types import new_id

logger = log.get("api")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cache-Control": "no-store",
}
# Asked every few seconds by machines: counted, not logged.
SILENT = frozenset({"getHealth", "getReadiness", "getMetrics"})


class Begin(ASGIMiddleware):
    """Starts the clock of a request and gives it an id, its own when it brought a sound one."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        begin(scope)
        await next_app(scope, receive, send)


def begin(scope: Scope) -> None:
    state = scope["state"]
    if "request_id" not in state:
        brought = Request[Any, Any, Any](scope).headers.get("x-request-id", "")
        state["request_id"] = brought if REQUEST_ID.fullmatch(brought) else new_id().hex
        state["began"] = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=state["request_id"])


async def before_send(message: Message, scope: Scope) -> None:
    """Litestar's hook on everything that leaves, also what no route answered."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    begin(scope)
    headers = MutableScopeHeaders(message)
    for name, value in HEADERS.items():
        if name.lower() not in headers:
            headers[name] = value
    headers["X-Request-Id"] = scope["state"]["request_id"]
    _count(scope, int(message["status"]))


def _count(scope: HTTPScope, status: int) -> None:
    operation = problems.operation(Request(scope))
    seconds = time.perf_counter() - scope["state"]["began"]
    metrics.request(operation, scope["method"], status, seconds)
    if operation not in SILENT:
        logger.info(
            "request.answered", operation=operation, method=scope["method"], status=status, ms=round(seconds * 1000, 1)
        )
