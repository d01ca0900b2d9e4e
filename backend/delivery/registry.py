"""The shared registry of the authorities (DFDG), as a port. What is sent is known there by the id that we gave it.

By default a folder that holds each report once; with JOBVEJ_DFDG_URL a service that speaks this:
- `PUT {url}/reports/{id}` with the report as JSON. 200 or 201 with `{"number": "…"}`: it is held. The same id again
  changes nothing but what the report says. 4xx with `{"code": "…"}`: it is refused, and a person must look.
- `GET {url}/reports?since={instant}&after={id}`: what was received since then, in order of id, as
  `{"items": [{"id": "…", "digest": "…"}], "next": "…" or null}`; the digest is that of `digest` below.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

import httpx

from backend import log
from backend.delivery import folders

_log = log.get("delivery")
TIMEOUT_SECONDS = 10.0
IN_FLIGHT = 8
REPORT = "report.json"
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,60}")
_LATER = frozenset({401, 403, 408, 425, 429})


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `content` says all of it; the registry holds it under `id`."""

    id: UUID
    content: Mapping[str, Any]


class Answer(NamedTuple):
    """What came of a report; `code` says why it was not taken."""

    report_id: UUID
    kind: Literal["sent", "retry", "rejected"]
    number: str | None = None
    code: str | None = None


class Held(NamedTuple):
    """A report as the registry holds it."""

    report_no: str
    digest: str


class Registry(Protocol):
    async def send(self, batch: Sequence[Report], now: datetime) -> list[Answer]:
        """One answer per report, in order. Nothing is sent twice as two: the id says what it is."""
        ...

    async def held(self, since: datetime) -> list[Held]:
        """What the registry received since then. Raises RegistryAwayError."""
        ...

    async def close(self) -> None: ...


class RegistryAwayError(Exception):
    """The registry gave no whole list: nothing can be compared."""


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the report as JSON with sorted keys, no spaces, in UTF-8; hexadecimal."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def open_registry(url: str | None, folder: Path) -> Registry:
    return HttpRegistry(url) if url else FolderRegistry(folder)


class FolderRegistry:
    """Reports lie in `folder`/id, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, batch: Sequence[Report], now: datetime) -> list[Answer]:
        return await asyncio.to_thread(lambda: [self._put(report, now) for report in batch])

    def _put(self, report: Report, now: datetime) -> Answer:
        content = json.dumps(report.content, ensure_ascii=False, indent=1).encode()
        facts = {"digest": digest(report.content)}
        try:
            folders.put(self._folder, str(report.id), {REPORT: content}, facts, now)
        except OSError as error:
            _log.error("registry.not_written", error=type(error).__name__)
            return Answer(report.id, "retry", code="STORE_FAILED")
        return Answer(report.id, "sent", f"folder/{report.id}")

    async def held(self, since: datetime) -> list[Held]:
        return await asyncio.to_thread(lambda: [Held(*found) for found in self._read(since)])

    def _read(self, since: datetime) -> list[tuple[str, str]]:
        # What begins with a point is being written.
        receipts = {
            path.parent.name: json.loads(path.read_bytes()) for path in self._folder.glob(f"[!.]*/{folders.RECEIPT}")
        }
        recent = {name: one for name, one in receipts.items() if datetime.fromisoformat(one["available"]) >= since}
        return [(name, one["digest"]) for name, one in sorted(recent.items())]

    async def close(self) -> None:
        """Nothing is held open."""


class HttpRegistry:
    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS)

    async def send(self, batch: Sequence[Report], now: datetime) -> list[Answer]:  # noqa: ARG002
        slots = asyncio.Semaphore(IN_FLIGHT)

        async def one(report: Report) -> Answer:
            async with slots:
                return await self._put(report)

        return list(await asyncio.gather(*(one(report) for report in batch)))

    async def _put(self, report: Report) -> Answer:
        try:
            answer = await self._client.put(f"{self._url}/reports/{report.id}", json=dict(report.content))
        except httpx.HTTPError as error:
            return Answer(
                report.id, "retry", code="TIMEOUT" if isinstance(error, httpx.TimeoutException) else "CONNECTION"
            )
        return answered(report.id, answer)

    async def held(self, since: datetime) -> list[Held]:
        found: list[Held] = []
        after = ""
        while True:
            page = await self._page(since, after)
            found += [Held(str(one["id"]), str(one["digest"])) for one in page["items"]]
            after = str(page.get("next") or "")
            if not after:
                return found

    async def _page(self, since: datetime, after: str) -> Any:
        query = {"since": since.isoformat(), "after": after}
        try:
            answer = (await self._client.get(f"{self._url}/reports", params=query)).raise_for_status()
            page = answer.json()
            _ = [(one["id"], one["digest"]) for one in page["items"]]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise RegistryAwayError(type(error).__name__) from error
        return page

    async def close(self) -> None:
        await self._client.aclose()


def answered(report_id: UUID, answer: httpx.Response) -> Answer:
    """What an HTTP answer means: only a refusal of the report itself is final."""
    try:
        body = answer.json()
    except ValueError:
        body = {}
    said = body if isinstance(body, dict) else {}
    if answer.is_success:
        number = said.get("number")
        return Answer(report_id, "sent", str(number)[:100]) if number else Answer(report_id, "retry", code="MALFORMED")
    code = str(said.get("code", ""))
    code = code if _CODE.fullmatch(code) else f"HTTP_{answer.status_code}"
    final = answer.is_client_error and answer.status_code not in _LATER
    return Answer(report_id, "rejected" if final else "retry", code=code)


def next_try(attempts: int, now: datetime) -> datetime:
    """When to try again: 2, 4, 8 … minutes after, at most six hours."""
    return now + min(timedelta(minutes=2 ** min(attempts, 9)), timedelta(hours=6))
