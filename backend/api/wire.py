"""How data looks on the wire: camelCase, nothing unknown accepted, opaque cursors, ETags."""

import base64
import binascii
import hashlib
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar import Request, Response
from litestar.datastructures import ResponseHeader
from litestar.enums import MediaType
from litestar.params import QueryParameter

from backend.errors import Invalid
from backend.i18n import N_

T = TypeVar("T")

Limit = Annotated[int, QueryParameter(ge=1, le=100, description="How many to give at most.")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=400, description="`next` or `previous` of an earlier answer; opaque.")
]


# What people write: one line, or several. Neither holds control characters, which PostgreSQL and readers choke on.
Line = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Prose = Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
# The headers of an answer that `tagged` makes, for the contract.
TAGGED = [ResponseHeader(name="ETag", documentation_only=True, description="Give it back as `If-None-Match`.")]


class Wire(msgspec.Struct, rename="camel", kw_only=True):
    """What is sent."""


class Input(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What is received: a misspelt field is refused rather than lost."""


class Page(Wire, Generic[T]):
    """Part of a list. `next` fetches what follows; null at the end."""

    items: list[T]
    next: str | None


def cursor(*key: object) -> str:
    """A keyset position as the opaque text that a client gives back."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def position(text: str, shape: type[T]) -> T:
    """A cursor as the tuple type that it was made from. Raises Invalid when it is not one of ours."""
    try:
        raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return _possible(msgspec.json.decode(raw, type=shape))
    except (binascii.Error, UnicodeEncodeError, ValueError, msgspec.MsgspecError) as error:
        raise Invalid(N_("The cursor is not one that this list gave."), field="cursor") from error


def _possible(key: T) -> T:
    """The key, when its instants have an offset and can be turned into another zone's. Raises ValueError."""
    for part in key if isinstance(key, tuple) else ():
        if isinstance(part, datetime) and (part.tzinfo is None or not 1900 <= part.year <= 2200):
            raise ValueError("no such instant")
    return key


def tagged(request: Request[Any, Any, Any], content: T, *, tag: str | None = None) -> Response[T]:
    """The answer with a weak ETag (of `tag`, else of its bytes), or 304 when the client already holds it."""
    body = msgspec.json.encode(content)
    return _tagged(request, body, tag or _digest(body), MediaType.JSON)


def tagged_file(request: Request[Any, Any, Any], content: bytes, tag: str, *, media_type: str) -> Response[bytes]:
    """A file with a weak ETag of `tag`, or 304 when the client already holds it."""
    found: Response[bytes] = _tagged(request, content, _digest(tag.encode()), media_type)
    return found


def _tagged(request: Request[Any, Any, Any], body: bytes, tag: str, media_type: str) -> Response[Any]:
    etag = f'W/"{tag}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    held = {item.strip() for item in request.headers.get("if-none-match", "").split(",")}
    if etag in held or "*" in held:
        return Response(content=None, status_code=304, headers=headers)
    return Response(content=body, media_type=media_type, headers=headers)


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
