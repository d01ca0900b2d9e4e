"""Every error as RFC 9457 problem details: a stable type, a translated title, the field at fault, the request's id."""

import re
import traceback
from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException, ValidationException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend import log
from backend.api import trace
from backend.errors import Conflict, DomainError
from backend.i18n import N_, negotiate, text

logger = log.get("api")
MEDIA_TYPE = "application/problem+json"
AnyRequest = Request[Any, Any, Any]


class Unauthenticated(DomainError):
    status = 401
    type = "unauthenticated"
    message = N_("Sign in first.")


class Unavailable(DomainError):
    status = 503
    type = "unavailable"
    message = N_("The service restarts or is busy. Try again in a moment.")


class TooMany(DomainError):
    """More requests than one caller may make; `retry_after` is in seconds."""

    status = 429
    type = "too-many-requests"
    message = N_("That was a lot at once. Wait a moment and try again.")

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class FieldError(msgspec.Struct, rename="camel"):
    """One field that is not as it should be; `field` is the path in the body, or the parameter's name."""

    field: str
    message: str


class Problem(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """RFC 9457. `type` is stable and what a client decides by; `title` is for people, in their language."""

    type: str
    title: str
    status: int
    instance: str = ""
    request_id: str = ""
    field: str | None = None
    errors: list[FieldError] = []


# What Litestar itself raises, by status: our type and text.
BY_STATUS: Mapping[int, tuple[str, str]] = {
    400: ("bad-request", N_("The request could not be understood.")),
    401: ("unauthenticated", N_("Sign in first.")),
    403: ("forbidden", N_("You may not do this.")),
    404: ("not-found", N_("It does not exist, or it is not yours to see.")),
    405: ("method-not-allowed", N_("This cannot be done here.")),
    406: ("not-acceptable", N_("There is no answer in that format.")),
    412: ("changed-meanwhile", N_("It was changed meanwhile. Fetch it again.")),
    413: ("too-large", N_("It is too large.")),
    415: ("unsupported-media-type", N_("It is in a format that is not accepted here.")),
    422: ("invalid", N_("A field is not as it should be.")),
    429: ("too-many-requests", N_("That was a lot at once. Wait a moment and try again.")),
    503: ("unavailable", N_("The service restarts or is busy. Try again in a moment.")),
}
UNEXPECTED = ("internal-error", N_("Something went wrong on our side. It has been noted."))

# What validation says, as texts of ours; values that the caller sent are never repeated.
FIELD_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"missing required|Missing required"), N_("This must be filled in.")),
    (re.compile(r"unknown field"), N_("This field is not known.")),
    (re.compile(r"of length <= (?P<n>\d+)"), N_("At most {n} characters.")),
    (re.compile(r"of length >= (?P<n>\d+)"), N_("At least {n} characters.")),
    (re.compile(r"[Ii]nvalid enum value"), N_("This is not one of the values that are allowed.")),
    (re.compile(r"matching regex"), N_("There are characters in it that cannot be used.")),
    (re.compile(r"<= (?P<n>-?\d+)"), N_("At most {n}.")),
    (re.compile(r">= (?P<n>-?\d+)"), N_("At least {n}.")),
    (re.compile(r"RFC3339|ISO8601|datetime|date"), N_("This is not a date or time as the contract describes it.")),
)
LEFT_OUT = re.compile(r"Missing required query parameter '(?P<name>\w+)'")
WRONG_KIND = N_("This is not of the right kind.")
# Of PostgreSQL's errors those that pass by themselves: a restart, a lost race, a wait that was cut short, a full house.
PASSING = re.compile("08|57P|57014|40001|40P01|55P03|53")
# Two at once for the same time of a person: the database let one of them.
TAKEN_MEANWHILE = "23P01"
# What the driver itself says when its connection breaks under a statement.
CUT_OFF = asyncpg.InterfaceError | asyncpg.InternalClientError
RETRY_SECONDS = 2


def language_of(request: AnyRequest) -> str:
    return negotiate(request.headers.get("accept-language"))


def domain(request: AnyRequest, error: DomainError) -> Response[Problem]:
    """One of our own errors."""
    headers: dict[str, str] = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    if error.status == 503:
        headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    title = text(language_of(request), error.message, **error.params)
    return _answer(request, error.status, error.type, title, field=error.field, headers=headers)


