"""A push as FCM's message: its time to live on each platform, and what keeps a repeated send from showing twice."""

from datetime import datetime, timedelta

from firebase_admin import messaging

from backend.delivery.types import CATEGORY, MESSAGE_ID, Push

# FCM's and Web Push's longest time to live.
LONGEST_TTL = timedelta(weeks=4)
_WEB_TOPIC_LENGTH = 32


def message(push: Push, now: datetime) -> messaging.Message:
    """The message with the options of the push's own platform only."""
    whole = messaging.Message(
        data=dict(push.data),
        notification=messaging.Notification(title=push.title, body=push.body),
        android=_android(push) if push.platform == "android" else None,
        apns=_apns(push, now) if push.platform == "ios" else None,
        webpush=_webpush(push) if push.platform == "web" else None,
    )
    # Set afterwards: the constructor warns about `token=`, and phones that registered with one keep it for months.
    setattr(whole, push.token_kind, push.token)
    return whole


def time_to_live(push: Push) -> timedelta:
    """Whole seconds, rounded down, so that nothing shows after its validity; within what FCM takes."""
    return timedelta(seconds=int(min(max(push.ttl, timedelta(0)), LONGEST_TTL).total_seconds()))


def _android(push: Push) -> messaging.AndroidConfig:
    """High priority: each push shows something to its reader, and quiet hours were kept before it came here.

    The tag is the message's id: when a send is repeated because its answer was lost, the second replaces the first.
    """
    return messaging.AndroidConfig(
        priority="high",
        ttl=time_to_live(push),
        collapse_key=push.collapse_key,
        notification=messaging.AndroidNotification(tag=push.data[MESSAGE_ID]),
    )


def _apns(push: Push, now: datetime) -> messaging.APNSConfig:
    expiration = now + time_to_live(push)
    headers = {
        "apns-priority": "10",
        "apns-push-type": "alert",
        "apns-expiration": str(int(expiration.timestamp())),
        "apns-collapse-id": push.data[MESSAGE_ID],
    }
    aps = messaging.Aps(sound="default", thread_id=push.collapse_key or push.data[CATEGORY])
    return messaging.APNSConfig(headers=headers, payload=messaging.APNSPayload(aps=aps))


def _webpush(push: Push) -> messaging.WebpushConfig:
    headers = {"TTL": str(int(time_to_live(push).total_seconds())), "Urgency": "high"}
    if push.collapse_key and len(push.collapse_key) <= _WEB_TOPIC_LENGTH:
        headers["Topic"] = push.collapse_key
    return messaging.WebpushConfig(
        headers=headers, notification=messaging.WebpushNotification(tag=push.data[MESSAGE_ID])
    )
