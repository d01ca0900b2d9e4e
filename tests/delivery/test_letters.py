"""The mailbox and the print house's tray: whole, once, with the instant at which a letter first lay there."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backend.delivery import folders
from backend.delivery.channels import open_mailbox, open_paper
from backend.delivery.types import Letter
from backend.settings import Settings
from tests.delivery.conftest import MESSAGE, NOW


def letter(**values: Any) -> Letter:
    facts: dict[str, Any] = {
        "delivery_id": uuid4(),
        "message_id": MESSAGE,
        "member_no": "7000001",
        "name": "Søren Østergaard",
        "language": "da",
        "title": "Du er indkaldt",
        "body": "Ring til os.",
        "pdf": b"%PDF-1.7",
    }
    return Letter(**(facts | values))


def lying(tray: Path) -> list[Path]:
    return list(tray.iterdir())


async def test_a_letter_lies_in_the_mailbox_once_and_keeps_its_instant(tmp_path: Path) -> None:
    box, one = open_mailbox(Settings(mailbox=tmp_path)), letter()
    [first] = await box.send([one], NOW)
    [again] = await box.send([one], NOW + timedelta(hours=1))
    assert first.kind == again.kind == "sent"
    assert first.at == again.at == NOW
    [folder] = lying(tmp_path)
    assert folder.name == str(one.delivery_id)
    assert (folder / "letter.pdf").read_bytes() == b"%PDF-1.7"
    assert (folder / "message.txt").read_text() == "Du er indkaldt\n\nRing til os.\n"
    assert json.loads((folder / "receipt.json").read_text()) == {
        "message": str(MESSAGE),
        "member_no": "7000001",
        "language": "da",
        "available": NOW.isoformat(),
    }


async def test_paper_has_an_address_slip_and_no_pdf_is_no_obstacle(tmp_path: Path) -> None:
    one = letter(pdf=None)
    [outcome] = await open_paper(Settings(data=tmp_path)).send([one], NOW)
    folder = tmp_path / "print" / str(one.delivery_id)
    assert outcome.provider_id == f"paper/{one.delivery_id}"
    assert {file.name for file in folder.iterdir()} == {"message.txt", "address.txt", "receipt.json"}
    assert (folder / "address.txt").read_text() == "Søren Østergaard\n7000001\n"
    assert "Søren" not in repr(one)


async def test_a_write_that_breaks_off_leaves_nothing_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, one = open_mailbox(Settings(mailbox=tmp_path)), letter()

    def full(path: Path, content: bytes) -> None:
        if path.name == folders.RECEIPT:
            raise OSError(28, "No space left on device")
        path.write_bytes(content)

    with monkeypatch.context() as patch:
        patch.setattr(folders, "_write", full)
        [outcome] = await box.send([one], NOW)
    assert (outcome.kind, outcome.error_code) == ("retry", "STORE_FAILED")
    assert lying(tmp_path) == []
    assert (await box.send([one], NOW))[0].kind == "sent"


def test_of_many_that_put_the_same_letter_all_tell_the_first_ones_instant(tmp_path: Path) -> None:
    def put(number: int) -> object:
        return folders.put(tmp_path, "one", {"a": b"a"}, {}, NOW + timedelta(seconds=number))

    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(put, range(16)))
    assert len(told) == 1
    assert [folder.name for folder in tmp_path.iterdir()] == ["one"]
