"""The phones of a member. A token belongs to one member at a time: whoever signed in on that phone last."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.errors import NotFound
from backend.notifications import catalogue, service
from backend.notifications.sending import STALE_AFTER
from backend.notifications.service import NewMessage
from backend.notifications.tables import Device

# Nobody signs in on more phones than this at a time; past it, the one unseen for longest goes.
MOST_DEVICES = 10
# FCM lets an Android token expire after 270 days without a sign of life; of other platforms it tells when we send.
EXPIRED_AFTER = timedelta(days=270)


@dataclass(frozen=True, slots=True)
class NewDevice:
    """What a phone tells of itself. `token_kind` says which of FCM's two addressings the token is for."""

    token: str
    platform: Literal["android", "ios", "web"]
    name: str
    app_version: str
    token_kind: Literal["token", "fid"]

    def __repr__(self) -> str:
        return f"NewDevice(platform={self.platform!r})"


async def register(session: AsyncSession, member_id: UUID, device: NewDevice, *, now: datetime) -> Device:
    """Register the phone the member is signed in on; again is harmless. The member's other phones hear of a new one.

    A former member's row is revoked in the same transaction.
    """
    await session.execute(_HOLD, {"token": device.token})
    known = await session.scalar(_KNOWN, {"member": member_id, "token": device.token})
    device_id = await _take(session, member_id, device, now)
    if not known:
        await session.execute(_EXPIRE_MANY, {"member": member_id, "keep": device_id, "most": MOST_DEVICES, "now": now})
        await _warn_others(session, member_id, device_id, device.name, now)
    return await _active(session, member_id, device_id)


async def rotate(session: AsyncSession, member_id: UUID, device_id: UUID, token: str, *, now: datetime) -> Device:
    """FCM gave the phone another token: what is on its way goes to the new one. Raises NotFound."""
    await session.execute(_HOLD, {"token": token})
    await _active(session, member_id, device_id)
    await session.execute(_REVOKE_OTHERS, {"device": device_id, "member": member_id, "token": token, "now": now})
    await session.execute(_ROTATE, {"device": device_id, "token": token, "now": now})
    return await _active(session, member_id, device_id)


async def sign_out(session: AsyncSession, member_id: UUID, device_id: UUID, *, now: datetime) -> None:
    """No push reaches the phone after this. Raises NotFound."""
    found = await session.execute(_SIGN_OUT, {"device": device_id, "member": member_id, "now": now})
    if found.first() is None:
        raise NotFound


async def list_active(session: AsyncSession, member_id: UUID) -> list[Device]:
    """The member's phones, newest first."""
    query = select(Device).where(Device.member_id == member_id, Device.revoked_at.is_(None)).order_by(Device.id.desc())
    return list(await session.scalars(query))


def is_stale(device: Device, now: datetime) -> bool:
    """Whether the phone was not seen for so long that it counts as none when it comes to reaching its member."""
    return device.last_seen_at < now - STALE_AFTER


async def expire_unseen(session: AsyncSession, *, now: datetime) -> int:
    """Revoke the Android phones that have given no sign of life for EXPIRED_AFTER; how many."""
    found = await session.execute(_EXPIRE_UNSEEN, {"before": now - EXPIRED_AFTER, "now": now})
    return len(found.all())


async def _take(session: AsyncSession, member_id: UUID, device: NewDevice, now: datetime) -> UUID:
    """Move the token, which nobody else can take meanwhile, to this member."""
    values: dict[str, Any] = {
        "id": new_id(),
        "member": member_id,
        "token": device.token,
        "kind": device.token_kind,
        "platform": device.platform,
        "name": device.name,
        "version": device.app_version,
        "now": now,
    }
    await session.execute(_MOVE, values)
    taken = await session.scalar(_UPSERT, values)
    assert isinstance(taken, UUID)
    return taken


async def _warn_others(session: AsyncSession, member_id: UUID, device_id: UUID, name: str, now: datetime) -> None:
    """The first phone of all is no news to anybody."""
    if await session.scalar(_HAS_OTHERS, {"member": member_id, "device": device_id}):
        told = NewMessage(member_id, catalogue.NEW_DEVICE.id, str(device_id), params={"device": name}, not_to=device_id)
        await service.send(session, [told], now=now)


async def _active(session: AsyncSession, member_id: UUID, device_id: UUID) -> Device:
    query = (
        select(Device)
        .where(Device.id == device_id, Device.member_id == member_id, Device.revoked_at.is_(None))
        .execution_options(populate_existing=True)
    )
    found = await session.scalar(query)
    if found is None:
        raise NotFound
    return found


# One at a time with a token: of two phones that are given the same one both would find that nobody has it.
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('device ' || :token, 0))")

_KNOWN = text("SELECT EXISTS (SELECT FROM device WHERE member_id = :member AND token = :token)")

_MOVE = text("""
UPDATE device SET revoked_at = :now, revoked_reason = 'moved'
WHERE token = :token AND revoked_at IS NULL AND member_id <> :member
""")

_UPSERT = text("""
INSERT INTO device (id, member_id, token, token_kind, platform, name, app_version, registered_at, last_seen_at)
VALUES (:id, :member, :token, :kind, :platform, :name, :version, :now, :now)
ON CONFLICT (token) WHERE revoked_at IS NULL DO UPDATE SET
    token_kind = excluded.token_kind, platform = excluded.platform, name = excluded.name,
    app_version = excluded.app_version, last_seen_at = excluded.last_seen_at
WHERE device.member_id = excluded.member_id
RETURNING id
""")

_EXPIRE_MANY = text("""
UPDATE device SET revoked_at = :now, revoked_reason = 'expired' WHERE id IN (
    SELECT id FROM device WHERE member_id = :member AND revoked_at IS NULL
    ORDER BY id = :keep DESC, last_seen_at DESC, id DESC OFFSET :most
)
""")

_HAS_OTHERS = text(
    "SELECT EXISTS (SELECT FROM device WHERE member_id = :member AND id <> :device AND revoked_at IS NULL)"
)

_REVOKE_OTHERS = text("""
UPDATE device SET revoked_at = :now, revoked_reason = CASE WHEN member_id = :member THEN 'rotated' ELSE 'moved' END
WHERE token = :token AND revoked_at IS NULL AND id <> :device
""")

_ROTATE = text("UPDATE device SET token = :token, last_seen_at = :now WHERE id = :device AND revoked_at IS NULL")

_SIGN_OUT = text("""
UPDATE device SET revoked_at = :now, revoked_reason = 'signed_out'
WHERE id = :device AND member_id = :member AND revoked_at IS NULL
RETURNING id
""")

_EXPIRE_UNSEEN = text("""
UPDATE device SET revoked_at = :now, revoked_reason = 'expired'
WHERE last_seen_at < :before AND revoked_at IS NULL AND platform = 'android'
RETURNING id
""")
