"""What staff are told beside their tasks and the alerts, whose words are their own: digests, and what waits too long.

Counts and days only: a staff member's mail is no place for names.
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


STAFF_TEXTS = (
    StaffText(
        "follow_up_digest",
        N_("Working days at 8:00, when calls or proposed call-ins have come since the last time."),
        N_("New follow-up since yesterday"),
        N_("Calls to make: {calls}. Call-ins to decide on: {call_ins}. See them in the order of urgency in your list."),
        {"calls": 14, "call_ins": 3},
    ),
    StaffText(
        "answers_late",
        N_("A member's question has waited longer than the fund promises."),
        N_("Members wait for an answer"),
        N_("Questions past the promised time: {n}. The oldest has waited {hours} hours."),
        {"n": 2, "hours": 27},
    ),
    StaffText(
        "notices_unread",
        N_("A legal notice is unread after two working days; each is also a call in the task list."),
        N_("Important letters are unread"),
        N_("Members to ring: {n}. Each is in the task list, the oldest letter first."),
        {"n": 5},
    ),
    StaffText(
        "jobcentre_note",
        N_("A jobcentre has sent a note about a member."),
        N_("A note from the jobcentre"),
        N_("New notes on members of your branch: {n}. Read them on the member's page."),
        {"n": 1},
    ),
)


def render(language: str, one: StaffText) -> tuple[str, str]:
    """Title and body of the example."""
    return text(language, one.title, **one.example), text(language, one.body, **one.example)
