"""Which channels a deployment has: FCM, gateways and folders where they are set, else the log."""

from backend.delivery import mailbox, paper
from backend.delivery.gateway import open_gateway
from backend.delivery.log_text import LogText
from backend.delivery.types import AnnouncementSender, LetterSender
from backend.settings import Settings


def open_sms(settings: Settings) -> AnnouncementSender:
    """The SMS gateway, else the log. Raises SettingsError."""
    return open_gateway("sms", settings.sms_url, setting="JOBVEJ_SMS_URL") if settings.sms_url else LogText("sms")


def open_email(settings: Settings) -> AnnouncementSender:
    """The e-mail gateway, else the log. Raises SettingsError."""
    url = settings.email_url
    return open_gateway("email", url, setting="JOBVEJ_EMAIL_URL") if url else LogText("email")


def open_mailbox(settings: Settings) -> LetterSender:
    """The secure mailbox."""
    return mailbox.open_mailbox(settings.mailbox or settings.data / "mailbox")


def open_paper(settings: Settings) -> LetterSender:
    """The print house's tray."""
    return paper.open_paper(settings.print_folder or settings.data / "print")
