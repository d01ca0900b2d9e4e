"""A rush on few places over HTTP, from many phones at once, while processes are killed; and what must hold afterwards.

Three things are wanted by everybody: a seat of a workshop, the last time of an adviser, and a seat of a workshop whose
seats are all held by people who do not come back. Who gets one often gives it back, so that the rush goes on.
"""

import asyncio
import base64
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.api import builtin_identity
from backend.booking import service
from backend.booking.rules import HOLD_LASTS
from backend.calendar import DAY
from backend.clock import local_date
from backend.db.engine import Sessions, transaction
from backend.notifications.sending import is_quiet_day
from backend.settings import load
from tests import factories
from tests.booking import factories as make
from tests.booking.test_races import assert_sound
from tests.e2e.house import House, Slot

SEATS = 20
# The holds run out while the rush is on.
HELD_FOR = timedelta(seconds=2)
# What a refusal may be; anything else but success is a fault.
REFUSALS = {"session-full", "slot-taken", "already-booked", "not-offered"}
TARGETS = ("workshop", "last time", "held workshop")

ACTIVE = text("""
    SELECT s.id, s.capacity, count(b.id) AS places FROM activity_session AS s
    JOIN booking AS b ON b.session_id = s.id AND b.state IN ('held', 'booked')
    GROUP BY s.id, s.capacity HAVING count(b.id) > s.capacity
""")
OVERLAPS = text("""
    SELECT a.session_id FROM staff_time AS a JOIN staff_time AS b
    ON a.staff_id = b.staff_id AND a.span && b.span AND a.session_id <> b.session_id
""")
MADE = text("""
    SELECT b.id, b.member_id, b.state, s.kind, s.id AS session_id
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id WHERE b.created_at >= :since
""")


class Lost(Exception):
    """No answer came: it may have been done or not."""


@dataclass(frozen=True)
class Scene:
    """What is wanted, and by whom: member id → token and the item that a talk is for."""

    workshop: UUID
    held: UUID
    starts_at: datetime
    members: Mapping[UUID, tuple[str, UUID]]
    began: datetime

    def wish(self, target: str, member_id: UUID, *, hold: bool) -> tuple[str, dict[str, Any]]:
        if target == "last time":
            wish = {"startsAt": self.starts_at.isoformat(), "form": "personal", "hold": hold}
            return "/v1/me/bookings/talks", wish | {"obligationIds": [str(self.members[member_id][1])]}
        session = self.workshop if target == "workshop" else self.held
        return "/v1/me/bookings/seats", {"sessionId": str(session), "hold": hold}


@dataclass
class Tally:
    """What came of the attempts: `won` and `given back` by booking, `lost` by member and target."""

    attempts: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    won: dict[UUID, str] = field(default_factory=dict)
    given_back: set[UUID] = field(default_factory=set)
    doubtful: set[UUID] = field(default_factory=set)
    lost: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    looks: int = 0
    kills: int = 0
    seconds: float = 0.0


@dataclass
class Phone:
    """One kept connection, opened anew when it breaks."""

    port: int
    token: str
    pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            self.pipe = self.pipe or await asyncio.open_connection("127.0.0.1", self.port)
            return await asyncio.wait_for(self._exchange(path, json.dumps(body).encode()), 30)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            raise Lost from error

    async def _exchange(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        assert self.pipe
        reader, writer = self.pipe
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        return int(answer.split(b" ", 2)[1]), json.loads(await reader.readexactly(length))

    def close(self) -> None:
        if self.pipe:
            self.pipe[1].close()
        self.pipe = None


async def fill(sessions: Sessions, environment: Mapping[str, str], clients: int) -> Scene:
    """An adviser with one time left in the members' window, an empty workshop and one whose seats are all held."""
    now = clock.now()
    day = local_date(now) + 2 * DAY
    while is_quiet_day(day):
        day += DAY
    async with transaction(sessions) as session:
        branch = await factories.branch(session, branch_no="RUSH")
        await make.adviser(session, branch, 9, 10)
        crowd = await make.crowd(session, branch, clients + SEATS, started_on=local_date(now) - DAY)
        starts = [make.at(day + n * DAY, 10) for n in (1, 2)]
        workshop, held = [await make.workshop(session, capacity=SEATS, starts_at=start) for start in starts]
        for member_id in crowd[clients:]:
            await service.book_seat(session, member_id, held, now=now - HOLD_LASTS + HELD_FOR, hold=True)
        items = {one: (await make.items(session, one))["cv_job"] for one in crowd[:clients]}
        tokens = await _tokens(session, environment, crowd[:clients])
    members = {one: (tokens[one], items[one]) for one in crowd[:clients]}
    return Scene(workshop, held, make.at(day, 9), members, now)


async def _tokens(session: AsyncSession, environment: Mapping[str, str], members: Sequence[UUID]) -> dict[UUID, str]:
    """One token by the provider's own flow, the others like it, signed with its key: the flow takes a while."""
    settings = load(environment)
    rows = await session.execute(text("SELECT id, member_no FROM member WHERE id = ANY(:ids)"), {"ids": list(members)})
    numbers = {row.id: row.member_no for row in rows}
    one = builtin_identity.mint(settings, {settings.oidc_member_claim: "x"}, subject="x")
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in one.split(".")[:2])
    key = RSAKey.import_key(json.loads((settings.data / "identity" / "key.json").read_text()))
    return {
        member_id: jwt.encode(header, claims | {settings.oidc_member_claim: number, "sub": number}, key)
        for member_id, number in numbers.items()
    }


