"""Which send fails, and how. Decided by a hash of seed, token, message and try, so that a run can be repeated."""

import hashlib
from dataclasses import dataclass, field, fields
from typing import Any

OK = "ok"
# Faults of one request, drawn anew for each try.
PASSING = ("503", "500", "429", "401", "third_party_auth", "reset", "lost_answer", "hang", "malformed", "html")
# Faults of a token, the same at each try.
LASTING = ("unregistered", "invalid_argument", "sender_id_mismatch", "not_found")


@dataclass(slots=True)
class Plan:
    """What goes wrong.

    `shares` of requests (PASSING) or of tokens (LASTING) that fail; `tokens` says it by token: one fault for ever, or a
    list that is used up one a request. `retry_after` is the header of 429 and 503. `token_endpoint` is ok, down (503),
    refused (400), hang, reset or html.
    """

    seed: int = 0
    shares: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, str | list[str]] = field(default_factory=dict)
    retry_after: str | None = None
    delay: float = 0.0
    token_endpoint: str = OK
    token_lifetime: int = 3599

    def change(self, values: dict[str, Any]) -> None:
        """Take over the fields given. Names that are fault kinds are shares."""
        names = {one.name for one in fields(self)}
        for name, value in values.items():
            if name in PASSING or name in LASTING:
                self.shares[name] = float(value)
            elif name in names:
                setattr(self, name, value)
            else:
                raise ValueError(f"no such fault: {name}")

    def fault(self, token: str, message_id: str, attempt: int) -> str:
        """What happens to a send."""
        planned = self.tokens.get(token)
        if isinstance(planned, str):
            return planned
        if planned:
            return planned.pop(0)
        if not self.shares:
            return OK
        return self._drawn(LASTING, token) or self._drawn(PASSING, f"{token}|{message_id}|{attempt}") or OK

    def _drawn(self, kinds: tuple[str, ...], subject: str) -> str | None:
        digest = hashlib.blake2b(f"{self.seed}|{subject}".encode(), digest_size=8).digest()
        draw = int.from_bytes(digest) / 2**64
        for kind in kinds:
            draw -= self.shares.get(kind, 0.0)
            if draw < 0:
                return kind
        return None
