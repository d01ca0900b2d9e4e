from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend.delivery import answers

NOW = datetime(2026, 11, 18, 8, 30, tzinfo=UTC)
FCM = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
REQUEST = httpx.Request("POST", "http://127.0.0.1/")


def body(code: str | None, status: str = "X", message: str = "") -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "errorCode": "UNREGISTERED"}]
    if code:
        details.append({"@type": FCM, "errorCode": code})
    return {"error": {"status": status, "message": message, "details": details}}


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "UNREGISTERED", "gone"),
        (400, "INVALID_ARGUMENT", "rejected"),
        (403, "SENDER_ID_MISMATCH", "rejected"),
        (429, "QUOTA_EXCEEDED", "retry"),
        (503, "UNAVAILABLE", "retry"),
        (500, "INTERNAL", "retry"),
        (401, "THIRD_PARTY_AUTH_ERROR", "retry"),
        (403, "THIRD_PARTY_AUTH_ERROR", "retry"),
        (401, None, "retry"),
        (403, None, "retry"),
        (404, None, "rejected"),
        (400, None, "rejected"),
        (413, None, "rejected"),
        (302, None, "retry"),
        (502, None, "retry"),
        (504, None, "retry"),
        (404, "SOMETHING_NEW", "rejected"),
        (503, "SOMETHING_NEW", "retry"),
        (503, "UNSPECIFIED_ERROR", "retry"),
    ],
)
def test_each_code_has_one_meaning(status: int, code: str | None, kind: str) -> None:
    outcome = answers.refusal(uuid4(), httpx.Response(status, json=body(code)), NOW)
    assert outcome.kind == kind
    if code and code != "UNSPECIFIED_ERROR":
        assert outcome.error_code == code


@pytest.mark.parametrize("code", ["event", "Anna Jensen", "X" * 80, "UNREGISTERED\n", ""])
def test_only_what_looks_like_a_code_is_kept_as_one(code: str) -> None:
    assert answers.refusal(uuid4(), httpx.Response(404, json=body(code)), NOW).error_code == "HTTP_404"


@pytest.mark.parametrize("text", ["Requested entity was not found. UNREGISTERED", "NotRegistered"])
def test_a_text_never_costs_a_device(text: str) -> None:
    refused = httpx.Response(400, json=body("INVALID_ARGUMENT", status="INVALID_ARGUMENT", message=text))
    assert answers.refusal(uuid4(), refused, NOW).kind == "rejected"
    assert answers.refusal(uuid4(), httpx.Response(404, text=text), NOW).kind == "rejected"


def test_a_429_without_retry_after_waits_a_minute_and_with_one_as_it_says() -> None:
    plain = httpx.Response(429, json=body("QUOTA_EXCEEDED"))
    told = httpx.Response(429, json=body("QUOTA_EXCEEDED"), headers={"retry-after": "7"})
    assert answers.refusal(uuid4(), plain, NOW).retry_after == timedelta(minutes=1)
    assert answers.refusal(uuid4(), told, NOW).retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'"x"',
        b'{"error": "boom"}',
        b'{"error": {"details": "no"}}',
        b'{"error":{"details":[1]}}',
    ],
)
def test_a_refusal_that_nobody_can_parse_keeps_its_status_and_header(content: bytes) -> None:
    strange = httpx.Response(503, content=content, headers={"retry-after": "9"}, request=REQUEST)
    plain = answers.readable(strange)
    assert (plain.status_code, plain.headers["retry-after"]) == (503, "9")
    assert plain.json()["error"]["details"][0]["errorCode"] == "UNAVAILABLE"


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'{"name": ""}', b'{"name": 7}'])
def test_a_success_without_a_receipt_is_no_success(content: bytes) -> None:
    with pytest.raises(httpx.DecodingError):
        answers.readable(httpx.Response(200, content=content, request=REQUEST))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx.PoolTimeout(""), "NOT_STARTED"),
        (httpx.ReadTimeout(""), "TIMEOUT"),
        (httpx.ConnectTimeout(""), "TIMEOUT"),
        (httpx.DecodingError(""), "MALFORMED_ANSWER"),
        (httpx.ConnectError(""), "CONNECTION"),
        (httpx.RemoteProtocolError(""), "CONNECTION"),
        (httpx.RequestError(""), "CLIENT_ERROR"),
        (None, "CLIENT_ERROR"),
    ],
)
def test_a_push_without_an_answer_is_tried_again(error: httpx.HTTPError | None, code: str) -> None:
    outcome = answers.failure(uuid4(), error)
    assert (outcome.kind, outcome.error_code) == ("retry", code)
