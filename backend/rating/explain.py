"""A rating in plain words, with the figures behind it. Pure: from a rating that was given, never computing it again."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal

import msgspec

from backend import calendar
from backend.i18n import WithWeekday
from backend.rating import texts
from backend.rating.figures import Figures, Result, Week
from backend.rating.policy_values import Policy
from backend.rating.way_back import WayBack

Group = Literal["reason", "figure", "entry", "way_back"]


class Line(msgspec.Struct, frozen=True):
    """One sentence: a msgid to translate, then to fill with `params` (numbers, dates, texts).

    `entries` are the ids of the job log entries that it is about.
    """

    group: Group
    code: str
    msgid: str
    params: Mapping[str, Any] = {}
    entries: tuple[Any, ...] = ()


def explain(result: Result, policy: Policy, back: WayBack | None = None) -> list[Line]:
    """Why the colour is what it is, the figures, what did not count, and the way back. `policy` is the rating's own."""
    lines = [*_reasons(result, policy), *_figures(result), *_skipped(result.figures)]
    return lines + list(_way_back(back)) if back else lines


def _reasons(result: Result, policy: Policy) -> Iterator[Line]:
    params = _reason_params(result, policy)
    for reason in result.reasons:
        kind, _, exemption = reason.partition(":")
        if exemption:
            yield Line("reason", kind, texts.EXEMPT[exemption])
        else:
            yield Line("reason", reason, texts.REASONS[reason], params.get(reason, {}))


def _reason_params(result: Result, policy: Policy) -> dict[str, dict[str, Any]]:
    figures = result.figures
    agreed = {"counted": result.counted, "required": result.required}
    empty = {"weeks": tuple(_number(week) for week in _empty_weeks(result))}
    return {
        "meets_agreement": agreed,
        "below_agreement": agreed,
        "far_below_agreement": agreed,
        "zero_week": empty,
        "zero_weeks": empty,
        "too_few_posted": {"posted": figures.posted_counted, "needed": figures.posted_required},
        "upload_missing": _uploads(figures),
        "caseworker_override": {"until": figures.override_until},
        "new_member_grace": {"needed": policy.grace_due_days, "days": figures.spell_due_days},
        "insufficient_basis": {"due_days": result.due_days},
        "yellow_persisted": {"weeks": policy.yellow_max_weeks_after_call, "call": figures.first_call},
        "call_protection": {"days": policy.call_protection_days, "call": figures.latest_call},
    }


def _empty_weeks(result: Result) -> list[Week]:
    """The due weeks behind `trailing_zero_weeks`, oldest first."""
    due = [week for week in result.figures.weeks if week.is_due_week]
    return due[len(due) - result.trailing_zero_weeks :]


def _number(week: Week) -> int:
    return calendar.iso_week(week.monday)[1]


def _uploads(figures: Figures) -> dict[str, Any]:
    month = {"first": figures.month_first, "last": figures.month_last}
    return month | {"uploads": figures.uploads_counted, "needed": figures.uploads_required}


def _figures(result: Result) -> Iterator[Line]:
    figures = result.figures
    yield _figure("window", first=figures.window_first, last=figures.window_last)
    yield from _effective_start(figures)
    yield _figure("counted", counted=result.counted, required=result.required, due_days=result.due_days)
    if figures.posted_required:
        yield _figure("posted", posted=figures.posted_counted, needed=figures.posted_required)
    if figures.uploads_in_force and figures.uploads_required:
        yield _figure("uploads", **_uploads(figures))
    yield from _weeks(figures)
    yield from _days_off(figures)


def _figure(code: str, **params: Any) -> Line:
    return Line("figure", code, texts.FIGURES[code], params)


def _effective_start(figures: Figures) -> Iterator[Line]:
    if figures.effective_first == figures.window_first:
        return
    if figures.reset_on and figures.effective_first == figures.reset_on + calendar.DAY:
        yield _figure("after_talk", day=figures.reset_on)
    else:
        yield _figure("after_start", first=figures.effective_first)


def _weeks(figures: Figures) -> Iterator[Line]:
    for week in figures.weeks:
        code = "week" if week.is_due_week else "week_not_due"
        yield _figure(code, week=_number(week), counted=week.counted, due_days=week.due_days)
    if figures.mode == "event":
        yield _figure("this_week", counted=figures.counted_this_week)


def _days_off(figures: Figures) -> Iterator[Line]:
    for each in figures.exempt:
        code = "exempt_day" if each.first == each.last else "exempt"
        yield _figure(code, first=each.first, last=each.last)
    for day in figures.holidays:
        if day >= figures.effective_first and not _is_exempt(figures, day):
            yield _figure("holiday", day=day)


def _is_exempt(figures: Figures, day: date) -> bool:
    return any(each.first <= day <= (each.last or day) for each in figures.exempt)


def _skipped(figures: Figures) -> Iterator[Line]:
    for each in figures.skipped:
        late = each.reason == "future" and each.applied_on <= figures.today
        msgid = texts.LOGGED_LATER if late else texts.SKIPPED[each.reason]
        yield Line("entry", each.reason, msgid, {"day": each.applied_on}, (each.id,))


def _way_back(back: WayBack) -> Iterator[Line]:
    if back.obstacle:
        yield _step(back.obstacle, until=back.until)
        return
    yield _step(f"to_{back.target}")
    if not back.entries and not back.uploads:
        yield _step("nothing")
    yield from _to_do(back)
    if back.when == "next_run" and back.on:
        yield _step("next_run", on=WithWeekday(back.on))


def _to_do(back: WayBack) -> Iterator[Line]:
    by = WithWeekday(back.by) if back.by else None
    if back.entries:
        yield _step("entry" if back.entries == 1 else "entries", entries=back.entries, by=by)
    first, last = calendar.month_before(back.on) if back.on else (None, None)
    when = {"first": first, "last": last, "by": by}
    known = len(back.documents)
    if known:
        code = "document" if known == 1 else "documents"
        yield Line("way_back", code, texts.WAY_BACK[code], {"uploads": known, **when}, back.documents)
    if back.late_uploads:
        code = "late_upload" if back.late_uploads == 1 else "late_uploads"
        yield _step(code, uploads=back.late_uploads, **when)
    if back.posted:
        yield _step("posted", posted=back.posted)


def _step(code: str, **params: Any) -> Line:
    return Line("way_back", code, texts.WAY_BACK[code], params)
