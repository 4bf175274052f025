"""Refusals as Discord words them: an HTTP status with a JSON error code."""

from collections.abc import Mapping
from typing import Any

from playground.faults import Fault


class ApiError(Exception):
    """An answer other than success; `fields` maps paths in the body to (code, message) pairs.

    Paths are dotted, as "embeds.0.title"; they become Discord's nested `errors` tree.
    `retry_after`, in seconds, comes with refusals that pass.
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        fields: Mapping[str, tuple[str, str]] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        if retry_after is not None:
            self.body |= {"retry_after": round(retry_after, 3), "global": False}
        if fields:
            self.body["errors"] = _tree(fields)


def _tree(fields: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for path, (code, message) in fields.items():
        node = root
        for part in path.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return root


def refusal(operation: str, error: ApiError, times: int | None = None) -> Fault:
    """The fault that answers an operation's next requests so; `times` None for all of them."""
    return Fault(operation, "reply", times, error.status, {}, error.body)


def invalid_form(fields: Mapping[str, tuple[str, str]]) -> ApiError:
    """50035, with what is wrong where."""
    return ApiError(400, 50035, "Invalid Form Body", fields)


def unauthorized() -> ApiError:
    """The bot token is missing or wrong."""
    return ApiError(401, 0, "401: Unauthorized")


def not_found() -> ApiError:
    """No such route."""
    return ApiError(404, 0, "404: Not Found")


def unknown_channel() -> ApiError:
    """10003: no such channel, or no more."""
    return ApiError(404, 10003, "Unknown Channel")


def unknown_guild() -> ApiError:
    """10004: the bot is in no such guild."""
    return ApiError(404, 10004, "Unknown Guild")


def unknown_member() -> ApiError:
    """10007: no such account in this guild."""
    return ApiError(404, 10007, "Unknown Member")


def unknown_user() -> ApiError:
    """10013: no such account."""
    return ApiError(404, 10013, "Unknown User")


def unknown_message() -> ApiError:
    """10008: no such message, or no more, or not for these eyes."""
    return ApiError(404, 10008, "Unknown Message")


def unknown_webhook() -> ApiError:
    """10015: no interaction with that token has been acknowledged."""
    return ApiError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> ApiError:
    """10062: no such interaction, or its three seconds are over."""
    return ApiError(404, 10062, "Unknown interaction")


def unknown_command() -> ApiError:
    """10063: no such application command."""
    return ApiError(404, 10063, "Unknown application command")


def already_acknowledged() -> ApiError:
    """40060: an interaction is acknowledged once."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def too_large() -> ApiError:
    """40005: a file is over the upload limit."""
    return ApiError(413, 40005, "Request entity too large")


def missing_access() -> ApiError:
    """50001: the bot does not see the channel."""
    return ApiError(403, 50001, "Missing Access")


def not_the_author() -> ApiError:
    """50005: only its author edits a message."""
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def no_messages_here() -> ApiError:
    """50008: a category, or a forum, has no messages of its own."""
    return ApiError(400, 50008, "Cannot send messages in a non-text channel")


def empty_message() -> ApiError:
    """50006: neither content nor embeds, files or components."""
    return ApiError(400, 50006, "Cannot send an empty message")


def cannot_message_user() -> ApiError:
    """50007: the person takes no direct messages from the bot."""
    return ApiError(403, 50007, "Cannot send messages to this user")


def missing_permissions() -> ApiError:
    """50013: the bot sees the channel but may not do this there."""
    return ApiError(403, 50013, "Missing Permissions")


def expired_token() -> ApiError:
    """50027: the interaction's fifteen minutes are over."""
    return ApiError(401, 50027, "Invalid Webhook Token")


def thread_archived() -> ApiError:
    """50083: in an archived thread nothing is changed; a new message opens one, if it may."""
    return ApiError(400, 50083, "Thread is archived")


def thread_locked() -> ApiError:
    """160005: in a locked thread only who manages threads writes and changes messages."""
    return ApiError(403, 160005, "This thread is locked")


def invalid_json() -> ApiError:
    """50109: the body is not JSON."""
    return ApiError(400, 50109, "The request body contains invalid JSON.")


def no_history() -> ApiError:
    """160002: replying needs the permission to read message history."""
    return ApiError(400, 160002, "Cannot reply without permission to read message history")


def explicit_content() -> ApiError:
    """20009: a file is what the guild's filter of explicit media keeps out."""
    return ApiError(400, 20009, "Explicit content cannot be sent to the desired recipient(s)")


def slow_mode(retry_after: float) -> ApiError:
    """20016: the channel takes no message of this author for so many seconds."""
    message = "This action cannot be performed due to slowmode rate limit."
    return ApiError(429, 20016, message, retry_after=retry_after)


def wrong_channel_type() -> ApiError:
    """50024: this cannot be done in a channel of that kind."""
    return ApiError(400, 50024, "Cannot execute action on this channel type")


def reference_without_history() -> ApiError:
    """160009: the referenced message may not be read."""
    message = "You do not have permission to read the history of the referenced message"
    return ApiError(403, 160009, message)


def reference_age_restricted() -> ApiError:
    """160010: the referenced message is in an age-restricted channel, and this is none."""
    message = "The referenced message is in an age-restricted channel"
    return ApiError(403, 160010, message)


def blocked_by_automod() -> ApiError:
    """200000: a rule of the guild's AutoMod blocks the message."""
    return ApiError(400, 200000, "Message was blocked by automatic moderation")


def harmful_link() -> ApiError:
    """240000: the text has a link that Discord keeps out."""
    return ApiError(400, 240000, "Message blocked by harmful links filter")
