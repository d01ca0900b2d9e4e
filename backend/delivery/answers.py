"""What an answer of FCM means for a delivery, by its code and never by its text. Pure."""

import json
import re
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import httpx

from backend.delivery.retry import parse_retry_after
from backend.delivery.types import Outcome

# Our own codes, for what FCM has none for.
TIMEOUT = "TIMEOUT"  # no answer in time: it may or may not have been taken
CONNECTION = "CONNECTION"  # no connection, or it broke
MALFORMED_ANSWER = "MALFORMED_ANSWER"  # something answered that is not FCM
NOT_STARTED = "NOT_STARTED"  # the batch's time was used up before this one's turn
ACCESS_UNAVAILABLE = "ACCESS_UNAVAILABLE"  # no access token to be had; nothing was sent
ACCESS_REFUSED = "ACCESS_REFUSED"  # our credentials were refused; nothing was sent
CLIENT_ERROR = "CLIENT_ERROR"  # the client library failed
INVALID_PUSH = "INVALID_PUSH"  # the client library would not send it

UNREGISTERED = "UNREGISTERED"
UNAUTHENTICATED = "UNAUTHENTICATED"
INVALID_ARGUMENT = "INVALID_ARGUMENT"
QUOTA_EXCEEDED = "QUOTA_EXCEEDED"

# A code is stored and logged, so nothing else may pass for one.
_CODE = re.compile(r"[A-Z][A-Z_]{1,60}")
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
# The fault is in the message or its addressing. None of these may cost the member a device.
_REJECTED = frozenset({INVALID_ARGUMENT, "SENDER_ID_MISMATCH"})
# The fault is ours (key, APNs certificate, rights) or passes by itself: the message waits for somebody to mend it.
_RETRY = frozenset({QUOTA_EXCEEDED, "UNAVAILABLE", "INTERNAL", "THIRD_PARTY_AUTH_ERROR", "APNS_AUTH_ERROR"})
_BY_STATUS = {
    400: INVALID_ARGUMENT,
    401: UNAUTHENTICATED,
    403: "PERMISSION_DENIED",
    429: QUOTA_EXCEEDED,
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_RETRY_STATUSES = frozenset({401, 403, 408, 429})
# FCM: where a 429 names no time, wait a minute.
_QUOTA_WAIT = timedelta(minutes=1)

Kind = Literal["sent", "retry", "gone", "rejected"]


def refusal(delivery_id: UUID, response: httpx.Response, now: datetime) -> Outcome:
    """The outcome of a push that was answered with anything but success."""
    code = error_code(response.status_code, _body(response))
    kind = kind_of(response.status_code, code)
    wait = parse_retry_after(response.headers.get("retry-after"), now) if kind == "retry" else None
    if code == QUOTA_EXCEEDED and wait is None:
        wait = _QUOTA_WAIT
    return Outcome(delivery_id, kind, error_code=code, retry_after=wait)


def kind_of(status: int, code: str) -> Kind:
    """UNREGISTERED alone ends a device. Of the 4xx, 429 and 408 are retried, and what is ours to mend (401, 403)."""
    if code == UNREGISTERED:
        return "gone"
    if code in _REJECTED:
        return "rejected"
    if code in _RETRY or status in _RETRY_STATUSES or not 400 <= status < 500:
        return "retry"
    return "rejected"


def error_code(status: int, body: object) -> str:
    """FCM's error code out of an answer's details, else one that the HTTP status stands for.

    A 404 without FCM's own code is a wrong project or address and says nothing about the device.
    """
    error = body.get("error") if isinstance(body, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        code = detail.get("errorCode") if isinstance(detail, dict) and detail.get("@type") == _FCM_ERROR else None
        if isinstance(code, str) and _CODE.fullmatch(code) and code != "UNSPECIFIED_ERROR":
            return code
    return _BY_STATUS.get(status, f"HTTP_{status}")


def failure(delivery_id: UUID, error: BaseException | None) -> Outcome:
    """The outcome of a push without a usable answer. FCM may have taken it; `wire.py` has the phone show it once."""
    return Outcome(delivery_id, "retry", error_code=_transport_code(error))


def _transport_code(error: BaseException | None) -> str:
    match error:
        case httpx.PoolTimeout():
            return NOT_STARTED
        case httpx.TimeoutException():
            return TIMEOUT
        case httpx.DecodingError():
            return MALFORMED_ANSWER
        case httpx.TransportError():
            return CONNECTION
    return CLIENT_ERROR


def readable(response: httpx.Response) -> httpx.Response:
    """The answer in a shape that the client library can read; it fails the whole batch over one body that it cannot.

    Raises httpx.DecodingError for a success without a message name. A refusal keeps its status, headers and FCM's code.
    """
    body = _body(response)
    if response.is_success:
        if not (isinstance(body, dict) and isinstance(body.get("name"), str) and body["name"]):
            raise httpx.DecodingError("not an answer of FCM", request=response.request)
        return response
    code = error_code(response.status_code, body)
    plain = {"error": {"code": response.status_code, "details": [{"@type": _FCM_ERROR, "errorCode": code}]}}
    wait = response.headers.get("retry-after")
    headers = {} if wait is None else {"retry-after": wait}
    return httpx.Response(response.status_code, headers=headers, json=plain, request=response.request)


def _body(response: httpx.Response) -> object:
    try:
        body: object = json.loads(response.content)
    except ValueError:
        return None
    return body
