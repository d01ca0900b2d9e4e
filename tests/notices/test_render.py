"""A document is made whatever people wrote: what no font of ours can show becomes a sign."""

from datetime import UTC, datetime

import pytest

from backend.db.types import new_id
from backend.talks import packet
from backend.talks.handover import Packet


@pytest.mark.parametrize("written", ["Aftalt.", "\x92/{", "日本語", "\u0378 \u0301x", "\U0001f600", "\x7f"])
def test_whatever_was_written_the_packet_is_made(written: str) -> None:
    talk = {
        "heldOn": "2026-11-20", "form": "personal", "types": ["follow_up"], "staffName": "Karen Kjær",
        "minutes": written, "corrections": [{"correction": written}],
    }  # fmt: skip
    content = {"memberNo": "1", "unemployedFrom": "2026-08-03", "plan": None, "agreements": [], "talks": [talk]}
    found = Packet(new_id(), datetime(2026, 8, 3, tzinfo=UTC).date(), None, (), content)
    assert packet.pdf(found, made_at=datetime(2026, 11, 20, tzinfo=UTC)).startswith(b"%PDF-")
