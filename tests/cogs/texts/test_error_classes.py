"""Every refusal that a person can meet has a sentence of its own."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from discord import app_commands

import bot
import cogs
from bot.base import UnreadableVideoError
from bot.base.child_process import ChildTimedOutError
from bot.base.errors import (
    BotError,
    DatabaseFileError,
    FileTooLargeError,
    MessageDeletedError,
    UnreachableError,
)
from bot.config import SettingError
from bot.jobs.errors import (
    LeaseLostError,
    MemberGoneError,
    MemberTimedOutError,
    NotApprovedError,
    NotReviewedError,
    PictureLostError,
    PictureNotShownError,
    TooLateError,
)
from bot.owner.errors import GuildLookupError
from bot.quota.ledger import LedgerError
from cogs.delivery.discord_errors import (
    FileRefusedError,
    ReferenceRefusedError,
    SlowModeError,
    ThreadArchivedError,
    TokenExpiredError,
    WordsRefusedError,
)
from cogs.texts.error_texts import error_text

STOPS_THE_START = "the bot does not start, and its log says why"
ENDS_A_JOB = "the job ends with a `Failure`, which has its sentence"
HANDLED = "another way is taken, a later attempt made, or the job ended"
FAULT = "a fault of the program, for which there is the sentence of what nobody foresaw"
NEVER_MET = {
    DatabaseFileError: STOPS_THE_START,
    SettingError: STOPS_THE_START,
    UnreachableError: HANDLED,
    TooLateError: ENDS_A_JOB,
    MemberGoneError: ENDS_A_JOB,
    MemberTimedOutError: ENDS_A_JOB,
    NotApprovedError: ENDS_A_JOB,
    NotReviewedError: ENDS_A_JOB,
    PictureLostError: ENDS_A_JOB,
    PictureNotShownError: ENDS_A_JOB,
    UnreadableVideoError: ENDS_A_JOB,
    ChildTimedOutError: HANDLED,
    FileTooLargeError: HANDLED,
    ThreadArchivedError: HANDLED,
    SlowModeError: HANDLED,
    ReferenceRefusedError: HANDLED,
    WordsRefusedError: ENDS_A_JOB,
    FileRefusedError: ENDS_A_JOB,
    MessageDeletedError: HANDLED,
    TokenExpiredError: HANDLED,
    LeaseLostError: HANDLED,
    GuildLookupError: HANDLED,
    LedgerError: FAULT,
}
"""Errors without a sentence, and why nobody asks for one."""


def leaves(kind: type[Exception]) -> set[type[Exception]]:
    found = {leaf for sub in kind.__subclasses__() for leaf in leaves(sub)}
    return found or {kind}


def own_errors() -> list[type[Exception]]:
    """The leaves of the tree of errors, over all modules, those that no command imports too."""
    for package in (bot, cogs):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found = leaves(BotError) | leaves(app_commands.CheckFailure)
    return sorted(
        (it for it in found if it.__module__.partition(".")[0] in {"bot", "cogs"}),
        key=lambda it: it.__name__,
    )


@pytest.mark.parametrize("kind", own_errors())
def test_every_refusal_has_a_sentence_or_a_reason_to_have_none(kind: type[Exception]) -> None:
    assert (kind in error_text.registry) is (kind not in NEVER_MET)


def test_no_error_is_excused_that_is_gone() -> None:
    assert set(NEVER_MET) <= set(own_errors())
