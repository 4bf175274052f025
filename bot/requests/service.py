"""Where requests come in: the one transaction that decides, reserves and queues."""

from __future__ import annotations

import json
import secrets
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base.clock import to_ms
from bot.base.references import new_reference
from bot.guilds import guild_settings, log_messages
from bot.guilds.languages import ENGLISH
from bot.jobs import job_store
from bot.jobs.estimates import expected_time
from bot.jobs.job import JobState
from bot.media.errors import PictureError, PictureProblem
from bot.media.pictures import PROVIDER_FORMATS
from bot.quota import ledger
from bot.quota.budget_alerts import budget_alerts, budget_spent_alert
from bot.quota.ledger import MemberKey
from bot.quota.limits import Cost
from bot.quota.rules import Scope
from bot.requests import offers, unanswered_interactions
from bot.requests.admission import check_admission, needs_review
from bot.requests.errors import LimitReachedError, OfferGoneError
from bot.requests.offers import Offer
from bot.requests.request import AcceptedRequest, MemberUsage
from pika import MAX_SEED, BadInputError, Shot

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base.clock import Clock
    from bot.base.database import Database, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.jobs.job import Job, ReplyTo
    from bot.quota.allowances import AllowanceReader
    from bot.quota.rules import Allowance
    from bot.requests.request import Ask, Front, Options, Requester
    from pika import Pika

START_DELAY: Final = timedelta(seconds=10)
"""A new job waits so long for `Desk.release`, so that the member reads that it was
accepted before reading anything later. Without the call it goes on by itself."""
FAILURES_SHOWN_FOR: Final = timedelta(days=1)
_LATEST: Final = 50
"""Finished jobs of a kind that tell how long the next one takes."""


