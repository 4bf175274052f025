"""The kinds of channels, by Discord's numbers."""

from enum import IntEnum


class ChannelKind(IntEnum):
    """The kinds that the stand-in has."""

    TEXT = 0
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15
    MEDIA = 16

    @property
    def is_thread(self) -> bool:
        """Whether it is in another channel, whose rights and age restriction it takes."""
        return self in {
            ChannelKind.ANNOUNCEMENT_THREAD,
            ChannelKind.PUBLIC_THREAD,
            ChannelKind.PRIVATE_THREAD,
        }

    @property
    def has_voice(self) -> bool:
        """Whether people speak in it, and read its chat only where they may connect."""
        return self in {ChannelKind.VOICE, ChannelKind.STAGE}

    @property
    def has_messages(self) -> bool:
        """Whether people write in it; in a forum they write in its posts, which are threads."""
        return self not in {ChannelKind.CATEGORY, ChannelKind.FORUM, ChannelKind.MEDIA}
