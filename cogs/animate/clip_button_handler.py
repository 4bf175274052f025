"""The buttons under a clip: which function answers which, and what is said where none can."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import discord

from bot.base import value
from bot.requests.clip_errors import ClipPressError, ClipPressProblem
from bot.requests.member_clips import ClipPress
from cogs.animate import another_clip, clip_details, own_cancel, own_delete, report_form
from cogs.delivery import clip_buttons
from cogs.interactions.components import OUTDATED_TEXT, reply_privately
from cogs.interactions.place import guild_id_of
from cogs.texts.error_texts import error_text
from cogs.texts.languages import N_, _, number
from pika import MAX_SEED

if TYPE_CHECKING:
    from bot.requests.member_clips import MemberClipService
    from cogs.animate.another_clip import AnotherClip
    from cogs.animate.hiding import Hiding
    from cogs.interactions.components import ComponentHandler

Action: TypeAlias = Callable[[discord.Interaction, ClipPress], Awaitable[None]]
AskToRemove: TypeAlias = Callable[[discord.Interaction, int], Awaitable[None]]
"""Asks a moderator about the removal of the clip of a job, by its id; refuses all others."""


@value
class ClipButtons:
    """What the buttons of `cogs.delivery.clip_buttons` need, and the forms that they open."""

    clips: MemberClipService
    another: AnotherClip
    hiding: Hiding
    ask_to_remove: AskToRemove

    def handler(self) -> ComponentHandler:
        """Build the handler."""
        actions = self._actions()

        async def handle(interaction: discord.Interaction, arguments: list[str]) -> None:
            # Any program can send any id: whose the clip is, and what may be done, is looked up.
            match arguments:
                case [clip, action] if action in actions and clip.isdecimal() and int(clip) < _IDS:
                    await actions[action](interaction, _press(interaction, int(clip)))
                case _:
                    await reply_privately(interaction, _(OUTDATED_TEXT))

        return handle

    def _actions(self) -> dict[str, Action]:
        clips = self.clips
        confirm = partial(own_cancel.confirm, clips)
        return {
            clip_buttons.CANCEL: partial(own_cancel.ask, clips),
            own_cancel.CONFIRM: partial(confirm, only_if_free=False),
            own_cancel.CONFIRM_FREE: partial(confirm, only_if_free=True),
            clip_buttons.AGAIN: self.another.again,
            clip_buttons.EDIT: self.another.edit,
            another_clip.EDITED: self.another.edited,
            clip_buttons.HIDE: self.hiding.hide,
            clip_buttons.SHOW: self.hiding.show,
            clip_buttons.MORE: partial(clip_details.show, clips),
            clip_details.DELETE: self._delete,
            own_delete.CONFIRM: partial(own_delete.confirm, clips),
            clip_buttons.REMOVE: self._remove,
            clip_details.REPORT: partial(report_form.ask, clips),
            report_form.SENT: partial(report_form.send, clips),
        }

    async def _delete(self, interaction: discord.Interaction, press: ClipPress) -> None:
        if not await own_delete.ask(self.clips, interaction, press):
            await self._remove(interaction, press)

    async def _remove(self, interaction: discord.Interaction, press: ClipPress) -> None:
        await self.ask_to_remove(interaction, await self.clips.job_id(press))


def _press(interaction: discord.Interaction, clip: int) -> ClipPress:
    guild_id, channel_id = guild_id_of(interaction), interaction.channel_id or 0
    return ClipPress(guild_id, channel_id, interaction.user.id, clip)


_IDS: Final = 2**63
"""No id is as large, and the database takes none that is."""
_PROBLEMS: Final = {
    ClipPressProblem.GONE: N_(
        "I know no such clip any more. Please make a new one with `/animate`."
    ),
    ClipPressProblem.NOT_YOURS: N_(
        "Only who asked for this clip may do that. Moderators have `/clips cancel`."
    ),
    ClipPressProblem.OVER: N_("This clip has ended already, so there is nothing to cancel."),
    ClipPressProblem.CANCELLED: N_("This clip is being cancelled already."),
    ClipPressProblem.NOT_YOURS_TO_HIDE: N_(
        "Only who asked for this clip, or a moderator, may hide or show it."
    ),
    ClipPressProblem.NOT_HIDDEN: N_("Discord did not take that. Please try again in a minute."),
    ClipPressProblem.NOT_DELETED: N_(
        "Discord did not let me delete it. Please try again in a minute, or ask a moderator."
    ),
    ClipPressProblem.NO_LOG_CHANNEL: N_(
        "The moderators of this server have named no channel for reports. "
        "Please tell one of them yourself."
    ),
    ClipPressProblem.REPORTED: N_("You have reported this clip already: the moderators know."),
    ClipPressProblem.TOO_MANY_REPORTS: N_(
        "You have reported many clips today. Please tell a moderator yourself."
    ),
    ClipPressProblem.SEED: N_(
        "A seed is a whole number from 0 to {most}. Please press the button again."
    ),
}


@error_text.register
def _problem(error: ClipPressError) -> str:
    return _(_PROBLEMS[error.problem], most=number(MAX_SEED))
