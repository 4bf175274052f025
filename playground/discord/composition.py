"""How the parts of the stand-in are put together."""

from collections.abc import Callable
from functools import partial

from aiohttp import web

from playground.discord.activity.cdn import Cdn
from playground.discord.activity.chat import Chat
from playground.discord.activity.commands import Commands
from playground.discord.activity.interactions import Interactions
from playground.discord.client.client_parts import ClientParts
from playground.discord.gateway.connection import serve_gateway
from playground.discord.gateway.gateway import Gateway
from playground.discord.rest.commands_api import CommandsApi
from playground.discord.rest.guilds_api import GuildsApi
from playground.discord.rest.interactions_api import InteractionsApi
from playground.discord.rest.message_builder import MessageBuilder
from playground.discord.rest.messages_api import MessagesApi
from playground.discord.rest.ratelimit import RateLimits
from playground.discord.rest.rest import Resource, Rest
from playground.discord.rest.webhooks_api import WebhooksApi
from playground.discord.rules.content_filters import ContentFilters
from playground.discord.state.changes import Changes
from playground.discord.state.clock import Clock
from playground.discord.state.entities import FREE_UPLOAD_LIMIT
from playground.discord.state.snowflakes import Snowflakes
from playground.discord.state.tokens import bot_token
from playground.discord.state.world import World
from playground.faults import Faults, with_faults


class Composition:
    """Every part once, given what it uses."""

    def __init__(self, on_sync: Callable[[], None]) -> None:
        self.changes = Changes()
        self.clock = Clock(self.changes.notify)
        self.faults = Faults()
        self.limits = RateLimits(self.clock)
        self.snowflakes = Snowflakes(self.clock)
        self.world = World(self.snowflakes, self.clock)
        self.token = bot_token(self.world.application_id)
        self.cdn = Cdn(self.clock, self.snowflakes)
        self.filters = ContentFilters()
        self.message_builder = MessageBuilder(self.cdn, self.filters)
        self.gateway = Gateway(self.world, self.token, self.changes)
        self.chat = Chat(self.world, self.gateway, self.clock, self.snowflakes, self.changes)
        self.commands = Commands(self.world.application_id, self.snowflakes)
        self.interactions = Interactions(self.world.application_id, self.changes)
        self.rest = Rest(self.token, self.faults, self.limits)
        self._on_sync = on_sync
        self.client_parts = ClientParts(
            self.world,
            self.gateway,
            self.commands,
            self.interactions,
            self.cdn,
            self.clock,
            self.snowflakes,
            self.changes,
            size_limit=FREE_UPLOAD_LIMIT,
        )

    def app(self) -> web.Application:
        """The server: REST, gateway and CDN."""
        app = web.Application()
        app.router.add_get("/gateway", self._gateway)
        attachment = "/cdn/{folder}/{channel_id:[0-9]+}/{attachment_id:[0-9]+}/{filename}"
        app.router.add_get(attachment, self._cdn)
        for kind in ("avatars/{user_id:[0-9]+}", "stickers", "external"):
            app.router.add_get(f"/{kind}/{{filename}}", self._asset)
        talk = (self.world, self.chat, self.message_builder)
        resources: list[Resource] = [
            GuildsApi(self.world, self.gateway),
            CommandsApi(self.world, self.commands, self._on_sync),
            MessagesApi(*talk, self.clock),
            InteractionsApi(*talk, self.interactions, self.clock),
            WebhooksApi(*talk, self.interactions, self.clock),
        ]
        self.rest.mount(app, resources)
        return app

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        return await with_faults(
            self.faults, "discord.gateway", request, partial(serve_gateway, self.gateway)
        )

    async def _cdn(self, request: web.Request) -> web.StreamResponse:
        return await with_faults(self.faults, "discord.cdn", request, self.cdn.serve)

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        serve = self.cdn.serve_asset
        return await with_faults(self.faults, "discord.cdn", request, serve)
