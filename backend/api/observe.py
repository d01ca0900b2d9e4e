"""Seen from outside: request ids, security headers, one log line per request without personal data, request metrics."""

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from backend import log
from backend.api import metrics, problems, trace

logger = log.get("api")
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
        trace.begin(scope)
        await next_app(scope, receive, send)


async def before_send(message: Message, scope: Scope) -> None:
    """Litestar's hook on everything that leaves, also what no route answered."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    request_id = trace.begin(scope)
    headers = MutableScopeHeaders(message)
    for name, value in HEADERS.items():
        if name.lower() not in headers:
            headers[name] = value
    headers["X-Request-Id"] = request_id
    _count(scope, int(message["status"]))


def _count(scope: HTTPScope, status: int) -> None:
    operation = problems.operation(Request(scope))
    seconds = trace.seconds(scope)
    metrics.request(operation, scope["method"], status, seconds)
    if operation not in SILENT:
        logger.info(
            "request.answered", operation=operation, method=scope["method"], status=status, ms=round(seconds * 1000, 1)
        )
