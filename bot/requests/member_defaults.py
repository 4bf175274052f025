"""What members have chosen, by guild, for the options that `/animate` is not given."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from bot.base import RESOLUTIONS, Tell, service, value
from bot.jobs import closed_direct_messages

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base import Database, Transaction
    from bot.jobs.animate_options import AnimateOptions
    from pika import Duration, Resolution

NOTHING_TO_AVOID: Final = "none"
"""Typed as a negative prompt, it leaves the default out this once."""


@value
class MemberDefaults:
    """A member's choices in one guild.

    Attributes:
        resolution: `None` is the guild's default, as with `duration`, in seconds.
        tell: How the member is told that a clip has ended.
        spoiler: Whether clips are blurred until somebody looks.
        language: In which they alone are answered; `None` is that of their Discord.
    """

    resolution: Resolution | None = None
    duration: Duration | None = None
    negative_prompt: str = ""
    tell: Tell = Tell.MENTION
    spoiler: bool = False
    language: str | None = None

    def fill_in(
        self, options: AnimateOptions, largest: tuple[Resolution, Duration]
    ) -> AnimateOptions:
        """Fill in what a member left out.

        What moderators have set as the `largest` since bounds a default without a refusal.
        """
        resolution, duration = options.resolution, options.duration
        if resolution is None and self.resolution is not None:
            resolution = min(self.resolution, largest[0], key=RESOLUTIONS.index)
        if duration is None and self.duration is not None:
            duration = min(self.duration, largest[1])
        avoid = options.negative_prompt or self.negative_prompt
        if avoid.casefold() == NOTHING_TO_AVOID:
            avoid = ""
        spoiler = self.spoiler if options.spoiler is None else options.spoiler
        return options.model_copy(
            update={
                "resolution": resolution,
                "duration": duration,
                "negative_prompt": avoid,
                "spoiler": spoiler,
            }
        )


def get(tx: Transaction, guild_id: int, member_id: int) -> MemberDefaults:
    """A member's choices; those of this program where they made none."""
    row = tx.one(
        "SELECT resolution, duration, negative_prompt, tell, spoiler, language"
        " FROM member_defaults"
        " WHERE guild_id = :guild AND member_id = :member",
        {"guild": guild_id, "member": member_id},
    )
    if row is None:
        return MemberDefaults()
    return MemberDefaults(
        *(row["resolution"], row["duration"], row["negative_prompt"]),
        *(Tell(row["tell"]), bool(row["spoiler"])),
        language=row["language"],
    )


def way_to_tell(tx: Transaction, guild_id: int, member_id: int, now: datetime) -> Tell:
    """How to tell a member of a clip: as they chose, where that is possible."""
    chosen = get(tx, guild_id, member_id).tell
    return closed_direct_messages.possible_way(tx, member_id, chosen, now)


def put(tx: Transaction, guild_id: int, member_id: int, defaults: MemberDefaults) -> None:
    """Replace a member's choices; nothing is stored of one who has none."""
    tx.execute(
        "DELETE FROM member_defaults WHERE guild_id = :guild AND member_id = :member",
        {"guild": guild_id, "member": member_id},
    )
    if defaults != MemberDefaults():
        row = {"guild_id": guild_id, "member_id": member_id, **asdict(defaults)}
        tx.insert("member_defaults", row)


@service
class DefaultsService:
    """Changes members' own choices.

    Attributes:
        speak: Has a member of a guild answered in a language from now on; `None` is Discord's.
    """

    database: Database
    speak: Callable[[int, int, str | None], None]

    async def change(
        self,
        guild_id: int,
        member_id: int,
        change: Callable[[MemberDefaults], MemberDefaults],
        *,
        tries_direct_again: bool = False,
    ) -> MemberDefaults:
        """Change a member's choices from the next request on; return them.

        `tries_direct_again`: also where they have refused a direct message of the bot's.
        """

        def write(tx: Transaction) -> MemberDefaults:
            if tries_direct_again:
                closed_direct_messages.forget(tx, member_id)
            before = get(tx, guild_id, member_id)
            after = change(before)
            if after != before:
                put(tx, guild_id, member_id, after)
            return after

        after = await self.database.write(write)
        self.speak(guild_id, member_id, after.language)
        return after
