"""The phones that the member is signed in on. A push token goes in and never comes out again."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from backend.api.given import Configured, Me, Now, Session
from backend.api.wire import Input, Wire
from backend.notifications import devices, shown
from backend.notifications.devices import NewDevice
from backend.notifications.tables import Device

Token = Annotated[str, msgspec.Meta(min_length=8, max_length=4096, pattern="^[!-~]+$")]
Name = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Platform = Literal["android", "ios", "web"]
TokenKind = Literal["token", "fid"]


class DeviceInput(Input):
    """A phone as it tells of itself. `tokenKind`: an FCM registration token, or a Firebase installation id."""

    token: Token
    platform: Platform
    token_kind: TokenKind = "token"  # noqa: S105 - a kind, not a secret
    name: Name = ""
    app_version: Name = ""


class TokenInput(Input):
    token: Token


class DeviceView(Wire):
    """`stale`: not seen for a month, so that messages are sent another way as well."""

    id: UUID
    platform: Platform
    name: str
    app_version: str
    registered_at: datetime
    last_seen_at: datetime
    stale: bool


class PushView(Wire):
    """A push as a locked phone showed it; with the category `several` it told of more than one message."""

    message_id: UUID
    category: str
    title: str
    body: str
    at: datetime


@get("/v1/me/pushes", operation_id="listPushes", tags=["devices"])
async def list_pushes(session: Session, member: Me, settings: Configured) -> list[PushView]:
    """The last twenty pushes that were sent to my phones, newest first, in the words that everybody could see."""
    found = await shown.latest(session, member.id, fund=settings.fund_name)
    return [PushView(**one._asdict()) for one in found]


@get("/v1/me/devices", operation_id="listDevices", tags=["devices"])
async def list_devices(session: Session, member: Me, now: Now) -> list[DeviceView]:
    """The phones I am signed in on, newest first."""
    return [_view(device, now) for device in await devices.list_active(session, member.id)]


@post("/v1/me/devices", operation_id="registerDevice", tags=["devices"], status_code=200)
async def register(session: Session, member: Me, now: Now, data: JSONBody[DeviceInput]) -> DeviceView:
    """Register this phone for pushes; again is harmless. It leaves whoever was signed in on it before."""
    phone = NewDevice(data.token, data.platform, data.name, data.app_version, data.token_kind)
    return _view(await devices.register(session, member.id, phone, now=now), now)


@put("/v1/me/devices/{device_id:uuid}/token", operation_id="rotateDevice", tags=["devices"])
async def rotate(
    session: Session, member: Me, now: Now, device_id: FromPath[UUID], data: JSONBody[TokenInput]
) -> DeviceView:
    """The provider gave this phone another token."""
    return _view(await devices.rotate(session, member.id, device_id, data.token, now=now), now)


@delete("/v1/me/devices/{device_id:uuid}", operation_id="signOutDevice", tags=["devices"])
async def sign_out(session: Session, member: Me, now: Now, device_id: FromPath[UUID]) -> None:
    """Sign a phone out: no push reaches it any more."""
    await devices.sign_out(session, member.id, device_id, now=now)


def _view(device: Device, now: datetime) -> DeviceView:
    return DeviceView(
        id=device.id,
        platform=device.platform,  # type: ignore[arg-type]
        name=device.name,
        app_version=device.app_version,
        registered_at=device.registered_at,
        last_seen_at=device.last_seen_at,
        stale=devices.is_stale(device, now),
    )


HANDLERS = (list_pushes, list_devices, register, rotate, sign_out)
