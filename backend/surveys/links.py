"""The one-time link: answering on a page without signing in. It names nobody and works once."""

import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.surveys.errors import NoSuchInvitation

BYTES = 32


def digest(token: str) -> str:
    """What is stored of a token. It is random and long, so a plain hash cannot be turned back."""
    return sha256(token.encode()).hexdigest()


async def issue(session: AsyncSession, invitation_id: UUID, *, now: datetime) -> str:
    """A new token for an invitation that can still be answered; an older one of the same invitation stops working."""
    token = secrets.token_urlsafe(BYTES)
    values = {"id": invitation_id, "hash": digest(token), "now": now}
    if (await session.execute(_ISSUE, values)).first() is None:
        raise NoSuchInvitation
    return token


async def invitation_of(session: AsyncSession, token: str, *, now: datetime) -> UUID:
    """The invitation behind a token. Raises NoSuchInvitation alike for every token that does not work."""
    found = (await session.execute(_OF, {"hash": digest(token), "now": now})).scalar()
    if found is None:
        raise NoSuchInvitation
    return UUID(str(found))


_ISSUE = text("""
UPDATE survey_invitation SET token_hash = :hash
WHERE id = :id AND answered_at IS NULL AND expires_at > :now RETURNING id
""")
_OF = text("""
SELECT id FROM survey_invitation WHERE token_hash = :hash AND answered_at IS NULL AND expires_at > :now
""")
