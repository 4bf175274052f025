"""The login to Discord, which waits for as long as what keeps it from working passes by itself."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.base.errors import UnreachableError
from bot.config import DISCORD_API_BASE, SettingError

if TYPE_CHECKING:
    from bot.base import Timeouts
    from bot.config import Settings

log = logging.getLogger(__name__)

_SAY_SECONDS: Final = 60.0
_UNAUTHORIZED: Final = 401
_TOO_MANY: Final = 429
_FORBIDDEN: Final = 403
_SERVER_ERROR: Final = 500


async def log_in(client: discord.Client, settings: Settings, timeouts: Timeouts) -> None:
    """Log in as soon as Discord takes it, and say once a minute why it is not done yet.

    Pauses grow to `Timeouts.longest_backoff`; a longer `Retry-After` is kept, so that no try
    lengthens a ban.

    Raises:
        SettingError: A setting is wrong, so that no later try would succeed.
        discord.HTTPException: Discord itself refuses what the bot asks for.
    """
    why: Exception | None = None

    async def say() -> None:
        while True:
            await asyncio.sleep(_SAY_SECONDS)
            log.warning("still waiting to log in: %s", why or "no answer yet")

    saying = asyncio.create_task(say(), name="login")
    failures = 0
    try:
        while True:
            try:
                return await try_log_in(client, settings)
            except UnreachableError as error:
                pause = timeouts.pause(failures)
                if error.is_ban and not error.retry_after:
                    pause = timeouts.longest_backoff
                seconds = max(pause.total_seconds(), error.retry_after)
                log.warning("%s; the next try is in %.0f seconds", error, seconds)
                why, failures = error, failures + 1
            await asyncio.sleep(seconds)
    finally:
        saying.cancel()


async def try_log_in(client: discord.Client, settings: Settings) -> None:
    """Log in, once.

    Raises:
        UnreachableError: A later try may succeed.
        SettingError: A setting is wrong.
        discord.HTTPException: Discord itself refuses what the bot asks for.
    """
    # Those of an earlier try: discord.py opens a session at each, and leaves the one before open.
    await client.http.close()
    client.http.connector = discord.utils.MISSING
    try:
        await client.login(settings.discord_token.get_secret_value())
    except discord.LoginFailure as error:
        raise _token_refused() from error
    except discord.HTTPException as error:
        raise _convert(error, settings) from error
    except discord.RateLimited as error:
        raise UnreachableError(
            "Discord takes no more requests for now", error.retry_after, is_ban=True
        ) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        where, what = settings.discord_api_base, f"{type(error).__name__}: {error}"
        # Some of the bot's own say how long not to ask.
        seconds = float(getattr(error, "retry_after", None) or 0)
        raise UnreachableError(f"Discord cannot be reached at {where} ({what})", seconds) from error
    except (TypeError, ValueError) as error:
        # A page with status 200, of a proxy for instance: discord.py takes it for an answer.
        raise _not_discord(settings, f"with a page, {type(error).__name__}") from error


def _convert(error: discord.HTTPException, settings: Settings) -> Exception:
    if error.status == _UNAUTHORIZED:
        return _token_refused()
    # Discord's own refusals have codes; what stands in front of it has none.
    if error.status == _TOO_MANY or (error.status == _FORBIDDEN and not error.code):
        said = f"Discord, or what stands before it, refuses this address (HTTP {error.status})"
        return UnreachableError(said, _retry_after(error), is_ban=True)
    if error.status >= _SERVER_ERROR:
        said = f"Discord is out of order (HTTP {error.status})"
        return UnreachableError(said, _retry_after(error))
    if error.code:
        return error
    return _not_discord(settings, f"HTTP {error.status}")


def _not_discord(settings: Settings, what: str) -> Exception:
    # Nobody has set it, so nobody can set it right.
    if settings.discord_api_base == DISCORD_API_BASE:
        return UnreachableError(f"Discord does not answer as usual ({what})")
    return SettingError("DISCORD_API_BASE", f"does not answer as Discord does ({what}).")


def _token_refused() -> SettingError:
    return SettingError(
        "DISCORD_TOKEN", "was refused by Discord: reset the token and copy it again."
    )


def _retry_after(error: discord.HTTPException) -> float:
    """The seconds of a refusal's `Retry-After`, which may be a date; 0 without one."""
    told = error.response.headers.get("Retry-After", "")
    if told.isdecimal():
        return float(told)
    with suppress(ValueError):
        return max((parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds(), 0.0)
    return 0.0
