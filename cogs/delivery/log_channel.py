"""What is posted in a log channel: what happened, how much of what, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from bot.base.clock import from_ms
from bot.guilds.log_messages import LogMessageKind
from bot.quota.limits import Limit, Unit, Window
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.texts.amounts import amount_text, limit_text, timestamp
from pika import usd

if TYPE_CHECKING:
    import discord

    from bot.guilds.log_messages import LogMessage, UnsentLogMessage


class DiscordLogChannels:
    """Implements `bot.guilds.log_sender.LogChannelPort`."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def post(self, unsent: UnsentLogMessage) -> None:
        """Post a message, under a nonce by which Discord drops it if it comes twice."""
        channel = self._client.get_partial_messageable(unsent.channel_id)
        with convert_discord_errors():
            # The word stays for good: repeated after an update, a post needs its first nonce.
            await channel.send(log_message_text(unsent.message), nonce=f"notice-{unsent.id}")


_COUNTED: Final = "; this server's budget counts it until that is known"


def log_message_text(message: LogMessage) -> str:
    """Word a message for moderators, in English."""
    data = message.data
    match message.kind:
        case LogMessageKind.BUDGET_LOW:
            return (
                f"🟡 **Three quarters of this server's budget are used.** {_budget(message)} "
                "See who spends it with `/quota report`; change it with `/quota budget`."
            )
        case LogMessageKind.BUDGET_SPENT:
            return (
                f"🔴 **This server's budget is used up.** {_budget(message)} "
                "Until then I refuse what does not fit; raise it with `/quota budget`."
            )
        case LogMessageKind.MAY_BE_BILLED:
            return (
                f"⚠️ **Clip {data['job']} ended without a video, and Pika may bill "
                f"{usd(int(data['micro_usd']))} for it.** Its member was not charged"
                f"{_COUNTED if data.get('in_doubt') else ''}. "
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
        case _ as unreachable:
            assert_never(unreachable)


def _budget(message: LogMessage) -> str:
    """Say how much of a budget is used: `$7.60 of $10.00 a week, renews in 3 days.`."""
    data = message.data
    unit = Unit(str(data["unit"]))
    limit = Limit(int(data["amount"]), unit, Window(str(data["window"])))
    used = int(data["used"])
    used_text = str(used) if unit is Unit.CLIPS else amount_text(used, unit)
    renews = timestamp(from_ms(int(data["renews_at"])))
    return f"{used_text} of {limit_text(limit)}, renews {renews}."
