"""The composition root: `python -m bot` builds every part, runs them, and stops them."""

from __future__ import annotations

import gc

# Imports leave little garbage: to look for it at the usual pace takes a sixth of a start.
gc.disable()

import sys
from importlib.util import find_spec

if __name__ == "__main__" and find_spec("dotenv") is None:
    # Most often the system's Python instead of that of `.venv`.
    sys.stderr.write(
        f"{sys.executable} has no packages of the bot's: run `make install`, and start the bot with"
        " .venv/bin/python.\n"
    )
    sys.exit(2)

if __name__ == "__main__" and sys.argv[1:] == ["health"]:
    # Before all the rest is imported: it is run every half a minute.
    from bot.monitoring.health_command import ask_health

    sys.exit(ask_health())

from bot.command_line import EXIT_SETTING, is_check, run_command

# A command needs a tenth of what the bot imports.
if __name__ == "__main__" and (_status := run_command(sys.argv[1:])) is not None:
    sys.exit(_status)

import asyncio
import logging
import os
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import discord

from bot import startup_check, startup_summary
from bot.base import PICTURE_FOLDER, SteadyClock, Timeouts, heap
from bot.base.child_process import child_processes
from bot.config import SettingError, forget_settings, load_settings, misspelt_variables
from bot.guilds.audit_reader import AuditReader
from bot.guilds.languages import GuildLanguages
from bot.guilds.log_sender import LogSender
from bot.jobs.account_probe import AccountProbe
from bot.jobs.breaker import Breaker
from bot.jobs.cancel_step import CancelStep
from bot.jobs.clip_log import ClipLog
from bot.jobs.clock_watcher import ClockWatcher
from bot.jobs.doubt_checker import DoubtChecker
from bot.jobs.picture_files import PictureFiles
from bot.jobs.recovery import Recovery
from bot.jobs.review_step import ReviewStep
from bot.jobs.step_places import StepPlaces
from bot.jobs.transitions import Transitions
from bot.jobs.video_files import VideoFiles
from bot.jobs.worker import Worker
from bot.jobs.workflow import Workflow
from bot.logs import log_to_stderr
from bot.maintenance.loops import maintenance_loops
from bot.media.picture_decoder import PictureDecoder
from bot.media.video_processor import VideoProcessor
from bot.moderation.reported_clips import ReportedClips
from bot.monitoring.bot_identity import bot_id
from bot.monitoring.health import HealthChecks
from bot.monitoring.http_server import serve_pages
from bot.monitoring.vitals import Vitals
from bot.owner.guild_records import GuildRecords
from bot.owner.runs import record_run
from bot.personal_data.provider_eraser import ProviderEraser
from bot.reports.chart_renderer import ChartRenderer
from bot.requests.unanswered_interactions import Apologies
from bot.services import ServiceParts, build_services, owner_limits
from bot.startup import VIDEO_FOLDER, lock_data_folder, open_database_file, open_pika
from cogs.client import Client, use_endpoints
from cogs.clips.automod import automod_refresher
from cogs.clips.settings_panel import OwnerDefaults
from cogs.delivery.discord_delivery import DiscordDelivery
from cogs.delivery.log_channel import DiscordLogChannels
from cogs.delivery.owner_messages import OwnerMessages
from cogs.login import log_in
from cogs.register import register_all
from cogs.review.board import DiscordReviewBoard

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Mapping

    from bot.base import Database
    from bot.base.event_counts import EventCounts
    from bot.config import Settings
    from bot.monitoring.http_server import Answer
    from cogs.animate.handler import AnimateHandler

log = logging.getLogger("bot")

# What was imported stays, so it is not looked through again while the bot works.
gc.freeze()
gc.enable()


