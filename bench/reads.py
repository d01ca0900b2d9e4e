"""API reads over HTTP on loopback: a member's job log, beside raw ASGI + asyncpg and FastAPI + SQLAlchemy."""

import asyncio
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg

from backend.api import builtin_identity
from backend.settings import load
from bench.rating_data import fill

CLIENTS = 16
REQUESTS = 6000
ROUNDS = 3
MEMBERS = 100
SERVERS = ("ours", "fastapi", "raw")


async def bench(url: str, scale: int) -> list[dict[str, object]]:
    """Requests per second of each server, rounds taken in turn; the best round of each counts."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await fill(connection, scale)
    await connection.close()
    with tempfile.TemporaryDirectory() as folder:
        requests = _requests(Path(folder))
        best = dict.fromkeys(SERVERS, 0.0)
        for _ in range(ROUNDS):
            for name in SERVERS:
                async with _serving(name, url, folder) as port:
                    await _load(port, requests[name], REQUESTS // 6)
                    best[name] = max(best[name], await _load(port, requests[name], REQUESTS))
    return [
        {
            "what": "GET /v1/me/job-log, 26 entries",
            "members": scale,
            "requests/s": best["ours"],
            "FastAPI + SQLAlchemy": best["fastapi"],
            "times FastAPI": best["ours"] / best["fastapi"],
            "raw ASGI + asyncpg": best["raw"],
            "share of raw": best["ours"] / best["raw"],
        }
    ]


def _requests(folder: Path) -> dict[str, list[bytes]]:
    """The bytes to send, for a hundred members; the raw server is told the number, the others a token."""
    settings = replace(load({}), data=folder)
    signed, bare = [], []
    for n in range(1, MEMBERS + 1):
        claims = builtin_identity.claims_of(settings, "member", f"M{n}")
        token = builtin_identity.mint(settings, claims, subject=f"M{n}")
        signed.append(f"GET /v1/me/job-log HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        bare.append(f"GET /v1/me/job-log/M{n} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return {"ours": signed, "fastapi": signed, "raw": bare}


@asynccontextmanager
async def _serving(name: str, url: str, folder: str) -> AsyncIterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.peers",
        name,
        str(port),
        url,
        env=os.environ | {"JOBVEJ_DATA": folder, "JOBVEJ_LOG_FORMAT": "json"},
    )
    try:
        await _answers(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int) -> None:
    for _ in range(300):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise RuntimeError("a server did not start")


async def _load(port: int, requests: list[bytes], total: int) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(_client(port, requests, total // CLIENTS, n) for n in range(CLIENTS)))
    return total // CLIENTS * CLIENTS / (time.perf_counter() - started)


async def _client(port: int, requests: list[bytes], count: int, offset: int) -> None:
    """One kept connection that asks again as soon as it is answered; any answer but 200 stops the bench."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for n in range(count):
        writer.write(requests[(offset + n) % len(requests)])
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(head.split(b"\r\n", 1)[0].decode())
        await reader.readexactly(int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0]))
    writer.close()
