"""What commands may ask for: the domain's services, built from what the process holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.guilds.audit_reader import AuditReader
from bot.guilds.settings_service import SettingsService
from bot.moderation.block_service import Doorkeeper
from bot.moderation.channel_service import Places
from bot.moderation.clip_service import Control
from bot.moderation.review_service import Reviewers
from bot.moderation.word_service import WordList
from bot.quota.allowances import Accounts, OwnerTerms
from bot.quota.rule_store import Rulebook
from bot.quota.service import Treasurer
from bot.reports.service import Analyst
from bot.requests.service import Desk

if TYPE_CHECKING:
    from bot.base.clock import Clock
    from bot.base.database import Database
    from bot.config import Settings
    from bot.guilds.languages import GuildLanguages
    from bot.guilds.log_sender import LogSender
    from bot.jobs.delivery import Delivery
    from bot.jobs.worker import Worker
    from pika import Pika


@dataclass(frozen=True, slots=True)
class Services:
    """One of each. Every one of them works for all guilds."""

    desk: Desk
    treasurer: Treasurer
    analyst: Analyst
    records: AuditReader
    control: Control
    doorkeeper: Doorkeeper
    reviewers: Reviewers
    words: WordList
    places: Places
    server: SettingsService


def build_services(  # noqa: PLR0913 - what the process holds, each used
    settings: Settings,
    database: Database,
    pika: Pika,
    *,
    delivery: Delivery,
    languages: GuildLanguages,
    worker: Worker,
    teller: LogSender,
    clock: Clock,
) -> Services:
    """Build the services; what they do wakes the loops."""
    budget = settings.owner_budget_usd_per_month
    owner = OwnerTerms(settings.default_limit, budget, settings.time_zone)
    rulebook = Rulebook(settings.default_limit)
    accounts = Accounts(rulebook, owner)

    def wake() -> None:
        worker.wake()
        teller.wake()

    return Services(
        desk=Desk(
            database,
            pika,
            accounts,
            renders_at_once=settings.renders_at_once,
            clock=clock,
            wake=wake,
        ),
        treasurer=Treasurer(database, rulebook, accounts, clock),
        analyst=Analyst(database, rulebook, accounts, clock),
        records=AuditReader(database),
        control=Control(database, delivery, clock, worker.let_go),
        doorkeeper=Doorkeeper(database, clock, worker.let_go),
        reviewers=Reviewers(database, clock, worker.wake),
        words=WordList(database, clock),
        places=Places(database, clock),
        server=SettingsService(database, clock, languages, wake),
    )
