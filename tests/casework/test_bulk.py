"""Calls and call-ins in bulk: opened once, resumed rather than doubled, closed with history."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.casework import call_ins, calls
from backend.casework.tables import CallIn, CaseHistory, Dispute, ServiceCall
from backend.course.tables import Exemption
from backend.db.types import new_id
from backend.job_log.tables import JobLogEntry
from tests import factories
from tests.casework.factories import NOW, members, rating

pytestmark = pytest.mark.db
DUE = date(2026, 11, 23)


async def _items(session: AsyncSession, ids: list[UUID], due: date = DUE) -> list[calls.NewCall]:
    return [calls.NewCall(m, (await rating(session, m)).id, due, fast=False) for m in ids]


async def _all(session: AsyncSession, table: Any) -> list[Any]:
    session.expire_all()
    return list((await session.scalars(select(table).order_by(table.id))).all())


async def test_opening_twice_opens_once(session: AsyncSession) -> None:
    ids = await members(session, 3)
    items = await _items(session, ids)
    assert set(await calls.open_many(session, items, queue="branch", now=NOW)) == set(ids)
    assert await calls.open_many(session, items, queue="branch", now=NOW) == []
    assert await calls.open_many(session, await _items(session, ids), queue="branch", now=NOW) == []
    assert [(c.state, c.due_on, c.queue) for c in await _all(session, ServiceCall)] == [("open", DUE, "branch")] * 3
    assert [h.event for h in await _all(session, CaseHistory)] == ["opened"] * 3


async def test_nothing_to_do_touches_nothing(session: AsyncSession) -> None:
    assert await calls.open_many(session, [], queue="branch", now=NOW) == []
    assert await calls.close_many(session, [], reason="improved", now=NOW) == []
    assert await call_ins.propose_many(session, [], now=NOW) == []
    assert await call_ins.flag_many(session, [], now=NOW) == []


async def test_a_suspended_call_is_resumed_with_its_new_due_day(session: AsyncSession) -> None:
    ids = await members(session, 2)
    await calls.open_many(session, await _items(session, ids), queue="branch", now=NOW)
    assert set(await calls.suspend_many(session, ids, now=NOW)) == set(ids)
    assert await calls.suspend_many(session, ids, now=NOW) == []
    later = DUE + timedelta(days=14)
    assert set(await calls.open_many(session, await _items(session, ids, later), queue="branch", now=NOW)) == set(ids)
    assert [(c.state, c.due_on) for c in await _all(session, ServiceCall)] == [("open", later)] * 2
    events = [(h.event, h.from_state, h.to_state) for h in await _all(session, CaseHistory)]
    assert events[-2:] == [("resumed", "suspended", "open")] * 2


async def test_closing_ends_every_open_kind_and_says_why(session: AsyncSession) -> None:
    ids = await members(session, 2)
    await calls.open_many(session, await _items(session, ids), queue="branch", now=NOW)
    await calls.suspend_many(session, ids[:1], now=NOW)
    assert set(await calls.close_many(session, ids, reason="improved", now=NOW)) == set(ids)
    assert {(c.state, c.ended_reason) for c in await _all(session, ServiceCall)} == {("closed", "improved")}
    closing = [h for h in await _all(session, CaseHistory) if h.event == "closed"]
    assert {h.from_state for h in closing} == {"suspended", "open"}
    assert all(h.detail == {"reason": "improved"} for h in closing)


async def test_the_database_refuses_a_second_open_call(session: AsyncSession) -> None:
    (member_id,) = await members(session, 1)
    await calls.open_many(session, await _items(session, [member_id]), queue="branch", now=NOW)
    second = ServiceCall(
        id=new_id(), member_id=member_id, queue="branch", fast=False, state="suspended", due_on=DUE, opened_at=NOW
    )
    session.add(second)
    with pytest.raises(IntegrityError, match="uq_service_call_open"):
        await session.flush()


async def test_a_proposal_keeps_both_sides(session: AsyncSession) -> None:
    member = await factories.member(session)
    made = await rating(session, member.id, colour="red")
    await _both_sides(session, member.id, made.id)
    proposal = call_ins.NewProposal(member.id, made.id, {"counted": 3, "required": 8})
    assert await call_ins.propose_many(session, [proposal], now=NOW) == [member.id]
    assert await call_ins.propose_many(session, [proposal], now=NOW) == []
    (found,) = await _all(session, CallIn)
    sheet = found.evidence
    assert sheet["rating"] == {"counted": 3, "required": 8}
    assert sheet["made_on"] == "2026-11-18"
    assert [(e["employer"], e["days_late"]) for e in sheet["entries"]] == [("Vestas", 9)]
    assert [(x["type"], x["pending"]) for x in sheet["exemptions"]] == [("ferie", True)]
    assert [r["min_per_week"] for r in sheet["requirements"]] == [2]
    assert [d["text"] for d in sheet["disputes"]] == ["I did search"]


async def _both_sides(session: AsyncSession, member_id: UUID, rating_id: UUID) -> None:
    entry = {"channel": "posted", "hours": "full", "postcode": "", "title": "Smed", "has_document": False}
    session.add(
        JobLogEntry(
            id=new_id(), member_id=member_id, applied_on=date(2026, 11, 6), logged_at=NOW, logged_on=date(2026, 11, 15),
            status="applied", employer="Vestas", source="app", **entry,
        )
    )  # fmt: skip
    session.add(
        Exemption(
            id=new_id(), member_id=member_id, type="ferie", from_on=date(2026, 11, 25), source="staff", granted_at=NOW
        )
    )
    session.add(
        Dispute(id=new_id(), member_id=member_id, rating_id=rating_id, state="open", text="I did search", opened_at=NOW)
    )
    await session.flush()


async def test_a_proposal_is_flagged_once(session: AsyncSession) -> None:
    member = await factories.member(session)
    made = await rating(session, member.id, colour="red")
    await call_ins.propose_many(session, [call_ins.NewProposal(member.id, made.id, {})], now=NOW)
    assert await call_ins.flag_many(session, [member.id], now=NOW) == [member.id]
    assert await call_ins.flag_many(session, [member.id], now=NOW) == []
    (found,) = await _all(session, CallIn)
    assert (found.state, found.flagged_at) == ("proposed", NOW)
    assert [h.event for h in await _all(session, CaseHistory)] == ["proposed", "flagged"]
