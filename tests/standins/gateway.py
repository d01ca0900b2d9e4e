"""A gateway on loopback: an HTTP endpoint that answers as told, and an SMTP server that takes everything."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class HttpGateway:
    """`answers` are statuses by number, 200 for all others; the recipients of `hang` are never answered."""

    answers: dict[str, int] = field(default_factory=dict)
    hang: set[str] = field(default_factory=set)
    taken: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/send?:to={{to}}&cto=2&rto=2"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
        body = json.loads(await reader.readexactly(length))
        if body["to"] in self.hang:
            await reader.read()
        else:
            status = self.answers.get(body["to"], 200)
            if status == 200:
                self.taken.append((body["to"], body["message"]))
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()


@dataclass
class SmtpGateway:
    """What was sent, by recipient."""

    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"mailto://user:secret@127.0.0.1:{self.port}?to={{to}}&from=fund@fund.example&mode=insecure&format=text"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to = ""
        writer.write(b"220 standin\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if verb == "EHLO":
                writer.write(b"250-standin\r\n250 AUTH PLAIN\r\n")
            elif verb == "AUTH":
                writer.write(b"235 ok\r\n")
            elif verb == "DATA":
                writer.write(b"354 go\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                message = message_from_bytes(content[:-5], policy=policy.default)
                self.taken.append((to, message))
                writer.write(b"250 ok\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                to = line.partition("<")[2].partition(">")[0] if verb == "RCPT" else to
                writer.write(b"250 ok\r\n")
        writer.close()


@asynccontextmanager
async def running(gateway: HttpGateway | SmtpGateway) -> AsyncIterator[None]:
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    gateway.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
