"""The applications, put together once per test worker: that takes half a second, and there are a thousand tests.

What a test has for itself (its transaction, its clock, its limits) is looked up at each request.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from litestar import Litestar

from backend.api.app import create_app
from backend.api.identity import Verifier
from backend.api.limits import Limits
from backend.db.engine import Sessions
from backend.settings import Settings
from backend.web.app import Both, create_web

Clock = Callable[[], datetime]


def no_limits() -> Limits:
    """Limits that no test meets by accident."""
    return Limits(per_second=1e6, burst=1e6, tries_per_second=1e6, tries_burst=1e6)


class Stage:
    """Applications that serve whichever test is on now."""

    def __init__(self, settings: Settings, verifier: Verifier | None = None) -> None:
        self.settings = settings
        self._verifier = verifier
        self._api: Litestar | None = None
        self._web: Litestar | None = None
        self._sessions: Sessions
        self._clock: Clock
        self._limits: Limits

    def api(self, sessions: Sessions, clock: Clock, limits: Limits) -> Litestar:
        """The API on these, until the next call."""
        self._sessions, self._clock, self._limits = sessions, clock, limits
        if self._api is None:
            parts: dict[str, Any] = {"clock": self._now, "verifier": self._verifier, "limits": _Limits(self)}
            self._api = create_app(self.settings, cast(Sessions, self._open), **parts)
        return self._api

    def pages(self, sessions: Sessions, clock: Clock) -> Both:
        """The API and the pages on these, until the next call."""
        api = self.api(sessions, clock, no_limits())
        if self._web is None:
            self._web = create_web(self.settings, cast(Sessions, self._open), api, clock=self._now)
        return Both(api, self._web)

    def _open(self, **options: Any) -> Any:
        return self._sessions(**options)

    def _now(self) -> datetime:
        return self._clock()


class _Limits(Limits):
    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    def check(self, key: str, *, tries: bool = False) -> None:
        self._stage._limits.check(key, tries=tries)

    def forgive(self, key: str) -> None:
        self._stage._limits.forgive(key)
