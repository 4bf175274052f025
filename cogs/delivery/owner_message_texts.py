"""What the owner of the application reads: what happened, how much of what, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import Limit, Unit, Window
from bot.base.clock import from_ms
from bot.guilds.log_messages import LogMessageKind
from cogs.texts.amounts import amount_text, clips, limit_text, timestamp
from cogs.texts.languages import N_, _, ngettext, number
from cogs.texts.markdown import escape, shorten
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.guilds.log_messages import LogMessage


def owner_message_text(message: LogMessage) -> str:
    """Word a message for the owner, in the task's language."""
    icon, text_of = _TEXTS[message.kind]
    return f"{icon} {text_of(message)}"


def budget_text(message: LogMessage) -> str:
    """Say how much of a budget is used: `$7.60 of $10.00 a week, renews in 3 days.`."""
    data = message.data
    unit = Unit(str(data["unit"]))
    limit = Limit(int(data["amount"]), unit, Window(str(data["window"])))
    used = int(data["used"])
    return _(
        "{used} of {limit}, renews {when}.",
        used=number(used) if unit is Unit.CLIPS else amount_text(used, unit),
        limit=limit_text(limit),
        when=timestamp(from_ms(int(data["renews_at"]))),
    )


_BUDGETS: Final = {
    # Of guilds' own budgets their log channels are told.
    LogMessageKind.BUDGET_LOW: N_(
        "**Three quarters of the budget of direct messages are used.** {budget} "
        "It is DIRECT_MESSAGES_BUDGET_USD_PER_MONTH in your settings."
    ),
    LogMessageKind.BUDGET_SPENT: N_(
        "**The budget of direct messages is used up.** {budget} Until then I refuse there what "
        "does not fit. It is DIRECT_MESSAGES_BUDGET_USD_PER_MONTH in your settings."
    ),
    LogMessageKind.BUDGET_CORRECTED: N_(
        "**Less of the budget of direct messages is used than I said.** Clips were given back: "
        "{budget}"
    ),
    LogMessageKind.CEILING_LOW: N_(
        "**Three quarters of your budget are used.** Over all servers, {budget} `/owner status` "
        "shows which server spends it."
    ),
    LogMessageKind.CEILING_SPENT: N_(
        "**Your budget is used up.** Over all servers, {budget} Until then I refuse what does not "
        "fit; `/owner budget` changes it."
    ),
    LogMessageKind.CEILING_CORRECTED: N_(
        "**Less of your budget is used than I said.** Clips were given back: over all servers, "
        "{budget}"
    ),
}


def _budget(message: LogMessage) -> str:
    return _(_BUDGETS[message.kind], budget=budget_text(message))


def _account_refused(message: LogMessage) -> str:
    said = account_refused_text(str(message.data["provider"]), str(message.data["reason"]))
    # It may be one that was used before, whose clips are all that waits for it.
    return sentences(said, _("Nothing is ordered there until it takes orders again."))


def account_refused_text(provider: str, reason: str) -> str:
    """Say that a provider takes no orders from this account, why, and what helps."""
    return _(_REFUSALS[reason], provider=escape(provider))


_REFUSALS: Final = {
    "credit": N_(
        "**{provider} takes no orders: your account there has no credit left.** "
        "Please add credit to it."
    ),
    "key": N_(
        "**{provider} takes no orders: it refuses your key.** "
        "Please put one that it takes into PIKA_API_KEY, or PIKA_API_KEYS__…, and start me again."
    ),
    "cycle_limit": N_(
        "**{provider} takes no orders: the spending limit of your account there is reached.** "
        "Please raise it there, or wait until its next cycle begins."
    ),
}


def _in_doubt(message: LogMessage) -> str:
    return ngettext(
        "**{n} order is in doubt:** nobody knows whether Pika bills it, and until then your budget "
        "counts it. Please compare with your bill: `/owner doubts`.",
        "**{n} orders are in doubt:** nobody knows whether Pika bills them, and until then your "
        "budget counts them. Please compare with your bill: `/owner doubts`.",
        int(message.data["count"]),
    )


def _joined(message: LogMessage) -> str:
    if message.data["is_open"]:
        return _("**I am in a new server:** {server}. It is open.", server=_server(message))
    return _(
        "**I am in a new server:** {server}. It is closed: nothing is spent there unless you open "
        "it with `/owner servers open`.",
        server=_server(message),
    )


def _left(message: LogMessage) -> str:
    return _("**I am no longer in a server:** {server}.", server=_server(message))


def _closed(message: LogMessage) -> str:
    return _(
        "**A server is closed now:** {server}. What is in the making there is finished; nothing "
        "new is taken.",
        server=_server(message),
    )


def _server(message: LogMessage) -> str:
    # Strangers choose the names of their servers.
    return escape(shorten(str(message.data["server"]), 300))