@dataclass(frozen=True, slots=True)
class RequestService:
    """Takes requests in.

    Attributes:
        accounts: Who may spend how much.
        renders_at_once: As the worker has it, to tell members their place in the line.
        wake: Called when there is a job or a notice that the loops do not know of.
    """

    database: Database
    pika: Pika
    allowances: AllowanceReader
    _: KW_ONLY
    renders_at_once: int
    clock: Clock
    wake: Callable[[], None]

    async def open(self, reply_to: ReplyTo) -> None:
        """Remember that a member waits for a decision, so that a restart can answer."""
        await self.database.write(lambda tx: unanswered_interactions.add(tx, reply_to))

    async def dismiss(self, reply_to: ReplyTo) -> None:
        """Forget a request that was answered without a job."""
        await self.database.write(
            lambda tx: unanswered_interactions.remove(tx, reply_to.interaction_id)
        )

    async def precheck(self, front: Front) -> None:
        """Refuse what needs no look at the picture. Nothing is reserved yet.

        Raises:
            RefusedError: And its kinds, except for pictures.
            LimitReachedError: A limit leaves too little. Where something smaller fits, the
                request is kept as an offer.
        """
        now = self.clock()
        try:
            await self.database.read(lambda tx: self._decide(tx, front, now))
        except LimitReachedError as error:
            raise await self._with_offer(front, error, now) from error

    async def enqueue(self, ask: Ask) -> AcceptedRequest:
        """Decide, reserve and queue, all or nothing.

        Raises:
            RefusedError: And its kinds, as from `consider`. Nothing was reserved or queued.
            PictureError: The provider fetches originals, and this one is of a format that
                it does not read.
        """
        if self.pika.capabilities().needs_url and ask.still.original not in PROVIDER_FORMATS:
            raise PictureError(PictureProblem.NOT_PLAIN)
        now = self.clock()
        try:
            accepted = await self.database.write(lambda tx: self._enqueue(tx, ask, now))
        except LimitReachedError as error:
            raise await self._with_offer(ask.front, error, now) from error
        # So that the hold ends on time even if the release never comes.
        self.wake()
        return accepted

    async def offer(self, member_key: MemberKey, offer_id: int) -> Offer:
        """Return a member's own offer.

        Raises:
            OfferGoneError: It is not theirs, too old, taken, or replaced.
        """
        offer = await self.database.read(
            lambda tx: offers.get(tx, member_key, offer_id, self.clock())
        )
        if offer is None:
            raise OfferGoneError
        return offer

    async def release(self, accepted: AcceptedRequest) -> None:
        """Let the job start: its member has been told that it was accepted."""
        await self.database.write(lambda tx: job_store.set_due(tx, accepted.job, self.clock()))
        self.wake()

    async def usage(self, who: Requester) -> MemberUsage:
        """Return how a member stands."""
        now = self.clock()
        guild_id, member_id = who.guild_id, who.member_id
        since = now - FAILURES_SHOWN_FOR

        def read_usage(tx: Transaction) -> MemberUsage:
            settings = guild_settings.get(tx, guild_id)
            member_key = MemberKey(guild_id, member_id)
            return MemberUsage(
                allowance=self.allowances.of_member(tx, settings, member_key, who.role_ids, now),
                open_jobs=job_store.count_open(tx, guild_id, member_id),
                failures=tuple(job_store.latest_failures(tx, guild_id, member_id, since)),
            )

        return await self.database.read(read_usage)

    def _decide(self, tx: Transaction, front: Front, now: datetime) -> _Verdict:
        member_key = front.member_key
        settings = guild_settings.get(tx, member_key.guild_id)
        options = check_admission(tx, settings, front, now)
        cost = Cost(clips=1, micro_usd=self.pika.price(_shot(front, options)))
        allowance = self.allowances.of_member(tx, settings, member_key, front.who.role_ids, now)
        from_grants = allowance.from_grants(cost)
        if from_grants is None:
            raise self._refusal(front, allowance, cost, settings)
        return _Verdict(settings, options, allowance, cost, from_grants)

    def _enqueue(self, tx: Transaction, ask: Ask, now: datetime) -> AcceptedRequest:
        front, member_key = ask.front, ask.front.member_key
        verdict = self._decide(tx, front, now)
        if front.offer_id is not None and not offers.remove(tx, front.offer_id):
            raise OfferGoneError
        job = self._add_job(tx, ask, verdict, now)
        ledger.reserve(tx, job.id, member_key, verdict.cost, now, verdict.drawn)
        for message in budget_alerts(verdict.purse, verdict.cost):
            log_messages.add(tx, member_key.guild_id, message, now)
        unanswered_interactions.remove(tx, ask.address.interaction_id)
        expectation = expected_time(
            job_store.recent_render_seconds(tx, job.provider, job.resolution, job.duration, _LATEST)
        )
        ahead = job_store.count_ahead(tx, job.id)
        place = max(0, ahead - self.renders_at_once + 1)
        wait = place / self.renders_at_once * expectation.usual
        left = verdict.purse.after(verdict.cost, verdict.drawn)
        return AcceptedRequest(job, place, wait, expectation, left)

    def _refusal(
        self, front: Front, allowance: Allowance, cost: Cost, settings: GuildSettings
    ) -> LimitReachedError:
        status = allowance.blocking_limit(cost)
        if status is None:
            raise LookupError(f"{cost} was refused by no rule")
        fits = offers.options_that_fit(
            allowance, settings, cost.micro_usd, lambda it: self._price(front, it)
        )
        granted = 0 if status.rule.is_shared else allowance.granted.of(status.limit.unit)
        return LimitReachedError(status, cost, granted, fits)

    def _price(self, front: Front, options: Options) -> int | None:
        try:
            return self.pika.price(_shot(front, options))
        except BadInputError:
            return None

    async def _with_offer(
        self, front: Front, error: LimitReachedError, now: datetime
    ) -> LimitReachedError:
        """Keep the request for its member to choose, or note a budget that is spent."""
        status = error.status

        def keep(tx: Transaction) -> int | None:
            if error.offered:
                offer = Offer(front.wish, front.picture_url, front.picture_bytes)
                return offers.put(tx, front.member_key, offer, now)
            if status.rule.target.scope is Scope.GUILD:
                alert = budget_spent_alert(status, status.used)
                log_messages.add(tx, front.who.guild_id, alert, now)
            return None

        offer_id = await self.database.write(keep)
        self.wake()
        return LimitReachedError(status, error.cost, error.grants_left, error.offered, offer_id)

    def _add_job(self, tx: Transaction, ask: Ask, verdict: _Verdict, now: datetime) -> Job:
        front, wish = ask.front, ask.front.wish
        seed = secrets.randbelow(MAX_SEED + 1) if wish.seed is None else wish.seed
        job_id = job_store.add(
            tx,
            {
                **ask.address.columns(),
                "upload_limit": front.upload_limit,
                "picture_url": front.picture_url,
                "provider": self.pika.provider,
                "prompt": wish.prompt,
                "negative_prompt": wish.negative_prompt,
                "seed": seed,
                "resolution": verdict.options.resolution,
                "duration": verdict.options.duration,
                "price_micro_usd": verdict.cost.micro_usd,
                "role_ids": json.dumps(sorted(front.who.role_ids)),
                "language": verdict.settings.language or ENGLISH,
                "needs_review": int(needs_review(verdict.settings, front.who, now)),
                "state": JobState.QUEUED,
                "reference": new_reference(),
                "created_at": to_ms(now),
                "due_at": to_ms(now + START_DELAY),
            },
        )
        job_store.add_still(tx, job_id, ask.still.data)
        return job_store.get(tx, job_id)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A request that may go on; `drawn` is the part of its cost that grants pay."""

    settings: GuildSettings
    options: Options
    purse: Allowance
    cost: Cost
    drawn: Cost


def _shot(front: Front, options: Options) -> Shot:
    """Return the request as far as its price depends on it."""
    wish = front.wish
    return Shot(
        picture=front.picture_url,
        prompt=wish.prompt,
        negative_prompt=wish.negative_prompt,
        seed=wish.seed,
        resolution=options.resolution,
        duration=options.duration,
    )
