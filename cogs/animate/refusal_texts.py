"""What members read when a request is not let in: a sentence for each reason, with a way on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.quota.limits import Unit
from bot.requests.errors import (
    BlockedError,
    BlockedWordError,
    ChannelNotAllowedError,
    LimitReachedError,
    OfferGoneError,
    OptionAboveMaximumError,
    PausedError,
    QueueFullError,
    QueueLimit,
)
from cogs.texts.amounts import amount_words, rule_words, when
from cogs.texts.error_texts import because, free, sentence_for
from cogs.texts.languages import say, say_many
from cogs.texts.markdown import usd

if TYPE_CHECKING:
    from bot.quota.rules import LimitStatus

_CHANNELS_SHOWN = 5


@sentence_for.register
def limit_reached(error: LimitReachedError) -> str:
    """Name the rule, the price, what is left and when it renews."""
    standing = error.status
    facts = {"price": usd(error.cost.micro_usd), "rule": rule_words(standing.rule)}
    if standing.limit.amount == 0:
        sentence = say("This clip would cost {price}, and by {rule} none is allowed.", **facts)
        return free(f"{sentence} {say('Ask a moderator to change it.')}")
    sentence = say(
        "This clip would cost {price}, and of {rule} {left}{granted}. It renews {when}.",
        **facts,
        left=_left(standing),
        granted=_granted(error),
        when=when(standing.renews_at),
    )
    if error.cost.of(standing.limit.unit) > standing.limit.amount + error.grants_left:
        sentence += f" {say('That is more than the whole limit, so please choose a smaller clip.')}"
    fits = f" {say('This fits now:')}" if error.offered else ""
    return f"{free(sentence)}{fits}"


@sentence_for.register
def _gone(_error: OfferGoneError) -> str:
    return free(say("That offer is over or not yours. Please send `/animate` again."))


@sentence_for.register
def _paused(error: PausedError) -> str:
    sentence = say("The moderators have paused new clips here{why}.", why=because(error.reason))
    return free(f"{sentence} {say('Please try again later.')}")


@sentence_for.register
def _blocked(error: BlockedError) -> str:
    until = say(" until {when}", when=when(error.until, "f")) if error.until else ""
    sentence = say(
        "The moderators have blocked you from making clips here{until}{why}.",
        until=until,
        why=because(error.reason),
    )
    return free(f"{sentence} {say('Please ask them if you think that is wrong.')}")


@sentence_for.register
def _elsewhere(error: ChannelNotAllowedError) -> str:
    named = sorted(error.allowed)
    shown = ", ".join(f"<#{channel}>" for channel in named[:_CHANNELS_SHOWN])
    more = say(" and others") if len(named) > _CHANNELS_SHOWN else ""
    sentence = say(
        "I may not be used in this channel. Please go to {channels}.", channels=f"{shown}{more}"
    )
    return free(sentence)


@sentence_for.register
def _blocked_word(_error: BlockedWordError) -> str:
    sentence = say(
        "Your prompt has words in it that this server does not allow. Please word it differently."
    )
    return free(sentence)


@sentence_for.register
def _too_high(error: OptionAboveMaximumError) -> str:
    sentence = say(
        "This server allows clips of at most {resolution} and {seconds} seconds. "
        "Please choose less.",
        resolution=error.resolution,
        seconds=error.duration,
    )
    return free(sentence)


@sentence_for.register
def _line_full(error: QueueFullError) -> str:
    if error.queue is QueueLimit.MEMBER:
        sentence = say_many(
            "You have {n} clip in the making already. Please wait until it is finished.",
            "You have {n} clips in the making already. Please wait until one is finished.",
            error.highest,
        )
    else:
        sentence = say_many(
            "{n} clip is waiting in this server already. Please try again in a few minutes.",
            "{n} clips are waiting in this server already. Please try again in a few minutes.",
            error.highest,
        )
    return free(sentence)


def _granted(error: LimitReachedError) -> str:
    if not error.grants_left:
        return ""
    amount = amount_words(error.grants_left, error.status.limit.unit)
    return say(" ({amount} granted)", amount=amount)


def _left(standing: LimitStatus) -> str:
    if standing.left == 0:
        return say("there is nothing left")
    if standing.limit.unit is Unit.USD:
        return say("there is only {amount} left", amount=usd(standing.left))
    return say_many("there is only {n} clip left", "there are only {n} clips left", standing.left)
