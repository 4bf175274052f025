"""`/owner doubts`: orders of which nobody knows whether they are billed, until the bill tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import discord
from discord import app_commands

from bot.base import Unit
from bot.owner.errors import ChargeError
from bot.quota.amounts import parse_amount
from cogs.interactions.reason_option import KEPT_REASON, ReasonOption
from cogs.interactions.routed_views import page_buttons
from cogs.interactions.suggestions import CHOICES, Choices, matching_choices
from cogs.owner.group import CUSTOM_ID_PREFIX, OwnerGroup
from cogs.owner.pages import PER_PAGE, clamp
from cogs.texts.amounts import timestamp
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.languages import _, money, ngettext, pgettext
from cogs.texts.markdown import escape, fit_lines
from cogs.texts.punctuation import listed, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.quota.doubts import Doubt, DoubtService
    from cogs.owner.guild_lookup import DiscordGuildLookup

Verdict = Literal["billed", "not billed"]
_NO_ORDER: Final = 0
# Digits: of a longer number the database could not be asked.
_LONGEST_ORDER: Final = 18


class DoubtsGroup(
    OwnerGroup, name="doubts", description="Orders that Pika may bill or not: compare with the bill"
):
    """`/owner doubts`."""

    def __init__(self, doubts: DoubtService, lookup: DiscordGuildLookup) -> None:
        super().__init__(lookup)
        self._doubts = doubts
        self._owners = lookup

    @app_commands.command(name="list", description="See orders in doubt, and what finds them")
    async def show(self, interaction: discord.Interaction) -> None:
        """Show the first page, with buttons that turn to the others."""
        await show_doubts(self._doubts, self._owners, interaction, 0)

    @app_commands.command(description="Say whether the bill has an order that is in doubt")
    @app_commands.describe(
        order="The number of the clip, from the list",
        verdict="Whether the provider's bill has it",
        charge="In dollars, where the bill has another amount than is counted",
        reason=KEPT_REASON,
    )
    async def settle(
        self,
        interaction: discord.Interaction,
        order: str,
        verdict: Verdict,
        charge: float | None = None,
        reason: ReasonOption = "",
    ) -> None:
        """Settle an order's doubt, for good."""
        is_number = order.isascii() and order.isdecimal() and len(order) <= _LONGEST_ORDER
        job_id = int(order) if is_number else _NO_ORDER
        actor_id = interaction.user.id
        if verdict == "billed":
            micro_usd = None if charge is None else parse_amount(charge, Unit.USD)
            doubt = await self._doubts.settle_as_billed(actor_id, job_id, micro_usd, reason)
            paid = doubt.micro_usd if micro_usd is None else micro_usd
            text = _(
                "✅ Order #{order} was billed: its server and your budget count {amount}.",
                order=job_id,
                amount=money(paid),
            )
        elif charge is not None:
            raise ChargeError
        else:
            doubt = await self._doubts.settle_as_not_billed(actor_id, job_id, reason)
            text = _(
                "✅ Order #{order} was not billed: its server and your budget have {amount} back.",
                order=job_id,
                amount=money(doubt.micro_usd),
            )
        rest = _left_text(await self._doubts.count())
        await interaction.edit_original_response(content=sentences(text, rest))

    @settle.autocomplete("order")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the oldest orders in doubt, to those who own the application."""
        if not await self._owners.is_owner(interaction.user.id):
            return []
        doubts = await self._doubts.list_open(4 * CHOICES)
        names = ((f"#{it.job_id} {money(it.micro_usd)} {it.provider}", it) for it in doubts)
        return matching_choices(((name, str(it.job_id)) for name, it in names), typed)


def _left_text(count: int) -> str:
    if not count:
        return _("No order is in doubt now.")
    return ngettext("{n} order left in doubt.", "{n} orders left in doubt.", count)


async def show_doubts(
    doubts: DoubtService,
    lookup: DiscordGuildLookup,
    interaction: discord.Interaction,
    page: int,
) -> None:
    """Show a page of orders in doubt, the oldest first."""
    count = await doubts.count()
    shown, pages = clamp(page, count)
    found = await doubts.list_open(PER_PAGE, shown * PER_PAGE)
    if not found:
        await interaction.edit_original_response(content=_("No order is in doubt."), view=None)
        return
    head = ngettext(
        "**{n} order in doubt**, page {page} of {pages}",
        "**{n} orders in doubt**, page {page} of {pages}",
        count,
        page=shown + 1,
        pages=pages,
    )
    lines = (line for doubt in found for line in _lines(doubt, lookup))
    await interaction.edit_original_response(
        content=fit_lines((head, *lines)),
        view=page_buttons(shown, pages, lambda it: f"{CUSTOM_ID_PREFIX}:doubts:{it}"),
    )


def _lines(doubt: Doubt, lookup: DiscordGuildLookup) -> Iterator[str]:
    finding = [
        _("job `{ticket}`", ticket=doubt.ticket_id)
        if doubt.ticket_id
        else _("no answer came, so no job id")
    ]
    if doubt.idempotency_key:
        finding.append(_("idempotency key `{key}`", key=doubt.idempotency_key))
    yield _(
        "• **#{order}: {amount}, {provider}**, sent {when}: {finding}",
        order=doubt.job_id,
        amount=money(doubt.micro_usd),
        provider=escape(doubt.provider),
        when=timestamp(doubt.sent_at, "f"),
        finding=listed(finding),
    )
    yield _(
        "-# {server} · member {member} · reference {reference}",
        server=escape(lookup.guild_text(doubt.guild_id)),
        member=doubt.member_id,
        reference=doubt.reference,
    )


@error_text.register
def _charge(_error: ChargeError) -> str:
    return _(
        "A charge goes with `{verdict}` alone. {unchanged}",
        verdict=pgettext("choice", "billed"),
        unchanged=_(UNCHANGED),
    )
