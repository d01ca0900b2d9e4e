"""The outbox: claim what is due, see that it still holds, hand it over, record what became of it.

Each step is set-based and belongs in a transaction of its own, so that no connection is held while a provider is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clock import local_date
from backend.db.types import new_id
from backend.delivery.types import LONGEST_SEND, MAX_BATCH, Outcome
from backend.notifications import ladder, outcomes, policy, preferences, sending, slots
from backend.notifications.catalogue import BY_ID, decode
from backend.notifications.claimed import Claimed, Untrue
from backend.notifications.outcomes import Again, Final
from backend.notifications.policy import Policy
from backend.notifications.preferences import Choice
from backend.notifications.sending import Channel, Quiet, Window

__all__ = ["LEASE", "Claim", "Claimed", "Untrue", "claim", "record"]

LEASE = timedelta(seconds=90)
# With quiet hours off, what was put off till the morning (never tried, never put back) is taken however late it is due.
FAR = timedelta(days=365)
assert LEASE > LONGEST_SEND, "a claim must outlive the longest call to the provider"


@dataclass(frozen=True, slots=True)
class Claim:
    """What one worker took: `size` rows, of which `rows` are to be sent. `closed` counts the others by final state.

    `apart`: a few rows only, since more than one worker was lost on them; more may be waiting.
    """

    id: UUID
    size: int
    rows: Sequence[Claimed]
    closed: Mapping[str, int]
    apart: bool = False


@dataclass(frozen=True, slots=True)
class _Rules:
    """What rows are judged by: the instant, the fund's numbers, and the choices of those members who made any."""

    now: datetime
    policy: Policy
    chosen: Mapping[UUID, Choice]

    def choice(self, member_id: UUID) -> Choice:
        return self.chosen.get(member_id, preferences.STANDARD)


# What rests, since somebody holds it up, is looked at again after this.
REST, RESTING = timedelta(minutes=5), "PAUSED"


async def _none(session: AsyncSession, rows: Sequence[Claimed]) -> AbstractSet[UUID]:
    del session, rows
    return frozenset()


async def claim(
    session: AsyncSession,
    *,
    now: datetime,
    quiet: Quiet,
    untrue: Untrue,
    resting: Untrue = _none,
    limit: int = MAX_BATCH,
    channel: Channel = "push",
) -> Claim:
    """Take up to `limit` rows of a channel that are due or whose lease ran out; close or put back what is not to go.

    The caller commits before it sends. With `quiet` off, what only waits for the morning is taken too. What is
    `resting` is put back for a while.
    """
    claim_id = new_id()
    values = {"claim": claim_id, "now": now, "until": now + LEASE, "limit": limit, "channel": channel}
    values |= {"horizon": now if quiet == "on" else now + FAR, "seen": now - sending.STALE_AFTER}
    found = (await session.execute(_CLAIM, values)).mappings().all()
    if not found:
        return Claim(claim_id, 0, (), {})
    chosen = await preferences.choices(session, {row["member_id"] for row in found})
    rules = _Rules(now, await policy.in_force(session, local_date(now)), chosen)
    rows = [Claimed(**row, window=_window(dict(row), rules)) for row in found]
    early = outcomes.held_back(rows, now) if quiet == "on" else []
    early += [Again(one, now + REST, RESTING, unused=True) for one in await resting(session, rows)]
    waiting = {one.id: one for one in early}
    await _put_back(session, claim_id, tuple(waiting.values()))
    going, counts = await _judge(session, claim_id, [row for row in rows if row.id not in waiting], rules, untrue)
    return Claim(claim_id, len(rows), going, counts, apart=any(row.lapses > 1 for row in rows))


async def record(
    session: AsyncSession, taken: Claim, answers: Iterable[Outcome], *, now: datetime, quiet: Quiet
) -> Mapping[str, int]:
    """Write what became of the rows sent; counts by state, with `due` for those to be tried again.

    A row whose lease another worker took over meanwhile is left to that one.
    """
    given = {answer.delivery_id: answer for answer in answers}
    results = [outcomes.result(row, given.get(row.id), now, quiet) for row in taken.rows]
    counts = await _finish(session, taken.id, [one for one in results if isinstance(one, Final)], taken.rows, now)
    again = await _put_back(session, taken.id, [one for one in results if isinstance(one, Again)])
    gone = [row for row in taken.rows if row.id in given and given[row.id].kind == "gone"]
    if gone:
        await session.execute(_REVOKE, _tokens(gone) | {"now": now})
    return counts | ({"due": again} if again else {})


