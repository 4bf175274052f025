"""Everything people can use, added to a client: commands, menus, buttons."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import discord

from cogs.animate import consent_command, consent_question, picture_form, refusal_texts
from cogs.animate.commands import member_commands, member_components
from cogs.animate.handler import AnimateHandler
from cogs.animate.picture_menus import PictureMenus
from cogs.clips import (
    block_several,
    cancel,
    channels,
    error_texts,
    pictures,
    queue,
    remove,
    settings_panel,
    status,
)
from cogs.clips.group import ClipsGroup
from cogs.clips.member_names import MemberNames
from cogs.clips.message_menus import message_menus
from cogs.clips.report_buttons import ReportButtons
from cogs.clips.settings import settings_handler
from cogs.delivery import report_messages
from cogs.interactions.components import ComponentRouter
from cogs.interactions.place import DirectCommand, open_directly
from cogs.owner import group as owner_group
from cogs.owner.guild_events import GuildEvents
from cogs.owner.owner_commands import OwnerCommands
from cogs.quota import audit, limit, limits
from cogs.quota.group import QuotaGroup
from cogs.review import board, command
from cogs.review.button_handler import review_handler
from cogs.setup import panel as setup_panel
from cogs.setup.checks import Checks
from cogs.setup.command import Setup, setup_command
from cogs.setup.registered_commands import RegisteredCommands
from cogs.texts.error_texts import error_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.media.picture_decoder import PictureDecoder
    from bot.reports.chart_renderer import ChartRenderer
    from bot.services import Services
    from cogs.client import Client
    from cogs.clips.settings_panel import OwnerDefaults
    from cogs.interactions.components import ComponentHandler


def register_all(
    client: Client,
    services: Services,
    owner: OwnerDefaults,
    decoder: PictureDecoder,
    charts: ChartRenderer,
) -> AnimateHandler:
    """Add it all, before the client logs in.

    The handler knows which requests are still being decided: a stop waits for them.
    """
    register_error_texts()
    handler = AnimateHandler(services.requests, services.kept_pictures, services.clip_log, decoder)
    names = MemberNames()
    _add_for_members(client, member_commands(services, handler))
    client.tree.add_command(QuotaGroup(services, charts))
    review = command.ReviewCommand(services.reviews)
    own_audit = audit.OwnAuditCommand(services.audit)
    client.tree.add_command(ClipsGroup(services, names, owner, review, own_audit))
    consents = services.consents
    questions = consent_question.ConsentQuestions(services.requests, consents, handler)
    picture_menus = PictureMenus(services.requests, consents, handler, questions)
    client.tree.add_command(consent_command.consent_command(consents))
    _add_for_members(client, picture_menus.commands())
    for menu in message_menus(services.clips):
        client.tree.add_command(menu)
    owner_commands = OwnerCommands(services, client.access, client.lookup)
    client.tree.add_command(owner_commands)
    components = {
        owner_group.CUSTOM_ID_PREFIX: owner_commands.button_handler(),
        **member_components(services, handler, partial(remove.ask_moderator, services.clips)),
        consent_question.CUSTOM_ID_PREFIX: questions.pressed,
        consent_command.CUSTOM_ID_PREFIX: consent_command.consent_handler(consents),
        picture_form.CUSTOM_ID_PREFIX: picture_menus.form_handler(),
        setup_panel.CUSTOM_ID_PREFIX: _add_setup(client, services),
        **_moderators_components(services, owner),
    }
    router = ComponentRouter(components, client.languages, client.access, _USABLE_IF_CLOSED)

    @client.event
    async def on_interaction(interaction: discord.Interaction) -> None:
        names.remember(interaction)
        await router.route(interaction)
        # Suggestions are asked for with each letter.
        if interaction.type is not discord.InteractionType.autocomplete:
            services.notices.mark_seen(interaction.channel_id or 0, interaction.user.id)

    GuildEvents(client.access).listen(client)
    return handler


_USABLE_IF_CLOSED: Final = {
    *(owner_group.CUSTOM_ID_PREFIX, consent_command.CUSTOM_ID_PREFIX),
    *consent_question.USABLE_IF_CLOSED,
}


def _add_setup(client: Client, services: Services) -> ComponentHandler:
    """Add the command; return the handler of its panel."""
    registered = RegisteredCommands(client, client.tree, client.sync_commands)
    setup = Setup(services, Checks(services, client.lookup.is_owner, registered))
    client.tree.add_command(setup_command(setup))
    return setup.handler()


def _add_for_members(client: Client, commands: Iterable[DirectCommand]) -> None:
    for own in commands:
        if client.access.is_open_directly:
            open_directly(own)
        client.tree.add_command(own)


def _moderators_components(services: Services, owner: OwnerDefaults) -> dict[str, ComponentHandler]:
    return {
        audit.CUSTOM_ID_PREFIX: audit.audit_handler(services.audit),
        limit.CUSTOM_ID_PREFIX: limit.limit_handler(services.quota),
        limits.CUSTOM_ID_PREFIX: limits.limits_handler(services.quota),
        board.CUSTOM_ID_PREFIX: review_handler(services.reviews),
        command.CUSTOM_ID_PREFIX: command.show_all_handler(services.reviews),
        settings_panel.CUSTOM_ID_PREFIX: settings_handler(services.settings, owner),
        channels.CUSTOM_ID_PREFIX: channels.channels_handler(services.channels),
        status.CUSTOM_ID_PREFIX: status.status_handler(services),
        block_several.CUSTOM_ID_PREFIX: block_several.several_handler(services.blocks),
        cancel.CUSTOM_ID_PREFIX: cancel.cancel_handler(services.clips),
        queue.CUSTOM_ID_PREFIX: queue.queue_handler(services.clips),
        pictures.CUSTOM_ID_PREFIX: pictures.pictures_handler(services.pictures),
        remove.CUSTOM_ID_PREFIX: remove.remove_handler(services.clips),
        report_messages.CUSTOM_ID_PREFIX: ReportButtons(
            services.reported_clips, services.clips, services.blocks
        ).handle,
    }


def register_error_texts() -> None:
    """Give `error_text` the sentences that no command's own file has."""
    for error_type, text in {**refusal_texts.TEXTS, **error_texts.TEXTS}.items():
        error_text.register(error_type, text)
