"""HTTP/1.1 (httptools) and HTTP/2 (h2) under the stand-in, as bare protocols so that no bench measures it."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

import h2.config
import h2.connection
import h2.events
import httptools

from tests.standins.fcm_app import Answer, Stand

_REASONS = {200: b"OK", 400: b"Bad Request", 401: b"Unauthorized", 404: b"Not Found", 429: b"Too Many Requests"}
_FRAME = 16_384


class Http1(asyncio.Protocol):
    """One HTTP/1.1 connection. Requests of a connection are answered in order; clients here do not pipeline."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._begin()

    def _begin(self) -> None:
        self._path = b""
        self._authorization = b""
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if self._transport:
                self._transport.abort()

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"authorization":
            self._authorization = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        answer = self._stand.answer(method, self._path.decode(), self._authorization.decode(), self._body)
        self._begin()
        if self._stand.plan.delay:
            asyncio.get_running_loop().call_later(self._stand.plan.delay, self._reply, answer)
        else:
            self._reply(answer)

    def _reply(self, answer: Answer) -> None:
        if self._transport is None or answer.wire == "hang":
            return
        if answer.wire == "reset":
            self._transport.abort()
            return
        lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        head = f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, b'Status').decode()}\r\n{lines}"
        self._transport.write(f"{head}content-length: {len(answer.body)}\r\n\r\n".encode() + answer.body)


@dataclass(slots=True)
class _Stream:
    method: str
    path: str
    authorization: str
    body: list[bytes] = field(default_factory=list)


class Http2(asyncio.Protocol):
    """One HTTP/2 connection, with a hundred streams at a time as FCM allows."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._streams: dict[int, _Stream] = {}
        self._transport: asyncio.Transport | None = None
        self._h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8", validate_inbound_headers=False)
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._h2.initiate_connection()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        for event in self._h2.receive_data(data):
            match event:
                case h2.events.RequestReceived():
                    self._begin(event)
                case h2.events.DataReceived():
                    self._h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
                    self._streams[event.stream_id or 0].body.append(event.data or b"")
                case h2.events.StreamEnded():
                    self._ended(event.stream_id or 0)
                case h2.events.StreamReset():
                    self._streams.pop(event.stream_id or 0, None)
        self._flush()

    def _begin(self, event: h2.events.RequestReceived) -> None:
        headers = {str(name): str(value) for name, value in event.headers or ()}
        self._streams[event.stream_id or 0] = _Stream(
            headers[":method"], headers[":path"], headers.get("authorization", "")
        )

    def _ended(self, number: int) -> None:
        stream = self._streams.pop(number)
        answer = self._stand.answer(stream.method, stream.path, stream.authorization, b"".join(stream.body))
        if self._stand.plan.delay:
            asyncio.get_running_loop().call_later(self._stand.plan.delay, self._reply_later, number, answer)
        else:
            self._reply(number, answer)

    def _reply_later(self, number: int, answer: Answer) -> None:
        if self._transport is not None:
            self._reply(number, answer)
            self._flush()

    def _reply(self, number: int, answer: Answer) -> None:
        if answer.wire == "hang":
            return
        if answer.wire == "reset":
            self._h2.reset_stream(number)
            return
        size = ("content-length", str(len(answer.body)))
        self._h2.send_headers(number, [(":status", str(answer.status)), *answer.headers, size])
        self._h2.send_data(number, answer.body[:_FRAME], end_stream=True)

    def _flush(self) -> None:
        if self._transport is not None:
            self._transport.write(self._h2.data_to_send())
