"""The domain's services for commands, and how they are built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import service
from bot.guilds.audit_reader import AuditReader
from bot.guilds.settings_service import SettingsService
from bot.jobs.notices import NoticeService
from bot.moderation.automod_service import AutomodService
from bot.moderation.block_service import BlockService
from bot.moderation.channel_service import ChannelService
from bot.moderation.clip_service import ClipService
from bot.moderation.remembered_pictures import PictureService
from bot.moderation.reported_clips import ReportedClips
from bot.moderation.review_service import ReviewService
from bot.moderation.word_service import BlockedWordService
from bot.owner.operator import Operator
from bot.owner.owner_service import OwnerService
from bot.personal_data.service import PersonalDataService
from bot.quota.allowances import AllowanceReader, OwnerLimits
from bot.quota.budget_alerts import BudgetAlerts
from bot.quota.doubts import DoubtService
from bot.quota.rule_store import RuleStore, direct_rules
from bot.quota.service import QuotaService
from bot.reports.service import ReportService
from bot.requests.consent_service import ConsentService
from bot.requests.kept_pictures import KeptPictures
from bot.requests.member_clips import MemberClipService
from bot.requests.member_defaults import DefaultsService
from bot.requests.own_clips import OwnClips
from bot.requests.service import RequestService

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.base import Clock, Database
    from bot.config import Settings
    from bot.guilds.languages import GuildLanguages
    from bot.guilds.log_sender import LogSender
    from bot.jobs.clip_log import ClipLog
    from bot.jobs.delivery import Delivery
    from bot.jobs.worker import Worker
    from pika import Pika


@service
class Services:
    """One service of each kind; each works for all guilds. `operator` is who runs them."""

    requests: RequestService
    clip_log: ClipLog
    own_clips: OwnClips
    defaults: DefaultsService
    member_clips: MemberClipService
    kept_pictures: KeptPictures
    quota: QuotaService
    reports: ReportService
    audit: AuditReader
    clips: ClipService
    pictures: PictureService
    blocks: BlockService
    reviews: ReviewService
    reported_clips: ReportedClips
    words: BlockedWordService
    automod: AutomodService
    channels: ChannelService
    settings: SettingsService
    doubts: DoubtService
    budget_alerts: BudgetAlerts
    owner: OwnerService
    operator: Operator
    personal_data: PersonalDataService
    consents: ConsentService
    notices: NoticeService


@service
class ServiceParts:
    """The parts of the running process that services are built from."""

    database: Database
    pika: Pika
    delivery: Delivery
    languages: GuildLanguages
    worker: Worker
    log_sender: LogSender
    clock: Clock
    clip_log: ClipLog


def build_services(settings: Settings, parts: ServiceParts) -> Services:
    """Build the services; their changes wake the loops of worker and log sender."""
    database, clock, worker = parts.database, parts.clock, parts.worker
    allowances, pictures = _allowances(settings), worker.workflow.pictures

    def wake() -> None:
        worker.wake()
        parts.log_sender.wake()

    def stopped_providers() -> list[tuple[str, str]]:
        return [(it.provider, it.reason.value) for it in worker.breaker.stops()]

    return Services(
        requests=_requests(settings, parts, allowances, wake),
        clip_log=parts.clip_log,
        own_clips=OwnClips(database),
        defaults=DefaultsService(database, parts.languages.update_member),
        member_clips=_member_clips(parts),
        kept_pictures=KeptPictures(database, pictures),
        quota=QuotaService(database, allowances, clock),
        reports=ReportService(database, allowances, clock),
        audit=AuditReader(database),
        clips=ClipService(database, parts.delivery, pictures, clock, worker.abort_steps),
        pictures=PictureService(database, clock),
        blocks=BlockService(database, clock, worker.abort_steps),
        reviews=ReviewService(database, clock, worker.abort_steps),
        reported_clips=ReportedClips(database, clock),
        words=BlockedWordService(database, clock),
        automod=AutomodService(database, clock),
        channels=ChannelService(database, clock),
        settings=SettingsService(database, clock, parts.languages, wake, allowances.keep_windows),
        doubts=DoubtService(database, clock),
        budget_alerts=BudgetAlerts(database, allowances, clock),
        owner=OwnerService(database, allowances, clock, stopped_providers),
        consents=ConsentService(database, clock, worker.abort_steps),
        personal_data=PersonalDataService(database, pictures, parts.languages.forget, clock),
        operator=_operator(settings),
        notices=NoticeService(database, parts.delivery, clock, worker.workflow.timeouts),
    )


def _requests(
    settings: Settings, parts: ServiceParts, allowances: AllowanceReader, wake: Callable[[], None]
) -> RequestService:
    return RequestService(
        parts.database,
        parts.pika,
        allowances,
        pictures=parts.worker.workflow.pictures,
        breaker=parts.worker.breaker,
        renders_at_once=settings.renders_at_once,
        clock=parts.clock,
        wake=wake,
    )


def _member_clips(parts: ServiceParts) -> MemberClipService:
    return MemberClipService(
        *(parts.database, parts.pika, parts.delivery, parts.clock),
        *(parts.worker.abort_steps, parts.log_sender.wake),
        parts.worker.workflow.pictures.lost_rows,
    )


def _allowances(settings: Settings) -> AllowanceReader:
    monthly = settings.direct_messages_budget_usd_per_month
    direct = direct_rules(settings.direct_messages, monthly)
    return AllowanceReader(RuleStore(settings.default_limit, direct), owner_limits(settings))


def owner_limits(settings: Settings) -> OwnerLimits:
    """The limits that the settings have."""
    budget = settings.owner_budget_usd_per_month
    return OwnerLimits(settings.default_limit, budget, settings.time_zone)


def _operator(settings: Settings) -> Operator:
    return Operator(
        contact=settings.owner_contact,
        privacy_url=settings.privacy_url,
        terms_url=settings.terms_url,
        source_url=settings.source_url,
        provider=settings.pika_provider,
        retention_days=settings.retention_days,
        time_zone=settings.time_zone,
        data_dir=settings.data_dir,
    )
