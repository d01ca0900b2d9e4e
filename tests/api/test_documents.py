"""Documents: told by their bytes, kept outside the database, given back safely."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.settings import Settings
from tests import factories
from tests.api.conftest import Client, signed

pytestmark = pytest.mark.db
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)
ENTRY = {"appliedOn": "2026-11-17", "status": "applied", "channel": "posted", "employer": "Aros Stål"}


def archive(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name, content in files.items():
            target.writestr(name.replace("__", "/"), content)
    return made.getvalue()


DOCX = archive(**{"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"})
ODT = archive(mimetype="application/vnd.oasis.opendocument.text")


@pytest.fixture
async def me(session: AsyncSession) -> dict[str, str]:
    member = await factories.member(session)
    await session.commit()
    return signed(member_no=member.member_no)


@pytest.fixture
async def path(client: Client, me: dict[str, str]) -> str:
    made = await client.post("/v1/me/job-log", json=ENTRY, headers=me)
    return f"/v1/me/job-log/{made.json()['entry']['id']}"


async def upload(
    client: Client, me: dict[str, str], path: str, content: bytes, name: str = "a.pdf", **more: str
) -> Any:
    files = {"file": (name, content, "application/x-anything")}
    return await client.post(f"{path}/documents", files=files, headers=me | more)


def stored(settings: Settings) -> list[Path]:
    return [found for found in (settings.data / "documents").rglob("*") if found.is_file()]


@pytest.mark.parametrize(
    ("content", "media_type", "name"),
    [
        (PDF, "application/pdf", "Ansøgning.pdf"),
        (PNG, "image/png", "Ansøgning.png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(30), "image/jpeg", "Ansøgning.jpg"),
        (DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Ansøgning.docx"),
        (ODT, "application/vnd.oasis.opendocument.text", "Ansøgning.odt"),
    ],
)
async def test_what_is_uploaded_comes_back_as_it_was(
    client: Client, me: dict[str, str], path: str, settings: Settings, content: bytes, media_type: str, name: str
) -> None:
    added = await upload(client, me, path, content, "Ansøgning.exe")
    assert added.status_code == 201, added.text
    document = added.json()["document"]
    assert (document["mediaType"], document["fileName"], document["size"]) == (media_type, name, len(content))
    assert added.json()["written"]["entry"]["hasDocument"]
    assert [file.read_bytes() for file in stored(settings)] == [content]
    back = await client.get(f"{path}/documents/{document['id']}", headers=me)
    assert back.content == content
    assert back.headers["content-type"] == media_type
    assert back.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in back.headers["content-security-policy"]
    assert back.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "content",
    [
        b"MZ" + bytes(200),
        b"<html><script>alert(1)</script>",
        b"just text",
        archive(**{"a.txt": "x"}),
        archive(**{"[Content_Types].xml": "", "word/document.xml": "", "word/vbaProject.bin": ""}),
        b"PK\x03\x04" + bytes(40),
        b"GIF89a" + bytes(40),
    ],
)
async def test_other_kinds_are_refused_whatever_they_are_called(
    client: Client, me: dict[str, str], path: str, settings: Settings, content: bytes
) -> None:
    refused = await upload(client, me, path, content, "application.pdf")
    assert (refused.status_code, refused.json()["type"]) == (415, "/problems/document-kind")
    assert stored(settings) == []


async def test_ten_megabytes_are_the_most(client: Client, me: dict[str, str], path: str, settings: Settings) -> None:
    most = PDF + bytes(10 * 1024 * 1024 - len(PDF))
    assert (await upload(client, me, path, most)).status_code == 201
    over = await upload(client, me, path, most + b"x")
    assert (over.status_code, over.json()["type"]) == (413, "/problems/document-too-large")
    far_over = await upload(client, me, path, most + bytes(1024 * 1024))
    assert (far_over.status_code, far_over.json()["type"]) == (413, "/problems/too-large")
    empty = await upload(client, me, path, b"")
    assert empty.json()["type"] == "/problems/document-empty"
    assert len(stored(settings)) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\cv.doc", "cv.pdf"),
        ("..", "document.pdf"),
        ('a"b<c>|.pdf', "abc.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
async def test_names_lead_nowhere(
    client: Client, me: dict[str, str], path: str, settings: Settings, given: str, kept: str
) -> None:
    added = await upload(client, me, path, PDF, given)
    assert added.json()["document"]["fileName"] == kept
    (file,) = stored(settings)
    assert "passwd" not in str(file)
    assert file.is_relative_to(settings.data / "documents")


async def test_the_same_file_again_is_the_same_document(client: Client, me: dict[str, str], path: str) -> None:
    first = await upload(client, me, path, PDF)
    again = await upload(client, me, path, PDF)
    assert again.json()["document"] == first.json()["document"]
    assert again.json()["written"]["entry"]["version"] == 2


async def test_a_repeated_upload_is_answered_alike_although_its_form_is_another(
    client: Client, me: dict[str, str], path: str
) -> None:
    first = await upload(client, me, path, PDF, **{"Idempotency-Key": "k"})
    again = await upload(client, me, path, PDF, **{"Idempotency-Key": "k"})
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_document_can_be_taken_away(client: Client, me: dict[str, str], path: str) -> None:
    document = (await upload(client, me, path, PDF)).json()["document"]
    gone = await client.delete(f"{path}/documents/{document['id']}", headers=me)
    assert gone.json()["entry"]["hasDocument"] is False
    assert gone.json()["entry"]["documents"] == []
    assert (await client.get(f"{path}/documents/{document['id']}", headers=me)).status_code == 404
    assert (await client.delete(f"{path}/documents/{document['id']}", headers=me)).status_code == 404


async def test_nothing_of_another_member(
    client: Client, me: dict[str, str], path: str, session: AsyncSession, settings: Settings
) -> None:
    document = (await upload(client, me, path, PDF)).json()["document"]
    other = await factories.member(session)
    await session.commit()
    them = signed(member_no=other.member_no)
    assert (await client.get(f"{path}/documents/{document['id']}", headers=them)).status_code == 404
    assert (await client.delete(f"{path}/documents/{document['id']}", headers=them)).status_code == 404
    assert (await upload(client, them, path, PNG)).status_code == 404
    assert len(stored(settings)) == 1


async def test_a_form_without_a_file(client: Client, me: dict[str, str], path: str) -> None:
    for body in ({"data": {"file": "text"}}, {"json": {"file": "x"}}):
        refused = await client.post(f"{path}/documents", headers=me, **body)  # type: ignore[arg-type]
        assert (refused.status_code, refused.json()["field"]) == (422, "file")


async def test_a_file_that_the_store_lost_does_not_exist(
    client: Client, me: dict[str, str], path: str, settings: Settings
) -> None:
    document = (await upload(client, me, path, PDF)).json()["document"]
    for file in stored(settings):
        file.unlink()
    assert (await client.get(f"{path}/documents/{document['id']}", headers=me)).status_code == 404
