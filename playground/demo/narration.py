"""Tells at a terminal what one person sees happen in a channel."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from playground.demo.plain_text import plain_text
from playground.discord.state.messages import MessageFlag, MessageType

if TYPE_CHECKING:
    from playground.discord import Channel, DiscordStandIn, Member, Message, Revision


_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ShownState:
    """One state of one message."""

    message: "Message"
    index: int

    @property
    def shown(self) -> "Revision":
        """What the message shows in this state."""
        return self.message.revisions[self.index]


@dataclass(slots=True)
class Narration:
    """Everything that a member sees in a channel, each state once and in order."""

    discord: "DiscordStandIn"
    channel: "Channel"
    viewer: "Member"
    _described: "dict[int, int]" = field(default_factory=dict)

    def unseen(self) -> list[ShownState]:
        """The states that `describe` has not described yet, oldest first."""
        states = [
            ShownState(message, index)
            for message in self.discord.visible(self.channel, self.viewer)
            for index in range(self._described.get(message.id, 0), len(message.revisions))
        ]
        return sorted(states, key=lambda state: state.shown.at)

    def describe(self, state: ShownState) -> str:
        """The state as text of several lines, which then counts as seen."""
        self._described[state.message.id] = state.index + 1
        shown, author = state.shown, state.message.author
        lines = self.plain(shown.content).splitlines()
        if shown.flags & MessageFlag.LOADING:
            lines = ["is thinking…"]
        lines += [f"[{file.filename}, {file_size(len(file.data))}]" for file in shown.attachments]
        name = author.global_name or author.username
        return f"{name}{self._how(state)}: " + "\n    ".join(lines)

    def plain(self, markdown: str) -> str:
        """The markdown as the viewer reads it now."""
        return plain_text(markdown, self.channel.guild, self.discord.clock.now())

    def _how(self, state: ShownState) -> str:
        message = state.message
        if message.ephemeral:
            return f" (only {self.viewer.name} can see this)"
        if state.index > 0:
            thought = message.revisions[state.index - 1].flags & MessageFlag.LOADING
            return "" if thought else " (edited)"
        replies = message.kind is MessageType.REPLY
        notifies = any(
            note.message is message and note.user is self.viewer.user
            for note in self.discord.notifications
        )
        how = ["reply"] * replies + [f"notifies {self.viewer.name}"] * notifies
        return f" ({', '.join(how)})" if how else ""


def file_size(size: int) -> str:
    """Bytes as people read them."""
    return f"{size / 1e6:.1f} MB" if size >= _MEGABYTE else f"{size / 1e3:.0f} kB"
