"""What the owner of the application is told: by direct message, or in a channel of their choice."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import discord

from bot.base import Limit, Unit, Window
from bot.base.clock import from_ms
from bot.base.errors import ChannelUnreachableError, DeliveryError
from bot.guilds.log_messages import LogMessageKind
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.texts.amounts import amount_text, limit_text, timestamp
from cogs.texts.markdown import escape, plural, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from bot.guilds.log_messages import LogMessage, UnsentLogMessage

log = logging.getLogger(__name__)


class OwnerMessages:
    """Implements `bot.guilds.log_sender.LogChannelPort` for messages to the owner.

    Args:
        client: Logged in.
        owner_ids: Those who own the application now.
        channel_id: A channel to write in; `None` for direct messages.
    """

    def __init__(
        self,
        client: discord.Client,
        owner_ids: Callable[[], Collection[int]],
        channel_id: int | None,
    ) -> None:
        self._client = client
        self._owner_ids = owner_ids
        self._channel_id = channel_id
        self._told: set[tuple[int, int]] = set()

    async def post(self, unsent: UnsentLogMessage) -> None:
        """Post a message in the channel; without one, or where it is closed, to each owner."""
        if self._channel_id is not None:
            channel = self._client.get_partial_messageable(self._channel_id)
            try:
                await _send(channel, unsent)
            except ChannelUnreachableError as error:
                log.warning("OWNER_CHANNEL %d cannot be written to: %r", self._channel_id, error)
            else:
                return
        await self._post_to_each(unsent)

    async def _post_to_each(self, unsent: UnsentLogMessage) -> None:
        """Write to each owner once, also where this is repeated because another was not reached.

        Raises:
            ChannelUnreachableError: None of them takes direct messages.
            DeliveryError: One of them was not reached yet.
        """
        failed: DeliveryError | None = None
        for owner_id in sorted(self._owner_ids()):
            if (unsent.id, owner_id) in self._told:
                continue
            try:
                with convert_discord_errors():
                    channel = await self._client.create_dm(discord.Object(owner_id))
                await _send(channel, unsent)
            except ChannelUnreachableError as error:
                log.warning("owner %d takes no direct messages: %r", owner_id, error)
            except DeliveryError as error:
                failed = error
            else:
                self._told.add((unsent.id, owner_id))
        if failed is not None:
            raise failed
        told = {it for it in self._told if it[0] == unsent.id}
        if not told:
            raise ChannelUnreachableError(f"nobody was told: {owner_message_text(unsent.message)}")
        self._told -= told


async def _send(channel: discord.abc.Messageable, unsent: UnsentLogMessage) -> None:
    with convert_discord_errors():
        await channel.send(owner_message_text(unsent.message), nonce=f"notice-{unsent.id}")


def owner_message_text(message: LogMessage) -> str:
    """Word a message for the owner, in English."""
    return _TEXTS[message.kind](message)


def budget_text(message: LogMessage) -> str:
    """Say how much of a budget is used: `$7.60 of $10.00 a week, renews in 3 days.`."""
    data = message.data
    unit = Unit(str(data["unit"]))
    limit = Limit(int(data["amount"]), unit, Window(str(data["window"])))
    used = int(data["used"])
    used_text = str(used) if unit is Unit.CLIPS else amount_text(used, unit)
    renews = timestamp(from_ms(int(data["renews_at"])))
    return f"{used_text} of {limit_text(limit)}, renews {renews}."


# Of guilds' own budgets their log channels are told.
def _direct_low(message: LogMessage) -> str:
    return (
        "🟡 **Three quarters of the budget of direct messages are used.** "
        f"{budget_text(message)} {_DIRECT_SETTING}"
    )


def _direct_spent(message: LogMessage) -> str:
    return (
        f"🔴 **The budget of direct messages is used up.** {budget_text(message)} Until then I "
        f"refuse there what does not fit. {_DIRECT_SETTING}"
    )


def _direct_corrected(message: LogMessage) -> str:
    return (
        "🟢 **Less of the budget of direct messages is used than I said.** Clips were given back: "
        f"{budget_text(message)}"
    )


_DIRECT_SETTING: Final = "It is DIRECT_MESSAGES_BUDGET_USD_PER_MONTH in your settings."


def _ceiling_low(message: LogMessage) -> str:
    return (
        "🟡 **Three quarters of your budget are used.** Over all servers, "
        f"{budget_text(message)} `/owner status` shows which server spends it."
    )


def _ceiling_spent(message: LogMessage) -> str:
    return (
        f"🔴 **Your budget is used up.** Over all servers, {budget_text(message)} Until then I "
        "refuse what does not fit; `/owner budget` changes it."
    )


def _ceiling_corrected(message: LogMessage) -> str:
    return (
        "🟢 **Less of your budget is used than I said.** Clips were given back: over all servers, "
        f"{budget_text(message)}"
    )


def _account_refused(message: LogMessage) -> str:
    said = account_refused_text(str(message.data["provider"]), str(message.data["reason"]))
    # It may be one that was used before, whose clips are all that waits for it.
    return f"🔴 {said} Nothing is ordered there until it takes orders again."


def account_refused_text(provider: str, reason: str) -> str:
    """Say that a provider takes no orders from this account, why, and what helps."""
    why, remedy = _REFUSALS[reason]
    return f"**{escape(provider)} takes no orders: {why}.** {remedy}"


_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "credit": ("your account there has no credit left", "Please add credit to it."),
    "key": (
        "it refuses your key",
        "Please put one that it takes into PIKA_API_KEY, or PIKA_API_KEYS__…, and start me again.",
    ),
    "cycle_limit": (
        "the spending limit of your account there is reached",
        "Please raise it there, or wait until its next cycle begins.",
    ),
}


def _in_doubt(message: LogMessage) -> str:
    count = int(message.data["count"])
    are = "is" if count == 1 else "are"
    return (
        f"⚠️ **{plural(count, 'order')} {are} in doubt:** nobody knows whether Pika bills "
        f"{'it' if count == 1 else 'them'}, and until then your budget counts "
        f"{'it' if count == 1 else 'them'}. Please compare with your bill: `/owner doubts`."
    )


def _joined(message: LogMessage) -> str:
    if message.data["is_open"]:
        return f"🆕 **I am in a new server:** {_server(message)}. It is open."
    return (
        f"🆕 **I am in a new server:** {_server(message)}. It is closed: nothing is spent there "
        "unless you open it with `/owner servers open`."
    )


def _left(message: LogMessage) -> str:
    return f"👋 **I am no longer in a server:** {_server(message)}."


def _closed(message: LogMessage) -> str:
    return (
        f"⛔ **A server is closed now:** {_server(message)}. What is in the making there is "
        "finished; nothing new is taken."
    )


def _server(message: LogMessage) -> str:
    # Strangers choose the names of their servers.
    return escape(shorten(str(message.data["server"]), 300))


def _unclean_stop(message: LogMessage) -> str:
    jobs, doubts = int(message.data["jobs"]), int(message.data["doubts"])
    since = timestamp(from_ms(int(message.data["running_since"])), "f")
    return (
        f"⚠️ **I was started again, and the run before had not stopped in order.** It began {since}."
        f" It crashed or was killed, or this is a copy of its database. In the making I found "
        f"{plural(jobs, 'clip')}, which I carry on; {plural(doubts, 'order')} in doubt."
    )


def _clock_set(message: LogMessage) -> str:
    seconds, jobs = int(message.data["seconds"]), int(message.data["jobs"])
    way, by = "forward" if seconds > 0 else "back", timedelta(seconds=abs(seconds))
    return (
        f"🕐 **The clock of my machine was set {way} by {by}** (h:mm:ss). No clip ends early or"
        f" late by that; in the making I have {plural(jobs, 'clip')}. Limits and pauses go by the"
        " clock as it is now, so please look whether it is right."
    )


def _database_lost(message: LogMessage) -> str:
    saved = _path(message, "saved")
    return (
        "🔴 **My database file was deleted or replaced while I run.** I take no requests until I am"
        " started again; what is in the making is finished. What I know is saved, and once more"
        f" when I stop: {saved}. Please stop me, put that back with `python -m bot restore`, unless"
        " you want to go on with the file that is there now, and start me."
    )


def _backup_failed(message: LogMessage) -> str:
    error, latest = escape(shorten(str(message.data["error"]), 300)), _path(message, "latest")
    is_there = f"The latest one is {latest}." if message.data["latest"] else "There is none."
    return (
        f"🟠 **The daily backup failed:** {error}. {is_there} I try again every hour, and say"
        f" no more of it until one has succeeded. The folder is {_path(message, 'folder')}."
    )


def _path(message: LogMessage, name: str) -> str:
    path = shorten(str(message.data[name]), 300).replace("`", "'")
    return f"`{path}`"


def _more(message: LogMessage) -> str:
    count, kind = int(message.data["count"]), LogMessageKind(str(message.data["kind"]))
    what, where = _MORE[kind]
    return f"🔁 **After the messages of that day, {what}: {count} more.** {where}"


_LISTED: Final = "`/owner servers` lists all that I am in."
_MORE: Final[Mapping[LogMessageKind, tuple[str, str]]] = {
    LogMessageKind.ACCOUNT_REFUSED: ("the provider took no orders", "My log has each time."),
    LogMessageKind.ORDERS_IN_DOUBT: (
        "orders came to be in doubt",
        "`/owner doubts` lists those that still are.",
    ),
    LogMessageKind.GUILD_JOINED: ("servers were joined", _LISTED),
    LogMessageKind.GUILD_LEFT: ("servers were left", _LISTED),
    LogMessageKind.GUILD_CLOSED: ("servers were closed", _LISTED),
    LogMessageKind.UNCLEAN_STOP: ("I started after a crash", "My log says why."),
    LogMessageKind.CLOCK_SET: ("the clock of my machine was set", "My log has each time."),
    LogMessageKind.BACKUP_FAILED: ("daily backups failed", "My log says why."),
}
_TEXTS: Final[Mapping[LogMessageKind, Callable[[LogMessage], str]]] = {
    LogMessageKind.BUDGET_LOW: _direct_low,
    LogMessageKind.BUDGET_SPENT: _direct_spent,
    LogMessageKind.BUDGET_CORRECTED: _direct_corrected,
    LogMessageKind.CEILING_LOW: _ceiling_low,
    LogMessageKind.CEILING_SPENT: _ceiling_spent,
    LogMessageKind.CEILING_CORRECTED: _ceiling_corrected,
    LogMessageKind.ACCOUNT_REFUSED: _account_refused,
    LogMessageKind.ORDERS_IN_DOUBT: _in_doubt,
    LogMessageKind.GUILD_JOINED: _joined,
    LogMessageKind.GUILD_LEFT: _left,
    LogMessageKind.GUILD_CLOSED: _closed,
    LogMessageKind.UNCLEAN_STOP: _unclean_stop,
    LogMessageKind.CLOCK_SET: _clock_set,
    LogMessageKind.DATABASE_LOST: _database_lost,
    LogMessageKind.BACKUP_FAILED: _backup_failed,
    LogMessageKind.MORE: _more,
}
