"""How many requests one caller may make, counted in this process: a fuse against a phone gone wild."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from backend.api.problems import TooMany


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limits:
    """Token buckets per key: `burst` at once, refilled at `per_second`. Failed sign-ins have a stricter bucket."""

    def __init__(
        self,
        *,
        per_second: float = 20,
        burst: float = 200,
        tries_per_second: float = 5,
        tries_burst: float = 100,
        keys: int = 50_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rates = {False: (per_second, burst), True: (tries_per_second, tries_burst)}
        self._keys = keys
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def check(self, key: str, *, tries: bool = False) -> None:
        """Take one token. Raises TooMany when there is none."""
        rate, burst = self._rates[tries]
        now = self._clock()
        bucket = self._buckets.pop(key, None) or _Bucket(burst, now)
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        self._buckets[key] = bucket
        if len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            raise TooMany(max(1, round((1 - bucket.tokens) / rate)))
        bucket.tokens -= 1

    def forgive(self, key: str) -> None:
        """Give a token back: the try was a good one."""
        if bucket := self._buckets.get(key):
            bucket.tokens += 1
