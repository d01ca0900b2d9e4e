"""Rules of access to the contact course: spells, plans, requirement versions, Min Plan."""

from backend.api.access_roles import DECIDE, READ, SELF, SUMS, Rules, Subjects, staff

RULES: Rules = {
    **dict.fromkeys(("getMyPlan", "acknowledgeMyPlan", "getMyCv"), SELF),
    "listCoursePlans": staff("aggregate", "adviser", "job_consultant", "coordinator", "organiser", "manager"),
    **dict.fromkeys(("getMemberPlan", "getMemberMyPlan", "getMemberCv"), READ),
    **dict.fromkeys(
        (
            "startSpell",
            "endSpell",
            "clarifyMember",
            "previewClarification",
            "choosePlan",
            "previewPlan",
            "decideExtension",
            "skipItem",
            "undoSkip",
            "writeMyPlan",
            "decideCv",
            "recordBenefitCard",
        ),
        DECIDE,
    ),
    "getClarificationFigures": SUMS,
}
SUBJECTS: Subjects = {}
