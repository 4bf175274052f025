"""Whom and what a moderator may decide about: plain values, and the rules over them.

`cogs` reads the values from Discord at each command; none is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.base import value
from bot.moderation.errors import (
    BlockError,
    BlockProblem,
    ClipError,
    ClipProblem,
    OwnClipError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.guilds.audit import Actor
    from bot.jobs.job import Job


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """A member's place among the members of a guild; a greater one is higher.

    That of a member without roles, or who has left, is the lowest.

    Attributes:
        is_owner: Whether they own the guild.
        position: Of their highest role.
        age: The negative id of that role: of two at one position, the older is higher.
    """

    is_owner: bool = False
    position: int = 0
    age: int = 0


@value
class ClipAuthority:
    """What a moderator may decide about clips.

    Attributes:
        manages_server: Whether they have *Manage Server*.
        only_channel_id: The only channel over whose clips they have a say; `None` for all.
    """

    manages_server: bool
    only_channel_id: int | None = None


def is_within_reach(authority: ClipAuthority, job: Job) -> bool:
    """Whether a clip is in a channel over which the moderator has a say."""
    return authority.only_channel_id in {None, job.reply_to.channel_id}


def is_own(authority: ClipAuthority, actor_id: int, job: Job) -> bool:
    """Whether a clip is the moderator's own, and somebody else has to decide about it."""
    return job.reply_to.member_id == actor_id and not authority.manages_server


def check_reach(authority: ClipAuthority, job: Job) -> None:
    """Pass a clip of a channel over which the moderator has a say.

    Raises:
        ClipError: It is in another.
    """
    if not is_within_reach(authority, job):
        raise ClipError(ClipProblem.ELSEWHERE, job.id)


def check_not_own(authority: ClipAuthority, actor_id: int, job: Job) -> None:
    """Pass a clip of somebody else, or any where the moderator manages the server.

    Raises:
        OwnClipError: It is the moderator's own.
    """
    if is_own(authority, actor_id, job):
        raise OwnClipError(job.id)


@value
class BlockAuthority:
    """The ranks of a moderator, and of the member whom they would block or unblock."""

    actor: Rank
    member: Rank


def check_may_block(authority: BlockAuthority, by: Actor, member_id: int) -> None:
    """Pass a member whom a moderator may block.

    Raises:
        BlockError: It is themselves, the owner, or somebody who is not below them.
    """
    # Always a slip, also the owner's: a block applies to moderators too.
    if member_id == by.actor_id:
        raise BlockError(BlockProblem.ONESELF, member_id)
    check_may_unblock(authority, by, member_id)


def check_may_unblock(authority: BlockAuthority, by: Actor, member_id: int) -> None:
    """Pass a member whom a moderator may unblock; the owner may unblock anybody.

    Raises:
        BlockError: It is themselves, the owner, or somebody who is not below them.
    """
    if authority.actor.is_owner:
        return
    if member_id == by.actor_id:
        raise BlockError(BlockProblem.ONESELF, member_id)
    if authority.member.is_owner:
        raise BlockError(BlockProblem.OWNER, member_id)
    if not authority.member < authority.actor:
        raise BlockError(BlockProblem.NOT_BELOW, member_id)


def passes(
    check: Callable[[BlockAuthority, Actor, int], None],
    by: Actor,
    authority: BlockAuthority,
    member_id: int,
) -> bool:
    """Whether one of these checks raises no `BlockError`."""
    try:
        check(authority, by, member_id)
    except BlockError:
        return False
    return True
