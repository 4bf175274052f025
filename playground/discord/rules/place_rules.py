"""What archived and locked threads and slow mode let members and the bot do."""

from datetime import timedelta

from playground.discord.rules.errors import thread_archived, thread_locked
from playground.discord.rules.option_rules import ClientRefusal
from playground.discord.state.clock import Clock
from playground.discord.state.entities import Channel, Member
from playground.discord.state.permissions import Permission


def is_locked_for(channel: Channel, member: Member | None) -> bool:
    """Whether the member may neither write nor change messages there until it is unlocked."""
    return channel.locked and not (member and member.may(channel, Permission.MANAGE_THREADS))


def may_write(channel: Channel, member: Member) -> bool:
    """Whether a person's client lets them write there, slow mode apart."""
    needed = Permission.SEND_MESSAGES
    if channel.kind.has_voice:
        needed |= Permission.CONNECT
    return member.may(channel, needed) and not is_locked_for(channel, member)


def check_posting(channel: Channel, author: Member | None) -> None:
    """ApiError where the bot may post no message; an archived thread is opened by one."""
    if is_locked_for(channel, author):
        raise thread_archived() if channel.archived else thread_locked()


def check_answering(channel: Channel, bot: Member | None, *, in_private: bool) -> None:
    """ApiError where the bot may not answer an interaction with a message.

    Of answers in private Discord only says that none is taken in a thread archived and locked.
    """
    if channel.archived or not in_private:
        check_posting(channel, bot)


def check_editing(channel: Channel, author: Member | None) -> None:
    """ApiError where the bot may change no message; that opens no thread."""
    if channel.archived:
        raise thread_archived()
    check_posting(channel, author)


def check_writing(channel: Channel, member: Member, clock: Clock) -> None:
    """ClientRefusal where a person may write no message now."""
    if member.is_timed_out:
        raise ClientRefusal("You are timed out: until it is over you cannot write here.")
    if is_locked_for(channel, member):
        raise ClientRefusal("This thread is locked. Only moderators can write here.")
    wait = channel.slowmode_seconds and _seconds_to_wait(channel, member, clock)
    if wait > 0 and not member.may(channel, Permission.BYPASS_SLOWMODE):
        raise ClientRefusal(f"Slow mode is on here. You can write again in {wait:.0f} seconds.")


def _seconds_to_wait(channel: Channel, member: Member, clock: Clock) -> float:
    mine = [it.created_at for it in channel.messages.values() if it.author is member.user]
    if not mine:
        return 0.0
    return (max(mine) + timedelta(seconds=channel.slowmode_seconds) - clock.now()).total_seconds()
