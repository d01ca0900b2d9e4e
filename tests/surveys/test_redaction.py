"""What is proposed for redaction, and that nothing of it is left."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.surveys import redaction
from backend.surveys.redaction import Span


@pytest.mark.parametrize(
    ("text", "names", "redacted"),
    [
        ("Karen var god", ["Karen Kjær"], "[navn] var god"),
        ("tak til karens kollega Kjær!", ["Karen Kjær"], "tak til [navn] kollega [navn]!"),
        ("Karensminde er en gård", ["Karen Kjær"], "Karensminde er en gård"),
        ("Anne-Mette hjalp", ["Anne-Mette Bo Ø"], "[navn] hjalp"),
        ("ring 20 30 40 50 eller +45 20304050", [], "ring [tlf] eller [tlf]"),
        ("20.30.40.50, 2030-4050 og 0045 20304050", [], "[tlf], [tlf] og [tlf]"),
        ("skriv til per.p+job@mail.example.dk.", [], "skriv til [e-mail]."),
        ("mit cpr er 170580-1234", [], "mit cpr er [cpr]"),
        ("1705801234 og 170580 1234 og 170580–1234", [], "[cpr] og [cpr] og [cpr]"),
        ("jeg søgte 12 job i 2026 på 3 dage", ["Bo"], "jeg søgte 12 job i 2026 på 3 dage"),
        ("karen@mail.example er Karen", ["Karen"], "[e-mail] er [navn]"),
        ("", ["Karen"], ""),
    ],
)
def test_proposals(text: str, names: list[str], redacted: str) -> None:
    assert redaction.redact(text, redaction.propose(text, names)) == redacted


words = st.text(alphabet="abcæøå ,.!?", max_size=20)
secrets = st.sampled_from(["170580-1234", "20304050", "+45 20 30 40 50", "a.b@c.dk", "Søren", "sørens", "SØREN"])


@given(st.lists(st.tuples(words, secrets), max_size=5), words)
def test_nothing_that_should_go_stays(parts: list[tuple[str, str]], end: str) -> None:
    text = "".join(f"{word} {secret} " for word, secret in parts) + end
    spans = redaction.propose(text, ["Søren Østergaard"])
    assert all(a.end <= b.start for a, b in pairwise(spans))
    left = redaction.redact(text, spans)
    assert not any(secret in left for _, secret in parts)
    assert redaction.propose(left, ["Søren Østergaard"]) == []


def test_of_overlapping_spans_the_longer_is_taken() -> None:
    assert redaction.redact("abcdef", [Span(0, 2, "name"), Span(1, 5, "email")]) == "a[e-mail]f"
