"""`/clips status`: what holds and what goes on in a server, in one look."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.base import value
from bot.guilds.audit import AuditAction, AuditFilter
from bot.guilds.guild_settings import EVERY_GUILD, AgeRestriction, ReviewMode
from bot.jobs.job import Failure
from bot.moderation import channel_rules
from bot.moderation.channel_rules import Verdict
from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE, Scope
from cogs.clips.clip_lines import state_text
from cogs.interactions.acknowledging import defer
from cogs.interactions.rights import require_right
from cogs.interactions.routed_views import RoutedLayout, page_row
from cogs.texts.amounts import (
    budget_end_text,
    ceiling_line,
    left_line,
    rule_title,
    timestamp,
)
from cogs.texts.failure_names import failures_text
from cogs.texts.languages import _
from cogs.texts.markdown import escape, plural
from cogs.texts.punctuation import as_sentence, labelled, listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from bot.guilds.guild_settings import GuildSettings, Pause
    from bot.moderation.blocked_words import BlockedWord
    from bot.moderation.channel_service import ChannelRules
    from bot.quota.overview import Overview
    from bot.reports.service import CurrentState
    from bot.services import Services
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "status"
"""Of the custom ids of the buttons that turn pages."""
_FIRST_LIMITS: Final = 8
"""Limits on the first page, which has everything else too."""
_LIMITS_PER_PAGE: Final = 30
_CHANNELS_SHOWN: Final = 10


@value
class ServerStatus:
    """What `/clips status` shows.

    Attributes:
        everywhere: The pause of the bot's owner.
        paused_by: The moderator who paused clips; 0 where nobody knows.
        states: The clips in the making, by what `state_text` says of them.
        default_price: Of a clip without options, in micro-USD; 0 where there is none.
    """

    settings: GuildSettings
    everywhere: Pause | None
    paused_by: int
    orders_stopped: bool
    words: Sequence[BlockedWord]
    channels: ChannelRules
    blocked: int
    overview: Overview
    current: CurrentState
    states: Counter[str]
    default_price: int

    @property
    def limits(self) -> list[str]:
        """The limits, everyone's first; budgets are none of them."""
        own = [it.status.rule for it in self.overview.rules if not it.status.rule.is_shared]
        return [rule_title(rule) for rule in (*own, *self.overview.others)]

    @property
    def pages(self) -> int:
        """The first page, and those of the other limits."""
        return 1 + max(0, -(-(len(self.limits) - _FIRST_LIMITS) // _LIMITS_PER_PAGE))


class StatusCommand(app_commands.Group):
    """`/clips status`."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services

    @app_commands.command(description="See what holds here, what is in the making, what failed")
    async def status(self, interaction: discord.Interaction) -> None:
        """Show everything in one look."""
        await _show(interaction, self._services, 0)


def status_handler(services: Services) -> ComponentHandler:
    """Build the handler for the buttons that turn pages."""

    async def turn(interaction: discord.Interaction, arguments: list[str]) -> None:
        # At each press again: the right may be gone since the command.
        require_right(interaction, "manage_messages")
        await defer(interaction)
        (number,) = arguments
        await _show(interaction, services, int(number))

    return turn


async def _show(interaction: discord.Interaction, services: Services, number: int) -> None:
    status = await read_status(services, interaction.guild_id or 0)
    shown = max(0, min(number, status.pages - 1))
    text = discord.ui.TextDisplay[RoutedLayout](status_text(status, shown))
    row = page_row(shown, status.pages, lambda page: f"{CUSTOM_ID_PREFIX}:{page}")
    layout = RoutedLayout([text] if row is None else [text, row])
    await interaction.edit_original_response(view=layout)


async def read_status(services: Services, guild_id: int) -> ServerStatus:
    """Ask every service for its part."""
    pauses = await services.audit.page(guild_id, AuditFilter(action=AuditAction.PAUSE))
    in_progress = await services.clips.in_progress(guild_id)
    return ServerStatus(
        settings=await services.settings.get(guild_id),
        everywhere=(await services.settings.get(EVERY_GUILD)).pause,
        paused_by=pauses.entries[0].event.actor_id if pauses.entries else 0,
        orders_stopped=services.requests.orders_stopped(),
        words=await services.words.all(guild_id),
        channels=await services.channels.rules(guild_id),
        blocked=len(await services.blocks.blocks(guild_id)),
        overview=await services.quota.overview(guild_id, ChosenTarget(EVERYONE)),
        current=await services.reports.current(guild_id),
        states=Counter(map(state_text, in_progress)),
        default_price=await services.requests.default_price(guild_id),
    )


def status_text(status: ServerStatus, page: int) -> str:
    """Word a page for moderators; the first has everything but the limits that are many."""
    if page == 0:
        return "\n".join(_first_page(status))
    start = _FIRST_LIMITS + (page - 1) * _LIMITS_PER_PAGE
    lines = [f"• {limit}" for limit in status.limits[start : start + _LIMITS_PER_PAGE]]
    return "\n".join(
        (_("**Limits**, page {page} of {pages}", page=page + 1, pages=status.pages), *lines)
    )


def _first_page(status: ServerStatus) -> Iterator[str]:
    yield _("### Clips on this server")
    yield from _pauses(status)
    yield ("🎬 " + _("**In the making**: {making}", making=_making(status)))
    yield ("⚠️ " + _("**Failed within the last hour**: {failed}", failed=_failed(status.current)))
    yield ("🔎 " + _("**Review**: {review}", review=_review(status.settings)))
    yield ("🚫 " + _("**Blocked**: {blocked}", blocked=_blocked(status)))
    yield ("💬 " + _("**Channels**: {channels}", channels=_channels(status.channels)))
    yield from _budgets(status)
    yield from _limits(status)


def _pauses(status: ServerStatus) -> Iterator[str]:
    if status.everywhere is not None:
        yield (
            "⏸️ "
            + _(
                "**The bot's owner has paused clips everywhere**{why}",
                why=_why(status.everywhere.reason),
            )
        )
    if status.orders_stopped:
        yield "⛔ " + _("**Pika takes no orders from this bot now.** Its owner has been told.")
    pause = status.settings.pause
    if pause is None:
        yield "▶️ " + _("**Not paused**: members may ask for clips.")
        return
    by = _(" by <@{paused_by}>", paused_by=status.paused_by) if status.paused_by else ""
    until = _("{when} or ", when=timestamp(pause.until, "f")) if pause.until else ""
    since = timestamp(pause.since)
    yield (
        "⏸️ "
        + _(
            "**Paused** {since}{by}, until {until}`/clips resume`{why}",
            since=since,
            by=by,
            until=until,
            why=_why(pause.reason),
        )
    )


def _why(reason: str) -> str:
    return labelled("", escape(reason)) if reason else as_sentence("")


def _making(status: ServerStatus) -> str:
    counts = listed(
        _("{n} {state}", n=count, state=state) for state, count in status.states.most_common()
    )
    return _("{counts}. See `/clips queue`.", counts=counts) if counts else _("nothing.")


def _failed(current: CurrentState) -> str:
    named = Counter({Failure(why): count for why, count in current.failures.items()})
    if not named:
        return _("nothing.")
    return as_sentence(labelled(plural(named.total(), "clip"), failures_text(named)))


def _review(settings: GuildSettings) -> str:
    if settings.review is ReviewMode.OFF:
        return _("off: clips are shown at once.")
    whose = _("everyone's clips")
    if settings.review is ReviewMode.NEWCOMERS:
        whose = _("clips of newcomers (up to {days})", days=plural(settings.newcomer_days, "day"))
    return _(
        "{whose}, in <#{review_channel_id}>.",
        whose=whose,
        review_channel_id=settings.review_channel_id,
    )


def _blocked(status: ServerStatus) -> str:
    patterns = sum(word.is_pattern for word in status.words)
    words = plural(len(status.words) - patterns, "word")
    return _(
        "{words} and {patterns} (`/clips words list`), {members} (`/clips blocks`).",
        words=words,
        patterns=plural(patterns, "pattern"),
        members=plural(status.blocked, "member"),
    )


def _channels(rules: ChannelRules) -> str:
    verdicts = rules.verdicts
    ages = {AgeRestriction.ONLY: _(", age-restricted ones only")}
    ages[AgeRestriction.NEVER] = _(", age-restricted ones never")
    age = ages.get(rules.age_restriction, "")
    if Verdict.ALLOW in verdicts.values():
        return _(
            "only {mentions}{age}.",
            mentions=_mentions(channel_rules.allowed_ids(verdicts)),
            age=age,
        )
    forbidden = [it for it, verdict in verdicts.items() if verdict is Verdict.FORBID]
    return _(
        "all{it}{age}.",
        it=_(" but {mentions}", mentions=_mentions(forbidden)) if forbidden else "",
        age=age,
    )


def _mentions(channel_ids: Collection[int]) -> str:
    shown = listed(f"<#{it}>" for it in sorted(channel_ids)[:_CHANNELS_SHOWN])
    more = len(channel_ids) - _CHANNELS_SHOWN
    return (
        _("{shown} and {more} more (`/clips channels list`)", shown=shown, more=more)
        if more > 0
        else shown
    )


def _budgets(status: ServerStatus) -> Iterator[str]:
    statuses = [it.status for it in status.overview.rules]
    budgets = [it for it in statuses if it.rule.target.scope is Scope.GUILD]
    ends = {it.status.rule: budget_end_text(it) for it in status.current.forecasts}
    for budget in budgets:
        yield ("💰 " + _("**Budget**: {left}.", left=left_line(budget)))
        if budget.rule in ends:
            end = ends[budget.rule]
            if budget.left:
                yield "-# " + _("At the pace of the last week it {budget_end}.", budget_end=end)
            else:
                yield "-# " + _("It {budget_end}.", budget_end=end)
    if not budgets:
        yield "💰 " + _("**Budget**: none.")
    if bound := ceiling_line(status.overview.allowance.ceiling_bound(status.default_price)):
        yield f"💰 {as_sentence(bound)}"


def _limits(status: ServerStatus) -> Iterator[str]:
    limits = status.limits
    yield "📏 " + (_("**Limits**:") if limits else _("**Limits**: none."))
    yield from (f"• {limit}" for limit in limits[:_FIRST_LIMITS])
    if (more := len(limits) - _FIRST_LIMITS) > 0:
        yield ("-# " + _("and {more} more on the next page.", more=more))
