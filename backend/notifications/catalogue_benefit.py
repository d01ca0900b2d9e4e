"""Messages about the benefit card. Benefit is nobody else's business: the lock screen shows the generic text."""

from datetime import date, timedelta

from backend.i18n import N_
from backend.notifications.message_type import MessageType

CARD_OPEN = MessageType(
    id="N19",
    klass="R",
    category="benefit",
    trigger=N_("The benefit card opens, about the fifth last weekday of the month."),
    title=N_("The benefit card is ready"),
    body=N_("Send it by {date} to be paid on the last banking day. Questions? Call us on {phone}."),
    validity=timedelta(days=7),
    ends_with="date",
    params={"date": date},
    example={"date": date(2026, 9, 28)},
    holds_while="benefit_card",
    ladder=("sms",),
)
CARD_MISSING = MessageType(
    id="N20",
    klass="R",
    category="benefit",
    trigger=N_("The card is missing on the last banking day but two, and ten days before the final deadline."),
    title=N_("You have not sent your benefit card"),
    body=N_("The final deadline is {date}. After that we cannot pay for the month. Need help? Call us on {phone}."),
    validity=timedelta(days=10),
    ends_with="date",
    params={"date": date},
    example={"date": date(2026, 9, 10)},
    holds_while="benefit_card",
    ladder=("sms", "email"),
)

BENEFIT = (CARD_OPEN, CARD_MISSING)
