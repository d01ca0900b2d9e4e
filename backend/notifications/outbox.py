"""The outbox: claim what is due, see that it still holds, hand it over, record what became of it.

Each step is set-based and belongs in a transaction of its own, so that no connection is held while a provider is asked.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.types import new_id
from backend.delivery.types import LONGEST_SEND, MAX_BATCH, Outcome
from backend.notifications import outcomes, sending
from backend.notifications.outcomes import Again, Final
from backend.notifications.sending import Channel, Quiet

LEASE = timedelta(seconds=90)
# With quiet hours off, what was put off till the morning (never tried, never put back) is taken however late it is due.
FAR = timedelta(days=365)
assert LEASE > LONGEST_SEND, "a claim must outlive the longest call to the provider"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this claim holds, with all that is needed to judge and to send it.

    `address` is the member's phone number or e-mail address where the channel is sms or email; the fields of a phone
    are filled in where it is push, else empty. `things`: how many messages a push tells of.
    """

    id: UUID
    message_id: UUID
    member_id: UUID
    channel: Channel
    device_id: UUID | None
    attempts: int
    lapses: int
    valid_until: datetime
    key: str
    period: str
    params: Mapping[str, Any]
    cause: Mapping[str, Any]
    revoked: bool
    token: str = field(repr=False)
    token_kind: Literal["token", "fid"]
    platform: Literal["android", "ios", "web"]
    language: str
    address: str = field(repr=False)
    things: int = 1


@dataclass(frozen=True, slots=True)
class Claim:
    """What one worker took: `size` rows, of which `rows` are to be sent. `closed` counts the others by final state."""

    id: UUID
    size: int
    rows: Sequence[Claimed]
    closed: Mapping[str, int]


# Which of the rows no longer hold (ids of deliveries), by what their messages' `holds_while` names.
Untrue = Callable[[AsyncSession, Sequence[Claimed]], Awaitable[AbstractSet[UUID]]]


async def claim(
    session: AsyncSession,
    *,
    now: datetime,
    quiet: Quiet,
    untrue: Untrue,
    limit: int = MAX_BATCH,
    channel: Channel = "push",
) -> Claim:
    """Take up to `limit` rows of a channel that are due or whose lease ran out; close or put back what is not to go.

    The caller commits before it sends. With `quiet` off, what only waits for the morning is taken too.
    """
    claim_id = new_id()
    values = {"claim": claim_id, "now": now, "until": now + LEASE, "limit": limit, "channel": channel}
    values["horizon"] = now if quiet == "on" else now + FAR
    rows = [Claimed(**row) for row in (await session.execute(_CLAIM, values)).mappings()]
    if not rows:
        return Claim(claim_id, 0, (), {})
    if quiet == "on" and sending.held(now) != now:
        await _put_back(session, claim_id, [outcomes.held_back(row, now) for row in rows])
        return Claim(claim_id, len(rows), (), {})
    return await _judge(session, claim_id, rows, now, untrue)


async def record(
    session: AsyncSession, taken: Claim, answers: Iterable[Outcome], *, now: datetime, quiet: Quiet
) -> Mapping[str, int]:
    """Write what became of the rows sent; counts by state, with `due` for those to be tried again.

    A row whose lease another worker took over meanwhile is left to that one.
    """
    given = {answer.delivery_id: answer for answer in answers}
    results = [outcomes.result(row, given.get(row.id), now, quiet) for row in taken.rows]
    counts = await _finish(session, taken.id, [one for one in results if isinstance(one, Final)], now)
    again = await _put_back(session, taken.id, [one for one in results if isinstance(one, Again)])
    gone = [row for row in taken.rows if row.id in given and given[row.id].kind == "gone"]
    if gone:
        await session.execute(_REVOKE, _tokens(gone) | {"now": now})
    return counts | ({"due": again} if again else {})


async def _judge(
    session: AsyncSession, claim_id: UUID, rows: Sequence[Claimed], now: datetime, untrue: Untrue
) -> Claim:
    moved_on = await untrue(session, rows)
    members = list({row.member_id for row in rows})
    found = await session.execute(_SENT_TODAY, {"members": members, "since": now - timedelta(days=1)})
    ended = outcomes.unsent(rows, moved_on, dict(found.all()), now)
    counts = await _finish(session, claim_id, ended, now)
    left_out = {one.id for one in ended}
    return Claim(claim_id, len(rows), [row for row in rows if row.id not in left_out], counts)


