"""Rules of access to talks: preparation, attendance, minutes, agreements, reports to DFDG."""

from sqlalchemy import select

from backend.api.access_roles import READ, SELF, Rules, Subject, Subjects, staff
from backend.members.tables import Member
from backend.talks.tables import Agreement, Talk
from backend.talks.tables_registry import RegistryReport

LISTS = staff("queue", "adviser", "job_consultant", "organiser", "coordinator")

RULES: Rules = {
    **dict.fromkeys(
        (
            "listMyTalks",
            "tickAgreement",
            "untickAgreement",
            "getMyPreparation",
            "fillPreparationForm",
            "tickPreparation",
            "wishForTalk",
            "getMyHandover",
        ),
        SELF,
    ),
    **dict.fromkeys(
        (
            "getBrief",
            "listTalks",
            "openTalk",
            "getTalk",
            "saveMinutes",
            "closeTalk",
            "correctMinutes",
            "endAgreement",
            "noteAttendanceOf",
            "getAttendance",
            "getHandover",
            "getHandoverPacket",
            "handOver",
            "setBenefitHours",
        ),
        READ,
    ),
    "listAbsenceReasons": staff("aggregate", "adviser", "job_consultant", "organiser", "coordinator"),
    # The list of a session is for whoever holds or organises it: the query itself is limited to those.
    **dict.fromkeys(("getRoster", "noteAttendance"), LISTS),
    "listRegistryErrors": staff("queue", "coordinator"),
    **dict.fromkeys(("retryRegistryReport", "giveUpRegistryReport"), staff("member", "coordinator")),
}
SUBJECTS: Subjects = {
    "talk_id": Subject(select(Member.id).join(Talk, Talk.member_id == Member.id), Talk.id.expression),
    "agreement_id": Subject(
        select(Member.id).join(Agreement, Agreement.member_id == Member.id), Agreement.id.expression
    ),
    "report_id": Subject(
        select(Member.id).join(RegistryReport, RegistryReport.member_id == Member.id), RegistryReport.id.expression
    ),
}
