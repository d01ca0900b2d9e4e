"""Who of the staff may change which sessions and calendars. Pure."""

from uuid import UUID

from backend.errors import Forbidden, NotFound
from backend.members.identity import StaffIdentity

EVERYWHERE = frozenset(("organiser", "coordinator"))


def check_session(staff: StaffIdentity, branch_id: UUID | None, staff_id: UUID | None) -> None:
    """Organisers and coordinators hold sessions anywhere, others where they work, or themselves. Raises Forbidden.

    The job team works without a branch.
    """
    if not (staff.roles & EVERYWHERE or staff_id == staff.id or (staff_id is None and branch_id == staff.branch_id)):
        raise Forbidden


def check_calendar(staff: StaffIdentity, staff_id: UUID) -> None:
    """One's own calendar, and for coordinators everybody's; others' do not exist. Raises NotFound."""
    if staff_id != staff.id and "coordinator" not in staff.roles:
        raise NotFound
