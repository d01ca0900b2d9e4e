"""What Prometheus reads: requests of this process, and the state of deliveries and jobs as the database has it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts import queries as alerts
from backend.alerts.words import SENTENCES as ALERTS
from backend.notifications import channels
from backend.notifications.queries import outbox_figures
from backend.notifications.sweep import late_deliveries
from backend.notifications.tables import FINAL_STATES

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# The instants at which counters began tell nothing here, and double the page.
disable_created_metrics()  # type: ignore[no-untyped-call]
registry = CollectorRegistry()
REQUESTS = Counter("jobvej_requests", "Requests answered.", ("operation", "method", "status"), registry=registry)
LATENCY = Histogram(
    "jobvej_request_seconds",
    "Seconds to the first byte of the answer.",
    ("operation",),
    buckets=BUCKETS,
    registry=registry,
)


def request(operation: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(operation, method if method in METHODS else "other", status).inc()
    LATENCY.labels(operation).observe(seconds)


# How long each job has waited for a run that should have begun. The timetable's room is this one's neighbour: whoever
# starts the process hands it in.
Overdue = Callable[[AsyncSession, datetime], Awaitable[Mapping[str, timedelta]]]


async def page(session: AsyncSession, now: datetime, overdue: Overdue | None = None) -> bytes:
    """Everything in Prometheus' text format."""
    shared = CollectorRegistry()
    if overdue:
        late = Gauge("jobvej_job_overdue_seconds", "Since a run should have begun.", ("job",), registry=shared)
        for job, since in (await overdue(session, now)).items():
            late.labels(job).set(since.total_seconds())
    await _deliveries(session, now, shared)
    await _jobs(session, now, shared)
    await _alerts(session, shared)
    return generate_latest(registry) + generate_latest(shared)


async def _deliveries(session: AsyncSession, now: datetime, shared: CollectorRegistry) -> None:
    found = await outbox_figures(session, now=now)
    states = Gauge("jobvej_deliveries", "Deliveries: open ones now, ended ones of a day.", ("state",), registry=shared)
    for state in FINAL_STATES:
        states.labels(state).set(found.finished.get(state, 0))
    for state in ("due", "waiting", "sending", "overran"):
        states.labels(state).set(getattr(found, state))
    Gauge("jobvej_oldest_due_delivery_seconds", "Age of the oldest delivery that is due.", registry=shared).set(
        found.oldest_due.total_seconds()
    )
    late = Gauge("jobvej_late_deliveries", "Deliveries due for over five minutes.", ("channel",), registry=shared)
    down = Gauge("jobvej_channel_down", "1 while a channel's provider is down.", ("channel",), registry=shared)
    waiting = await late_deliveries(session, now=now)
    for channel in await channels.states(session):
        late.labels(channel.name).set(waiting.get(channel.name, 0))
        down.labels(channel.name).set(channel.since is not None)


# The ledger's own room is this one's neighbour, so its table is read by name.
RUNS = text(
    "SELECT job, min(scheduled_for) FILTER (WHERE state = 'running') AS waiting,"
    " max(finished_at) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'failed') AS failed"
    " FROM job_run GROUP BY job"
)
OPEN_BATCHES = text("SELECT count(*) FROM job_batch WHERE done_at IS NULL")


async def _jobs(session: AsyncSession, now: datetime, shared: CollectorRegistry) -> None:
    lag = Gauge("jobvej_job_lag_seconds", "Age of the oldest unfinished run.", ("job",), registry=shared)
    last = Gauge("jobvej_job_last_done_timestamp_seconds", "When a run last finished.", ("job",), registry=shared)
    failed = Gauge("jobvej_job_failed_runs", "Runs that failed.", ("job",), registry=shared)
    for row in await session.execute(RUNS):
        lag.labels(row.job).set(max(0.0, (now - row.waiting).total_seconds()) if row.waiting else 0)
        failed.labels(row.job).set(row.failed)
        if row.done:
            last.labels(row.job).set(row.done.timestamp())
    batches = await session.scalar(OPEN_BATCHES)
    Gauge("jobvej_job_open_batches", "Batches of runs that are not done.", registry=shared).set(batches or 0)


async def _alerts(session: AsyncSession, shared: CollectorRegistry) -> None:
    found = await alerts.open_by_kind(session)
    standing = Gauge("jobvej_alerts", "Alerts that are open.", ("kind",), registry=shared)
    for kind in ALERTS:
        standing.labels(kind).set(found.get(kind, 0))
