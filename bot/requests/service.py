"""Requests are checked, decided, reserved and queued here, and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from dataclasses import KW_ONLY, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.base import DURATIONS, RESOLUTIONS, service, value
from bot.guilds import guild_settings
from bot.jobs import job_store
from bot.jobs.accepted_notes import AcceptedNotes
from bot.jobs.animate_options import AnimateOptions, to_shot
from bot.jobs.wait_forecast import WaitForecast, forecast
from bot.moderation import (
    automod_service,
    blocked_words,
    clip_details,
    remembered_pictures,
    word_hits,
)
from bot.quota import budget_alerts
from bot.quota.ledger import MemberKey
from bot.quota.ledger_sides import reserve_sides
from bot.requests import consents, member_defaults, offers, unanswered_interactions
from bot.requests.admission import (
    check_access,
    check_queue,
    fill_in_defaults,
    job_columns,
    refusals_of,
)
from bot.requests.errors import (
    BlockedWordError,
    LimitReachedError,
    OfferGoneError,
    OptionAboveMaximumError,
    OrdersStoppedError,
    RefusedPictureError,
)
from bot.requests.offers import Offer
from bot.requests.open_requests import OpenRequests
from bot.requests.request import AcceptedRequest, MemberUsage, PricedOptions
from pika import BadInputError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.jobs.breaker import Breaker
    from bot.jobs.job import Job, ReplyTo
    from bot.jobs.picture_files import PictureFiles
    from bot.media.still import Still
    from bot.moderation.automod_service import AutomodState
    from bot.moderation.blocked_words import BlockedWord
    from bot.quota.allowances import AllowanceReader
    from bot.quota.ledger_sides import Sides
    from bot.quota.rules import Allowance
    from bot.requests.request import AnimateRequest, Requester
    from pika import Duration, Pika, Resolution

log = logging.getLogger(__name__)

FAILURES_SHOWN_FOR: Final = timedelta(days=1)
_ANY_PICTURE: Final = "https://picture.example/"
"""The address of no picture, where only the price is asked for."""

_Filters: TypeAlias = "tuple[list[BlockedWord], AutomodState | None]"
Size: TypeAlias = "tuple[Resolution, Duration]"
"""A resolution, and a duration in seconds."""
ReadPicture: TypeAlias = "Callable[[], Awaitable[Still]]"
"""Fetches and decodes the picture of a request; raises `PictureError`."""
ShowOutcome: TypeAlias = "Callable[[AcceptedRequest | Exception], Awaitable[bool]]"
"""Shows a member the outcome of their request; returns whether Discord took the message."""


@service
class RequestService:
    """Accepts or refuses requests.

    Attributes:
        renders_at_once: The worker's, to tell members their position in the queue.
        wake: Wakes the worker and the log sender; called after each write of theirs.
        open_requests: Counts requests; each takes a slot before `precheck`, until `enqueue` ends.
    """

    database: Database
    pika: Pika
    allowances: AllowanceReader
    _: KW_ONLY
    pictures: PictureFiles
    breaker: Breaker
    renders_at_once: int
    clock: Clock
    wake: Callable[[], None]
    open_requests: OpenRequests = field(default_factory=OpenRequests)

    async def precheck(self, request: AnimateRequest) -> AnimateRequest:
        """Refuse a request that is refused whatever its picture. Nothing is reserved yet.

        Returns:
            The request with its price, so that `enqueue` need not find it again.

        Raises:
            RequestRefusedError: Any kind that is not about the picture.
            LimitReachedError: The request is stored as an offer where something smaller fits.
        """
        # In memory: while orders are stopped, no crowd of members keeps the database busy.
        self._check_orders()
        now = self.clock()

        def decide(tx: Transaction, priced: PricedOptions) -> PricedOptions:
            self._decide(tx, request, priced, now)
            return priced

        try:
            # A read waits for no writer: the member's acknowledgement waits for this.
            priced = await self._price(request, now, decide)
        except LimitReachedError as error:
            raise await self._with_offer(request, error, now) from error
        return replace(request, priced=priced)

    async def check_again(self, request: AnimateRequest) -> None:
        """Refuse a request that waited, by what moderators have decided since its precheck.

        Raises:
            RequestRefusedError: As `check_access`, or orders are stopped, or the consent to use
                another member's picture was taken back.
        """
        self._check_orders()
        now = self.clock()

        def check(tx: Transaction) -> None:
            check_access(tx, guild_settings.get(tx, request.who.guild_id), request, now)
            if request.picture_request_id is not None:
                consents.check_usable(tx, request.picture_request_id, now)

        await self.database.read(check)

    async def note(self, reply_to: ReplyTo) -> None:
        """Write down that somebody is about to be shown that the bot is thinking.

        If this process dies before they have an answer, the next start gives them one.
        """
        await self.database.write(lambda tx: unanswered_interactions.add(tx, reply_to))

    async def enqueue(
        self,
        request: AnimateRequest,
        reply_to: ReplyTo,
        read_picture: ReadPicture,
        show: ShowOutcome,
        *,
        is_noted: bool = False,
    ) -> None:
        """Decide, reserve and queue, all or nothing, and show the member the outcome.

        Args:
            request: Acknowledged; with its price if it was prechecked.
            reply_to: The acknowledgement that the member sees.
            read_picture: Called once, before the decision.
            show: Called once, with the accepted request or the reason why it is refused.
            is_noted: Whether `note` was called, as it is best before the acknowledgement.
        """
        if not is_noted:
            await self.note(reply_to)
        try:
            self._check_orders()
            accepted = await self._accept(request, reply_to, await read_picture())
        except Exception as error:  # noqa: BLE001 - whatever it is, the member is answered
            # A refusal that Discord did not take is left for the next start to answer.
            if await show(error):
                interaction_id = reply_to.interaction_id
                await self.database.write(
                    lambda tx: unanswered_interactions.remove(tx, interaction_id)
                )
            return
        await show(accepted)
        # Only now, so that no message of the worker overtakes "accepted".
        await self.database.write(lambda tx: self._release(tx, accepted))
        self.wake()

    async def offer(self, member_key: MemberKey, offer_id: int) -> Offer:
        """Find a member's own offer.

        Raises:
            OfferGoneError: The offer is not theirs, too old, accepted, or replaced.
        """
        now = self.clock()
        offer = await self.database.read(lambda tx: offers.get(tx, member_key, offer_id, now))
        if offer is None:
            raise OfferGoneError
        return offer

    async def usage(self, who: Requester) -> MemberUsage:
        """A member's limits, open jobs, and failures of the last `FAILURES_SHOWN_FOR`."""
        now = self.clock()
        since = now - FAILURES_SHOWN_FOR
        guild_id, member_id = who.guild_id, who.member_id

        def read_usage(tx: Transaction) -> MemberUsage:
            settings = guild_settings.get(tx, guild_id)
            member_key = MemberKey(guild_id, member_id)
            return MemberUsage(
                allowance=self.allowances.of_member(tx, settings, member_key, who.role_ids, now),
                open_jobs=job_store.count_open(tx, guild_id, member_id).of_member,
                failures=tuple(job_store.latest_failures(tx, guild_id, member_id, since)),
                removed=tuple(job_store.latest_removed(tx, guild_id, member_id, since)),
                default_price_micro_usd=self._default_price(settings),
                orders_stopped=self.orders_stopped(),
                refusals=tuple(refusals_of(tx, settings, who, now)),
                running=tuple(clip_details.in_progress_of(tx, guild_id, member_id)),
            )

        return await self.database.read(read_usage)

    def orders_stopped(self) -> bool:
        """Whether the provider takes no orders from this bot."""
        return self.breaker.stop_of(self.pika.provider) is not None

    async def default_price(self, guild_id: int) -> int:
        """The price in micro-USD of a clip without options; 0 where there is none."""
        settings = await self.database.read(lambda tx: guild_settings.get(tx, guild_id))
        return self._default_price(settings)

    async def prices(self, guild_id: int) -> dict[Size, int]:
        """The prices in micro-USD of the sizes that a guild allows, the smallest first."""
        settings = await self.database.read(lambda tx: guild_settings.get(tx, guild_id))
        found = {(it, seconds): 0 for it in RESOLUTIONS for seconds in DURATIONS}
        for resolution, duration in found:
            with suppress(OptionAboveMaximumError):
                options = AnimateOptions(resolution=resolution, duration=duration)
                found[resolution, duration] = self._price_of(settings, options)
        return {size: price for size, price in found.items() if price}

    def _default_price(self, settings: GuildSettings) -> int:
        return self._price_of(settings, AnimateOptions())

    def _price_of(self, settings: GuildSettings, options: AnimateOptions) -> int:
        """A price in micro-USD, or 0 where Pika makes none of that size.

        Raises:
            OptionAboveMaximumError: The guild allows only smaller ones.
        """
        try:
            return self.pika.price(to_shot(fill_in_defaults(settings, options), _ANY_PICTURE))
        except BadInputError:
            return 0

    def _check_orders(self, tx: Transaction | None = None) -> None:
        """Refuse while orders are stopped, unless this request is to find out whether they are.

        Without a transaction it may let more than that one pass.
        """
        stop = self.breaker.stop_of(self.pika.provider)
        if stop is None:
            return
        if not stop.lets_one_through or (
            tx and job_store.is_any_in_line(tx, stop.provider, stop.refused)
        ):
            raise OrdersStoppedError

    async def _price(
        self,
        request: AnimateRequest,
        now: datetime,
        then: Callable[[Transaction, PricedOptions], PricedOptions] = lambda _tx, priced: priced,
    ) -> PricedOptions:
        """Find a request's price, once access, blocked words and sizes let it through.

        `then` is called with it, in the same transaction where the guild has blocked no words.
        """

        def price(settings: GuildSettings, options: AnimateOptions) -> PricedOptions:
            options = fill_in_defaults(settings, options)
            return PricedOptions(options, self.pika.price(to_shot(options, request.picture_url)))

        def read(
            tx: Transaction,
        ) -> PricedOptions | tuple[GuildSettings, AnimateOptions, _Filters]:
            settings = guild_settings.get(tx, request.who.guild_id)
            check_access(tx, settings, request, now)
            options = _with_member_defaults(tx, settings, request)
            words = blocked_words.of_guild(tx, request.who.guild_id)
            automod = automod_service.of_guild(tx, request.who.guild_id)
            filters = words, automod
            if any(filters):
                return settings, options, filters
            return then(tx, price(settings, options))

        found = await self.database.read(read)
        if isinstance(found, PricedOptions):
            return found
        settings, options, filters = found
        # Hundreds of patterns take tens of milliseconds: neither on the event loop nor while the
        # database is held.
        hits, breaks_rule = await asyncio.to_thread(_filter, request, options, filters)
        if hits:
            guild_id, member_id = request.who.guild_id, request.who.member_id
            await self.database.write(lambda tx: word_hits.add(tx, guild_id, member_id, hits, now))
        if hits or breaks_rule:
            raise BlockedWordError
        priced = price(settings, options)
        return await self.database.read(lambda tx: then(tx, priced))

    async def _accept(
        self, request: AnimateRequest, reply_to: ReplyTo, still: Still
    ) -> AcceptedRequest:
        await self._check_picture(request.who, still)
        job = await self._reserve(request, reply_to, still)
        # So that the job starts after `START_DELAY` even if showing the answer never ends.
        self.wake()
        return AcceptedRequest(job, await self._forecast(job))

    async def _forecast(self, job: Job) -> WaitForecast:
        # Not in the transaction that reserves, which all other writes wait for: with a thousand
        # clips in line, to count those before this one takes tens of milliseconds.
        try:
            return await self.database.read(
                lambda tx: forecast(tx, job, self.clock(), self.renders_at_once)
            )
        except sqlite3.OperationalError:
            # The request is accepted by now: to say that it is not would be untrue.
            log.exception("job %d ref %s: its wait is not known", job.id, job.reference)
            return WaitForecast(0, None)

    def _release(self, tx: Transaction, accepted: AcceptedRequest) -> None:
        job, wait, now = accepted.job, accepted.wait, self.clock()
        job_store.set_promise(tx, job, wait.clips_before, wait.promised_at(job.created_at))
        if wait.mean_wait_ms is not None:
            job_store.set_mean_wait(tx, job, wait.mean_wait_ms)
        job_store.set_due(tx, job, now)

    async def _check_picture(self, who: Requester, still: Still) -> None:
        job_id = await remembered_pictures.find_refused(
            self.database, who.guild_id, still.perceptual_hash
        )
        if job_id is not None:
            now = self.clock()
            await self.database.write(
                lambda tx: remembered_pictures.add_refusal(tx, job_id, who.member_id, now)
            )
            raise RefusedPictureError

    async def _reserve(self, request: AnimateRequest, reply_to: ReplyTo, still: Still) -> Job:
        """Decide, and write the job and its cost down, in one transaction."""
        now = self.clock()
        priced = request.priced or await self._price(request, now)

        def reserve(tx: Transaction) -> Job:
            # Limits, counts, pause and blocks are read in the transaction that reserves, or
            # two requests at once would both pass.
            decision = self._decide(tx, request, priced, now)
            if request.offer_id is not None and not offers.remove(tx, request.offer_id):
                raise OfferGoneError
            provider = self.pika.provider
            columns = job_columns(request, decision.settings, priced, provider, now)
            columns |= {"picture_file": picture_file, "picture_hash": still.perceptual_hash}
            who_key = request.who.guild_id, request.who.member_id
            columns["tell"] = member_defaults.way_to_tell(tx, *who_key, now)
            columns["notes_json"] = decision.notes(still).to_json()
            job = job_store.add(tx, {**reply_to.columns(), **columns}, priced.options)
            who = request.member_key, request.who.role_ids
            self.allowances.reserve(tx, job.id, who, decision.sides, now)
            if request.picture_request_id is not None:
                consents.use(tx, request.picture_request_id, job.id, now)
            elif request.is_of_kept_picture:
                # Again: the yes may have been taken back since its picture was found.
                consents.check_reuse(tx, job.id, request.who.member_id)
                consents.keep_owners(tx, job.id, request.who.member_id, now)
            unanswered_interactions.remove(tx, reply_to.interaction_id)
            return job

        try:
            async with self.pictures.kept(still.data) as picture_file:
                return await self.database.write(reserve)
        except LimitReachedError as error:
            raise await self._with_offer(request, error, now) from error

    def _decide(
        self, tx: Transaction, request: AnimateRequest, priced: PricedOptions, now: datetime
    ) -> _Decision:
        member_key = request.member_key
        settings = guild_settings.get(tx, member_key.guild_id)
        self._check_orders(tx)
        check_access(tx, settings, request, now)
        check_queue(tx, settings, request.who)
        role_ids = request.who.role_ids
        allowance = self.allowances.of_member(tx, settings, member_key, role_ids, now)
        from_grants = allowance.from_grants(priced.cost)
        if from_grants is None:
            raise self._limit_reached(request, allowance, priced, settings)
        return _Decision(settings, allowance, reserve_sides(priced.cost, from_grants))

    def _limit_reached(
        self,
        request: AnimateRequest,
        allowance: Allowance,
        priced: PricedOptions,
        settings: GuildSettings,
    ) -> LimitReachedError:
        status = allowance.blocking_limit(priced.cost)
        if status is None:
            raise LookupError(f"{priced.cost} was refused by no rule")

        def price(options: AnimateOptions) -> int | None:
            try:
                return self.pika.price(to_shot(options, request.picture_url))
            except BadInputError:
                return None

        smaller = offers.options_that_fit(allowance, settings, priced, price)
        grants_left = 0 if status.rule.is_shared else allowance.granted.of(status.limit.unit)
        return LimitReachedError(status, priced.cost, grants_left, smaller)

    async def _with_offer(
        self, request: AnimateRequest, error: LimitReachedError, now: datetime
    ) -> LimitReachedError:
        """Store the request for its member to choose a smaller one, or alert to a spent budget."""
        status = error.status

        def keep(tx: Transaction) -> int | None:
            # In a transaction of its own: the refusal has rolled back the one that decided.
            if error.offered and request.picture_request_id is not None:
                return None
            if error.offered:
                settings = guild_settings.get(tx, request.who.guild_id)
                options = _with_member_defaults(tx, settings, request)
                offer = Offer(options, request.picture_url, request.picture_bytes)
                return offers.put(tx, request.member_key, offer, now)
            guild_id, refused = request.who.guild_id, (status.rule, error.cost)
            budget_alerts.add_refused(tx, self.allowances, guild_id, refused, now)
            return None

        offer_id = await self.database.write(keep)
        self.wake()
        offered = () if offer_id is None else error.offered
        return LimitReachedError(status, error.cost, error.grants_left, offered, offer_id)


