"""The buttons under the message of a clip, before and after it is shown.

Their custom ids name the clip by the interaction that asked for it: ids of jobs come again after a
backup was restored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from cogs.interactions.routed_views import RoutedView
from cogs.texts.languages import pgettext

if TYPE_CHECKING:
    from bot.jobs.job import Job

CUSTOM_ID_PREFIX: Final = "clip"
"""Of the custom ids of these buttons."""
CANCEL, AGAIN, EDIT, MORE = "cancel", "again", "edit", "more"
HIDE, SHOW = "hide", "show"
"""What is done by a press, as the second part of a custom id."""
REMOVE: Final = "remove"
"""Likewise, under reports that an earlier version has posted."""


def custom_id(job: Job, action: str) -> str:
    """Name a clip and what is to be done with it, for a button or a modal."""
    return f"{CUSTOM_ID_PREFIX}:{job.reply_to.interaction_id}:{action}"


def waiting_buttons(job: Job) -> RoutedView:
    """Build the button under a clip that is still to come, in the task's language."""
    return RoutedView([clip_button(job, CANCEL, pgettext("button", "Cancel"))])


def shown_buttons(job: Job, *, is_hidden: bool | None = None) -> RoutedView:
    """Build the row under a clip that is shown, in the task's language.

    Args:
        job: The clip's.
        is_hidden: Whether it is behind a spoiler; `None` is as its member asked for it.
    """
    hidden = bool(job.options.spoiler) if is_hidden is None else is_hidden
    # Each press names what it wants: pressed twice at once, it is no going back.
    spoiler = (
        (SHOW, pgettext("button", "Show"), "👁️")
        if hidden
        else (HIDE, pgettext("button", "Hide"), "🙈")
    )
    return RoutedView(
        [
            clip_button(job, AGAIN, pgettext("button", "Again"), "🔁"),
            clip_button(job, EDIT, pgettext("button", "Edit"), "✏️"),
            clip_button(job, *spoiler),
            clip_button(job, MORE, pgettext("button", "More"), "ℹ️"),  # noqa: RUF001 - an emoji
        ]
    )


def clip_button(
    job: Job, action: str, label: str, emoji: str | None = None
) -> discord.ui.Button[Any]:
    """Build one of the buttons, which works wherever it stands; `label` is translated."""
    return discord.ui.Button(label=label, emoji=emoji, custom_id=custom_id(job, action))
