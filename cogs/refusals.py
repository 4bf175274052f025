"""What members read when a request is not let in: a sentence for each reason, with a way on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import (
    BlockedError,
    BlockedWordError,
    ChannelError,
    LimitReachedError,
    Line,
    LineFullError,
    OfferGoneError,
    PausedError,
    TooHighError,
)
from bot.purse.limits import Unit
from cogs.amounts import amount_words, rule_words, when
from cogs.failures import REFUNDED, sentence_for
from cogs.text import escape, plural, shorten, usd

if TYPE_CHECKING:
    from bot.purse.rules import Standing

_REASON_SHOWN = 300
_CHANNELS_SHOWN = 5


@sentence_for.register
def limit_reached(error: LimitReachedError) -> str:
    """Name the rule, the price, what is left and when it renews."""
    standing = error.standing
    price = f"This clip would cost {usd(error.cost.micro_usd)}"
    rule = rule_words(standing.rule)
    renews = f"renews {when(standing.renews_at)}"
    if standing.limit.amount == 0:
        return f"{price}, and {rule} allows none. Ask a moderator to change it. {REFUNDED}"
    kept = f" ({amount_words(error.granted, standing.limit.unit)} granted)" if error.granted else ""
    fits = " This fits now:" if error.fits else ""
    return f"{price}, and of {rule} {_is_left(standing)}{kept}. It {renews}. {REFUNDED}{fits}"


@sentence_for.register
def _gone(_error: OfferGoneError) -> str:
    return f"That offer is over or not yours. Please send `/animate` again. {REFUNDED}"


@sentence_for.register
def _paused(error: PausedError) -> str:
    why = _because(error.reason)
    return f"The moderators have paused new clips here{why} Please try again later. {REFUNDED}"


@sentence_for.register
def _blocked(error: BlockedError) -> str:
    until = f" until {when(error.until, 'f')}" if error.until else ""
    why = _because(error.reason)
    return (
        f"The moderators have blocked you from making clips here{until}{why} "
        f"Please ask them if you think that is wrong. {REFUNDED}"
    )


@sentence_for.register
def _elsewhere(error: ChannelError) -> str:
    named = sorted(error.allowed)
    shown = ", ".join(f"<#{channel}>" for channel in named[:_CHANNELS_SHOWN])
    more = " and others" if len(named) > _CHANNELS_SHOWN else ""
    return f"I may not be used in this channel. Please go to {shown}{more}. {REFUNDED}"


@sentence_for.register
def _blocked_word(_error: BlockedWordError) -> str:
    return (
        "Your prompt has words in it that this server does not allow. "
        f"Please word it differently. {REFUNDED}"
    )


@sentence_for.register
def _too_high(error: TooHighError) -> str:
    return (
        f"This server allows clips of at most {error.resolution} and {error.duration} seconds. "
        f"Please choose less. {REFUNDED}"
    )


@sentence_for.register
def _line_full(error: LineFullError) -> str:
    if error.line is Line.MEMBER:
        return (
            f"You have {plural(error.most, 'clip')} in the making already. "
            f"Please wait until one is finished. {REFUNDED}"
        )
    return (
        f"{plural(error.most, 'clip')} are waiting in this server already. "
        f"Please try again in a few minutes. {REFUNDED}"
    )


def _because(reason: str) -> str:
    return f": {escape(shorten(reason, _REASON_SHOWN))}." if reason else "."


def _is_left(standing: Standing) -> str:
    if standing.left == 0:
        return "there is nothing left"
    verb = "is" if standing.limit.unit is Unit.USD or standing.left == 1 else "are"
    return f"there {verb} only {amount_words(standing.left, standing.limit.unit)} left"
