"""What the stand-in of FCM answers, whatever the HTTP version: its token endpoint, sends, and its own log."""

import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from io import BufferedWriter
from typing import Any
from urllib.parse import parse_qs

import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.standins import fcm_schema, keys
from tests.standins.fcm_faults import OK, Plan

SEND_PATH = f"/v1/projects/{keys.PROJECT}/messages:send"
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode

# fault → status, google.rpc status, FCM's code
_REFUSALS = {
    "503": (503, "UNAVAILABLE", "UNAVAILABLE"),
    "500": (500, "INTERNAL", "INTERNAL"),
    "429": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    "401": (401, "UNAUTHENTICATED", None),
    "third_party_auth": (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
    "unregistered": (404, "NOT_FOUND", "UNREGISTERED"),
    "not_found": (404, "NOT_FOUND", None),
    "invalid_argument": (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    "sender_id_mismatch": (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `wire` says what happens instead of, or to, sending it: reset the connection, or never answer."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    wire: str = OK


@dataclass(slots=True)
class Stand:
    """State of one stand-in. `sends` holds a record for each request to send, in order of arrival."""

    plan: Plan
    record: BufferedWriter | None = None
    keep_bodies: bool = False
    sends: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    token_requests: int = 0
    _issued: dict[str, float] = field(default_factory=dict)
    _tries: Counter[tuple[str, str]] = field(default_factory=Counter)

    def answer(self, method: str, path: str, authorization: str, body: bytes) -> Answer:
        if path == SEND_PATH and method == "POST":
            return self._send(authorization, body)
        if path == "/token" and method == "POST":
            return self._token(body)
        return self._control(method, path, body)

    def revoke(self) -> None:
        """Forget every access token given out."""
        self._issued.clear()

    def flush(self) -> None:
        if self.record is not None:
            self.record.flush()

    def _send(self, authorization: str, body: bytes) -> Answer:
        try:
            request = _decode(body)
        except msgspec.DecodeError:
            request = None
        wrong = fcm_schema.fault(request, len(body))
        if wrong:
            self._note(None, "", "schema", 400)
            return _refusal("invalid_argument", violation=wrong)
        message = request["message"]
        token = message.get("token") or message.get("fid") or message.get("topic") or message["condition"]
        message_id = message.get("data", {}).get("messageId", "")
        if self.keep_bodies:
            self.bodies.append(request)
        if self._issued.get(authorization, 0.0) < time.time():
            self._note(token, message_id, "no_access", 401)
            return _refusal("401")
        return self._decided(token, message_id)

    def _decided(self, token: str, message_id: str) -> Answer:
        self._tries[token, message_id] += 1
        attempt = self._tries[token, message_id]
        fault = self.plan.fault(token, message_id, attempt)
        answer = self._faulty(fault) if fault != OK else _accepted(len(self.sends))
        self._note(token, message_id, fault, answer.status)
        return answer

    def _faulty(self, fault: str) -> Answer:
        if fault in ("reset", "hang"):
            return Answer(0, b"", wire=fault)
        if fault == "lost_answer":  # taken, and then the connection breaks: the sender cannot know
            return Answer(200, b"", wire="reset")
        if fault == "html":
            return Answer(200, b"<html>Sign in to the network</html>", (("content-type", "text/html"),))
        if fault == "malformed":
            return Answer(500, b'{"error": "\xff')
        return _refusal(fault, retry_after=self.plan.retry_after if fault in ("429", "503") else None)

    def _note(self, token: str | None, message_id: str, fault: str, status: int) -> None:
        entry = {"token": token, "messageId": message_id, "at": time.time(), "status": status, "fault": fault}
        self.sends.append(entry)
        if self.record is not None:
            self.record.write(_encode(entry) + b"\n")

    def _token(self, body: bytes) -> Answer:
        self.token_requests += 1
        down = self.plan.token_endpoint
        if down in ("hang", "reset"):
            return Answer(0, b"", wire=down)
        if down != OK:
            return _TOKEN_FAULTS[down]
        if not _assertion_holds(parse_qs(body.decode()).get("assertion", [""])[0]):
            return _TOKEN_FAULTS["refused"]
        access = secrets.token_urlsafe(24)
        self._issued[f"Bearer {access}"] = time.time() + self.plan.token_lifetime
        return _json(200, {"access_token": access, "token_type": "Bearer", "expires_in": self.plan.token_lifetime})

    def _control(self, method: str, path: str, body: bytes) -> Answer:
        match method, path:
            case "GET", "/log":
                return _json(200, self.sends)
            case "GET", "/counts":
                return _json(200, self.counts())
            case "POST", "/faults":
                self.plan.change(_decode(body))
                return _json(200, {})
        return _json(404, {"error": {"code": 404, "status": "NOT_FOUND"}})

    def counts(self) -> dict[str, Any]:
        """Requests by fault, taken messages, and how many were taken more than once (same token and message)."""
        taken = Counter((one["token"], one["messageId"]) for one in self.sends if one["fault"] in (OK, "lost_answer"))
        return {
            "requests": len(self.sends),
            "faults": dict(Counter(one["fault"] for one in self.sends)),
            "taken": len(taken),
            "repeated": sum(times - 1 for times in taken.values()),
            "tokenRequests": self.token_requests,
        }


def _json(status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status, _encode(value), (("content-type", "application/json; charset=UTF-8"), *headers))


_TOKEN_FAULTS = {
    "down": _json(503, {"error": "temporarily_unavailable"}),
    "refused": _json(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}),
    "html": Answer(200, b"<html>Sign in to the network</html>"),
}


def _accepted(number: int) -> Answer:
    return _json(200, {"name": f"projects/{keys.PROJECT}/messages/{number}"})


def _refusal(fault: str, *, retry_after: str | None = None, violation: str | None = None) -> Answer:
    status, rpc, code = _REFUSALS[fault]
    details: list[dict[str, Any]] = []
    if code:
        details.append({"@type": _FCM_ERROR, "errorCode": code})
    if violation:
        where = [{"field": violation, "description": "not a field of this message"}]
        details.append({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": where})
    error = {
        "code": status,
        "message": "The text says nothing that may be relied on.",
        "status": rpc,
        "details": details,
    }
    return _json(status, {"error": error}, (("retry-after", retry_after),) if retry_after else ())


def _assertion_holds(assertion: str) -> bool:
    """RFC 7523: signed with the service account's key, in date, for Google's token endpoint, for messaging."""
    try:
        claims = jwt.decode(assertion, RSAKey.import_key(keys.service_public_pem()), algorithms=["RS256"]).claims
    except Exception:  # any reason is a refusal
        return False
    known = claims["iss"] == keys.CLIENT_EMAIL and claims["aud"] == "https://oauth2.googleapis.com/token"
    return known and claims["exp"] > time.time() and "auth/firebase" in claims["scope"]