async def run(
    settings: Settings,
    stop: asyncio.Event,
    *,
    clock: SteadyClock | None = None,
    timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
) -> None:
    """Run the bot until `stop` is set.

    Raises:
        SettingError: A setting turned out wrong: refused by Discord or Pika, or in use.
    """
    use_endpoints(settings.discord_api_base, settings.discord_gateway_url)
    clock = clock or SteadyClock()
    async with AsyncExitStack() as stack:
        # Locked first: the start of a second process would take this one's jobs over.
        stack.enter_context(lock_data_folder(settings))
        database = await stack.enter_async_context(open_database_file(settings))
        clip_log = ClipLog.of_database(database, clock)
        await startup_check.log_findings(database, clock)
        pika = await stack.enter_async_context(open_pika(settings, clip_log.counts))
        breaker = Breaker(clock, timeouts)
        await startup_summary.log_summary(settings, database, clock)
        languages = await GuildLanguages.load(database)
        records = await GuildRecords.load(
            database,
            clock,
            lambda: log_sender.wake(),  # noqa: PLW0108 - made below
        )
        client = await stack.enter_async_context(
            Client(
                *(database, languages, settings.allowed_guilds, records, timeouts),
                clip_log.counts,
                direct_messages=settings.direct_messages is not None,
            )
        )
        delivery = DiscordDelivery(client, clock, languages)
        limits = [it.MEMORY_BYTES for it in (PictureDecoder, VideoProcessor, ChartRenderer)]
        pictures, videos, charts = await stack.enter_async_context(child_processes(*limits))
        files = VideoFiles(settings.data_dir / VIDEO_FOLDER, VideoProcessor(videos))
        picture_files = PictureFiles(
            settings.data_dir / PICTURE_FOLDER, database, clock, settings.retention
        )
        to_owner = OwnerMessages(client, client.lookup.owner_ids, settings.owner_channel, languages)
        channels = DiscordLogChannels(
            client, to_owner, AuditReader(database), ReportedClips(database, clock), languages
        )
        log_sender = LogSender(database, channels, clock, timeouts)
        transitions = Transitions(database, files, clock, timeouts, log_sender.wake)
        review = ReviewStep(
            database,
            picture_files,
            files,
            delivery,
            DiscordReviewBoard(client),
            transitions,
            clock=clock,
            timeouts=timeouts,
            wake_log_sender=log_sender.wake,
        )
        workflow = Workflow(
            database,
            pika,
            breaker,
            picture_files,
            files,
            delivery,
            transitions,
            review,
            CancelStep(pika, breaker, delivery, transitions, clock, timeouts),
            clock,
            timeouts,
        )
        account_probe = AccountProbe(database, pika, breaker, transitions, workflow, clock)
        await account_probe.restore()
        monitoring = _monitored(settings, database, clock, breaker, client, clip_log.counts)
        await stack.enter_async_context(monitoring)
        worker = Worker(
            database,
            workflow,
            transitions,
            clock,
            StepPlaces(settings.renders_at_once),
            breaker,
        )
        recovery = Recovery(
            database, pika, delivery, transitions, workflow, clock, timeouts, worker.wake
        )
        parts = ServiceParts(
            database, pika, delivery, languages, worker, log_sender, clock, clip_log
        )
        services = build_services(settings, parts)
        owner = OwnerDefaults(settings.time_zone, settings.renders_at_once)
        handler = register_all(
            client, services, owner, PictureDecoder(pictures), ChartRenderer(charts)
        )
        automod = automod_refresher(client, services.automod)
        if not await _until_stopped(log_in(client, settings, timeouts), stop):
            return
        clock_watcher = ClockWatcher(database, clock, services.requests.wake)
        await clock_watcher.take_over()
        # Before the worker starts: it passes over the jobs that this marks, as a database that
        # was put back may hold jobs that were paid and shown since.
        await recovery.take_over()
        apologies = Apologies(database, delivery, clock, timeouts)
        # Read before any request of this process is added to them, and told beside its work: a
        # chat that answers late holds no start up.
        untold = await apologies.untold()
        reading_back = asyncio.create_task(recovery.run(), name="recovery")
        apologising = asyncio.create_task(apologies.tell(untold), name="apologies")
        stack.push_async_callback(_cancel, reading_back, apologising)
        checker = DoubtChecker(database, pika, services.doubts, clock, timeouts)
        eraser = ProviderEraser(database, pika, services.personal_data, clock, timeouts)
        async with record_run(database, clock):
            loops = {
                "clock watcher": clock_watcher.run(),
                "log sender": log_sender.run(services.budget_alerts.update),
                "guild records": records.run(),
                "picture files": picture_files.run(),
                "account probe": account_probe.run(worker.wake),
                "doubt checker": checker.run(),
                "members' data": eraser.run(),
                "notices": services.notices.run(),
                "word hits": services.words.sweep_hits(),
                "AutoMod rules": automod.run(),
                **maintenance_loops(
                    settings, database, picture_files, clock, timeouts, log_sender.wake
                ),
            }
            await _work(client, worker, loops, handler, stop)


