"""A registry that fails, loses, refuses and forgets that it answered, as real ones do."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.delivery.registry import Answer, Held, Report, digest


class KilledError(Exception):
    """The process died right after the registry took the report."""


class Faulty:
    """`faults` are taken one per report: "", away, lost_answer, refuse, swallow (answers and holds nothing), kill."""

    def __init__(self, *faults: str) -> None:
        self.faults = list(faults)
        self.reports: dict[UUID, Report] = {}
        # Every report that was taken as new, in order; and how often any came in.
        self.order: list[UUID] = []
        self.calls = 0

    async def send(self, batch: Sequence[Report], now: datetime) -> list[Answer]:
        return [self._take(report) for report in batch]

    def _take(self, report: Report) -> Answer:
        self.calls += 1
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "away":
            return Answer(report.id, "retry", code="CONNECTION")
        if fault == "refuse":
            return Answer(report.id, "rejected", code="UNKNOWN_MEMBER")
        if fault != "swallow" and report.id not in self.reports:
            self.order.append(report.id)
            self.reports[report.id] = report
        if fault == "kill":
            raise KilledError
        return Answer(report.id, "retry", code="TIMEOUT") if fault == "lost_answer" else Answer(report.id, "sent", "7")

    async def held(self, since: datetime) -> list[Held]:
        return [Held(str(one.id), digest(one.content)) for one in self.reports.values()]

    async def close(self) -> None: ...
