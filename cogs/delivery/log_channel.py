"""What is posted in a log channel: what happened, how much of what, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.guilds.log_messages import LogMessageKind
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.delivery.owner_messages import budget_text, owner_message_text
from pika import usd

if TYPE_CHECKING:
    import discord

    from bot.guilds.log_messages import LogMessage, UnsentLogMessage
    from bot.guilds.log_sender import LogChannelPort


class DiscordLogChannels:
    """Implements `bot.guilds.log_sender.LogChannelPort`; `owner` posts what the owner is told."""

    def __init__(self, client: discord.Client, owner: LogChannelPort) -> None:
        self._client = client
        self._owner = owner

    async def post(self, unsent: UnsentLogMessage) -> None:
        """Post a message, under a nonce by which Discord drops it if it comes twice."""
        if unsent.channel_id is None:
            await self._owner.post(unsent)
            return
        channel = self._client.get_partial_messageable(unsent.channel_id)
        with convert_discord_errors():
            # The word stays for good: repeated after an update, a post needs its first nonce.
            await channel.send(log_message_text(unsent.message), nonce=f"notice-{unsent.id}")


_COUNTED: Final = "; this server's budget counts it until that is known"


def log_message_text(message: LogMessage) -> str:
    """Word a message for moderators or the owner, in English."""
    data = message.data
    match message.kind:
        case LogMessageKind.BUDGET_LOW:
            return (
                f"🟡 **Three quarters of this server's budget are used.** {budget_text(message)} "
                "See who spends it with `/quota report`; change it with `/quota budget`."
            )
        case LogMessageKind.BUDGET_SPENT:
            return (
                f"🔴 **This server's budget is used up.** {budget_text(message)} "
                "Until then I refuse what does not fit; raise it with `/quota budget`."
            )
        case LogMessageKind.MAY_BE_BILLED:
            return (
                f"⚠️ **Clip {data['job']} ended without a video, and Pika may bill "
                f"{usd(int(data['micro_usd']))} for it.** {_who_pays(message)}. "
                "Whoever runs me finds it in my log and in Pika's bill "
                f"(reference {data['reference']})."
            )
        case LogMessageKind.REVIEW_CLOSED:
            return (
                f"⚠️ **Clips wait for your review, and I cannot post them in "
                f"<#{data['channel']}>.** Let me view it, write and attach files there, or name "
                "another channel with `/clips review`. What nobody has decided after "
                f"{data['days']} days is refused, and its member is not charged."
            )
        case _:
            return owner_message_text(message)


def _who_pays(message: LogMessage) -> str:
    if message.data.get("counts"):
        return (
            "It counts for its member: its channel was gone or closed, as another one's within a "
            "day"
        )
    return f"Its member was not charged{_COUNTED if message.data.get('in_doubt') else ''}"
