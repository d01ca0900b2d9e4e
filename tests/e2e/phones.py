"""Phones that log applications and, when no answer comes, repeat the same request until one does."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

import httpx

# What a phone repeats: no answer, a server error, too many requests.
AGAIN = (429, 500, 502, 503, 504)


@dataclass
class Phones:
    """`tokens` by member number. Each entry has an employer of its own, so that a doubled one shows."""

    url: str
    tokens: Mapping[str, str]
    draw: Random
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    logged: dict[str, str] = field(default_factory=dict)
    repeats: int = 0
    surprises: list[str] = field(default_factory=list)

    async def use(self, day: date, *, at_once: int) -> None:
        """Log entries of `day` until told to stop; what was begun is finished."""
        await asyncio.gather(*[self._use(day, lane) for lane in range(at_once)])

    async def _use(self, day: date, lane: int) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            member = self.draw.choice(sorted(self.tokens))
            employer = f"Værksted {lane}-{number}"
            body = {"appliedOn": day.isoformat(), "status": "applied", "channel": "network", "employer": employer}
            answer = await self._until_answered(member, f"key-{lane}-{number}", body)
            if answer.status_code == 201:
                self.logged[employer] = member
            else:
                self.surprises.append(f"{answer.status_code} {answer.text[:300]}")
            await asyncio.sleep(0.05)

    async def _until_answered(self, member: str, key: str, body: Mapping[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[member]}", "Idempotency-Key": key}
        while True:
            try:
                async with httpx.AsyncClient(base_url=self.url, timeout=10) as client:
                    answer = await client.post("/v1/me/job-log", json=body, headers=headers)
                if answer.status_code not in AGAIN:
                    return answer
            except httpx.HTTPError:
                pass
            self.repeats += 1
            await asyncio.sleep(0.2)
