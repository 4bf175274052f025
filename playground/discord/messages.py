"""Messages with all that they ever showed, and the files in them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.discord.world import Channel, Role, User

TEXT_DISPLAY: Final = 10
"""The component type that holds text."""


class MessageFlag(IntFlag):
    """The message flags that the stand-in acts on."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


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
    """A file that Discord keeps; `url` is signed anew at each look and lives for a day."""

    id: int
    filename: str
    data: bytes = field(repr=False)
    content_type: str | None
    sign: "Callable[[Attachment], str]" = field(repr=False)
    ephemeral: bool = False
    description: str | None = None

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


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom a text mentions, after allowed mentions had their say."""

    users: "tuple[User, ...]" = ()
    roles: "tuple[Role, ...]" = ()
    everyone: bool = False


@dataclass(eq=False, slots=True)
class Message:
    """A message; `viewer` is the only one who sees it when it is ephemeral, else None.

    `interaction` is Discord's interaction_metadata where a command or component caused it.
    """

    id: int
    channel: "Channel"
    author: "User"
    kind: MessageType
    revisions: list[Revision]
    viewer: "User | None" = None
    nonce: str | int | None = None
    reference: "Message | None" = None
    interaction: dict[str, Any] | None = None
    interaction_name: str | None = None
    mentions: Mentions = field(default_factory=Mentions)
    edited_at: datetime | None = None
    deleted: bool = False

    @property
    def now(self) -> Revision:
        """What it shows at present."""
        return self.revisions[-1]

    @property
    def created_at(self) -> datetime:
        """When it first appeared."""
        return self.revisions[0].at

    @property
    def content(self) -> str:
        """Its text at present."""
        return self.now.content

    @property
    def embeds(self) -> list[dict[str, Any]]:
        """Its embeds at present, as in Discord's JSON."""
        return self.now.embeds

    @property
    def components(self) -> list[dict[str, Any]]:
        """Its components at present, as in Discord's JSON."""
        return self.now.components

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Its files at present."""
        return self.now.attachments

    @property
    def flags(self) -> MessageFlag:
        """Its flags at present."""
        return self.now.flags

    @property
    def loading(self) -> bool:
        """Whether it still says that the application is thinking."""
        return bool(self.flags & MessageFlag.LOADING)

    @property
    def ephemeral(self) -> bool:
        """Whether only `viewer` sees it."""
        return self.viewer is not None


@dataclass(frozen=True, slots=True)
class Notification:
    """One person pinged by one new message; edits never ping."""

    user: "User"
    message: Message
    at: datetime
