"""The id and the clock of a request."""

import re
import time
from typing import Any

import structlog
from litestar import Request
from litestar.types import Scope

from backend.db.types import new_id

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def begin(scope: Scope) -> str:
    """The request's id: its own when it brought a sound one. The first call starts its clock."""
    state = scope["state"]
    if "request_id" not in state:
        brought = Request[Any, Any, Any](scope).headers.get("x-request-id", "")
        state["request_id"] = brought if REQUEST_ID.fullmatch(brought) else new_id().hex
        state["began"] = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=state["request_id"])
    found: str = state["request_id"]
    return found


def seconds(scope: Scope) -> float:
    """Since the request began."""
    return time.perf_counter() - float(scope["state"]["began"])
