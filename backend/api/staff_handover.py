"""Handing members over to the jobcentre, and the hours of benefit that lead there."""

import asyncio
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody

from backend.api import notices_view
from backend.api.door import Exchange, exchange
from backend.api.given import Colleague, Now, Session, Today
from backend.api.wire import Input, Wire
from backend.benefit import hours
from backend.benefit.hours import Paid
from backend.talks import handover, packet

AnyRequest = Request[Any, Any, Any]


class HoursInput(Input):
    """Hours of benefit that were paid for the month that a day lies in."""

    month: date
    hours: Annotated[float, msgspec.Meta(ge=0, le=250)]


class HandoverStaffView(Wire):
    """When the hours paid pass the limit, and the packet of plan, minutes and agreements as it stands or was handed.

    `missing` names what the plan lacks before it can be handed over. `certain`: the limit is passed already. Without a
    limit the member has had the jobcentre from the first day.
    """

    hours: float | None
    limit: int | None
    handover_on: date | None
    certain: bool
    handed_on: date | None
    missing: list[str]
    packet: dict[str, Any]


class HandedOverView(Wire):
    handed_on: date


@get("/v1/staff/members/{member_id:uuid}/handover", operation_id="getHandover", tags=["talks"])
async def get_handover(session: Session, now: Now, today: Today, member_id: FromPath[UUID]) -> HandoverStaffView:
    """When a member goes over to the jobcentre, and what it is given."""
    found = await handover.kept(session, await handover.packet(session, member_id, now=now))
    ahead = await handover.ahead(session, [member_id], today=today)
    one = ahead[0].forecast if ahead else None
    return HandoverStaffView(
        hours=one.hours if one else None,
        limit=one.limit if one else None,
        handover_on=one.handover_on if one else None,
        certain=bool(one and one.certain),
        handed_on=found.handed_on,
        missing=list(found.missing),
        packet=dict(found.content),
    )


async def with_packet(request: AnyRequest, known: Exchange) -> bytes:
    """The packet as PDF, made while no transaction is open."""
    found = await handover.packet(known.session, request.path_params["member_id"], now=known.now)
    found = await handover.kept(known.session, found)
    await known.session.rollback()
    return await asyncio.to_thread(packet.pdf, found, made_at=known.now)


@get(
    "/v1/staff/members/{member_id:uuid}/handover/packet",
    operation_id="getHandoverPacket",
    tags=["talks"],
    media_type="application/pdf",
    opt={"prepare": with_packet},
)
async def get_packet(request: AnyRequest, member_id: FromPath[UUID]) -> Response[bytes]:
    """The packet as a document, archivable and readable by machines."""
    content = exchange(request.scope).prepared
    assert isinstance(content, bytes)
    return notices_view.attachment(content, f"{member_id}.pdf", "application/pdf")


@post("/v1/staff/members/{member_id:uuid}/handover", operation_id="handOver", tags=["talks"])
async def hand_over(session: Session, staff: Colleague, now: Now, member_id: FromPath[UUID]) -> HandedOverView:
    """Hand the member over. The packet is kept as it is now; a plan that lacks something is refused."""
    done = await handover.hand_over(session, member_id, by=staff.id, now=now)
    assert done.handed_on is not None, "it was just done"
    return HandedOverView(handed_on=done.handed_on)


@put(
    "/v1/staff/members/{member_id:uuid}/benefit-hours",
    operation_id="setBenefitHours",
    tags=["talks"],
    status_code=204,
)
async def set_hours(
    session: Session, staff: Colleague, now: Now, member_id: FromPath[UUID], data: JSONBody[HoursInput]
) -> None:
    """Note the hours of benefit of a month; a later figure replaces an earlier one."""
    await hours.store(session, Paid(member_id, data.month, data.hours), by=staff.id, now=now)


HANDLERS = (get_handover, get_packet, hand_over, set_hours)
