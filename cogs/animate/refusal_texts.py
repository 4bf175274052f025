"""What members read when a request is refused: a sentence for each reason, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import Unit
from bot.requests import errors
from cogs.texts.amounts import amount_text, rule_text, timestamp
from cogs.texts.error_texts import ErrorTexts, reason_suffix, with_no_charge_note
from cogs.texts.languages import _, money, ngettext
from cogs.texts.punctuation import listed, sentences

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.quota.rules import LimitStatus
    from bot.requests.request import MemberUsage

_CHANNELS_SHOWN: Final = 5


def _limit_reached(error: errors.LimitReachedError) -> str:
    status = error.status
    if status.rule.is_owners:
        return _owners_budget(error)
    facts = {"price": money(error.cost.micro_usd), "rule": rule_text(status.rule)}
    if status.limit.amount == 0:
        sentence = _("This clip would cost {price}, and by {rule} none is allowed.", **facts)
        return with_no_charge_note(sentences(sentence, _("Ask a moderator to change it.")))
    sentence = _(
        "This clip would cost {price}, and of {rule} {left}{granted}. It renews {when}.",
        **facts,
        left=_left(status),
        granted=_granted(error),
        when=timestamp(status.renews_at),
    )
    if error.cost.of(status.limit.unit) > status.limit.amount + error.grants_left:
        too_large = _("That is more than the whole limit, so please choose a smaller clip.")
        sentence = sentences(sentence, too_large)
    return sentences(with_no_charge_note(sentence), _fits(error))


def _owners_budget(error: errors.LimitReachedError) -> str:
    # How much it is, and how much is left of it, is the owner's to tell.
    sentence = _(
        "This clip would cost {price}, and {rule} is used up or too small for it. "
        "It renews {when}.",
        price=money(error.cost.micro_usd),
        rule=rule_text(error.status.rule),
        when=timestamp(error.status.renews_at),
    )
    return sentences(with_no_charge_note(sentence), _fits(error))


def _fits(error: errors.LimitReachedError) -> str:
    return _("This fits now:") if error.offered else ""


def _gone(_error: errors.OfferGoneError) -> str:
    return with_no_charge_note(_("That offer is over or not yours. Please send `/animate` again."))


def _own_clip_gone(_error: errors.OwnClipGoneError) -> str:
    return _("That clip is not yours, or I do not know it any more. Please use `/my-clips` again.")


def _owner_paused(error: errors.OwnerPausedError) -> str:
    sentence = _("The bot's owner has paused new clips{why}.", why=reason_suffix(error.reason))
    return sentences(sentence, _("Please try again later."))


def _orders_stopped(_error: errors.OrdersStoppedError) -> str:
    # Not why: what is in the owner's account is the owner's to tell.
    sentence = _(
        "Pika takes no orders from this bot now, and its owner has been told. "
        "Please try again in an hour."
    )
    return with_no_charge_note(sentence)


def _paused(error: errors.PausedError) -> str:
    until = _(" until {when}", when=timestamp(error.until, "f")) if error.until else ""
    sentence = _(
        "The moderators have paused new clips here{until}{why}.",
        until=until,
        why=reason_suffix(error.reason),
    )
    return sentences(sentence, _("Please try again later."))


def _blocked(error: errors.BlockedError) -> str:
    if error.by_owner:
        why = reason_suffix(error.reason)
        return _("Whoever runs this bot takes no clips from you in direct messages{why}.", why=why)
    until = _(" until {when}", when=timestamp(error.until, "f")) if error.until else ""
    sentence = _(
        "The moderators have blocked you from making clips here{until}{why}.",
        until=until,
        why=reason_suffix(error.reason),
    )
    return sentences(sentence, _("Please ask them if you think that is wrong."))


def _elsewhere(error: errors.ChannelNotAllowedError) -> str:
    if not error.allowed:
        sentence = _("I may not be used in this channel. Please go to another one.")
        return with_no_charge_note(sentence)
    sentence = _(
        "I may not be used in this channel. Please go to {channels}.",
        channels=channels_text(error.allowed),
    )
    return with_no_charge_note(sentence)


def channels_text(channel_ids: Collection[int], most: int = _CHANNELS_SHOWN) -> str:
    """Mention channels in a row, `most` of them at most: `#a, #b and others`."""
    shown = listed(f"<#{it}>" for it in sorted(channel_ids)[:most])
    return _("{shown} and others", shown=shown) if len(channel_ids) > most else shown


def _age_restriction(error: errors.AgeRestrictionError) -> str:
    if error.only_restricted:
        sentence = _(
            "This server allows clips only in age-restricted channels. Please go to one of them."
        )
    else:
        sentence = _(
            "This server allows clips only in channels without an age restriction. "
            "Please go to one of them."
        )
    return with_no_charge_note(sentence)


def _blocked_word(_error: errors.BlockedWordError) -> str:
    sentence = _(
        "Your prompt has words in it that this server does not allow. Please word it differently."
    )
    return with_no_charge_note(sentence)


def _refused_picture(_error: errors.RefusedPictureError) -> str:
    sentence = _(
        "The moderators do not allow this picture here, or one very like it. "
        "Please choose another one, or ask them if you think that is wrong."
    )
    return with_no_charge_note(sentence)


def _too_high(error: errors.OptionAboveMaximumError) -> str:
    sentence = _(
        "This server allows clips of at most {resolution} and {seconds} seconds. "
        "Please choose less.",
        resolution=error.resolution,
        seconds=error.duration,
    )
    return with_no_charge_note(sentence)


def _line_full(error: errors.QueueFullError) -> str:
    if error.queue is errors.QueueLimit.MEMBER:
        sentence = ngettext(
            "You have {n} clip in the making already. Please wait until it is finished.",
            "You have {n} clips in the making already. Please wait until one is finished.",
            error.highest,
        )
    else:
        sentence = ngettext(
            "{n} clip is waiting in this server already. Please try again in a few minutes.",
            "{n} clips are waiting in this server already. Please try again in a few minutes.",
            error.highest,
        )
    return with_no_charge_note(sentence)


def _too_many_requests(error: errors.TooManyRequestsError) -> str:
    if error.limit is errors.RequestLimit.MEMBER:
        sentence = _(
            "I am still looking at what you sent before. Please try again in a few seconds."
        )
    else:
        sentence = _("Very many people ask at this moment. Please try again in a minute.")
    return with_no_charge_note(sentence)


def _no_picture(error: errors.NoPictureError) -> str:
    if error.is_avatar:
        sentence = _("There is no avatar of their own to animate. Please choose a picture.")
    else:
        sentence = _(
            "There is no picture in this message that I can animate. Please choose another."
        )
    return with_no_charge_note(sentence)


def _others_pictures_directly(_error: errors.OthersPicturesDirectlyError) -> str:
    sentence = _(
        "In direct messages I animate your own pictures alone, as nobody else could be asked here."
    )
    return with_no_charge_note(sentence)


def _form_gone(_error: errors.PictureRequestGoneError) -> str:
    sentence = _("That form is too old. Please choose the picture from the menu again.")
    return with_no_charge_note(sentence)


def _granted(error: errors.LimitReachedError) -> str:
    if not error.grants_left:
        return ""
    amount = amount_text(error.grants_left, error.status.limit.unit)
    return _(" ({amount} granted)", amount=amount)


def _left(status: LimitStatus) -> str:
    if status.left == 0:
        return _("there is nothing left")
    if status.limit.unit is Unit.USD:
        return _("there is only {amount} left", amount=money(status.left))
    return ngettext("there is only {n} clip left", "there are only {n} clips left", status.left)


def standing_lines(usage: MemberUsage) -> list[str]:
    """Say why a member may start no clip now, a line for each pause and block."""
    return [f"⛔ {_STANDING[type(it)](it)}" for it in usage.refusals]


def _uncharged(refusal: Exception) -> str:
    return with_no_charge_note(_STANDING[type(refusal)](refusal))


_STANDING: Final[ErrorTexts] = {
    errors.OwnerPausedError: _owner_paused,
    errors.PausedError: _paused,
    errors.BlockedError: _blocked,
}
TEXTS: Final[ErrorTexts] = {
    **dict.fromkeys(_STANDING, _uncharged),
    errors.LimitReachedError: _limit_reached,
    errors.OfferGoneError: _gone,
    errors.OwnClipGoneError: _own_clip_gone,
    errors.OrdersStoppedError: _orders_stopped,
    errors.ChannelNotAllowedError: _elsewhere,
    errors.AgeRestrictionError: _age_restriction,
    errors.BlockedWordError: _blocked_word,
    errors.RefusedPictureError: _refused_picture,
    errors.OptionAboveMaximumError: _too_high,
    errors.QueueFullError: _line_full,
    errors.TooManyRequestsError: _too_many_requests,
    errors.NoPictureError: _no_picture,
    errors.PictureRequestGoneError: _form_gone,
    errors.OthersPicturesDirectlyError: _others_pictures_directly,
}
"""For `error_text`: the refusals of requests."""
