"""Rules of access to booking: sessions, slots, bookings, waiting list, calendar feeds, capacity."""

from backend.api.access_roles import READ, SECRET, SELF, Rules, Subjects, staff

RULES: Rules = {
    **dict.fromkeys(
        (
            "listBookable",
            "listTimes",
            "listTimesToMove",
            "listSessions",
            "listMyBookings",
            "getMyBooking",
            "bookTalk",
            "bookSeat",
            "confirmBooking",
            "moveTalk",
            "moveSeat",
            "cancelBooking",
            "listCancelReasons",
            "listWaiting",
            "joinWaiting",
            "leaveWaiting",
            "acceptSeat",
            "getBookingCalendar",
            "getMyFeed",
            "makeMyFeed",
            "endMyFeed",
        ),
        SELF,
    ),
    **dict.fromkeys(
        (
            "listBookings",
            "listMemberBookable",
            "listMemberTimes",
            "bookTalkFor",
            "bookSeatFor",
            "moveTalkFor",
            "moveSeatFor",
            "cancelBookingFor",
            "pauseDeadline",
            "resumeDeadline",
            "extendDeadline",
        ),
        READ,
    ),
    **dict.fromkeys(
        ("getStaffFeed", "makeStaffFeed", "endStaffFeed"),
        staff("aggregate", "adviser", "job_consultant", "organiser", "coordinator"),
    ),
    **dict.fromkeys(("listOutages", "beginOutage", "endOutage"), staff("aggregate", "coordinator")),
    "getCalendarFeed": SECRET,
}
SUBJECTS: Subjects = {}
