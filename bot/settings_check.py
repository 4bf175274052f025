"""`python -m bot --check`: tries settings, keys, folder, disk and clock, and starts nothing."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import aiohttp

from bot.base import (
    CLOCK_SECONDS_OFF,
    LEAST_FREE_BYTES,
    UnreachableError,
    free_bytes,
    utc_now,
    value,
)
from bot.config import SettingError, misspelt_variables
from bot.startup import (
    IN_USE,
    last_refusal,
    try_backup_folder,
    try_database_file,
    try_folder,
    try_health_address,
    try_pika,
)
from bot.startup_summary import summary_lines
from pika import NoCreditError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence

    from bot.config import Settings

_GIB: Final = 1_073_741_824
_REFUSALS: Final = {
    "credit": "there was no credit left, add some",
    "key": "it refused the key, so put another into PIKA_API_KEY",
    "cycle_limit": "the account's own limit was reached, raise it or wait",
}


@value
class ApplicationFacts:
    """What Discord says of the application that the token belongs to.

    Attributes:
        owner_channel: The name of the channel of that setting; `None` where there is none.
        commands: How many of its commands Discord has; `None` where it does not say.
        needless_intents: The privileged ones that are switched on, by the names on its Bot page.
    """

    bot_name: str
    is_public: bool
    owner_channel: str | None = None
    commands: int | None = 0
    needless_intents: tuple[str, ...] = ()


class Finding(NamedTuple):
    """One line for the owner.

    Attributes:
        is_wrong: It must be mended before a start.
        is_open: Somebody did not answer, who alone can tell.
        is_advice: The bot works with it, and should not have to.
    """

    text: str
    is_wrong: bool = False
    is_open: bool = False
    is_advice: bool = False


AskDiscord: TypeAlias = "Callable[[Settings], Awaitable[ApplicationFacts]]"
"""Logs in and out again. Raises `SettingError` where a setting is refused, and `UnreachableError`
where Discord does not say."""


async def check(settings: Settings, ask_discord: AskDiscord) -> AsyncGenerator[Finding, None]:
    """Yield what is found, in the order of the checks; each goes on where one before failed."""
    for line in summary_lines(settings):
        yield Finding(line)
    for variable, setting in misspelt_variables():
        text = f"{variable} in the environment is no setting: is {setting} meant?"
        yield Finding(text, is_advice=True)
    for tried in (_discord(settings, ask_discord), _pika(settings), _folder(settings)):
        try:
            async for finding in tried:
                yield finding
        except SettingError as error:
            yield Finding(str(error), is_wrong=True)
        except UnreachableError as error:
            yield Finding(str(error), is_open=True)
    yield await _clock(settings)


def setting_findings(error: SettingError) -> Iterator[Finding]:
    """Yield each setting that is wrong, where they could not all be read."""
    for wrong in (error, *error.others):
        yield Finding(str(wrong), is_wrong=True)


async def _discord(settings: Settings, ask: AskDiscord) -> AsyncGenerator[Finding, None]:
    facts = await ask(settings)
    yield Finding(f"DISCORD_TOKEN is that of {facts.bot_name}.")
    if facts.is_public:
        text = "anybody may invite it: untick Public Bot on its Bot page."
        yield Finding(text, is_advice=True)
    yield _intents(facts.needless_intents)
    yield _commands(facts.commands)
    if facts.owner_channel is not None:
        yield Finding(f"OWNER_CHANNEL is #{facts.owner_channel}.")


def _intents(needless: Sequence[str]) -> Finding:
    if not needless:
        return Finding("no privileged intent is switched on, and none is needed.")
    names = " and ".join(needless)
    text = f"{names}: switched on and not needed. Switch that off on its Bot page."
    return Finding(text, is_advice=True)


def _commands(count: int | None) -> Finding:
    if count is None:
        return Finding("Discord did not say which commands it has.", is_open=True)
    if count == 0:
        return Finding("Discord has none of its commands yet: the next start syncs them.")
    return Finding(f"Discord has {count} of its commands; a start syncs what lacks or has changed.")


async def _pika(settings: Settings) -> AsyncGenerator[Finding, None]:
    provider = settings.pika_provider
    try:
        await try_pika(settings)
    except NoCreditError:
        yield Finding(f"{provider} says that the account has no credit: add some.", is_wrong=True)
        return
    yield Finding(f"PIKA_API_KEY is taken by {provider}.")
    if reason := await last_refusal(settings):
        text = f"{provider} took no orders when the bot last ran: {_REFUSALS.get(reason, reason)}."
        yield Finding(text, is_advice=True)
    else:
        text = f"{provider} tells no credit before an order; when it runs out, you are told."
        yield Finding(text)


async def _folder(settings: Settings) -> AsyncGenerator[Finding, None]:
    found = try_folder(settings)
    yield Finding(f"DATA_DIR {found}.")
    free = free_bytes(settings.data_dir)
    advice = ": make room, or the bot stops taking clips" if free < LEAST_FREE_BYTES else ""
    yield Finding(f"{free / _GIB:,.1f} GB are free there{advice}.", is_advice=bool(advice))
    await try_database_file(settings)
    try_backup_folder(settings)
    # A bot of this folder that runs has the port, as it should.
    if found != IN_USE and (trouble := try_health_address(settings)):
        yield Finding(trouble, is_advice=True)


async def _clock(settings: Settings) -> Finding:
    """Compare this machine's clock with the date of an answer of Discord's, to the second."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(f"{settings.discord_api_base}/gateway") as answer,
        ):
            theirs = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, OSError, LookupError, ValueError):
        return Finding("the clock could not be compared with Discord's.")
    seconds = (utc_now() - theirs).total_seconds()
    if abs(seconds) <= CLOCK_SECONDS_OFF:
        return Finding("the clock is right.")
    which = "ahead of" if seconds > 0 else "behind"
    return Finding(
        f"the clock of this machine is {abs(seconds):.0f} seconds {which} Discord's: set it right.",
        is_wrong=True,
    )