async def _finish(session: AsyncSession, claim_id: UUID, ended: Sequence[Final], now: datetime) -> dict[str, int]:
    if not ended:
        return {}
    values = {
        "claim": claim_id,
        "ids": [one.id for one in ended],
        "states": [one.state for one in ended],
        "receipts": [one.provider_id for one in ended],
        "errors": [one.error for one in ended],
        "now": now,
    }
    counts: dict[str, int] = {}
    for state in await session.scalars(_FINISH, values):
        counts[state] = counts.get(state, 0) + 1
    return counts


async def _put_back(session: AsyncSession, claim_id: UUID, again: Sequence[Again]) -> int:
    if not again:
        return 0
    values = {
        "claim": claim_id,
        "ids": [one.id for one in again],
        "due": [one.due_at for one in again],
        "errors": [one.error for one in again],
        "unused": [one.unused for one in again],
    }
    return len((await session.execute(_PUT_BACK, values)).all())


def _tokens(rows: Sequence[Claimed]) -> dict[str, object]:
    return {"devices": [row.device_id for row in rows], "tokens": [row.token for row in rows]}


# Rows of lost workers first. The state is checked in the statement that takes them, so no row is held twice.
_CLAIM = text("""
WITH overrun AS MATERIALIZED (
    SELECT id, message_id, device_id, member_id FROM delivery
    WHERE state = 'sending' AND lease_until < :now AND channel = :channel
    ORDER BY lease_until LIMIT :limit FOR UPDATE SKIP LOCKED
), due AS MATERIALIZED (
    SELECT id, message_id, device_id, member_id FROM delivery
    WHERE state = 'due' AND channel = :channel AND due_at <= :horizon
        AND (due_at <= :now OR (attempts = 0 AND last_error IS NULL))
    ORDER BY due_at LIMIT :limit - (SELECT count(*) FROM overrun) FOR UPDATE SKIP LOCKED
), picked AS (SELECT * FROM overrun UNION ALL SELECT * FROM due)
UPDATE delivery d
SET state = 'sending', lease_until = :until, claim_id = :claim, attempts = d.attempts + 1,
    lapses = d.lapses + CAST(d.state = 'sending' AS int)
FROM picked
JOIN message m ON m.id = picked.message_id
JOIN member ON member.id = picked.member_id
LEFT JOIN device v ON v.id = picked.device_id
WHERE d.id = picked.id
RETURNING d.id, d.message_id, d.member_id, d.channel, d.device_id, d.attempts, d.lapses, d.valid_until, m.key, m.period,
    m.params, m.cause, v.revoked_at IS NOT NULL AS revoked, coalesce(v.token, '') AS token,
    coalesce(v.token_kind, 'token') AS token_kind, coalesce(v.platform, 'android') AS platform, member.language,
    CASE d.channel WHEN 'sms' THEN member.phone WHEN 'email' THEN member.email ELSE '' END AS address
""")

_SENT_TODAY = text("""
SELECT device_id, count(*) FROM delivery_done
WHERE member_id = ANY(:members) AND finished_at > :since AND state = 'sent' GROUP BY device_id
""")

_FINISH = text("""
WITH ended AS (
    DELETE FROM delivery d
    USING unnest(
        CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:receipts AS text[]), CAST(:errors AS text[])
    ) AS e (id, state, receipt, error)
    WHERE d.id = e.id AND d.claim_id = :claim
    RETURNING d.*, e.state AS final, e.receipt, e.error
)
INSERT INTO delivery_done (id, message_id, member_id, device_id, channel, state, attempts, provider_id, last_error,
    due_at, created_at, finished_at)
SELECT id, message_id, member_id, device_id, channel, final, attempts, receipt, error, due_at, created_at, :now
FROM ended
RETURNING state
""")

_PUT_BACK = text("""
UPDATE delivery d
SET state = 'due', lease_until = NULL, claim_id = NULL, due_at = a.due_at, last_error = a.error,
    attempts = d.attempts - CAST(a.unused AS int)
FROM unnest(
    CAST(:ids AS uuid[]), CAST(:due AS timestamptz[]), CAST(:errors AS text[]), CAST(:unused AS boolean[])
) AS a (id, due_at, error, unused)
WHERE d.id = a.id AND d.claim_id = :claim
RETURNING d.id
""")

# By the token too: a phone whose token was renewed while the old one was being tried stays registered.
_REVOKE = text("""
UPDATE device v SET revoked_at = :now, revoked_reason = 'unregistered'
FROM unnest(CAST(:devices AS uuid[]), CAST(:tokens AS text[])) AS g (id, token)
WHERE v.id = g.id AND v.token = g.token AND v.revoked_at IS NULL
""")
