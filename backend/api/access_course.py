"""Rules of access to the contact course: spells, plans, requirement versions, Min Plan."""

from backend.api.access_roles import DECIDE, READ, SELF, SUMS, Rules, Subjects, staff

RULES: Rules = {
    **dict.fromkeys(("getMyPlan", "acknowledgeMyPlan"), SELF),
    "listCoursePlans": staff("aggregate", "adviser", "job_consultant", "coordinator", "organiser", "manager"),
    **dict.fromkeys(("getMemberPlan", "getMemberMyPlan"), READ),
    **dict.fromkeys(
        (
            "startSpell",
            "endSpell",
            "clarifyMember",
            "previewClarification",
            "choosePlan",
            "previewPlan",
            "decideExtension",
            "writeMyPlan",
        ),
        DECIDE,
    ),
    "getClarificationFigures": SUMS,
}
SUBJECTS: Subjects = {}
