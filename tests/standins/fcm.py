"""A server on loopback that speaks FCM HTTP v1, with a token endpoint, faults to order and a log of every send.

In a test: `async with running(Plan(...)) as server:`. As a process:

    python -m tests.standins.fcm --credentials account.json [--port 0] [--tls-port 0] [--faults JSON] [--record FILE]

which prints one line of JSON with its addresses, and answers GET /log, GET /counts and POST /faults.
"""

import argparse
import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from tests.standins import keys
from tests.standins.fcm_app import Stand
from tests.standins.fcm_faults import Plan
from tests.standins.fcm_http import Http1, Http2

_FLUSH_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Server:
    """A running stand-in. `tls_url` speaks HTTP/2 only; the token endpoint is on `url` for both."""

    stand: Stand
    url: str
    tls_url: str | None = None

    @property
    def plan(self) -> Plan:
        return self.stand.plan

    @property
    def token_uri(self) -> str:
        return f"{self.url}/token"

    def credentials(self, folder: Path) -> Path:
        """A service-account file that signs in here."""
        return keys.write_service_account(folder / "service-account.json", self.token_uri)


@asynccontextmanager
async def running(
    plan: Plan | None = None,
    *,
    port: int = 0,
    certificate: Path | None = None,
    tls_port: int = 0,
    record: Path | None = None,
    keep_bodies: bool = False,
) -> AsyncIterator[Server]:
    """Serve on loopback until the block ends; with a certificate (keys.write_certificate) also HTTP/2 over TLS."""
    loop = asyncio.get_running_loop()
    file = record.open("ab") if record else None
    stand = Stand(plan or Plan(), record=file, keep_bodies=keep_bodies)
    listeners = [await loop.create_server(lambda: Http1(stand), "127.0.0.1", port)]
    if certificate:
        tls = keys.server_tls(certificate)
        listeners.append(await loop.create_server(lambda: Http2(stand), "127.0.0.1", tls_port, ssl=tls))
    ports = [listener.sockets[0].getsockname()[1] for listener in listeners]
    tls_url = f"https://127.0.0.1:{ports[1]}" if certificate else None
    try:
        yield Server(stand, f"http://127.0.0.1:{ports[0]}", tls_url)
    finally:
        for listener in listeners:
            listener.close()
        if file:
            file.close()


async def _serve(options: argparse.Namespace) -> None:
    plan = Plan()
    plan.change(json.loads(options.faults))
    certificate = keys.write_certificate(options.credentials.parent) if options.tls_port is not None else None
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(
        plan, port=options.port, certificate=certificate, tls_port=options.tls_port or 0, record=options.record
    ) as server:
        keys.write_service_account(options.credentials, server.token_uri)
        addresses: dict[str, Any] = {"url": server.url, "credentials": str(options.credentials)}
        if server.tls_url:
            addresses |= {"tlsUrl": server.tls_url, "certificate": str(certificate)}
        print(json.dumps(addresses), flush=True)
        while not stop.is_set():
            server.stand.flush()
            try:
                await asyncio.wait_for(stop.wait(), _FLUSH_SECONDS)
            except TimeoutError:
                continue


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in of FCM HTTP v1 on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls-port", type=int, help="serve HTTP/2 over TLS too, on this port (0: any)")
    parser.add_argument("--credentials", type=Path, required=True, help="where to write the service-account file")
    parser.add_argument("--faults", default="{}", help='as {"503": 0.3, "429": 0.1, "retry_after": "2", "seed": 1}')
    parser.add_argument("--record", type=Path, help="append each send to this file, one JSON object a line")
    uvloop.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
