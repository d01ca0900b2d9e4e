"""The HTTP client under firebase-admin's messaging: one request a push, with a time limit and a readable answer."""

import asyncio
from collections.abc import Generator
from contextvars import ContextVar
from typing import Any

import httpx
from firebase_admin import _http_client, _retry

from backend.delivery.answers import readable
from backend.delivery.types import LONGEST_SEND

# FCM: give a request at least ten seconds before it counts as lost.
PUSH_SECONDS = 10.0
TOKEN_SECONDS = 8.0
# No push of a batch begins later than this, so that the three together stay within LONGEST_SEND.
START_SECONDS = LONGEST_SEND.total_seconds() - PUSH_SECONDS - TOKEN_SECONDS - 2
# FCM allows a hundred streams on one HTTP/2 connection; ten are spared for those that time out (see `renew`). Over
# plain HTTP each request in flight is a connection of its own, and httpx's pool closes idle ones as soon as there are
# more than twenty.
IN_FLIGHT_HTTP2 = 90
IN_FLIGHT_HTTP1 = 20

start_by: ContextVar[float] = ContextVar("start_by")


class OneRequestClient:
    """Stands where firebase-admin keeps its own `HttpxAsyncClient`, and drives one with its retries switched off."""

    def __init__(self, credential: Any, url: str) -> None:
        self._auth = _Bearer(credential)
        self._inner = self._open()
        self._in_flight = 0
        self._in_doubt = False
        self._slots = asyncio.Semaphore(IN_FLIGHT_HTTP2 if url.startswith("https:") else IN_FLIGHT_HTTP1)

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Raises httpx.HTTPError only, since firebase-admin lets anything else fail the whole batch."""
        await self._take_slot()
        try:
            self._in_flight += 1
            async with asyncio.timeout(PUSH_SECONDS):
                response = await self._inner.async_client.request(method, url, **options)
            return readable(response).raise_for_status()
        except httpx.HTTPError as error:
            self._in_doubt |= isinstance(error, httpx.TimeoutException)
            raise
        except TimeoutError as error:
            self._in_doubt = True
            raise httpx.ReadTimeout("no answer in time") from error
        except Exception as error:
            raise httpx.RequestError(type(error).__name__) from error
        finally:
            self._in_flight -= 1
            self._slots.release()

    async def renew(self) -> None:
        """Begin a batch on fresh connections when the one before had time-outs.

        httpx forgets a stream that timed out without telling the server or its own HTTP/2 state, where it stays open:
        it would count against the hundred for as long as the connection lives.
        """
        if self._in_doubt and not self._in_flight:
            old, self._inner, self._in_doubt = self._inner, self._open(), False
            await old.aclose()

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _open(self) -> Any:
        once = _retry.HttpxRetry(max_retries=0)
        inner = _http_client.HttpxAsyncClient(retry_config=once, timeout=PUSH_SECONDS)
        inner.async_client.auth = self._auth
        return inner

    async def _take_slot(self) -> None:
        try:
            async with asyncio.timeout_at(start_by.get()):
                await self._slots.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("the batch's time is used up") from error


class _Bearer(httpx.Auth):
    """Adds the access token. Unlike the library's own, it never fetches one from inside a request."""

    def __init__(self, credential: Any) -> None:
        self._credential = credential

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["authorization"] = f"Bearer {self._credential.token}"
        yield request
