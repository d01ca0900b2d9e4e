"""Which push channel a deployment has."""

from backend.delivery import fcm, log_push
from backend.delivery.types import PushSender
from backend.settings import Settings, SettingsError


def open_push(settings: Settings) -> PushSender:
    """FCM where there are credentials, else the log. One per process and event loop; close it when the process stops.

    Raises SettingsError with a sentence for the person who starts the process.
    """
    if settings.fcm_credentials is None:
        if settings.fcm_url is not None:
            raise SettingsError(
                "JOBVEJ_FCM_URL needs JOBVEJ_FCM_CREDENTIALS, the service-account file to sign in with."
            )
        return log_push
    try:
        return fcm.open_sender(settings.fcm_credentials, settings.fcm_url)
    except (OSError, ValueError, AttributeError) as error:  # AttributeError: JSON, but not an object
        raise SettingsError("JOBVEJ_FCM_CREDENTIALS does not name a readable service-account file.") from error
