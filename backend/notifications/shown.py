"""What a member's phones have shown while locked: the pushes that were sent, in the words that were sent."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notifications import catalogue, pushes

MOST = 20


class Shown(NamedTuple):
    """One push: nothing in it is for the member's eyes only."""

    message_id: UUID
    category: str
    title: str
    body: str
    at: datetime


async def latest(session: AsyncSession, member_id: UUID, *, fund: str) -> list[Shown]:
    """The last twenty pushes that were sent to any of the member's phones, newest first, each once."""
    found = await session.execute(_LATEST, {"member": member_id, "most": MOST})
    return [_shown(row, fund) for row in found]


def _shown(row: Row[tuple[object, ...]], fund: str) -> Shown:
    kind = catalogue.BY_ID[row.key]
    title, body = pushes.words(kind, row.language, fund, row.params, things=row.things)
    return Shown(row.message_id, kind.category if row.things == 1 else pushes.SEVERAL, title, body, row.at)


# A message that carried others told of all of them in one push.
_LATEST = text("""
SELECT m.id AS message_id, m.key, m.params, member.language, sent.at,
    1 + (SELECT count(*) FROM message AS other WHERE other.carrier_id = m.id) AS things
FROM (
    SELECT message_id, max(finished_at) AS at FROM delivery_done
    WHERE member_id = :member AND channel = 'push' AND state = 'sent'
    GROUP BY message_id ORDER BY at DESC, message_id DESC LIMIT :most
) AS sent
JOIN message AS m ON m.id = sent.message_id
JOIN member ON member.id = m.member_id
ORDER BY sent.at DESC, m.id DESC
""")