@value
class _Decision:
    """A request that fits into an allowance, with the sides of its reserve."""

    settings: GuildSettings
    allowance: Allowance
    sides: Sides

    def notes(self, still: Still) -> AcceptedNotes:
        """What the member is told: changes to the picture, and the limits after this request."""
        after = self.allowance.after(self.sides.guild, -self.sides.grants)
        return AcceptedNotes(still.changes, after.statuses, self.sides.member.micro_usd)


def _with_member_defaults(
    tx: Transaction, settings: GuildSettings, request: AnimateRequest
) -> AnimateOptions:
    if not request.uses_member_defaults:
        return request.options
    defaults = member_defaults.get(tx, request.who.guild_id, request.who.member_id)
    return defaults.fill_in(request.options, guild_settings.largest_size(settings))


def _filter(
    request: AnimateRequest, options: AnimateOptions, filters: _Filters
) -> tuple[list[BlockedWord], bool]:
    """The blocked words in a request, and whether it breaks an AutoMod rule."""
    words, automod = filters
    texts = options.prompt, options.negative_prompt
    hits = [*blocked_words.find_matches(words, *texts)]
    if hits or automod is None:
        return hits, False
    who, place = request.who.role_ids, request.place.channel_ids
    return hits, any(automod.rules.broken_by(who, place, *texts))
