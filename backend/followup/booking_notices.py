"""What members are told about bookings and places in line. Read from how things stand: repeated, nothing is new."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.course import plans
from backend.i18n import N_, phone
from backend.i18n import text as said
from backend.notices import service as notices
from backend.notices.service import NewNotice
from backend.notifications import service as notifications
from backend.notifications.sending import WAS
from backend.notifications.service import NewMessage

# Of a hold nobody is told; `sequence` rises with each move and with the cancellation.
BOOKINGS = text("""
    SELECT b.id, b.member_id, b.state, b.sequence, coalesce(lower(t.span), s.starts_at) AS starts_at,
        (SELECT m.params ->> 'at' FROM message AS m
         WHERE m.member_id = b.member_id AND m.key IN ('N06', 'N06.changed') AND m.period LIKE b.id || ':%'
         ORDER BY m.id DESC LIMIT 1) AS told
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id
    LEFT JOIN member_time AS t ON t.booking_id = b.id
    WHERE b.id = ANY(CAST(:ids AS uuid[])) AND b.booked_at IS NOT NULL AND b.state IN ('booked', 'cancelled')
      AND s.ends_at > :now
    ORDER BY b.member_id, b.id
""")
OFFERS = text("""
    SELECT w.id, w.member_id, w.offer_until, s.activity, m.language
    FROM waiting_entry AS w JOIN activity_session AS s ON s.id = w.session_id JOIN member AS m ON m.id = w.member_id
    WHERE w.session_id = ANY(CAST(:sessions AS uuid[])) AND w.state = 'offered' AND w.offered_at = :now
    ORDER BY w.member_id, w.id
""")
ABSENT = text("""
    SELECT b.id, b.member_id, b.booked_by, s.starts_at, s.form, m.language, m.phone,
        coalesce(s.place, p.name || ', ' || p.city) AS place, w.name AS holder
    FROM booking AS b JOIN activity_session AS s ON s.id = b.session_id JOIN member AS m ON m.id = b.member_id
    JOIN branch AS p ON p.id = coalesce(s.branch_id, m.branch_id) LEFT JOIN staff AS w ON w.id = s.staff_id
    WHERE b.id = ANY(CAST(:ids AS uuid[])) AND b.state = 'absent' AND b.lawful IS NOT TRUE
    ORDER BY b.member_id, b.id
""")
PLACES = {
    "phone": N_("on the phone, we call you"),
    "video": N_("by video, see the app"),
    "letter": N_("by letter"),
}
IN_THE_APP = N_("by the link in the app")
AT_THE_BRANCH = N_("at your branch, see the app")


async def tell(session: AsyncSession, booking_ids: Collection[UUID], *, now: datetime) -> int:
    """N06 for each booking as it stands: booked, changed or cancelled, once for each change; how many were new.

    What they were told before goes with it: a change of today's talk is for today, whenever it is held now.
    """
    rows = await session.execute(BOOKINGS, {"ids": list(booking_ids), "now": now})
    return await notifications.send(session, [_told(row) for row in rows], now=now)


async def offer(session: AsyncSession, session_ids: Collection[UUID], *, set_name: str, now: datetime) -> int:
    """N22 for the seats that were offered at `now` in these sessions; how many were new."""
    rows = await session.execute(OFFERS, {"sessions": list(session_ids), "now": now})
    return await notifications.send(session, [_offered(row, set_name) for row in rows], now=now)


async def no_show(session: AsyncSession, booking_ids: Sequence[UUID], *, now: datetime) -> int:
    """The letter of N07 to those who stayed away from a talk of today without a lawful reason; how many were new.

    It says that benefit is lost from today: of an absence that is registered later a person tells the member.
    """
    rows = await session.execute(ABSENT, {"ids": list(booking_ids)})
    found = [_missed(row) for row in rows if local_date(row.starts_at) == local_date(now)]
    return await notices.send(session, found, now=now)


def _missed(row: Row[Any]) -> NewNotice:
    """A talk that a member booked counts as being called in; one that staff booked was their call-in."""
    by_phone = row.form == "phone"
    letter: dict[str, object] = {
        "talk_at": row.starts_at,
        "form": row.form if row.form in ("phone", "video") else "attendance",
        "place": phone(row.phone) if by_phone else said(row.language, IN_THE_APP) if row.form == "video" else row.place,
    }
    return NewNotice(
        member_id=row.member_id,
        template="no_show",
        period=str(row.id),
        letter=letter | ({"holder": row.holder} if row.holder else {}),
        origin="called_in" if row.booked_by else "self_booked",
        approved_by=row.booked_by,
        cause={"no_show": str(row.id)},
    )


def where(language: str, form: str | None, place: str | None) -> str:
    """Where a talk is held, in the member's words."""
    return said(language, PLACES[form]) if form in PLACES else place or said(language, AT_THE_BRANCH)


def _told(row: Row[Any]) -> NewMessage:
    key = "N06.cancelled" if row.state == "cancelled" else "N06.changed" if row.sequence else "N06"
    cause = {"booking": str(row.id), "at": row.starts_at.isoformat()} | ({WAS: row.told} if row.told else {})
    return NewMessage(row.member_id, key, f"{row.id}:{row.sequence}", {"at": row.starts_at}, cause)


def _offered(row: Row[Any], set_name: str) -> NewMessage:
    params = {"activity": plans.title(set_name, row.activity, row.language), "until": row.offer_until}
    return NewMessage(row.member_id, "N22", str(row.id), params, {"seat": str(row.id)})
