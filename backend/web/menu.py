"""What staff find in their menu, by role. What they may do is the API's to say; this only spares them dead ends."""

from collections.abc import Collection
from typing import NamedTuple

from backend.i18n import N_

EVERYBODY = frozenset({"adviser", "job_consultant", "organiser", "coordinator", "manager", "contact_centre"})
CASES = frozenset({"adviser", "job_consultant", "coordinator"})


class Entry(NamedTuple):
    """A page group: its address, its name (to translate), and who works in it."""

    path: str
    word: str
    roles: frozenset[str]


# In the order of the menu; the first that a role has is where they land.
MENU: tuple[Entry, ...] = (
    Entry("/staff/members", N_("Members"), CASES),
    Entry("/staff/calls", N_("Calls"), CASES | {"contact_centre"}),
    Entry("/staff/call-ins", N_("Call-ins"), frozenset({"adviser", "coordinator"})),
    Entry("/staff/tasks", N_("Tasks"), CASES),
    Entry("/staff/calendar", N_("Calendar"), CASES | {"organiser"}),
    Entry("/staff/events", N_("Workshops"), frozenset({"organiser", "coordinator", "adviser", "job_consultant"})),
    Entry("/staff/capacity", N_("Capacity"), frozenset({"coordinator", "manager"})),
    Entry("/staff/feedback", N_("Feedback"), CASES | {"organiser"}),
    # Nothing below a branch is for managers.
    Entry("/staff/feedback/figures", N_("Feedback"), frozenset({"manager"})),
    Entry("/staff/broadcasts", N_("Broadcasts"), frozenset({"coordinator"})),
    Entry("/staff/policy", N_("Policy"), frozenset({"coordinator"})),
    Entry("/staff/operations", N_("Operations"), frozenset({"coordinator"})),
)


def of(roles: Collection[str]) -> list[tuple[str, str]]:
    """The entries for these roles: address and word; of two with one word the first."""
    found: dict[str, str] = {}
    for entry in MENU:
        if not entry.roles.isdisjoint(roles):
            found.setdefault(entry.word, entry.path)
    return [(path, word) for word, path in found.items()]
