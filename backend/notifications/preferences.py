"""What members chose about being told, as the rules of sending ask for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.delivery import addresses
from backend.notifications.message_type import MessageType
from backend.notifications.sending import NONE_OF_ONES_OWN, Channel, OwnQuiet


@dataclass(frozen=True, slots=True)
class Choice:
    """One member's choices. `wishes` say by category and channel what they chose; `announce_by` is the channel on which
    a legal notice is announced, a push where the member has no such address.
    """

    own: OwnQuiet = NONE_OF_ONES_OWN
    announce_by: Channel = "push"
    wishes: Mapping[tuple[str, str], bool] = field(default_factory=dict)

    def wanted(self, category: str, channel: Channel) -> bool:
        """All is wanted until the member says no; who wants no pushes wants no SMS instead, unless they say so."""
        return self.wishes.get((category, channel), self.wishes.get((category, "push"), True))

    def wants(self, kind: MessageType, channel: Channel) -> bool:
        """Whether such a message may go out on the channel. A legal notice cannot be opted out of."""
        return kind.klass == "L" or self.wanted(kind.category, channel)

    def of_category(self, category: str) -> Mapping[str, bool]:
        """What they said of a category, by channel."""
        return {channel: wanted for (of, channel), wanted in self.wishes.items() if of == category}

    def first_channel(self, kind: MessageType) -> Channel:
        """Where such a message goes first."""
        return self.announce_by if kind.klass == "L" else "push"


STANDARD = Choice()


async def choices(session: AsyncSession, members: Iterable[UUID]) -> Mapping[UUID, Choice]:
    """The choices of those who made any; STANDARD holds for the others. One statement."""
    found = await session.execute(_CHOICES, {"members": list(members)})
    return {
        row.id: Choice(
            OwnQuiet(row.quiet_from, row.quiet_until),
            _announced_by(row.announce_by, row.phone, row.email),
            {(category, channel): wanted for category, channel, wanted in row.wishes},
        )
        for row in found
    }


def _announced_by(wanted: str | None, phone: str, email: str) -> Channel:
    """A channel without an address that anything could be sent to would tell nobody."""
    if wanted == "sms" and addresses.phone(phone):
        return "sms"
    return "email" if wanted == "email" and addresses.email(email) else "push"


_CHOICES = text("""
SELECT m.id, s.quiet_from, s.quiet_until, coalesce(p.wishes, '[]'::jsonb) AS wishes, s.announce_by, m.phone, m.email
FROM member m
LEFT JOIN notification_setting s ON s.member_id = m.id
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(category, channel, wanted)) AS wishes
    FROM notification_preference WHERE member_id = m.id
) p ON true
WHERE m.id = ANY(:members) AND (s.member_id IS NOT NULL OR p.wishes IS NOT NULL)
""")
