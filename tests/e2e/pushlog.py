"""What the stand-in's log of requests tells about repeats."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from tests.e2e.hurry import Hurry
from tests.e2e.trial import Pair

Log = Sequence[dict[str, Any]]


def pair_of(sent: dict[str, Any]) -> Pair:
    return sent["token"], sent["messageId"]


def taken(log: Log) -> Counter[Pair]:
    """How often each message was taken for each phone."""
    return Counter(pair_of(one) for one in log if one["fault"] == "ok")


def repeats(log: Log, hurry: Hurry, retry_after: float, but: AbstractSet[Pair]) -> tuple[int, list[Any]]:
    """How many requests came after the wait that a refusal had asked for, and those that came before it.

    `but` are those whose refusal a killed worker took along with it.
    """
    in_time, early = 0, []
    refused: dict[Pair, float] = {}
    for one in log:
        pair, at = pair_of(one), hurry.hurried(one["at"])
        if pair in refused and pair not in but:
            waited = at - refused.pop(pair)
            in_time += waited >= retry_after
            early += [(pair, waited)] if waited < retry_after else []
        if one["fault"] in ("429", "503"):
            refused[pair] = at
    return in_time, early


def refused_and_repeated(log: Log, but: AbstractSet[Pair]) -> list[Pair]:
    """What was answered with a 4xx other than 429, and sent all the same."""
    refused: set[Pair] = set()
    again = []
    for one in log:
        again += [pair_of(one)] if pair_of(one) in refused - but else []
        if 400 <= one["status"] < 500 and one["status"] != 429:
            refused.add(pair_of(one))
    return again
