"""The buttons under a clip that waits for a decision, and what a moderator reads of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.jobs.reviews import ReviewMessage, Verdict
from bot.moderation.errors import AlreadyDecidedError, ReviewClosedError
from bot.moderation.review_service import ReviewPress
from cogs.interactions.acknowledging import defer
from cogs.interactions.authority import block_authority, review_authority
from cogs.interactions.components import OUTDATED_TEXT, reply_privately
from cogs.interactions.rights import has_right, require_right
from cogs.review.board import APPROVE, BLOCK, REFUSE, REFUSE_ALL
from cogs.texts.amounts import timestamp
from cogs.texts.error_texts import REFUSED_CLIP, UNCHANGED, error_text
from cogs.texts.languages import N_, _
from cogs.texts.markdown import plural
from cogs.texts.punctuation import joined, sentences

if TYPE_CHECKING:
    import discord

    from bot.moderation.authority import ClipAuthority
    from bot.moderation.clip_refusal import RefusedClips
    from bot.moderation.review_service import ReviewService
    from cogs.interactions.components import ComponentHandler

_VERDICTS: Final = {Verdict.APPROVED: N_("approved"), Verdict.REJECTED: N_("refused")}


def review_handler(reviews: ReviewService) -> ComponentHandler:
    """Build the handler for the buttons of `cogs.review.board`.

    The question itself is edited by the job's next step.
    """

    async def decide(interaction: discord.Interaction, arguments: list[str]) -> None:
        authority = review_authority(interaction)
        interaction_id, action = arguments
        if action == BLOCK:
            # A block keeps the member out of the whole server.
            require_right(interaction, "manage_messages")
        await defer(interaction)
        press = _press(interaction, int(interaction_id), authority)
        if action == APPROVE:
            await reviews.approve(press)
        elif action == REFUSE:
            await reviews.refuse(press)
        elif action == REFUSE_ALL:
            # What is not in review yet may be anywhere in the server.
            everywhere = has_right(interaction, "manage_messages")
            refused = await reviews.refuse_all(press, in_the_making=everywhere)
            await reply_privately(interaction, _refused_text(refused))
        elif action == BLOCK:
            member_id = await reviews.member_id(press)
            ranks = await block_authority(interaction, member_id, ())
            others = await reviews.refuse_and_block(press, ranks, REFUSED_CLIP)
            rest = f"\n{_refused_text(others)}" if others.count else ""
            await reply_privately(
                interaction,
                _(
                    "<@{member_id}> is blocked now. `/clips unblock` lifts that.{rest}",
                    member_id=member_id,
                    rest=rest,
                ),
            )
        else:
            await reply_privately(interaction, _(OUTDATED_TEXT))

    return decide


def _refused_text(refused: RefusedClips) -> str:
    done = (
        [_("refused {clips} in review", clips=plural(refused.rejected, "clip"))]
        if refused.rejected
        else []
    )
    if refused.cancelled:
        done.append(_("cancelled {clips} in the making", clips=plural(refused.cancelled, "clip")))
    text = "⛔ " + _(
        "Of <@{member_id}> I {done}. They pay nothing.",
        member_id=refused.member_id,
        done=joined(done),
    )
    if not refused.left:
        return text
    left = _(
        "{clips} in the making I left alone: to cancel them takes **Manage Messages** "
        "in the server.",
        clips=plural(refused.left, "clip"),
    )
    return sentences(text, left)


def _press(
    interaction: discord.Interaction, interaction_id: int, authority: ClipAuthority
) -> ReviewPress:
    message = interaction.message
    if message is None or interaction.guild_id is None:
        raise LookupError(f"interaction {interaction.id} has no message or no guild")
    return ReviewPress(
        guild_id=interaction.guild_id,
        actor_id=interaction.user.id,
        interaction_id=interaction_id,
        message=ReviewMessage(message.channel.id, message.id),
        authority=authority,
    )


@error_text.register
def _decided(error: AlreadyDecidedError) -> str:
    decision = error.decision
    return _(
        "<@{actor_id}> {verdicts} this clip already, {when}. {unchanged}",
        actor_id=decision.actor_id,
        verdicts=_(_VERDICTS[decision.verdict]),
        when=timestamp(decision.at),
        unchanged=_(UNCHANGED),
    )


@error_text.register
def _closed(_error: ReviewClosedError) -> str:
    return _(
        "This clip has ended in another way, so there is nothing to decide. {unchanged}",
        unchanged=_(UNCHANGED),
    )
