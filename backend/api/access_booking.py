"""Rules of access to booking: sessions, slots, bookings, waiting list, calendar feeds, capacity."""

from backend.api.access_roles import READ, SECRET, SELF, Rules, Subjects, staff

PUBLISH = staff("aggregate", "adviser", "job_consultant", "organiser", "coordinator")
CALENDAR = staff("queue", "adviser", "job_consultant", "organiser", "coordinator")

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
    # Sessions and series hold nothing about members; who may change which is for booking/rights.py.
    **dict.fromkeys(
        (
            "listEventTypes",
            "listStaffSessions",
            "getStaffSession",
            "createSession",
            "changeSession",
            "cancelSession",
            "listSeries",
            "createSeries",
            "changeSeries",
            "endSeries",
            "exceptDay",
            "listColleagues",
            "listPartners",
            "addPartner",
        ),
        PUBLISH,
    ),
    **dict.fromkeys(("getCapacity", "listLoans"), staff("aggregate", "coordinator", "manager")),
    **dict.fromkeys(("suggestLoans", "acceptLoan", "endLoan"), staff("aggregate", "coordinator")),
    # Calendars name the members of talks: one's own, and for coordinators everybody's.
    **dict.fromkeys(
        ("getStaffCalendar", "setWorkingHours", "addAbsence", "getAbsence", "endAbsence", "resolveAbsence"), CALENDAR
    ),
}
SUBJECTS: Subjects = {}
