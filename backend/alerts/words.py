"""Every kind of alert, in words. Params are codes, numbers and dates; a kind that is not listed is not raised."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.i18n import N_, text

# A new kind needs its line here and nothing else. {key} is what the alert is about (a job, a branch, a channel).
SENTENCES: Mapping[str, str] = {
    "job_missing": N_("The run of {key} that was due has not begun."),
    "job_stuck": N_("A run of {key} began and does not get done."),
    "job_failed": N_("A run of {key} failed."),
    "deliveries_late": N_("The oldest delivery that is due has waited {minutes} minutes."),
    "client_errors": N_("{percent} per cent of the deliveries by {key} were refused as faulty."),
    "channel_down": N_("The channel {key} is down."),
    "dead_letters": N_("{n} deliveries were given up and wait for somebody to look at them."),
    "fuse_blown": N_(
        "Members who were to get more than anybody should in a day, and did not: {n}. Look for what writes to them."
    ),
    "capacity_shortage": N_("{n} places are missing: {key}."),
    "low_score": N_(
        "Members were clearly less satisfied with an event than aimed at, on {n} questions. Follow up within a working "
        "day."
    ),
    "hasty_approvals": N_(
        "{n} of {total} call-ins were approved within half a minute of opening the evidence. Nobody has read it in so "
        "short a time."
    ),
    "few_rejections": N_(
        "Of {total} proposed call-ins {n} were rejected. With so few the colour may be what decides, and not a person."
    ),
    "registry_errors": N_("{n} reports to the shared registry failed."),
}


def sentence(language: str, kind: str, key: str, params: Mapping[str, Any]) -> str:
    """The alert for a reader; it may hold nothing personal, so it can be sent anywhere."""
    return text(language, SENTENCES[kind], key=key, **params)


def check(kind: str, key: str, params: Mapping[str, Any]) -> None:
    """Raises ValueError for a kind without words, and for params that do not fill them."""
    if kind not in SENTENCES:
        raise ValueError(f"There is no kind of alert {kind}.")
    try:
        SENTENCES[kind].format(key=key, **params)
    except KeyError as missing:
        raise ValueError(f"An alert {kind} needs {missing}.") from None
    if any(not isinstance(value, str | int | float | date) for value in params.values()):
        raise ValueError(f"The params of an alert {kind} are codes, numbers and dates.")