async def rush(
    scene: Scene, port: int, processes: House, sessions: Sessions, *, attempts: int, kill_at: Sequence[float], seed: int
) -> Tally:
    """All attempts, each member from a phone of their own; an API process is killed at these shares of the way."""
    tally, turns, draw = Tally(), count(), Random(seed)
    watching = asyncio.create_task(_watch(sessions, tally))
    begun = time.perf_counter()
    phones = {one: Phone(port, token) for one, (token, _) in scene.members.items()}
    deadly = {int(share * attempts): processes.slots[0] for share in kill_at}
    await asyncio.gather(*(_use(scene, one, phones[one], tally, turns, attempts, draw, deadly) for one in phones))
    tally.seconds = time.perf_counter() - begun
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return tally


async def _use(
    scene: Scene, member_id: UUID, phone: Phone, tally: Tally, turns: "count[int]", attempts: int, draw: Random,
    deadly: Mapping[int, Slot],
) -> None:  # fmt: skip
    while (turn := next(turns)) < attempts:
        tally.attempts += 1
        if turn in deadly:
            tally.kills += deadly[turn].kill()
        target = TARGETS[turn % len(TARGETS)]
        path, body = scene.wish(target, member_id, hold=draw.random() < 0.2)
        booking_id = await _attempt(phone, path, body, tally, member_id, target)
        if booking_id is not None and draw.random() < 0.7:
            await _give_back(phone, booking_id, tally)
    phone.close()


async def _attempt(
    phone: Phone, path: str, body: Mapping[str, Any], tally: Tally, member_id: UUID, target: str
) -> UUID | None:
    try:
        status, answer = await phone.post(path, body)
    except Lost:
        tally.lost[member_id, target] += 1
        tally.answers["no answer"] += 1
        return None
    if status == 201:
        tally.won[UUID(answer["id"])] = answer["state"]
        tally.answers["booked" if answer["state"] == "booked" else "held"] += 1
        return UUID(answer["id"])
    refusal = str(answer.get("type", "")).removeprefix("/problems/")
    tally.answers[refusal] += 1
    if refusal not in REFUSALS:
        tally.faults.append(f"{status} {refusal}")
    return None


async def _give_back(phone: Phone, booking_id: UUID, tally: Tally) -> None:
    try:
        status, answer = await phone.post(f"/v1/me/bookings/{booking_id}/cancel", {"reason": "other"})
    except Lost:
        tally.doubtful.add(booking_id)
        return
    if status == 200:
        tally.given_back.add(booking_id)
    else:
        tally.faults.append(f"cancel {status} {answer.get('type')}")


async def _watch(sessions: Sessions, tally: Tally) -> None:
    """Looks from outside again and again: at no moment are there too many."""
    while True:
        async with sessions() as session:
            for statement in (ACTIVE, OVERLAPS):
                found = (await session.execute(statement)).all()
                tally.faults += [f"too many: {row}" for row in found]
        tally.looks += 1
        await asyncio.sleep(0.05)


async def judge(scene: Scene, tally: Tally, sessions: Sessions) -> dict[str, Any]:
    """Every success is a row and every row a success, or of a request without answer; the figures for a reader."""
    async with sessions() as session:
        await assert_sound(session)
        rows = {row.id: row for row in await session.execute(MADE, {"since": scene.began})}
        taken = [await _places(session, one) for one in (scene.workshop, scene.held)]
    kept = {one: state for one, state in tally.won.items() if one not in tally.given_back | tally.doubtful}
    assert tally.faults == []
    assert set(tally.won) <= set(rows), "a success without a row"
    assert {one: rows[one].state for one in kept} == kept, "a success that did not last"
    assert {rows[one].state for one in tally.given_back} <= {"cancelled"}
    unanswered = Counter((rows[one].member_id, _target(scene, rows[one])) for one in set(rows) - set(tally.won))
    assert unanswered <= tally.lost, "a row that nobody asked for"
    return {
        "attempts": tally.attempts, "clients": len(scene.members), **dict(sorted(tally.answers.items())),
        "given back": len(tally.given_back), "rows": len(rows), "rows without answer": unanswered.total(),
        "seats taken of 20": taken[0], "seats taken of 20 that were held": taken[1],
        "looks from outside": tally.looks, "processes killed": tally.kills,
        "attempts/s": round(tally.attempts / tally.seconds),
    }  # fmt: skip


async def _places(session: AsyncSession, session_id: UUID) -> int:
    statement = text("SELECT taken + held FROM activity_session WHERE id = :id")
    return int(await session.scalar(statement, {"id": session_id}) or 0)


def _target(scene: Scene, row: Any) -> str:
    if row.kind == "talk":
        return "last time"
    return "workshop" if row.session_id == scene.workshop else "held workshop"
