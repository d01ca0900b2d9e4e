"""The stand-in itself: what it refuses, and that it runs as a process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.delivery import fcm
from tests.delivery.conftest import NOW, make_push
from tests.standins import fcm_schema
from tests.standins.fcm import Server, running
from tests.standins.fcm_app import SEND_PATH
from tests.standins.fcm_faults import Plan

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"token": "a", "data": {"x": "1"}}, None),
        ({"token": "a", "dta": {}}, "message.dta"),
        ({"token": "a", "android": {"ttl": "1h"}}, "message.android.ttl"),
        ({"token": "a", "android": {"notification": {"tagg": "x"}}}, "message.android.notification.tagg"),
        ({"token": "a", "data": {"x": 1}}, "message.data"),
        ({"token": "a", "data": {"google.x": "1"}}, "message.data"),
        ({"token": "a", "apns": {"headers": {"apns-expiration": "soon"}}}, "message.apns.headers"),
        ({"token": "a", "fid": "b"}, "message.token"),
        ({}, "message.token"),
    ],
)
def test_a_field_that_fcm_does_not_know_is_refused(message: dict[str, Any], field: str | None) -> None:
    assert fcm_schema.fault({"message": message}, 100) == field


def test_a_payload_over_4096_bytes_is_refused() -> None:
    assert fcm_schema.fault({"message": {"token": "a"}}, 4097) == "message"


async def test_a_request_without_a_token_of_its_own_is_refused() -> None:
    async with running() as server, httpx.AsyncClient(base_url=server.url) as client:
        answer = await client.post(
            SEND_PATH, json={"message": {"token": "a"}}, headers={"authorization": "Bearer made-up"}
        )
        unknown = await client.post(SEND_PATH, json={"message": {"token": "a", "nope": 1}})
        forged = await client.post(f"{server.url}/token", data={"assertion": "a.b.c"})
    assert (answer.status_code, unknown.status_code, forged.status_code) == (401, 400, 400)
    assert unknown.json()["error"]["details"][1]["fieldViolations"][0]["field"] == "message.nope"


def test_the_plan_is_the_same_for_the_same_seed_and_near_its_shares() -> None:
    shares = {"503": 0.3, "429": 0.1, "unregistered": 0.05}
    first, again, other = Plan(seed=1, shares=shares), Plan(seed=1, shares=shares), Plan(seed=2, shares=shares)
    draws = [[plan.fault(f"t{n}", "m", 1) for n in range(4000)] for plan in (first, again, other)]
    assert draws[0] == draws[1] != draws[2]
    assert 0.25 < draws[0].count("503") / 4000 < 0.32
    gone = draws[0].index("unregistered")
    assert {first.fault(f"t{gone}", "m", attempt) for attempt in range(20)} == {"unregistered"}


@pytest.fixture
def process(tmp_path: Path) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "tests.standins.fcm", "--credentials", str(tmp_path / "account.json")]
    faults = json.dumps({"seed": 3, "503": 0.5})
    command += ["--faults", faults, "--record", str(tmp_path / "sends.jsonl")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield json.loads(running.stdout.readline())
        running.terminate()
        assert running.wait(10) == 0


@pytest.mark.e2e
async def test_as_a_process_it_keeps_a_record_and_changes_its_faults(process: dict[str, str], tmp_path: Path) -> None:
    sender = fcm.open_sender(Path(process["credentials"]), process["url"])
    batch = [make_push(f"device-{n}") for n in range(60)]
    first = await sender.send(batch, NOW)
    async with httpx.AsyncClient(base_url=process["url"]) as control:
        await control.post("/faults", json={"503": 0})
        second = await sender.send(batch, NOW)
        counts = (await control.get("/counts")).json()
        log = (await control.get("/log")).json()
    await sender.close()
    sent = sum(outcome.kind == "sent" for outcome in first)
    assert 0 < sent < 60
    assert all(outcome.kind == "sent" for outcome in second)
    assert (counts["taken"], counts["repeated"], counts["requests"]) == (60, sent, 120)
    assert {entry["token"] for entry in log} == {push.token for push in batch}


async def test_the_record_on_disk_is_the_log(tmp_path: Path) -> None:
    record = tmp_path / "sends.jsonl"
    async with running(record=record) as server:
        await _send_two(server, tmp_path)
        log = list(server.stand.sends)
    assert [json.loads(line) for line in record.read_text().splitlines()] == log
    assert len(log) == 2


async def _send_two(server: Server, folder: Path) -> None:
    sender = fcm.open_sender(server.credentials(folder), server.url)
    await sender.send([make_push("device-1"), make_push("device-2")], NOW)
    await sender.close()
