"""The API as the pages use it: in process, as the person who is signed in, through the same door as everybody.

A page has no right of its own: who may see what, the access log, idempotency and the transaction are the API's.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx
from litestar.types import ASGIApp, Receive, Scope, Send

from backend.api.door import TRUSTED

# Seconds for one call of our own; nothing leaves the process.
IN_PROCESS = 60.0


@dataclass(frozen=True, slots=True)
class _As:
    """On whose behalf a call is made, and from where."""

    claims: Mapping[str, Any] | None
    address: str


_on_behalf: ContextVar[_As] = ContextVar("on_behalf")


@dataclass(slots=True)
class Refused(Exception):
    """The API said no. `problem` is its problem document (type, title, status, field, errors)."""

    status: int
    problem: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """What is downloaded through a page."""

    content: bytes
    media_type: str
    headers: Mapping[str, str]


class Api:
    """The API in this process."""

    def __init__(self, app: ASGIApp) -> None:
        async def as_signed_in(scope: Scope, receive: Receive, send: Send) -> None:
            who = _on_behalf.get()
            inner: Any = scope
            inner["client"] = (who.address, 0)
            if who.claims is not None:
                inner[TRUSTED] = dict(who.claims)
            await app(scope, receive, send)

        transport = httpx.ASGITransport(app=as_signed_in, raise_app_exceptions=False)  # type: ignore[arg-type]
        self._client = httpx.AsyncClient(
            transport=transport, base_url="http://jobvej", trust_env=False, timeout=IN_PROCESS
        )

    def of(self, claims: Mapping[str, Any] | None, language: str, address: str) -> "Caller":
        """The API for one request of somebody at this address; without claims, only what is public."""
        return Caller(self._client, claims, language, address)


@dataclass(frozen=True, slots=True)
class Caller:
    """The API as one person sees it. Every method raises Refused."""

    _client: httpx.AsyncClient
    claims: Mapping[str, Any] | None
    language: str
    address: str

    async def get(self, path: str, **params: object) -> Any:
        """The answer's JSON; parameters that are None or empty are left out."""
        given = {name: _plain(value) for name, value in params.items() if value not in (None, "", [], ())}
        return _json(await self._send("GET", path, params=given))

    async def post(
        self, path: str, body: object = None, *, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """`key` makes a repeated form do nothing twice."""
        headers = {"Idempotency-Key": key, **(headers or {})} if key else dict(headers or {})
        return _json(await self._send("POST", path, json=body, headers=headers))

    async def put(self, path: str, body: object = None, *, headers: Mapping[str, str] | None = None) -> Any:
        return _json(await self._send("PUT", path, json=body, headers=dict(headers or {})))

    async def patch(self, path: str, body: object = None, *, headers: Mapping[str, str] | None = None) -> Any:
        return _json(await self._send("PATCH", path, json=body, headers=dict(headers or {})))

    async def delete(self, path: str) -> Any:
        return _json(await self._send("DELETE", path))

    async def upload(self, path: str, name: str, content: bytes, media_type: str, *, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return _json(await self._send("POST", path, files={"file": (name, content, media_type)}, headers=headers))

    async def download(self, path: str, **params: object) -> File:
        given = {name: _plain(value) for name, value in params.items() if value not in (None, "", [], ())}
        answer = await self._send("GET", path, params=given)
        kept = {name: answer.headers[name] for name in ("content-disposition",) if name in answer.headers}
        return File(answer.content, answer.headers["content-type"], kept)

    async def _send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **rest: Any
    ) -> httpx.Response:
        token = _on_behalf.set(_As(self.claims, self.address))
        sent = {"Accept-Language": self.language, **(headers or {})}
        if rest.get("json", True) is None:
            del rest["json"]
        try:
            answer = await self._client.request(method, path, headers=sent, **rest)
        finally:
            _on_behalf.reset(token)
        if answer.status_code >= 400:
            raise Refused(answer.status_code, _problem(answer))
        return answer


def _plain(value: object) -> str | list[str]:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _json(answer: httpx.Response) -> Any:
    return answer.json() if answer.content else None


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    if "json" in answer.headers.get("content-type", ""):
        found = answer.json()
        if isinstance(found, dict):
            return found
    return {"title": "", "status": answer.status_code}
