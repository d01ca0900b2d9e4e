"""A member changes what they are told, how and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.delivery import addresses
from backend.errors import Invalid
from backend.i18n import N_
from backend.members import service as members
from backend.notifications import policy
from backend.notifications.categories import BY_KEY
from backend.notifications.policy import Policy
from backend.notifications.preferences_view import EARLIEST_QUIET, LATEST_QUIET, is_fixed, offered
from backend.notifications.sending import Channel


@dataclass(frozen=True, slots=True)
class NewWish:
    """Whether a channel is wanted for a category; None goes back to what holds for everybody."""

    category: str
    channel: Channel
    wanted: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to change; what is `"same"` stays. Quiet hours of None: only the fund's own."""

    language: Literal["da", "en", "same"] = "same"
    announce_by: Channel | Literal["same"] = "same"
    quiet_from: time | Literal["same"] | None = "same"
    quiet_until: time | Literal["same"] | None = "same"
    wishes: Sequence[NewWish] = ()


async def change(session: AsyncSession, member_id: UUID, wanted: Change, *, now: datetime) -> None:
    """Store the choices; they hold for what is sent from now on. Raises Invalid, naming the field."""
    _check_hours(wanted, await policy.in_force(session, local_date(now)))
    for place, wish in enumerate(wanted.wishes):
        _check_wish(wish, f"wishes[{place}]")
    if wanted.announce_by in ("sms", "email"):
        await _check_address(session, member_id, wanted.announce_by)
    if wanted.language != "same":
        await members.set_language(session, member_id, wanted.language)
    await session.execute(_SET, _settings(member_id, wanted, now))
    await _store_wishes(session, member_id, wanted.wishes, now)


def _check_hours(wanted: Change, rules: Policy) -> None:
    for field, value, first, last in (
        ("quietFrom", wanted.quiet_from, EARLIEST_QUIET, rules.quiet_from),
        ("quietUntil", wanted.quiet_until, rules.quiet_until, LATEST_QUIET),
    ):
        if isinstance(value, time) and not first <= value <= last:
            raise Invalid(N_("Choose a time from {first} to {last}."), field=field, first=first, last=last)


def _check_wish(wish: NewWish, field: str) -> None:
    if wish.category not in BY_KEY:
        raise Invalid(N_("There are no messages of this kind."), field=f"{field}.category")
    if is_fixed(wish.category):
        raise Invalid(N_("Important letters cannot be turned off."), field=f"{field}.category")
    if wish.channel not in offered(wish.category):
        raise Invalid(N_("Messages of this kind never come this way."), field=f"{field}.channel")


async def _check_address(session: AsyncSession, member_id: UUID, channel: Channel) -> None:
    found = (await session.execute(_ADDRESSES, {"member": member_id})).one()
    if not (addresses.phone(found.phone) if channel == "sms" else addresses.email(found.email)):
        raise Invalid(N_("We have no address of yours for this. Call us, and we will note it."), field="announceBy")


def _settings(member_id: UUID, wanted: Change, now: datetime) -> dict[str, object]:
    """Each value with whether it is given at all: one statement, so that two changes at once both hold."""
    given = {"begins": wanted.quiet_from, "ends": wanted.quiet_until, "by": wanted.announce_by}
    values = {name: None if value == "same" else value for name, value in given.items()}
    return {
        "member": member_id,
        "now": now,
        **values,
        **{f"new_{name}": value != "same" for name, value in given.items()},
    }


async def _store_wishes(session: AsyncSession, member_id: UUID, wishes: Sequence[NewWish], now: datetime) -> None:
    last = {(wish.category, wish.channel): wish.wanted for wish in wishes}
    dropped = sorted(key for key, wanted in last.items() if wanted is None)
    kept = sorted((key, wanted) for key, wanted in last.items() if wanted is not None)
    if dropped:
        values = {"categories": [category for category, _ in dropped], "channels": [channel for _, channel in dropped]}
        await session.execute(_DROP, {"member": member_id} | values)
    if kept:
        values = {"categories": [key[0] for key, _ in kept], "channels": [key[1] for key, _ in kept]}
        await session.execute(_KEEP, {"member": member_id, "now": now, "wanted": [one for _, one in kept]} | values)


_ADDRESSES = text("SELECT phone, email FROM member WHERE id = :member")

_SET = text("""
INSERT INTO notification_setting AS s (member_id, quiet_from, quiet_until, announce_by, changed_at)
VALUES (:member, :begins, :ends, coalesce(:by, 'push'), :now)
ON CONFLICT (member_id) DO UPDATE SET
    quiet_from = CASE WHEN :new_begins THEN excluded.quiet_from ELSE s.quiet_from END,
    quiet_until = CASE WHEN :new_ends THEN excluded.quiet_until ELSE s.quiet_until END,
    announce_by = CASE WHEN :new_by THEN excluded.announce_by ELSE s.announce_by END,
    changed_at = excluded.changed_at
""")

_KEEP = text("""
INSERT INTO notification_preference (member_id, category, channel, wanted, changed_at)
SELECT :member, p.category, p.channel, p.wanted, :now
FROM unnest(CAST(:categories AS text[]), CAST(:channels AS text[]), CAST(:wanted AS boolean[]))
    AS p (category, channel, wanted)
ON CONFLICT (member_id, category, channel) DO UPDATE SET wanted = excluded.wanted, changed_at = excluded.changed_at
""")

_DROP = text("""
DELETE FROM notification_preference p
USING unnest(CAST(:categories AS text[]), CAST(:channels AS text[])) AS d (category, channel)
WHERE p.member_id = :member AND p.category = d.category AND p.channel = d.channel
""")
