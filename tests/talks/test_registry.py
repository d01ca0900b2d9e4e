"""Reports reach the registry once each and in order, whatever fails; what differs is seen, sent again or given up."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions
from backend.db.types import new_id
from backend.delivery import registry as port
from backend.delivery.registry import Held, Report
from backend.jobs import registry as job
from backend.talks import errors, registry, registry_errors
from tests import factories
from tests.talks.registries import Faulty, KilledError

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


async def reports(session: AsyncSession, members: int = 1, each: int = 3) -> list[UUID]:
    """Ids of reports, member by member in the order in which they must go out."""
    found = []
    for _ in range(members):
        member = await factories.member(session)
        for n in range(each):
            found.append(new_id())
            await session.execute(
                text("""INSERT INTO registry_report (id, member_id, kind, subject_id, payload, due_at, created_at)
                        VALUES (:id, :m, 'booked', :id, CAST(:p AS jsonb), :now, :now)"""),
                {"id": found[-1], "m": member.id, "p": json.dumps({"n": n, "name": "Ærø"}), "now": NOW},
            )
    await session.commit()
    return found


async def states(session: AsyncSession) -> list[tuple[str, str | None]]:
    rows = await session.execute(text("SELECT state, error_code FROM registry_report ORDER BY seq"))
    return [(row.state, row.error_code) for row in rows]


async def send(sessions: Sessions, fake: Faulty, after: timedelta = timedelta()) -> int:
    return await job.send_all(sessions, fake, now=lambda: NOW + after)


@pytest.mark.db
async def test_a_members_reports_go_out_in_order_and_once(sessions: Sessions, session: AsyncSession) -> None:
    ids = await reports(session, members=3)
    fake = Faulty()
    assert await send(sessions, fake) == 9
    assert sorted(fake.order) == sorted(ids)
    for n in range(0, 9, 3):
        assert [one for one in fake.order if one in ids[n : n + 3]] == ids[n : n + 3]
    assert await states(session) == [("sent", None)] * 9
    assert await send(sessions, fake) == 0


@pytest.mark.db
async def test_killed_between_sending_and_recording_nothing_is_lost_or_held_twice(
    sessions: Sessions, session: AsyncSession
) -> None:
    ids = await reports(session)
    fake = Faulty("kill")
    with pytest.raises(KilledError):
        await send(sessions, fake)
    assert await send(sessions, fake, timedelta(minutes=1)) == 0, "the lease of the dead one runs"
    assert await send(sessions, fake, timedelta(minutes=6)) == 3
    assert (fake.order, fake.calls) == (ids, 4)
    assert await states(session) == [("sent", None)] * 3


@pytest.mark.db
async def test_what_fails_is_tried_again_later_and_holds_the_members_next_back(
    sessions: Sessions, session: AsyncSession
) -> None:
    ids = await reports(session)
    fake = Faulty("away", "lost_answer")
    assert await send(sessions, fake) == 1
    assert fake.order == []
    assert await send(sessions, fake, timedelta(minutes=1)) == 0
    assert await send(sessions, fake, timedelta(minutes=3)) == 1
    assert await send(sessions, fake, timedelta(minutes=30)) == 3
    assert (fake.order, fake.calls) == (ids, 5)


@pytest.mark.db
async def test_a_refusal_is_seen_sent_again_or_given_up(sessions: Sessions, session: AsyncSession) -> None:
    ids = await reports(session)
    fake = Faulty("refuse", "refuse")
    await send(sessions, fake)
    assert await states(session) == [("failed", "UNKNOWN_MEMBER"), ("waiting", None), ("waiting", None)]
    [trouble] = await registry_errors.troubles(session, after=0, limit=10)
    assert (trouble.id, trouble.waiting_behind) == (ids[0], 2)
    opened = await session.execute(text("SELECT kind, params FROM alert WHERE ended_at IS NULL"))
    assert [tuple(row) for row in opened] == [("registry_errors", {"n": 1})]
    await registry_errors.retry(session, ids[0], now=NOW)
    await send(sessions, fake)
    staff = await factories.staff(session)
    with pytest.raises(errors.ReasonNeeded):
        await registry_errors.give_up(session, ids[0], by=staff.id, reason=" ", now=NOW)
    await registry_errors.give_up(session, ids[0], by=staff.id, reason="Registered by hand", now=NOW)
    with pytest.raises(errors.ReportSettled):
        await registry_errors.retry(session, ids[0], now=NOW)
    await send(sessions, fake)
    assert fake.order == ids[1:]
    assert await session.scalar(text("SELECT count(*) FROM alert WHERE ended_at IS NULL")) == 0


@pytest.mark.db
async def test_what_the_registry_lost_changed_or_has_from_nowhere_comes_on_the_error_list(
    sessions: Sessions, session: AsyncSession
) -> None:
    ids = await reports(session)
    fake = Faulty("swallow")
    await send(sessions, fake)
    changed = fake.reports[ids[1]]
    fake.reports[ids[1]] = Report(changed.id, {**changed.content, "n": 99})
    later = NOW + timedelta(hours=3)

    async def compare(*more: Held) -> int:
        held = [*await fake.held(NOW), *more]
        return await registry_errors.reconcile(session, held, since=NOW - timedelta(days=30), now=later)

    assert await compare(Held("stray-1", "x")) == 3
    assert await states(session) == [("failed", "MISSING"), ("failed", "DIFFERENT"), ("sent", None)]
    assert [no for no, _ in await registry_errors.strays(session)] == ["stray-1"]
    assert await compare() == 2, "the stray is gone"
    fake.reports[ids[1]] = changed
    await registry_errors.retry(session, ids[0], now=NOW)
    await session.commit()
    await send(sessions, fake)
    assert await compare() == 0
    assert await states(session) == [("sent", None)] * 3


@pytest.mark.db
async def test_what_is_never_answered_ends_with_a_person(sessions: Sessions, session: AsyncSession) -> None:
    await reports(session, each=1)
    fake = Faulty(*["away"] * registry.MOST_TRIES)
    for n in range(registry.MOST_TRIES):
        await send(sessions, fake, timedelta(days=n))
    assert await states(session) == [("failed", "CONNECTION")]


@given(attempts=st.integers(1, 40))
@settings(max_examples=40)
def test_the_pause_grows_to_six_hours(attempts: int) -> None:
    pause = port.next_try(attempts, NOW) - NOW
    assert timedelta(minutes=2) <= pause <= timedelta(hours=6)
    assert pause <= port.next_try(attempts + 1, NOW) - NOW


async def test_the_folder_holds_each_report_once(tmp_path: Path) -> None:
    opened = port.open_registry(None, tmp_path / "dfdg")
    report = Report(new_id(), {"kind": "talk_held", "memberNo": "7", "name": "Ærø"})
    for _ in range(2):
        [answer] = await opened.send([report], NOW)
        assert answer.kind == "sent"
    # One that is being written is none yet.
    shutil.copytree(tmp_path / "dfdg" / str(report.id), tmp_path / "dfdg" / f".{report.id}.draft")
    assert await opened.held(NOW - timedelta(days=1)) == [Held(str(report.id), port.digest(report.content))]
    assert await opened.held(NOW + timedelta(days=1)) == []


def answering(status: int, body: Any = None) -> port.Answer:
    return port.answered(UUID(int=1), httpx.Response(status, json=body))


def test_what_answers_mean() -> None:
    assert answering(201, {"number": "A-7"})[1:] == ("sent", "A-7", None)
    assert answering(200, {})[1] == "retry"
    assert answering(422, {"code": "UNKNOWN_MEMBER"})[1:] == ("rejected", None, "UNKNOWN_MEMBER")
    assert answering(400, {"code": "some free text"})[3] == "HTTP_400"
    assert {answering(status)[1] for status in (401, 403, 408, 429, 500, 503)} == {"retry"}


async def test_the_service_is_spoken_to_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(new_id(), {"kind": "booked"})
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.url.path))
        if request.method == "PUT":
            return httpx.Response(201, json={"number": "1"})
        first = not request.url.params["after"]
        item = {"id": str(report.id) if first else "b", "digest": "d"}
        return httpx.Response(200, json={"items": [item], "next": "b" if first else None})

    opened = port.HttpRegistry("https://registry.example/v1/")
    await opened.close()
    monkeypatch.setattr(opened, "_client", httpx.AsyncClient(transport=httpx.MockTransport(answer)))
    assert [one.kind for one in await opened.send([report], NOW)] == ["sent"]
    assert [one.report_no for one in await opened.held(NOW)] == [str(report.id), "b"]
    assert seen[0] == ("PUT", f"/v1/reports/{report.id}")
    await opened.close()
    away = port.HttpRegistry("http://127.0.0.1:9")
    assert [one[1:] for one in await away.send([report], NOW)] == [("retry", None, "CONNECTION")]
    with pytest.raises(port.RegistryAwayError):
        await away.held(NOW)
    await away.close()
