"""What a member may choose about messages, in words: every category and channel, what is fixed, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import i18n
from backend.i18n import N_
from backend.notifications import policy, preferences
from backend.notifications.catalogue import BY_ID
from backend.notifications.categories import CATEGORIES, Category
from backend.notifications.policy import Policy
from backend.notifications.preferences import Choice
from backend.notifications.sending import Channel

CHANNELS: tuple[Channel, ...] = ("push", "sms", "email")
CHANNEL_NAMES: Mapping[Channel, str] = {"push": N_("On your phone"), "sms": N_("SMS"), "email": N_("E-mail")}
# How far a member's own quiet hours may reach into the day: the afternoon is left for everybody.
EARLIEST_QUIET, LATEST_QUIET = time(16), time(12)

LEGAL = N_("Important letters cannot be turned off: they may have a deadline or a decision. Choose how we tell you.")
IN_THE_INBOX = N_("Everything lies in your inbox in the app, also what you turn off here.")
QUIET = N_(
    "We disturb nobody before {until} and after {from_}, at weekends and on holidays. Your own quiet hours come on "
    "top. Only when a talk changes on the day itself may we write from {early}, and your own reminders come when you "
    "set them."
)
CAPS = N_(
    "You get at most {day} messages on your phone a day and {week} a week, talks not counted. What is more comes "
    "together."
)
WHEN = {
    "push": N_("At once, within the hours above."),
    "sms": N_("Only when the message has not reached your phone."),
    "email": N_("Only when neither your phone nor an SMS was reached."),
}


@dataclass(frozen=True, slots=True)
class ChannelChoice:
    """One channel of a category. `fixed`: it cannot be changed; `why` says when it is used, or why it is fixed."""

    channel: Channel
    name: str
    wanted: bool
    fixed: bool
    why: str


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    category: str
    name: str
    about: str
    channels: list[ChannelChoice]


@dataclass(frozen=True, slots=True)
class Overview:
    """A member's choices beside what can be chosen. `rules` are the sentences that hold for everybody."""

    language: str
    announce_by: Channel
    quiet_from: time | None
    quiet_until: time | None
    quiet_from_range: tuple[time, time]
    quiet_until_range: tuple[time, time]
    rules: list[str]
    categories: list[CategoryChoice]


async def overview(session: AsyncSession, member_id: UUID, *, language: str, today: date) -> Overview:
    """Everything on the page of preferences, in the reader's `language`. Three statements."""
    rules = await policy.in_force(session, today)
    choice = (await preferences.choices(session, [member_id])).get(member_id, preferences.STANDARD)
    return Overview(
        language=str(await session.scalar(_LANGUAGE, {"member": member_id})),
        announce_by=choice.announce_by,
        quiet_from=choice.own.begins,
        quiet_until=choice.own.ends,
        quiet_from_range=(EARLIEST_QUIET, rules.quiet_from),
        quiet_until_range=(rules.quiet_until, LATEST_QUIET),
        rules=_rules(language, rules),
        categories=[_category(category, choice, language) for category in CATEGORIES],
    )


def offered(category: str) -> list[Channel]:
    """The channels that messages of a category use."""
    kinds = [kind for kind in BY_ID.values() if kind.category == category]
    used = {rung for kind in kinds for rung in (*kind.ladder, *kind.instead)} | {"push"}
    return [channel for channel in CHANNELS if channel in used]


def is_fixed(category: str) -> bool:
    """Whether all messages of a category are legal notices."""
    return all(kind.klass == "L" for kind in BY_ID.values() if kind.category == category)


def _rules(language: str, rules: Policy) -> list[str]:
    hours = {"until": rules.quiet_until, "from_": rules.quiet_from, "early": rules.same_day_from}
    return [
        i18n.text(language, IN_THE_INBOX),
        i18n.text(language, QUIET, **hours),
        i18n.text(language, CAPS, day=rules.pushes_a_day, week=rules.pushes_a_week),
        i18n.text(language, LEGAL),
    ]


def _category(category: Category, choice: Choice, language: str) -> CategoryChoice:
    return CategoryChoice(
        category.key,
        i18n.text(language, category.label),
        i18n.text(language, category.help),
        list(_channels(category.key, choice, language)),
    )


def _channels(category: str, choice: Choice, language: str) -> Iterator[ChannelChoice]:
    fixed = is_fixed(category)
    for channel in offered(category):
        why = LEGAL if fixed else WHEN[channel]
        wanted = fixed or choice.wanted(category, channel)
        yield ChannelChoice(
            channel, i18n.text(language, CHANNEL_NAMES[channel]), wanted, fixed, i18n.text(language, why)
        )


_LANGUAGE = text("SELECT language FROM member WHERE id = :member")
