"""Pushes through FCM, by firebase-admin's own client with a retry policy of ours.

What firebase-admin 7.7.0 does by itself when sending asynchronously, and what is done about it here:

- A 500 or 503 is sent again up to four times within the call (after 0, 1, 2 and 4 s), whatever Retry-After says: what
  counts as one attempt is five requests. Here every push is one request (`client.py`, `max_retries=0`) and `retry.py`
  decides the rest.
- An access token is fetched inside the event loop by a blocking call that may take two minutes, and again by each
  request of the batch when that fails or a 401 comes. Here it is fetched at most once per batch, before it, in a
  thread.
- An answer that it cannot parse fails the call, and with it all that is known of the other 499 pushes. Here each answer
  is made readable first (`answers.readable`), and each push has its own limit in time.

It keeps the client and the address in private attributes; the version is pinned and tests/delivery/test_fcm.py notices
a change.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import firebase_admin
from firebase_admin import credentials, exceptions, messaging
from google.auth import exceptions as auth_exceptions
from google.auth.transport.requests import Request

from backend import log
from backend.delivery import answers, wire
from backend.delivery.client import START_SECONDS, TOKEN_SECONDS, OneRequestClient, start_by
from backend.delivery.types import MAX_BATCH, Outcome, Push

_log = log.get("delivery")


def open_sender(credentials_file: Path, url: str | None = None) -> "FcmSender":
    """Open the channel with a service-account file, towards FCM or another server that speaks its HTTP v1.

    `url` is that server's root, or its full address with the project as `{0}`; a certificate of its own is trusted
    through SSL_CERT_FILE. Raises OSError or ValueError when the file is not a service account's.
    """
    certificate = credentials.Certificate(str(credentials_file))
    app = firebase_admin.initialize_app(certificate, name=f"jobvej-{uuid4()}")
    service = messaging._get_messaging_service(app)
    if url is not None:
        service._fcm_url = send_url(url, app.project_id)
    credential = certificate.get_credential()
    service._async_client = client = OneRequestClient(credential, service._fcm_url)
    return FcmSender(app, client, credential)


def send_url(url: str, project: str) -> str:
    """The address that pushes are posted to at another server."""
    root = url.rstrip("/")
    if not root.endswith("messages:send"):
        root = f"{root.removesuffix('/v1')}/v1/projects/{{0}}/messages:send"
    return root.replace("{0}", project)


class FcmSender:
    """An open channel, bound to one event loop. Made by `open_sender`."""

    def __init__(self, app: firebase_admin.App, client: OneRequestClient, credential: Any) -> None:
        self._app = app
        self._client = client
        self._credential = credential
        self._fetching = asyncio.Lock()

    async def send(self, batch: Sequence[Push], now: datetime) -> list[Outcome]:
        """One outcome per push, in order, within LONGEST_SEND. Raises ValueError for more than 500."""
        if len(batch) > MAX_BATCH:
            raise ValueError(f"A batch holds at most {MAX_BATCH} pushes.")
        if not batch:
            return []
        trouble = await self._token_trouble()
        if trouble:
            return [Outcome(push.delivery_id, "retry", error_code=trouble) for push in batch]
        await self._client.renew()
        outcomes = await self._send_encodable(batch, now)
        if any(outcome.error_code == answers.UNAUTHENTICATED for outcome in outcomes):
            self._credential.token = None  # the next batch fetches another
        _report(outcomes)
        return outcomes

    async def close(self) -> None:
        """Close the connections. The sender is of no use afterwards."""
        await self._client.aclose()
        # In a thread, since the library's own closing starts an event loop.
        await asyncio.to_thread(firebase_admin.delete_app, self._app)

    async def _token_trouble(self) -> str | None:
        """See to an access token that outlives the batch (google-auth renews it 225 s early). An error code if not."""
        try:
            async with asyncio.timeout(TOKEN_SECONDS), self._fetching:
                if not self._credential.valid:
                    await asyncio.to_thread(self._credential.refresh, _fetch)
        except Exception as error:  # whatever it is, nothing can be sent, and each push is to be answered
            refused = isinstance(error, auth_exceptions.RefreshError) and not error.retryable
            _log.warning("push.no_access_token", error=type(error).__name__, refused=refused)
            return answers.ACCESS_REFUSED if refused else answers.ACCESS_UNAVAILABLE
        return None

    async def _send_encodable(self, batch: Sequence[Push], now: datetime) -> list[Outcome]:
        """A push that the library refuses to encode must not stop the others."""
        messages = [wire.message(push, now) for push in batch]
        try:
            return await self._call(batch, messages, now)
        except ValueError:  # raised while encoding, before anything was sent
            bad = [not _encodes(whole) for whole in messages]
        good = [pair for pair, is_bad in zip(zip(batch, messages, strict=True), bad, strict=True) if not is_bad]
        sent = iter(await self._call([push for push, _ in good], [whole for _, whole in good], now))
        return [
            Outcome(push.delivery_id, "rejected", error_code=answers.INVALID_PUSH) if is_bad else next(sent)
            for push, is_bad in zip(batch, bad, strict=True)
        ]

    async def _call(self, batch: Sequence[Push], messages: list[messaging.Message], now: datetime) -> list[Outcome]:
        start_by.set(asyncio.get_running_loop().time() + START_SECONDS)
        try:
            whole = await messaging.send_each_async(messages, app=self._app)
        except exceptions.FirebaseError as error:
            _log.error("push.call_failed", error=type(error.cause).__name__, size=len(batch))
            return [answers.failure(push.delivery_id, None) for push in batch]
        return [_outcome(push, answer, now) for push, answer in zip(batch, whole.responses, strict=True)]


def _outcome(push: Push, answer: messaging.SendResponse, now: datetime) -> Outcome:
    if answer.success:
        return Outcome(push.delivery_id, "sent", provider_id=answer.message_id)
    if answer.exception.http_response is not None:
        return answers.refusal(push.delivery_id, answer.exception.http_response, now)
    return answers.failure(push.delivery_id, answer.exception.cause)


def _fetch(**call: Any) -> Any:
    return Request()(timeout=TOKEN_SECONDS, **call)


def _encodes(whole: messaging.Message) -> bool:
    try:
        messaging._MessagingService.encode_message(whole)
    except ValueError:
        return False
    return True


def _report(outcomes: Sequence[Outcome]) -> None:
    """Only a batch with failures is worth a line; the counts say what to look at."""
    failures = Counter(outcome.error_code for outcome in outcomes if outcome.error_code)
    if failures:
        _log.warning("push.failures", size=len(outcomes), codes=dict(failures))
