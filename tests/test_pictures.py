"""The README shows pictures that are there, are small, and can all be taken anew."""

import re
from pathlib import Path

from tests.pictures.run import FOLDER, LARGEST, PICTURES

README = Path(__file__).resolve().parents[1] / "README.md"


def test_each_picture_is_shown_is_small_and_has_its_way_of_being_taken() -> None:
    shown = set(re.findall(r"docs/pictures/([a-z-]+)\.png", README.read_text()))
    kept = {one.stem: one.stat().st_size for one in FOLDER.glob("*.png")}
    assert shown == set(kept) == set(PICTURES)
    assert max(kept.values()) < LARGEST
