"""What is said when a member wants to animate somebody else's picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.requests import errors
from bot.requests.consents import Answer
from cogs.texts.amounts import timestamp
from cogs.texts.error_texts import ErrorTexts, error_text, with_no_charge_note
from cogs.texts.languages import N_, _
from cogs.texts.markdown import quote
from cogs.texts.providers import PROVIDER_TEXTS
from cogs.texts.punctuation import listed

if TYPE_CHECKING:
    from datetime import datetime

    from bot.jobs.animate_options import AnimateOptions
    from bot.requests.picture_requests import PictureRequest
    from bot.requests.standing_consents import OwnConsents

# Characters of the words that the owner reads: all of them would not fit beside the rest.
_WORDS_SHOWN: Final = 500
_SHOWN_MEMBERS: Final = 20


def question_text(
    request: PictureRequest,
    options: AnimateOptions,
    channel_id: int,
    provider: str,
    until: datetime,
) -> str:
    """Ask the owner of a picture, with all that is to be done with it and by whom.

    Args:
        request: Whose picture, and who asks.
        options: With resolution and duration.
        channel_id: Of the message with the picture.
        provider: The name of the wire.
        until: When the question ends.
    """
    named = {"owner": request.owner_id, "member": request.member_id}
    if request.message_id:
        link = f"https://discord.com/channels/{request.guild_id}/{channel_id}/{request.message_id}"
        asks = _("<@{owner}>, <@{member}> asks to animate your picture: {link}", **named, link=link)
    else:
        asks = _("<@{owner}>, <@{member}> asks to animate your avatar.", **named)
    service = PROVIDER_TEXTS[provider]
    sent = _(
        "If you agree, I send it to **{provider}**, under these terms: <{terms}>. "
        "Nothing has left Discord yet. No answer until {when} means no.",
        provider=service.name,
        terms=service.terms,
        when=timestamp(until, "f"),
    )
    size = f"-# {options.resolution} · {options.duration} s"
    words = quote(options.prompt, _WORDS_SHOWN) or _("(without words)") + "\n"
    return f"{asks}\n{words}{size}\n{sent}"


_ANSWERED: Final = {
    Answer.ONCE: N_("<@{owner}> lets <@{member}> animate their picture this once."),
    Answer.ALWAYS: N_("<@{owner}> lets <@{member}> animate their pictures in this server."),
    Answer.NO: N_("<@{owner}> does not want that picture to be animated."),
    Answer.NEVER: N_("<@{owner}> does not want their pictures to be animated."),
}


def answered_text(request: PictureRequest, answer: Answer) -> str:
    """Say in public what the owner has answered; no words of the request are left."""
    return _(_ANSWERED[answer], owner=request.owner_id, member=request.member_id)


def unused_text(request: PictureRequest, answer: Answer) -> str:
    """Tell the member that a yes could not be used at once, and how it is used."""
    press = _(
        "I could not start the clip. <@{member}>, please press the button: that is good for a day.",
        member=request.member_id,
    )
    return f"{answered_text(request, answer)}\n{press}"


def refused_after_consent_text(member_id: int) -> str:
    """Tell the owner that their yes led to no clip yet."""
    return _(
        "Thank you. I could not start the clip of <@{member}> now, and sent your picture to "
        "nobody. They can try again for a day.",
        member=member_id,
    )


def asked_text(owner_id: int, until: datetime) -> str:
    """Tell the member that the owner was asked."""
    return _(
        "I asked <@{owner}>. Nothing is charged before they agree; the question ends {when}.",
        owner=owner_id,
        when=timestamp(until),
    )


def own_consents_text(own: OwnConsents) -> str:
    """Tell somebody what they have said about their own pictures."""
    if own.opted_out:
        return _(
            "Nobody but you may have me animate your pictures or your avatar, in any server, and "
            "nobody may ask you. Moderators cannot change that."
        )
    text = _("Others have to ask you before I animate your pictures, unless this server allows it.")
    if own.allowed:
        names = listed(f"<@{it}>" for it in own.allowed[:_SHOWN_MEMBERS])
        text += "\n" + _("These need not ask you again here: {members}", members=names)
    return text


def _forbidden(_error: errors.OthersPicturesForbiddenError) -> str:
    return _("In this server only your own pictures may be animated.")


def _opted_out(error: errors.OwnerOptedOutError) -> str:
    return _(
        "<@{owner}> does not want their pictures to be animated. Please choose another.",
        owner=error.owner_id,
    )


def _not_askable(_error: errors.OwnerNotAskableError) -> str:
    return _(
        "I cannot ask the person whose picture that is. Please choose a picture of your own, "
        "or of a member of this server."
    )


def _member_unknown(_error: errors.MemberUnknownError) -> str:
    return _("Discord did not tell me who is in this server. Please try again in a minute.")


def _question_open(error: errors.QuestionOpenError) -> str:
    return _(
        "You have asked <@{owner}> already. Please wait for their answer, for a day at most.",
        owner=error.owner_id,
    )


def _too_many(error: errors.TooManyQuestionsError) -> str:
    if error.by_member:
        return _("You have asked often enough for today. Please try again tomorrow.")
    return _("They were asked often enough for today. Please try again tomorrow.")


def _not_shown(_error: errors.QuestionNotShownError) -> str:
    return _("I could not post the question here. Please try again, or in another channel.")


def _not_asked(error: errors.NotAskedError) -> str:
    return _("Only <@{owner}> can answer that.", owner=error.owner_id)


def _gone(_error: errors.ConsentGoneError) -> str:
    return _("That question is over, or its answer was used or taken back.")


_TEXTS: Final[ErrorTexts] = {
    errors.OthersPicturesForbiddenError: _forbidden,
    errors.OwnerOptedOutError: _opted_out,
    errors.OwnerNotAskableError: _not_askable,
    errors.MemberUnknownError: _member_unknown,
    errors.QuestionOpenError: _question_open,
    errors.TooManyQuestionsError: _too_many,
    errors.QuestionNotShownError: _not_shown,
    errors.NotAskedError: _not_asked,
    errors.ConsentGoneError: _gone,
}


def _uncharged(error: Exception) -> str:
    return with_no_charge_note(_TEXTS[type(error)](error))


for _kind in _TEXTS:
    error_text.register(_kind, _uncharged)