def framework(request: AnyRequest, error: HTTPException) -> Response[Problem]:
    """An error of the framework: no such route, wrong method, a body that is not valid."""
    if isinstance(error, InternalServerException) and isinstance(error.__cause__, msgspec.ValidationError):
        # A field of the body that is called like something a handler is given: Litestar takes the fault for its own.
        error = ValidationException(extra=[_said(error.__cause__)])
    if isinstance(error, ValidationException) and (left_out := LEFT_OUT.search(error.detail)):
        error = ValidationException(extra=[{"key": left_out["name"], "message": error.detail}])
    status = 422 if isinstance(error, ValidationException) and error.extra else error.status_code
    if status >= 500 and status not in BY_STATUS:
        return unexpected(request, error)
    slug, msgid = BY_STATUS.get(status, BY_STATUS[400])
    errors = _fields(request, error) if status == 422 else []
    return _answer(
        request,
        status,
        slug,
        text(language_of(request), msgid),
        field=errors[0].field if errors else None,
        errors=errors,
        headers=_kept_headers(error),
    )


def unexpected(request: AnyRequest, error: Exception) -> Response[Problem]:
    """Anything else: 503 when the database is only away for a moment, 400 for a body that cannot be read (no UTF-8,
    nested without end), otherwise 500 without detail, and a log line."""
    if passing(error):
        logger.warning("request.unavailable", error=type(error).__name__, operation=operation(request))
        return domain(request, Unavailable())
    if getattr(getattr(error, "orig", None), "sqlstate", None) == TAKEN_MEANWHILE:
        logger.warning("request.taken_meanwhile", operation=operation(request))
        return domain(request, Conflict())
    if isinstance(error, UnicodeDecodeError) or (isinstance(error, RecursionError) and "deserializing" in str(error)):
        return framework(request, HTTPException(status_code=400))
    # Where, but not with what: messages of the database and local variables hold what people wrote.
    where = traceback.format_tb(error.__traceback__)
    logger.error("request.failed", error=type(error).__name__, operation=operation(request), where="".join(where))
    slug, msgid = UNEXPECTED
    return _answer(request, 500, slug, text(language_of(request), msgid))


def passing(error: BaseException) -> bool:
    """Whether the error is of the kind that a second try mends."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        return error.connection_invalidated or (state is not None and PASSING.match(state) is not None)
    if isinstance(error, asyncpg.PostgresError):
        return PASSING.match(error.sqlstate or "") is not None
    return isinstance(error, PoolTimeout | ConnectionError | TimeoutError | CUT_OFF)


def answer(request: AnyRequest, error: Exception) -> Response[Problem]:
    """The problem of any error."""
    if isinstance(error, DomainError):
        return domain(request, error)
    if isinstance(error, HTTPException):
        return framework(request, error)
    return unexpected(request, error)


def operation(request: AnyRequest) -> str:
    return str(getattr(request.scope.get("route_handler"), "operation_id", None) or "none")


def _answer(
    request: AnyRequest,
    status: int,
    slug: str,
    title: str,
    *,
    field: str | None = None,
    errors: list[FieldError] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[Problem]:
    problem = Problem(
        type=f"/problems/{slug}",
        title=title,
        status=status,
        instance=_instance(request),
        request_id=trace.begin(request.scope),
        field=field,
        errors=errors or [],
    )
    return Response(content=problem, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _instance(request: AnyRequest) -> str:
    """The path; where it holds a secret, only as the route names it."""
    if getattr(request.scope.get("route_handler"), "opt", {}).get("secret"):
        return str(request.scope.get("path_template", ""))
    return request.scope["path"]


def _said(error: msgspec.ValidationError) -> dict[str, str]:
    message, _, path = str(error).partition(" - at `$.")
    return {"message": message, "key": path.rstrip("`").removeprefix("data.")}


def _kept_headers(error: HTTPException) -> dict[str, str]:
    return {k: v for k, v in (error.headers or {}).items() if k.lower() in ("allow", "retry-after")}


def _fields(request: AnyRequest, error: HTTPException) -> list[FieldError]:
    found = error.extra if isinstance(error.extra, list) else []
    language = language_of(request)
    return [_field(language, item) for item in found if isinstance(item, Mapping)]


def _field(language: str, item: Mapping[str, Any]) -> FieldError:
    message = str(item.get("message", ""))
    key = str(item.get("key", "")).removeprefix("data")
    named = re.search(r"field `(\w+)`", message)
    path = ".".join(part for part in (key, named[1] if named else "") if part)
    for pattern, msgid in FIELD_TEXTS:
        found = pattern.search(message)
        if found:
            return FieldError(path, text(language, msgid, **found.groupdict()))
    return FieldError(path, text(language, WRONG_KIND))
