"""The composition root: `python -m bot` builds every part, runs them, and stops them."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot import inspection
from bot.clips import Clips
from bot.clock import utc_now
from bot.config import load_settings
from bot.desk import Desk
from bot.errors import SettingError
from bot.holdings import hold_database, hold_folder, hold_pika
from bot.moderation.control import Control
from bot.moderation.doorkeeper import Doorkeeper
from bot.moderation.languages import GuildLanguages
from bot.moderation.places import Places
from bot.moderation.records import Records
from bot.moderation.review_step import ReviewStep
from bot.moderation.reviewers import Reviewers
from bot.moderation.settings import ServerSettings
from bot.moderation.teller import Teller
from bot.moderation.word_list import WordList
from bot.moves import Moves
from bot.outbox import Outbox
from bot.patience import Patience
from bot.purse.accounts import Accounts, OwnerTerms
from bot.purse.analyst import Analyst
from bot.purse.chart import Charts
from bot.purse.rulebook import Rulebook
from bot.purse.treasurer import Treasurer
from bot.recovery import Recovery
from bot.stills import Stills
from bot.worker import GRACE, Worker
from bot.workflow import Workflow
from cogs import offers, review_board
from cogs.animate import Animate
from cogs.client import Client, use_endpoints
from cogs.clips import remove, settings_panel
from cogs.clips.channels import channels_group
from cogs.clips.group import add_clips
from cogs.clips.names import Names
from cogs.clips.review import review_command
from cogs.clips.settings import settings_command, settings_presses
from cogs.clips.settings_panel import OwnerSettings
from cogs.clips.words import words_group
from cogs.delivery import DiscordDelivery
from cogs.notices import DiscordLogChannels
from cogs.offer_presses import offer_presses
from cogs.presses import Presses
from cogs.quota import audit
from cogs.quota.audit import audit_presses
from cogs.quota.group import quota_group
from cogs.quota.report import report_command
from cogs.quota.simulate import simulate_command
from cogs.reception import Reception
from cogs.review_board import DiscordReviewBoard
from cogs.review_presses import review_presses
from cogs.usage import Usage

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.config import Settings

log = logging.getLogger("bot")

EXIT_SETTING: Final = 2
"""Exit status when a setting is missing or wrong; restarting does not help."""


async def run(
    settings: Settings,
    stop: asyncio.Event,
    *,
    clock: Clock = utc_now,
    patience: Patience = Patience(),  # noqa: B008 - frozen
) -> None:
    """Run the bot until `stop` is set.

    Raises:
        SettingError: A setting turned out wrong: refused by Discord or Pika, or in use.
    """
    use_endpoints(settings.discord_api_base, settings.discord_gateway_url)
    async with AsyncExitStack() as stack:
        stack.enter_context(hold_folder(settings))
        database = await stack.enter_async_context(hold_database(settings))
        await inspection.report(database, clock)
        pika = await stack.enter_async_context(hold_pika(settings))
        languages = await GuildLanguages.load(database)
        client = await stack.enter_async_context(Client(database, languages))
        delivery = DiscordDelivery(client, clock, languages)
        outbox = Outbox(settings.data_dir / "clips", Clips())
        teller = Teller(database, DiscordLogChannels(client), clock, patience)
        moves = Moves(database, outbox, clock, patience, teller.wake)
        review = ReviewStep(
            database,
            outbox,
            delivery,
            DiscordReviewBoard(client),
            moves,
            clock=clock,
            patience=patience,
            noted=teller.wake,
        )
        workflow = Workflow(
            database, pika, outbox, delivery, moves, review, clock=clock, patience=patience
        )
        recovery = Recovery(database, pika, outbox, delivery, moves, workflow, clock)
        worker = Worker(database, recovery, moves, clock, settings.renders_at_once)
        rulebook = Rulebook(settings.default_limit)
        accounts = Accounts(rulebook, _owner(settings))
        treasurer = Treasurer(database, rulebook, accounts, clock)
        records = Records(database)
        reviewers = Reviewers(database, clock, worker.wake)
        server = ServerSettings(database, clock, languages, lambda: _wake(worker, teller))
        fallbacks = OwnerSettings(settings.time_zone, settings.renders_at_once)
        control = Control(database, delivery, clock, worker.let_go)
        doorkeeper = Doorkeeper(database, clock, worker.let_go)
        names = Names()
        desk = Desk(
            database,
            pika,
            accounts,
            renders_at_once=settings.renders_at_once,
            clock=clock,
            wake=lambda: _wake(worker, teller),
        )
        reception = Reception(desk, Stills())
        await client.add_cog(Animate(reception))
        await client.add_cog(Usage(desk))
        await client.add_cog(names)
        analyst = Analyst(database, rulebook, accounts, clock)
        looks = [report_command(analyst, Charts()), simulate_command(analyst)]
        client.tree.add_command(quota_group(treasurer, records, looks))
        add_clips(
            client.tree,
            control,
            doorkeeper,
            names,
            [
                review_command(reviewers),
                words_group(WordList(database, clock)),
                channels_group(Places(database, clock)),
                settings_command(server, fallbacks),
            ],
        )
        presses = {
            offers.WORD: offer_presses(desk, reception),
            audit.WORD: audit_presses(records),
            review_board.WORD: review_presses(reviewers),
            settings_panel.WORD: settings_presses(server, fallbacks),
            remove.WORD: remove.remove_presses(control),
        }
        await client.add_cog(Presses(presses, languages))
        await _log_in(client, settings)
        await recovery.take_over()
        await recovery.apologise()
        await _work(client, worker, teller, reception, stop)


def _wake(*loops: Worker | Teller) -> None:
    for loop in loops:
        loop.wake()


def _owner(settings: Settings) -> OwnerTerms:
    return OwnerTerms(
        settings.default_limit, settings.owner_budget_usd_per_month, settings.time_zone
    )


async def _log_in(client: Client, settings: Settings) -> None:
    try:
        await client.login(settings.discord_token.get_secret_value())
    except discord.LoginFailure as error:
        raise SettingError(
            "DISCORD_TOKEN", "was refused by Discord: reset the token and copy it again."
        ) from error
    except (aiohttp.ClientError, OSError, discord.DiscordServerError) as error:
        raise SettingError(
            "DISCORD_API_BASE", f"cannot be reached ({type(error).__name__}): try again later."
        ) from error
    except discord.HTTPException as error:
        raise SettingError(
            "DISCORD_API_BASE", f"does not answer as Discord does (HTTP {error.status})."
        ) from error


async def _work(
    client: Client, worker: Worker, teller: Teller, reception: Reception, stop: asyncio.Event
) -> None:
    """Run until told to stop or until a part ends; then let what runs finish."""
    working = asyncio.create_task(worker.run(), name="worker")
    parts = {
        working,
        asyncio.create_task(teller.run(), name="teller"),
        asyncio.create_task(client.connect(), name="gateway"),
        asyncio.create_task(stop.wait(), name="stop"),
    }
    try:
        ended, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    finally:
        log.info("stopping")
        working.cancel()
        await asyncio.gather(working, reception.drain(GRACE), return_exceptions=True)
        await client.close()
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
    for part in ended:
        try:
            part.result()
        except discord.ConnectionClosed as error:
            raise SettingError(
                "DISCORD_TOKEN", f"was refused by Discord's gateway (code {error.code})."
            ) from error


async def _main(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await run(settings, stop)


def main() -> int:
    """Start from the environment. Returns the exit status."""
    try:
        settings = load_settings()
        _log_to_stderr(settings.log_level)
        asyncio.run(_main(settings))
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_SETTING
    return 0


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for talkative in ("discord", "aiosqlite"):
        # At DEBUG these write addresses and values that hold interaction tokens.
        logging.getLogger(talkative).setLevel(max(logging.INFO, logging.getLogger().level))


if __name__ == "__main__":
    sys.exit(main())
