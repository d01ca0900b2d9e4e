"""How the member wants to be told: channels, quiet hours, language; and why a message came."""

from datetime import datetime, time
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, patch
from litestar.params import FromPath, JSONBody

from backend.api.given import Language, Me, Now, Session, Today
from backend.api.wire import Input, Wire
from backend.notifications import preferences_change, preferences_view, reasons
from backend.notifications.preferences_change import Change, NewWish
from backend.notifications.preferences_view import Overview

Channel = Literal["push", "sms", "email"]
# Wall-clock time in Denmark, in whole minutes.
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["18:00"])]
Code = Annotated[str, msgspec.Meta(max_length=40, pattern="^[a-z_]*$")]


class ChannelView(Wire):
    """`fixed` channels cannot be changed; `why` says when a channel is used, or why it is fixed."""

    channel: Channel
    name: str
    wanted: bool
    fixed: bool
    why: str


class CategoryView(Wire):
    category: str
    name: str
    about: str
    channels: list[ChannelView]


class HoursView(Wire):
    """Own quiet hours (null: only the fund's), and the times between which each may be chosen."""

    quiet_from: Clock | None
    quiet_from_earliest: Clock
    quiet_from_latest: Clock
    quiet_until: Clock | None
    quiet_until_earliest: Clock
    quiet_until_latest: Clock


class PreferencesView(Wire):
    """`announceBy` is how I am told of important letters. `rules` hold for everybody, in words."""

    language: Literal["da", "en"]
    announce_by: Channel
    hours: HoursView
    rules: list[str]
    categories: list[CategoryView]


class WishInput(Input):
    """`wanted` null: as for everybody."""

    category: Code
    channel: Channel
    wanted: bool | None


class PreferencesChange(Input):
    """What is left out stays as it is. Quiet hours of null: only the fund's."""

    language: Literal["da", "en"] | msgspec.UnsetType = msgspec.UNSET
    announce_by: Channel | msgspec.UnsetType = msgspec.UNSET
    quiet_from: Clock | msgspec.UnsetType | None = msgspec.UNSET
    quiet_until: Clock | msgspec.UnsetType | None = msgspec.UNSET
    wishes: Annotated[list[WishInput], msgspec.Meta(max_length=100)] = []


class StepView(Wire):
    channel: Literal["push", "sms", "email", "mailbox", "paper", "phone"]
    text: str
    at: datetime


class ReasonView(Wire):
    """`klass`: L legal, R reminder, S service. `subject`: what it is about, and its id where it is one thing."""

    trigger: str
    klass: Literal["L", "R", "S"]
    klass_text: str
    preference: str
    subject: str | None
    subject_id: str | None
    steps: list[StepView]


@get("/v1/me/preferences", operation_id="getPreferences", tags=["me"])
async def get_preferences(session: Session, member: Me, language: Language, today: Today) -> PreferencesView:
    """What I may choose about messages, and what I chose."""
    return _view(await preferences_view.overview(session, member.id, language=language, today=today))


@patch("/v1/me/preferences", operation_id="updatePreferences", tags=["me"])
async def update_preferences(
    session: Session, member: Me, language: Language, now: Now, today: Today, data: JSONBody[PreferencesChange]
) -> PreferencesView:
    """Choose how I am told. Important letters can be announced another way, not turned off."""
    await preferences_change.change(session, member.id, _change(data), now=now)
    return _view(await preferences_view.overview(session, member.id, language=language, today=today))


@get("/v1/me/inbox/{message_id:uuid}/reason", operation_id="getMessageReason", tags=["inbox"])
async def get_reason(session: Session, member: Me, language: Language, message_id: FromPath[UUID]) -> ReasonView:
    """Why I got this message, and what became of it on each channel."""
    found = await reasons.of_message(session, member.id, message_id, language=language)
    return msgspec.convert(found, ReasonView, from_attributes=True)


def _change(data: PreferencesChange) -> Change:
    return Change(
        language="same" if isinstance(data.language, msgspec.UnsetType) else data.language,
        announce_by="same" if isinstance(data.announce_by, msgspec.UnsetType) else data.announce_by,
        quiet_from=_time(data.quiet_from),
        quiet_until=_time(data.quiet_until),
        wishes=[NewWish(one.category, one.channel, one.wanted) for one in data.wishes],
    )


def _time(given: str | msgspec.UnsetType | None) -> time | Literal["same"] | None:
    if isinstance(given, msgspec.UnsetType):
        return "same"
    return time.fromisoformat(given) if given else None


def _view(found: Overview) -> PreferencesView:
    return PreferencesView(
        language="en" if found.language == "en" else "da",
        announce_by=found.announce_by,  # type: ignore[arg-type]
        hours=HoursView(
            quiet_from=_shown(found.quiet_from),
            quiet_from_earliest=f"{found.quiet_from_range[0]:%H:%M}",
            quiet_from_latest=f"{found.quiet_from_range[1]:%H:%M}",
            quiet_until=_shown(found.quiet_until),
            quiet_until_earliest=f"{found.quiet_until_range[0]:%H:%M}",
            quiet_until_latest=f"{found.quiet_until_range[1]:%H:%M}",
        ),
        rules=found.rules,
        categories=[msgspec.convert(one, CategoryView, from_attributes=True) for one in found.categories],
    )


def _shown(at: time | None) -> str | None:
    return f"{at:%H:%M}" if at else None


HANDLERS = (get_preferences, update_preferences, get_reason)
