"""Time that passes for what waits: its due times move to now, and a record of the moves tells what time it was when.

So a wait of minutes takes a second, and is still seen to be waited for: by the hurried time of two requests, not by
the wall's.
"""

import time as wall
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import text

from backend.db.engine import Sessions, transaction

# What waits for another day is not hurried: that is another step of the run.
HELD = "coalesce(last_error IN ('CAPPED', 'SMILEY_LIMIT'), false)"
_WAITS = f"state = 'due' AND last_error IS NOT NULL AND NOT {HELD}"


@dataclass
class Hurry:
    """`moves`: at which instant (Unix time) what waits was moved by how many seconds."""

    sessions: Sessions
    moves: list[tuple[float, float]] = field(default_factory=list)

    def hurried(self, at: float) -> float:
        """The time it was, by what waits, at an instant of the wall's."""
        return at + sum(seconds for when, seconds in self.moves if when <= at)

    async def pass_time(self, share: float) -> None:
        """As long as it takes until so much of what waits is due."""
        async with transaction(self.sessions) as session:
            # Nobody records or claims meanwhile: each wait is wholly before this moment or wholly after it.
            await session.execute(text("LOCK TABLE delivery IN EXCLUSIVE MODE"))
            now = wall.time()
            seconds = float(await session.scalar(_LEFT, {"share": share}) or 0)
            if seconds > 0:
                await session.execute(_MOVE, {"by": timedelta(seconds=seconds)})
                self.moves.append((now, seconds))
        if seconds > 0:
            async with transaction(self.sessions) as session:
                await session.execute(_PROBE_SOONER, {"by": timedelta(seconds=seconds)})


_LEFT = text(f"""
SELECT percentile_cont(CAST(:share AS float)) WITHIN GROUP (ORDER BY extract(epoch FROM due_at - now()))
FROM delivery WHERE {_WAITS}
""")
_MOVE = text(f"UPDATE delivery SET due_at = due_at - CAST(:by AS interval) WHERE {_WAITS}")

# A worker that tries whether the provider is back is waited for.
_PROBE_SOONER = text("""
UPDATE channel SET probe_at = probe_at - CAST(:by AS interval)
WHERE name = 'push' AND state <> 'closed'
    AND (state = 'open' OR NOT EXISTS (SELECT FROM delivery WHERE channel = 'push' AND state = 'sending'))
""")
