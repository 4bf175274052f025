"""What a message shows at one time, and the files in it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT_DISPLAY: Final = 10
"""The component type that holds text."""


class MessageFlag(IntFlag):
    """The message flags that the stand-in acts on."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


IS_SPOILER: Final = 1 << 3
"""The flag of an attachment that is blurred until somebody looks at it."""


class MessageType(IntEnum):
    """How a message came about."""

    DEFAULT = 0
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    CONTEXT_MENU_COMMAND = 23


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person attaches; the content type is the person's claim."""

    filename: str
    data: bytes = field(repr=False)
    content_type: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Attachment:
    """A file that Discord keeps; `url` is signed anew at each look and lives for a day.

    `size` is width and height in pixels where the file is a picture.
    """

    id: int
    filename: str
    data: bytes = field(repr=False)
    content_type: str | None
    sign: "Callable[[Attachment], str]" = field(repr=False)
    channel_id: int
    size: tuple[int, int] | None = None
    ephemeral: bool = False
    description: str | None = None
    spoiler: bool = False

    @property
    def url(self) -> str:
        """Where the bytes are to be had for the next 24 hours."""
        return self.sign(self)


@dataclass(frozen=True, slots=True)
class Revision:
    """What a message showed from `at` until its next revision; parts as in Discord's JSON."""

    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    attachments: tuple[Attachment, ...]
    flags: MessageFlag
    at: datetime

    @property
    def text(self) -> str:
        """Everything in it that may mention people: the content and all text displays."""
        return "\n".join([self.content, *_displays(self.components)])


def _displays(components: list[dict[str, Any]]) -> list[str]:
    texts: list[str] = []
    for component in components:
        if component["type"] == TEXT_DISPLAY:
            texts.append(component["content"])
        texts += _displays(component.get("components", []))
    return texts
