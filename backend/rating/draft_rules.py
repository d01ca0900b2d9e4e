"""What a version of the rule must be like before anybody is rated by it, and the draft as a state machine. Pure.

draft → waiting (for a second person) → published, and taken_back while it does not apply yet; withdrawn from draft or
waiting. Whoever changes a waiting draft makes it a draft again.
"""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from backend.errors import Conflict, Forbidden, Invalid
from backend.i18n import N_
from backend.job_log.tables import STATUSES
from backend.rating.policy_values import Policy, PolicyError

# What a coordinator is offered as the first day, so that staff can be told; and the last that can be chosen.
NOTICE = timedelta(days=7)
FURTHEST = timedelta(days=730)


class NotDraft(Conflict):
    type = "not-draft"
    message = N_("Only a draft can be changed.")


class NotWaiting(Conflict):
    type = "not-waiting"
    message = N_("This draft does not wait for an approval.")


class OwnDraft(Forbidden):
    type = "own-draft"
    message = N_("Nobody approves what they wrote. Ask a colleague.")


class AnotherEdition(Conflict):
    type = "another-edition"
    message = N_("The draft was changed since you read it. Read it again.")


class NotTried(Conflict):
    type = "not-tried"
    message = N_("Try the draft on today's members first, so that it is known whom it changes.")


class AlreadyApplies(Conflict):
    type = "already-applies"
    message = N_("Only a version that does not apply yet can be taken back.")


class DayWrong(Invalid):
    type = "day-wrong"
    message = N_("The first day must be tomorrow or later, and within two years.")


class DayTaken(Invalid):
    type = "day-taken"
    message = N_("Another version applies from that day. Choose another day.")


class NothingChanged(Invalid):
    type = "nothing-changed"
    message = N_("The numbers are those in force. Change at least one.")


class NoteMissing(Invalid):
    type = "note-missing"
    message = N_("Write why the rule is changed.")


def check_policy(policy: Policy) -> None:
    """The values fit each other. Raises PolicyError with the field at fault."""
    if policy.green_stay_ratio > policy.green_enter_ratio:
        raise PolicyError(N_("Staying green cannot ask for more than becoming green."), field="green_stay_ratio")
    if policy.red_ratio > policy.green_stay_ratio:
        raise PolicyError(N_("The limit for red must lie below the one for staying green."), field="red_ratio")
    if policy.yellow_zero_weeks > policy.red_zero_weeks:
        raise PolicyError(N_("Yellow cannot come after red."), field="yellow_zero_weeks")
    if policy.red_zero_weeks > policy.window_weeks:
        raise PolicyError(N_("There are not so many weeks in the period that is looked at."), field="red_zero_weeks")
    if policy.min_due_days_window > 5 * policy.window_weeks:
        raise PolicyError(
            N_("There are not so many days in the period that is looked at."), field="min_due_days_window"
        )
    if not policy.counting_statuses <= set(STATUSES):
        raise PolicyError(N_("The job log knows no such status."), field="counting_statuses")


def check_day(day: date, today: date, taken: Collection[date]) -> None:
    """History never changes: a version begins tomorrow at the earliest. Raises DayWrong, DayTaken."""
    if not today < day <= today + FURTHEST:
        raise DayWrong(field="validFrom")
    if day in taken:
        raise DayTaken(field="validFrom")


def check_approval(*, state: str, author_id: UUID, edition: int, approver_id: UUID, read_edition: int) -> None:
    """Somebody else approves, and what they have read. Raises NotWaiting, OwnDraft, AnotherEdition."""
    if state != "waiting":
        raise NotWaiting
    if author_id == approver_id:
        raise OwnDraft
    if edition != read_edition:
        raise AnotherEdition
