"""`Idempotency-Key`: a POST that a phone repeats is done once and answered alike for 24 hours.

The key's row is written first and filled last, in the transaction of the change itself: a kill between leaves neither.
A concurrent repeat waits at the unique key for the first to end. Errors are not kept; a repeat tries again.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.tables import IdempotencyKey
from backend.errors import DomainError, Invalid
from backend.i18n import N_

KEPT = timedelta(hours=24)
MAX_LENGTH = 200


class OtherBody(DomainError):
    status = 422
    type = "idempotency-key-reused"
    message = N_("This Idempotency-Key was used for another request. Make a new one.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer."""

    status: int
    body: str


def fingerprint(method: str, path: str, query: bytes, body: bytes) -> str:
    """What makes two requests the same."""
    digest = hashlib.sha256()
    for part in (method.encode(), path.encode(), query, body):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


async def claim(session: AsyncSession, caller_id: UUID, key: str, print_: str, now: datetime) -> Answer | None:
    """Take the key, or give the answer stored under it. Raises OtherBody, and Invalid for a key of wrong length."""
    if not 0 < len(key) <= MAX_LENGTH:
        raise Invalid(N_("An Idempotency-Key has 1 to {n} characters."), field="Idempotency-Key", n=MAX_LENGTH)
    mine = (IdempotencyKey.caller_id == caller_id, IdempotencyKey.key == key)
    await session.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.created_at <= now - KEPT))
    row = {"caller_id": caller_id, "key": key, "fingerprint": print_, "status": 0, "body": "", "created_at": now}
    taken = await session.scalar(
        insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.status)
    )
    if taken is not None:
        return None
    found = (
        await session.execute(
            select(IdempotencyKey.fingerprint, IdempotencyKey.status, IdempotencyKey.body).where(*mine)
        )
    ).one()
    if found.fingerprint != print_:
        raise OtherBody(field="Idempotency-Key")
    return Answer(found.status, found.body)


async def keep(session: AsyncSession, caller_id: UUID, key: str, answer: Answer) -> None:
    """Fill in the answer of the request that took the key."""
    await session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.caller_id == caller_id, IdempotencyKey.key == key)
        .values(status=answer.status, body=answer.body)
    )
