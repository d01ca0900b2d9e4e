"""What cannot be noted about a benefit card, said in a sentence."""

from backend.errors import Invalid
from backend.i18n import N_


class CardDayNotPossible(Invalid):
    type = "card-day-not-possible"
    message = N_("A card was sent within the last year, not in the future, and not before its month began.")


class HoursNotPossible(Invalid):
    type = "hours-not-possible"
    message = N_("A month has at most 250 hours of benefit, and is not in the future.")
