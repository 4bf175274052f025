"""The ways in which members are told of their clips."""

from __future__ import annotations

from enum import StrEnum


class Tell(StrEnum):
    """How a member is told that a clip is there. Stored."""

    MENTION = "mention"
    REACTION = "reaction"
    NONE = "none"
    DIRECT = "dm"
