"""How much whoever may can have made: the menu's choices, and a form for any other limit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.base import Limit, Unit, UnknownChoiceError, Window
from bot.base.errors import ModerationError
from bot.quota.amounts import parse_amount
from bot.quota.rules import NO_LIMIT
from cogs.interactions.components import picked_values, typed_texts
from cogs.interactions.routed_views import RoutedModal
from cogs.texts.amounts import limit_text
from cogs.texts.error_texts import error_text
from cogs.texts.languages import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_AMOUNT, _UNIT, _WINDOW = "amount", "unit", "window"
_DIGITS: Final = 12
_CENT: Final = 10_000
"""In micro-USD."""
_OFFERED: Final = (
    *(Limit(count, Unit.CLIPS, Window.DAY) for count in (1, 3, 5, 10)),
    Limit(10, Unit.CLIPS, Window.WEEK),
    *(Limit(cents * _CENT, Unit.USD, Window.DAY) for cents in (50, 100, 200)),
    *(Limit(cents * _CENT, Unit.USD, Window.MONTH) for cents in (500, 1000)),
)
_UNITS: Final = {Unit.CLIPS: N_("clips, whatever they cost"), Unit.USD: N_("US dollars")}
_WINDOWS: Final = {
    Window.HOUR: N_("an hour"),
    Window.DAY: N_("a day"),
    Window.WEEK: N_("a week"),
    Window.MONTH: N_("a month"),
}
_NONE: Final = "none"


class NoAmountError(ModerationError):
    """A limit of zero, or none that can be read, was typed where members are let in."""


def limit_menu(custom_id: str, limits: Sequence[Limit]) -> discord.ui.Select[Any]:
    """Build the menu; it shows the limit in force, also one that it does not offer."""
    offered = sorted({*_OFFERED, *limits[:1]}, key=lambda it: (it.unit, it.window, it.amount))
    options = [
        discord.SelectOption(
            label=_("{limit} each", limit=limit_text(it)),
            value=_value(it),
            default=[it] == list(limits),
        )
        for it in offered
        if it.amount
    ]
    unlimited = _("No limit for a member; a budget still holds")
    options.append(discord.SelectOption(label=unlimited, value=_NONE, default=not limits))
    return discord.ui.Select(
        custom_id=custom_id, options=options, placeholder=_("How much: several limits together")
    )


def picked_limit(value: str) -> Limit:
    """Read what was chosen in the menu.

    Raises:
        UnknownChoiceError: It is none of its options.
    """
    if value == _NONE:
        return NO_LIMIT
    try:
        amount, unit, window = value.split(" ")
        limit = Limit(int(amount), Unit(unit), Window(window))
    except ValueError:
        raise UnknownChoiceError from None
    # What Discord's clients send was an option of some panel; others send what they like.
    return _checked(limit.amount if limit.unit is Unit.CLIPS else limit.amount / 1e6, limit)


def limit_form(custom_id: str, limits: Sequence[Limit]) -> RoutedModal:
    """Build the form that asks for another limit, filled in with the present one."""
    now = limits[0] if limits else Limit(5, Unit.CLIPS, Window.DAY)
    shown = str(now.amount) if now.unit is Unit.CLIPS else f"{now.amount / 1e6:g}"
    amount: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=_AMOUNT, default=shown, max_length=_DIGITS
    )
    fields = (
        (_("How many, or how much"), amount),
        (_("Of what"), _choice(_UNIT, {it: _(_UNITS[it]) for it in Unit}, now.unit)),
        (_("In which time"), _choice(_WINDOW, {it: _(_WINDOWS[it]) for it in Window}, now.window)),
    )
    labels = [discord.ui.Label[Any](text=text, component=item) for text, item in fields]
    return RoutedModal(_("How much each may spend"), custom_id, labels)


def typed_limit(interaction: discord.Interaction) -> Limit:
    """Read a form that was sent in.

    Raises:
        NoAmountError: No amount above zero was typed.
        AmountError: It is too large, or too fine for its unit.
        UnknownChoiceError: A menu's value is none of its options.
    """
    picked = picked_values(interaction)
    try:
        unit, window = Unit(picked[_UNIT][0]), Window(picked[_WINDOW][0])
    except (LookupError, ValueError):
        raise UnknownChoiceError from None
    typed = typed_texts(interaction).get(_AMOUNT, "").strip().removeprefix("$").replace(",", ".")
    try:
        number = float(typed)
    except ValueError:
        raise NoAmountError from None
    return _checked(number, Limit(0, unit, window))


def _checked(number: float, limit: Limit) -> Limit:
    # Zero would shut out the very people who are let in here.
    if not (math.isfinite(number) and number > 0):
        raise NoAmountError
    return Limit(parse_amount(number, limit.unit), limit.unit, limit.window)


def _value(limit: Limit) -> str:
    return f"{limit.amount} {limit.unit} {limit.window}"


def _choice(custom_id: str, labels: Mapping[Any, str], now: str) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=label, value=str(value), default=value == now)
        for value, label in labels.items()
    ]
    return discord.ui.Select(custom_id=custom_id, options=options)


@error_text.register
def _no_amount(_error: NoAmountError) -> str:
    return _(
        "Please type how many clips or dollars, more than 0. To stop all clips, use "
        "`/clips pause`. Nothing was changed."
    )
