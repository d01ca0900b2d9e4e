"""What staff are told by e-mail beside their tasks and the alerts, whose words are their own.

Counts only: a staff member's mail is no place for names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.i18n import N_, text


@dataclass(frozen=True, slots=True)
class StaffText:
    """One notice to staff: what brings it, its title and body, and an example of what fills them."""

    id: str
    trigger: str
    title: str
    body: str
    example: Mapping[str, int] = field(default_factory=dict)


FOLLOW_UP = StaffText(
    "follow_up_digest",
    N_("Working days at 8:00, when calls or proposed call-ins have come since the last time."),
    N_("New follow-up since the last working day"),
    N_("Calls to make: {calls}. Call-ins to decide on: {call_ins}. See them in the order of urgency in your list."),
    {"calls": 14, "call_ins": 3},
)
UNREAD = StaffText(
    "notices_unread",
    N_(
        "Working days at 8:00, when legal notices are unread after two working days. "
        "Each is also a call in the task list."
    ),
    N_("Important letters are unread"),
    N_("Members to ring: {n}. Each is in the task list, the oldest letter first."),
    {"n": 5},
)
STAFF_TEXTS = (FOLLOW_UP, UNREAD)
BY_ID: Mapping[str, StaffText] = {one.id: one for one in STAFF_TEXTS}


def render(language: str, one: StaffText, params: Mapping[str, object] | None = None) -> tuple[str, str]:
    """Title and body; of the example where no params are given."""
    values = one.example if params is None else params
    return text(language, one.title, **values), text(language, one.body, **values)
