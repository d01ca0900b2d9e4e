"""Rules of access to surveys: answers, reports, exports."""

from sqlalchemy import select

from backend.api.access_roles import READ, SECRET, SELF, SUMS, Rules, Subject, Subjects, staff
from backend.members.tables import Member
from backend.surveys.tables import SurveyInvitation, SurveyResponse

# Their own events and talks; the rooms below see to it that nobody meets another's. Sums of five answers or more.
HOLD = staff("aggregate", "adviser", "job_consultant", "organiser", "coordinator", "manager")
ORGANISE = staff("aggregate", "organiser", "coordinator")
# What surveys there are, for those who choose one or set its target.
KNOW = staff("aggregate", "organiser", "coordinator", "manager")
# Whole texts are for those who see no cases: organisers. What they read is in the access log.
REDACT = staff("queue", "organiser")

RULES: Rules = {
    **dict.fromkeys(
        (
            "listSurveys",
            "getSurvey",
            "answerSurvey",
            "declineSurvey",
            "createSurveyLink",
            "getSurveyOptOut",
            "optOutOfSurveys",
            "endSurveyOptOut",
            "getSurveyOutcome",
        ),
        SELF,
    ),
    **dict.fromkeys(("openSurveyLink", "answerSurveyLink"), SECRET),
    **dict.fromkeys(
        (
            "listSurveyEvents",
            "getSurveyEvent",
            "exportSurveyEvent",
            "getSurveySeries",
            "exportSurveySeries",
            "getMySurveyTalks",
        ),
        HOLD,
    ),
    **dict.fromkeys(
        (
            "chooseSurvey",
            "sayWhatChanged",
            "createSurveyForm",
            "previewSurveyForm",
            "reviseSurveyForm",
        ),
        ORGANISE,
    ),
    "listSurveyForms": KNOW,
    **dict.fromkeys(("listSurveyTexts", "confirmSurveyText"), REDACT),
    **dict.fromkeys(("getSurveyContact", "replyToSurveyContact"), READ),
    **dict.fromkeys(
        (
            "getSurveyFigures",
            "exportSurveyFigures",
            "listSurveyPeople",
            "getSurveyTrend",
            "getWeightedSurveyShare",
            "listSurveyTargets",
            "setSurveyTarget",
        ),
        SUMS,
    ),
}
SUBJECTS: Subjects = {
    # Only what a member asked to be contacted about leads to the member.
    "response_id": Subject(
        select(Member.id)
        .join(SurveyInvitation, SurveyInvitation.member_id == Member.id)
        .join(SurveyResponse, SurveyResponse.invitation_id == SurveyInvitation.id)
        .where(SurveyResponse.contact_wanted),
        SurveyResponse.id.expression,
    )
}