def _window(row: Mapping[str, Any], rules: _Rules) -> Window | None:
    kind = BY_ID.get(row["key"])
    if kind is None:
        return sending.OFFICE
    about = sending.days(decode(kind, row["params"]).values(), row["cause"]) if kind.hours == "same_day" else ()
    own = rules.choice(row["member_id"]).own
    return sending.window(rules.policy, kind.hours, row["channel"], own, today=local_date(rules.now), about=about)


async def _judge(
    session: AsyncSession, claim_id: UUID, rows: Sequence[Claimed], rules: _Rules, untrue: Untrue
) -> tuple[Sequence[Claimed], Mapping[str, int]]:
    """The rows that are to be sent, and how many of the others ended how."""
    if not rows:
        return (), {}
    now, moved_on = rules.now, await untrue(session, rows)
    unwanted = {row.id for row in rows if row.key in BY_ID and not _wanted(row, rules)}
    ended = outcomes.unsent(rows, moved_on, unwanted, await _load(session, rows, now), now)
    left_out = {one.id for one in ended}
    standing = [row for row in rows if row.id not in left_out]
    given = await slots.give(session, standing, now=now, policy=rules.policy)
    await _put_back(session, claim_id, given.again)
    return given.go, await _finish(session, claim_id, [*ended, *given.ended], rows, now)


def _wanted(row: Claimed, rules: _Rules) -> bool:
    return rules.choice(row.member_id).wants(BY_ID[row.key], row.channel)


async def _load(session: AsyncSession, rows: Sequence[Claimed], now: datetime) -> dict[UUID, set[UUID]]:
    """The messages that each member was told of in the last 24 hours."""
    values = {"members": list({row.member_id for row in rows}), "since": now - timedelta(days=1)}
    return {row.member_id: set(row.messages) for row in await session.execute(_SENT_TODAY, values)}


async def _finish(
    session: AsyncSession, claim_id: UUID, ended: Sequence[Final], rows: Sequence[Claimed], now: datetime
) -> dict[str, int]:
    """Move the rows that ended out of the hot table, with what follows for their messages; counts by final state."""
    if not ended:
        return {}
    values = {
        "claim": claim_id,
        "ids": [one.id for one in ended],
        "states": [one.state for one in ended],
        "receipts": [one.provider_id for one in ended],
        "errors": [one.error for one in ended],
        "at": [one.at or now for one in ended],
    }
    counts: dict[str, int] = {}
    moved = {}
    for row in await session.execute(_FINISH, values):
        moved[row.id] = row.state
        counts[row.state] = counts.get(row.state, 0) + 1
    await _follow_up(session, [(row, moved[row.id]) for row in rows if row.id in moved], now)
    exempt = {one.id for one in ended if one.error == outcomes.EXEMPT} & moved.keys()
    await ladder.look_again(session, {row.message_id for row in rows if row.id in exempt}, now=now)
    return counts


async def _follow_up(session: AsyncSession, ended: Sequence[tuple[Claimed, str]], now: datetime) -> None:
    """Pushes that ended unsent give their places back; what reached a member needs no further step."""
    unsent = {row.message_id for row, state in ended if row.channel == "push" and state not in ("sent", "bundled")}
    await slots.give_back(session, sorted(unsent), now=now)
    await ladder.hasten(session, {row.message_id for row, state in ended if outcomes.is_lost(row, state, now)}, now=now)
    reached = {row.message_id for row, state in ended if state == "sent" and _has_steps(row)}
    if reached:
        await session.execute(_REACHED, {"messages": sorted(reached)})


