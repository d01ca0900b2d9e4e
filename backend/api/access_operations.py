"""Rules of access to the running of the house: the rating rule's versions, jobs, deliveries, the access log."""

from backend.api.access_roles import Rules, Subjects, staff

_LEAD = staff("aggregate", "coordinator")
# What names members: who would change colour, and who looked at whom.
_LOOK = staff("queue", "coordinator")

RULES: Rules = {
    **dict.fromkeys(
        (
            "getPolicy",
            "writePolicyDraft",
            "getPolicyDraft",
            "editPolicyDraft",
            "tryPolicyDraft",
            "submitPolicyDraft",
            "returnPolicyDraft",
            "withdrawPolicyDraft",
            "approvePolicyDraft",
            "takeBackPolicy",
            "listJobs",
            "getDeliveryFigures",
        ),
        _LEAD,
    ),
    **dict.fromkeys(("listPolicyChanges", "searchAccessLog"), _LOOK),
}
SUBJECTS: Subjects = {}
