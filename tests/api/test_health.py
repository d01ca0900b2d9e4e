"""The process is seen from outside."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.app import create_app
from backend.db.engine import Sessions
from backend.settings import PROJECT, Settings
from tests.api.conftest import Client, connected

pytestmark = pytest.mark.db


async def test_alive(client: Client) -> None:
    answer = await client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


async def test_ready_when_the_database_is_migrated(client: Client) -> None:
    answer = await client.get("/readyz")
    assert answer.json() == {"status": "ok"}


async def test_metrics_name_deliveries_jobs_and_requests(client: Client) -> None:
    await client.get("/healthz")
    page = (await client.get("/metrics")).text
    assert 'jobvej_requests_total{method="GET",operation="getHealth",status="200"}' in page
    assert 'jobvej_deliveries{state="due"} 0.0' in page
    assert "jobvej_oldest_due_delivery_seconds 0.0" in page
    assert "jobvej_job_open_batches 0.0" in page


async def test_a_run_that_did_not_begin_is_seen(settings: Settings, sessions: Sessions) -> None:
    async def overdue(_session: AsyncSession, _now: datetime) -> Mapping[str, timedelta]:
        return {"rate-members": timedelta(minutes=4)}

    async with connected(create_app(settings, sessions, overdue=overdue)) as client:
        page = (await client.get("/metrics")).text
    assert 'jobvej_job_overdue_seconds{job="rate-members"} 240.0' in page


async def test_the_page_of_operations_names_every_metric_and_no_other(settings: Settings, sessions: Sessions) -> None:
    async def overdue(_session: AsyncSession, _now: datetime) -> Mapping[str, timedelta]:
        return {}

    async with connected(create_app(settings, sessions, overdue=overdue)) as client:
        page = (await client.get("/metrics")).text
    real = set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE))
    docs = (PROJECT / "docs" / "operations.md").read_text()
    assert set(re.findall(r"`(jobvej_\w+)", docs)) == real


async def test_every_answer_has_an_id_and_safe_headers(client: Client) -> None:
    for path in ("/healthz", "/nowhere", "/docs"):
        answer = await client.get(path)
        assert len(answer.headers["x-request-id"]) == 32
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_request_keeps_the_id_that_it_brought_unless_it_is_odd(client: Client) -> None:
    kept = await client.get("/healthz", headers={"X-Request-Id": "abcdef-123456"})
    assert kept.headers["x-request-id"] == "abcdef-123456"
    odd = await client.get("/healthz", headers={"X-Request-Id": "<script>alert(1)</script>"})
    assert odd.headers["x-request-id"] != "<script>alert(1)</script>"


async def test_docs_work_without_the_internet(client: Client) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.text.replace("<html", "")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js", "favicon-32x32.png"):
        assert f"/docs/{name}" in page.text
        assert (await client.get(f"/docs/{name}")).status_code == 200
    contract = await client.get("/openapi/openapi.json")
    assert contract.json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("name", ["..%2Fapp.py", "swagger-ui.js", "index.html"])
async def test_docs_give_nothing_but_their_own_files(client: Client, name: str) -> None:
    assert (await client.get(f"/docs/{name}")).status_code == 404