@asynccontextmanager
async def _monitored(  # noqa: PLR0913 - the parts that are watched
    settings: Settings,
    database: Database,
    clock: SteadyClock,
    breaker: Breaker,
    client: Client,
    counts: EventCounts,
) -> AsyncGenerator[None, None]:
    """Tell health and metrics inside, unless they are switched off."""
    if settings.health_address is None:
        yield
        return
    vitals = Vitals(clock, client.gateway.acknowledged)
    token = settings.discord_token.get_secret_value()
    health = HealthChecks(database, breaker, vitals, clock, settings.data_dir, bot_id(token))

    async def metrics_page() -> Answer:
        # Not at the top: nobody may ever ask for them.
        from bot.monitoring.metrics import Metrics  # noqa: PLC0415 - as said above

        return await Metrics(database, owner_limits(settings), counts, health, clock).page()

    pages = {"/healthz": health.page, "/metrics": metrics_page}
    async with vitals.watching(), serve_pages(settings.health_address, pages):
        yield


async def _until_stopped(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> bool:
    """Whether the work was done before `stop` was set, which cancels it."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.done() and working.result() is None
    finally:
        await _cancel(working, stopping)


async def _work(
    client: Client,
    worker: Worker,
    loops: Mapping[str, Coroutine[Any, Any, None]],
    handler: AnimateHandler,
    stop: asyncio.Event,
) -> None:
    """Run until `stop` is set or a part ends; then let running steps and requests finish."""
    working = asyncio.create_task(worker.run(), name="worker")
    loops = {"guild access": client.access.run(), **loops}
    asking = {asyncio.create_task(loop, name=name) for name, loop in loops.items()}
    parts = {
        working,
        *asking,
        asyncio.create_task(client.connect(), name="gateway"),
        asyncio.create_task(stop.wait(), name="stop"),
    }
    try:
        ended, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    finally:
        log.info("stopping")
        working.cancel()
        # While Discord is still connected: what finishes now is still shown.
        await asyncio.gather(
            working, handler.wait_for_open(Timeouts.STOP_GRACE_SECONDS), return_exceptions=True
        )
        # Before the connection that they ask over.
        await _cancel(*asking)
        await client.close()
        await _cancel(*parts)
    for part in ended:
        try:
            part.result()
        except discord.ConnectionClosed as error:
            raise SettingError(
                "DISCORD_TOKEN", f"was refused by Discord's gateway (code {error.code})."
            ) from error


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _main(settings: Settings) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await run(settings, stop)


def main() -> int:
    """Do what the command line says, with the settings of the environment.

    Returns:
        The exit status: 0 if it was told to stop, or `EXIT_SETTING`.
    """
    heap.keep_small()
    # What the bot writes is its owner's alone to read: tokens, members' pictures and prompts.
    os.umask(0o077)
    if is_check(sys.argv[1:]):
        # Not at the top: a bot that runs needs none of it.
        from bot.check_command import check_settings  # noqa: PLC0415 - as said above

        return check_settings()
    try:
        settings = load_settings()
        log_to_stderr(settings.log_level, settings.log_format)
        for variable, setting in misspelt_variables():
            log.warning("%s is set and is no setting: is %s meant?", variable, setting)
        forget_settings()
        asyncio.run(_main(settings))
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_SETTING
    return 0


if __name__ == "__main__":
    sys.exit(main())