def _unclean_stop(message: LogMessage) -> str:
    return _(
        "**I was started again, and the run before had not stopped in order.** It began {since}. "
        "It crashed or was killed, or this is a copy of its database. In the making I found "
        "{clips}, which I carry on; {orders} in doubt.",
        since=timestamp(from_ms(int(message.data["running_since"])), "f"),
        clips=clips(int(message.data["jobs"])),
        orders=ngettext("{n} order", "{n} orders", int(message.data["doubts"])),
    )


def _clock_set(message: LogMessage) -> str:
    seconds = int(message.data["seconds"])
    # Without days, whose word a `timedelta` has in English.
    hours, below = divmod(abs(seconds), 3600)
    by = f"{hours}:{below // 60:02}:{below % 60:02}"
    way = _(_CLOCK_SET[seconds > 0], by=by)
    rest = _(
        "No clip ends early or late by that; in the making I have {clips}. Limits and pauses go "
        "by the clock as it is now, so please look whether it is right.",
        clips=clips(int(message.data["jobs"])),
    )
    return sentences(way, rest)


_CLOCK_SET: Final = {
    True: N_("**The clock of my machine was set forward by {by}** (h:mm:ss)."),
    False: N_("**The clock of my machine was set back by {by}** (h:mm:ss)."),
}


def _database_lost(message: LogMessage) -> str:
    return _(
        "**My database file was deleted or replaced while I run.** I take no requests until I am "
        "started again; what is in the making is finished. What I know is saved, and once more "
        "when I stop: {saved}. Please stop me, put that back with `python -m bot restore`, unless "
        "you want to go on with the file that is there now, and start me.",
        saved=_path(message, "saved"),
    )


def _backup_failed(message: LogMessage) -> str:
    failed = _(
        "**The daily backup failed:** {error}.",
        error=escape(shorten(str(message.data["error"]), 300)),
    )
    latest = _("There is none.")
    if message.data["latest"]:
        latest = _("The latest one is {path}.", path=_path(message, "latest"))
    again = _(
        "I try again every hour, and say no more of it until one has succeeded. The folder is "
        "{folder}.",
        folder=_path(message, "folder"),
    )
    return sentences(failed, latest, again)


def _path(message: LogMessage, name: str) -> str:
    path = shorten(str(message.data[name]), 300).replace("`", "'")
    return f"`{path}`"


def _more(message: LogMessage) -> str:
    kind = LogMessageKind(str(message.data["kind"]))
    return _(_MORE[kind], n=number(int(message.data["count"])))


_MORE: Final = {
    LogMessageKind.ACCOUNT_REFUSED: N_(
        "**After the messages of that day, the provider took no orders: {n} more.** "
        "My log has each time."
    ),
    LogMessageKind.ORDERS_IN_DOUBT: N_(
        "**After the messages of that day, orders came to be in doubt: {n} more.** "
        "`/owner doubts` lists those that still are."
    ),
    LogMessageKind.GUILD_JOINED: N_(
        "**After the messages of that day, servers were joined: {n} more.** "
        "`/owner servers` lists all that I am in."
    ),
    LogMessageKind.GUILD_LEFT: N_(
        "**After the messages of that day, servers were left: {n} more.** "
        "`/owner servers` lists all that I am in."
    ),
    LogMessageKind.GUILD_CLOSED: N_(
        "**After the messages of that day, servers were closed: {n} more.** "
        "`/owner servers` lists all that I am in."
    ),
    LogMessageKind.UNCLEAN_STOP: N_(
        "**After the messages of that day, I started after a crash: {n} more.** My log says why."
    ),
    LogMessageKind.CLOCK_SET: N_(
        "**After the messages of that day, the clock of my machine was set: {n} more.** "
        "My log has each time."
    ),
    LogMessageKind.BACKUP_FAILED: N_(
        "**After the messages of that day, daily backups failed: {n} more.** My log says why."
    ),
}
_TEXTS: Final[Mapping[LogMessageKind, tuple[str, Callable[[LogMessage], str]]]] = {
    LogMessageKind.BUDGET_LOW: ("🟡", _budget),
    LogMessageKind.BUDGET_SPENT: ("🔴", _budget),
    LogMessageKind.BUDGET_CORRECTED: ("🟢", _budget),
    LogMessageKind.CEILING_LOW: ("🟡", _budget),
    LogMessageKind.CEILING_SPENT: ("🔴", _budget),
    LogMessageKind.CEILING_CORRECTED: ("🟢", _budget),
    LogMessageKind.ACCOUNT_REFUSED: ("🔴", _account_refused),
    LogMessageKind.ORDERS_IN_DOUBT: ("⚠️", _in_doubt),
    LogMessageKind.GUILD_JOINED: ("🆕", _joined),
    LogMessageKind.GUILD_LEFT: ("👋", _left),
    LogMessageKind.GUILD_CLOSED: ("⛔", _closed),
    LogMessageKind.UNCLEAN_STOP: ("⚠️", _unclean_stop),
    LogMessageKind.CLOCK_SET: ("🕐", _clock_set),
    LogMessageKind.DATABASE_LOST: ("🔴", _database_lost),
    LogMessageKind.BACKUP_FAILED: ("🟠", _backup_failed),
    LogMessageKind.MORE: ("🔁", _more),
}