def _has_steps(row: Claimed) -> bool:
    """What went to a phone that nobody may look at did not reach anybody yet."""
    kind = BY_ID[row.key]
    return kind.klass != "L" and not row.stale and (bool(kind.ladder) or row.things > 1)


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
# One that is lost for the second time may hold what kills workers: it is taken again in eighths of eighths, apart from
# all others, so that in the end only what is to blame is given up.
_CLAIM = text("""
WITH lost AS MATERIALIZED (
    SELECT least(max(lapses), 4) AS lapses FROM delivery
    WHERE state = 'sending' AND lease_until < :now AND channel = :channel
), overrun AS MATERIALIZED (
    SELECT id, message_id, device_id, member_id, lapses FROM delivery
    WHERE state = 'sending' AND lease_until < :now AND channel = :channel
    ORDER BY lapses DESC, lease_until
    LIMIT greatest(1, CAST(:limit AS int) >> 3 * (SELECT lapses FROM lost)) FOR UPDATE SKIP LOCKED
), due AS MATERIALIZED (
    SELECT id, message_id, device_id, member_id, lapses FROM delivery
    WHERE state = 'due' AND channel = :channel AND due_at <= :horizon
        AND (due_at <= :now OR (attempts = 0 AND last_error IS NULL))
    ORDER BY due_at
    LIMIT (SELECT CASE WHEN max(lapses) > 0 THEN 0 ELSE CAST(:limit AS int) - count(*) END FROM overrun)
    FOR UPDATE SKIP LOCKED
), picked AS (SELECT * FROM overrun UNION ALL SELECT * FROM due)
UPDATE delivery d
SET state = 'sending', lease_until = :until, claim_id = :claim, attempts = d.attempts + 1,
    lapses = d.lapses + CAST(d.state = 'sending' AS int)
FROM picked
JOIN message m ON m.id = picked.message_id
JOIN member ON member.id = picked.member_id
LEFT JOIN device v ON v.id = picked.device_id
WHERE d.id = picked.id
RETURNING d.id, d.message_id, d.member_id, d.channel, d.device_id, d.attempts, d.lapses, d.valid_until, d.last_error,
    m.key, m.period, m.params, m.cause, m.carrier_id,
    1 + (SELECT count(*) FROM message told WHERE told.carrier_id = m.id) AS things,
    v.revoked_at IS NOT NULL AS revoked,
    member.digital_exempt AND d.channel <> 'paper' AS exempt,
    coalesce(v.last_seen_at < :seen, false) AS stale,
    coalesce(v.token, '') AS token, coalesce(v.token_kind, 'token') AS token_kind,
    coalesce(v.platform, 'android') AS platform, member.language,
    CASE d.channel WHEN 'sms' THEN member.phone WHEN 'email' THEN member.email ELSE '' END AS address
""")

_SENT_TODAY = text("""
SELECT member_id, array_agg(DISTINCT message_id) AS messages FROM delivery_done
WHERE member_id = ANY(:members) AND finished_at > :since AND state = 'sent' AND channel IN ('push', 'sms', 'email')
GROUP BY member_id
""")

_FINISH = text("""
WITH ended AS (
    DELETE FROM delivery d
    USING unnest(
        CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:receipts AS text[]), CAST(:errors AS text[]),
        CAST(:at AS timestamptz[])
    ) AS e (id, state, receipt, error, ended_at)
    WHERE d.id = e.id AND d.claim_id = :claim
    RETURNING d.*, e.state AS final, e.receipt, e.error, e.ended_at
)
INSERT INTO delivery_done (id, message_id, member_id, device_id, channel, state, attempts, provider_id, last_error,
    due_at, created_at, finished_at)
SELECT id, message_id, member_id, device_id, channel, final, attempts, receipt, error, due_at, created_at, ended_at
FROM ended
RETURNING id, state
""")

# The ladder's clock stops, also of what the push told of besides.
_REACHED = text("""
UPDATE message m SET next_rung_at = NULL FROM (
    SELECT id FROM message
    WHERE (id = ANY(:messages) OR carrier_id = ANY(:messages)) AND klass <> 'L' AND next_rung_at IS NOT NULL
    ORDER BY id FOR NO KEY UPDATE
) told WHERE m.id = told.id
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
