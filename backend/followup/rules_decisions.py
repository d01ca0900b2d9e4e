"""Whether people decide about call-ins, or only let the colour decide (GDPR art. 22; see a-person-decides.md). Pure."""

from datetime import timedelta

from backend.alerts.service import NewAlert
from backend.followup.figures import Decisions

# Alerts look so far back: long enough for a small fund's decisions, short enough that a change of habit shows.
WINDOW = timedelta(days=90)
HASTY, FEW_REJECTIONS = "hasty_approvals", "few_rejections"
EVERYBODY = "all"
# One click in haste is a slip; one in ten, and at least three, is a habit.
FEWEST_APPROVALS, FEWEST_HASTY, HASTY_SHARE = 10, 3, 0.1
# Of fewer than fifty decisions one rejection is more than the two per cent, and none may be chance.
FEWEST_DECISIONS, REJECTED_SHARE = 50, 0.02


def findings(found: Decisions) -> list[NewAlert]:
    """What is wrong with how everybody together decided. Too few decisions say nothing."""
    return [*_hasty(found), *_few_rejections(found)]


def _hasty(found: Decisions) -> list[NewAlert]:
    if found.approved < FEWEST_APPROVALS or found.hasty < FEWEST_HASTY or found.hasty < HASTY_SHARE * found.approved:
        return []
    return [NewAlert(HASTY, EVERYBODY, {"n": found.hasty, "total": found.approved})]


def _few_rejections(found: Decisions) -> list[NewAlert]:
    decided, share = found.approved + found.rejected, found.rejected_share
    if decided < FEWEST_DECISIONS or share is None or share >= REJECTED_SHARE:
        return []
    return [NewAlert(FEW_REJECTIONS, EVERYBODY, {"n": found.rejected, "total": decided})]
