"""The link in an e-mail that asks how it went: answering without signing in, for members without the app.

The link is made when the mail is: its token is in the mail and nowhere else (the database holds its hash), and a mail
that is sent again carries a new one. Notifications know nothing of surveys; the two meet here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.delivery.types import Announcement
from backend.i18n import N_, text
from backend.notifications.outbox import Claimed
from backend.surveys import links
from backend.surveys.errors import NoSuchInvitation
from backend.surveys.service import ASK

POSTSCRIPT = N_(
    "{text}\n\nP.S. You can also answer right away, without signing in:\n{link}\n\nThe link works once. Your answers "
    "have no say in your benefit, and you decide whether to answer."
)


async def added(
    session: AsyncSession, rows: Sequence[Claimed], items: Sequence[Announcement], *, base: str | None, now: datetime
) -> list[Announcement]:
    """The announcements, in order; an e-mail that asks for an opinion with its link. Without `base` there is none."""
    if base is None:
        return list(items)
    return [await _added(session, row, item, base, now) for row, item in zip(rows, items, strict=True)]


async def _added(session: AsyncSession, row: Claimed, item: Announcement, base: str, now: datetime) -> Announcement:
    if row.key != ASK or row.channel != "email":
        return item
    try:
        token = await links.issue(session, UUID(str(row.cause["invitation"])), now=now)
    except NoSuchInvitation:
        # It was answered between the claim and now.
        return item
    link = f"{base.rstrip('/')}/s/{token}"
    return replace(item, body=text(row.language, POSTSCRIPT, text=item.body, link=link))
