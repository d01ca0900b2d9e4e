"""The shape that FCM HTTP v1 takes; anything else is refused as FCM refuses it. Pure."""

import re
from collections.abc import Callable
from typing import Any

# A field's rule: a predicate, or the fields of an object.
Rule = Callable[[Any], bool] | dict[str, Any]
_DURATION = re.compile(r"\d+(\.\d{1,9})?s")
_RESERVED = ("google.", "gcm.")
_LARGEST = 4096


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(_text(k) and _text(v) for k, v in value.items())


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _data(value: Any) -> bool:
    reserved = ("from", "message_type", "collapse_key")
    return _texts(value) and not any(key in reserved or key.startswith(_RESERVED) for key in value)


def _duration(value: Any) -> bool:
    return _text(value) and _DURATION.fullmatch(value) is not None and float(value[:-1]) <= 28 * 86400


def _android_priority(value: Any) -> bool:
    return value in ("normal", "high", "NORMAL", "HIGH")


def _apns_headers(value: Any) -> bool:
    if not _texts(value):
        return False
    return value.get("apns-expiration", "0").isdecimal() and value.get("apns-priority", "10") in ("1", "5", "10")


def _webpush_headers(value: Any) -> bool:
    return _texts(value) and value.get("TTL", "0").isdecimal()


_OPTIONS: Rule = {"analytics_label": _text}
_ANDROID_NOTIFICATION: Rule = {
    **dict.fromkeys(("title", "body", "icon", "color", "sound", "tag", "click_action", "channel_id", "ticker"), _text),
    **dict.fromkeys(("body_loc_key", "title_loc_key", "image", "event_time", "notification_priority"), _text),
    **dict.fromkeys(("body_loc_args", "title_loc_args", "vibrate_timings"), _list),
    **dict.fromkeys(("sticky", "local_only", "default_sound", "default_vibrate_timings"), _flag),
    **dict.fromkeys(("visibility", "proxy"), _text),
    "default_light_settings": _flag,
    "light_settings": _object,
    "notification_count": _number,
}
_ANDROID: Rule = {
    "collapse_key": _text,
    "priority": _android_priority,
    "ttl": _duration,
    "restricted_package_name": _text,
    "data": _data,
    "notification": _ANDROID_NOTIFICATION,
    "fcm_options": _OPTIONS,
    "direct_boot_ok": _flag,
    "bandwidth_constrained_ok": _flag,
    "restricted_satellite_ok": _flag,
}
_APNS: Rule = {"headers": _apns_headers, "payload": _object, "fcm_options": _object, "live_activity_token": _text}
_WEBPUSH: Rule = {"headers": _webpush_headers, "data": _data, "notification": _object, "fcm_options": _object}
_MESSAGE: Rule = {
    "name": _text,
    "data": _data,
    "notification": {"title": _text, "body": _text, "image": _text},
    "android": _ANDROID,
    "webpush": _WEBPUSH,
    "apns": _APNS,
    "fcm_options": _OPTIONS,
    **dict.fromkeys(("token", "fid", "topic", "condition"), _text),
}
_REQUEST: Rule = {"message": _MESSAGE, "validate_only": _flag}


def fault(body: Any, size: int) -> str | None:
    """The path of the first field that FCM would not take, or None."""
    if not isinstance(body, dict) or "message" not in body:
        return "message"
    wrong = _wrong(body, _REQUEST, "")
    if wrong:
        return wrong
    targets = [name for name in ("token", "fid", "topic", "condition") if body["message"].get(name)]
    if len(targets) != 1:
        return "message.token"
    return "message" if size > _LARGEST else None


def _wrong(value: Any, rule: Rule, path: str) -> str | None:
    if not isinstance(rule, dict):
        return None if rule(value) else path
    if not isinstance(value, dict):
        return path
    for name, inner in value.items():
        here = f"{path}.{name}" if path else name
        wrong = here if name not in rule else _wrong(inner, rule[name], here)
        if wrong:
            return wrong
    return None
