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
        ("010203 - 1234, 01.02.03-1234 og 010290\u20111234", [], "[cpr], [cpr] og [cpr]"),
        ("12/34/56/78, 12\u00a034\u00a056\u00a078 og (+45) 12  34  56  78", [], "[tlf], [tlf] og [tlf]"),
        ("+46 70 123 45 67 eller +49 151 12345678", [], "[tlf] eller [tlf]"),
        ("skriv a.b (at) mail.example.dk", [], "skriv [e-mail]"),
        ("Anne hjalp, Mette også", ["Anne-Mette Kjær"], "[navn] hjalp, [navn] også"),
        ("Aase’s møde", ["Åse Kjær"], "[navn] møde"),
        ("Per var god, 100 kr per dag", ["Per Sten"], "[navn] var god, 100 kr per dag"),
        ("Mette Sørensen fra jobcenteret og KIRSTEN", [], "[navn] fra jobcenteret og [navn]"),
        ("jeg kom på linje med mit mål", [], "jeg kom på linje med mit mål"),
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
