"""What the timeline says about preparing a talk, its minutes, and what was agreed."""

from collections.abc import Mapping

from backend.i18n import N_
from backend.timeline.wording import Kind, Wording

_MINUTES = Kind(
    {
        "": Wording(
            N_("Your minutes are ready"),
            (
                N_("From our talk on {held_on}. Read what we agreed. Anything that is not right? Call us."),
                N_("Read what we agreed. Anything that is not right? Call us."),
            ),
        )
    }
)
_AGREEMENT = Kind(
    by=("state",),
    wordings={
        "": Wording(
            N_("What you will do"),
            (
                N_("{what}. Tick it off in the app when it is done. Need a hand, or more time? Call us."),
                N_("Tick it off in the app when it is done. Need a hand, or more time? Call us."),
            ),
        ),
        "done": Wording(N_("You did what you said"), (N_("{what}. Well done."), N_("Well done."))),
        "dropped": Wording(
            N_("This is no longer agreed"),
            (N_("{what}: you need not do it any more. Questions? Call us."), N_("You need not do it. Call us.")),
        ),
    },
)
_PREPARATION = Kind(
    by=("state",),
    wordings={
        "": Wording(
            N_("Get ready for your first talk"),
            (N_("Your CV, a draft of your plan and a short form. The app shows what is left. Need help? Call us."),),
        ),
        "ready": Wording(N_("You are ready for your first talk"), (N_("Well done. We look forward to meeting you."),)),
    },
)

TALK_KINDS: Mapping[str, Kind] = {"minutes": _MINUTES, "agreement": _AGREEMENT, "preparation": _PREPARATION}
