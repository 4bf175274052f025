"""The stand-in Discord as one object: its addresses, its people, its knobs, what happened."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from playground.discord.activity.chat import MessageDetails
from playground.discord.activity.interactions import Interaction
from playground.discord.client.command_client import CommandClient
from playground.discord.client.component_client import ComponentClient
from playground.discord.composition import Composition
from playground.discord.place_changes import PlaceChanges
from playground.discord.rest.rest import PREFIX
from playground.discord.rest.uploads import Body
from playground.discord.rules.mentions import BY_DEFAULT_IN_CHANNELS
from playground.discord.rules.option_rules import ClientRefusal
from playground.discord.rules.place_rules import check_writing
from playground.discord.state import default_world
from playground.discord.state.entities import Channel, Member, Message, User
from playground.discord.state.messages import MessageType, Upload
from playground.discord.state.permissions import Permission
from playground.json_types import Json

T = TypeVar("T")


class DiscordStandIn(PlaceChanges):
    """A Discord that enforces Discord's limits, for one application and its bot.

    Use it as an async context manager; then `api_base` and `gateway_url` are good. `port` 0
    takes a free one. People's actions (`invoke`, `press`, …) wait until the bot has acknowledged
    or failed to, as a person does; look at the `Interaction` that they return.

    Knobs: `faults` (see below), `limits` (rate limits, and the ban of the bot's address),
    `filters` (what may not be in messages), `clock.advance`, `upload_limit` (bytes
    of a file, enforced), `advertised_upload_limit` (bytes, told in interactions),
    `gateway.granted_intents`.

    The operations that faults name, each with "discord." before it: login, application,
    gateway_url, gateway (the websocket), cdn, list_commands, sync_commands, callback, followup,
    get_original, edit_original, delete_original, get_followup, edit_followup, delete_followup,
    create_message, list_messages, get_message, edit_message, delete_message, get_guild,
    get_member, get_channel, edit_channel, default_sounds, create_dm, leave_guild, unknown.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host = host
        self._port = port
        self.commands_synced = asyncio.Event()
        self.sync_count = 0
        super().__init__(Composition(self._on_sync))
        self.token = self._parts.token
        self.cdn = self._parts.cdn
        self.clock = self._parts.clock
        self.faults = self._parts.faults
        self.limits = self._parts.limits
        self.filters = self._parts.filters
        self.commands = self._parts.commands
        self.exchanges = self._parts.rest.exchanges
        self.unknown_routes = self._parts.rest.unknown_routes
        self.notifications = self._parts.chat.notifications
        self._command_client = CommandClient(self._parts.client_parts)
        self._component_client = ComponentClient(self._parts.client_parts)
        self._runner: web.AppRunner | None = None
        self.api_base = ""
        self.gateway_url = ""
        default_world.fill(self.world)

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self._parts.app(), shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]
        origin = f"{self._host}:{self._port}"
        self.api_base = f"http://{origin}{PREFIX}"
        self.gateway_url = self.gateway.url = f"ws://{origin}/gateway"
        self._parts.cdn.base = f"http://{origin}/cdn"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.gateway.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    def _on_sync(self) -> None:
        self.sync_count += 1
        self.commands_synced.set()
        self._parts.changes.notify()

    @property
    def upload_limit(self) -> int:
        """Bytes of a file above which the bot's uploads get 413/40005; 10 MiB at first."""
        return self._parts.rest.upload_limit

    @upload_limit.setter
    def upload_limit(self, size: int) -> None:
        self._parts.rest.upload_limit = size

    @property
    def advertised_upload_limit(self) -> int:
        """Bytes that interactions claim as attachment_size_limit, true or not."""
        return self._parts.client_parts.size_limit

    @advertised_upload_limit.setter
    def advertised_upload_limit(self, size: int) -> None:
        self._parts.client_parts.size_limit = size

    @property
    def interactions(self) -> list[Interaction]:
        """Every interaction so far, in order."""
        return self._parts.interactions.all

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 60.0) -> T:  # noqa: ASYNC109 - real seconds, said in one word
        """The predicate's first truthy value, asked again at every change; else TimeoutError."""
        return await self._parts.changes.wait_for(predicate, timeout)

    async def wait_ready(self, timeout: float = 60.0) -> None:  # noqa: ASYNC109 - as wait_for
        """Return once a bot is connected and commands are registered, now or by an earlier run."""
        guild = self.world.guild
        await self.wait_for(
            lambda: self.gateway.connected and bool(self.commands.in_guild(guild.id)), timeout
        )

    # People

    def offered(self, member: Member, channel: Channel) -> list[Json]:
        """The registered commands that the member finds in the channel, as Discord's JSON."""
        return self._command_client.offered(member, channel)

    async def invoke(
        self,
        member: Member,
        channel: Channel,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        client_checks: bool = True,
    ) -> Interaction:
        """Send a slash command ("animate", "quota limit"); ClientRefusal where Discord stops it.

        Options are text, numbers, bools, `Upload`, `Member`, `User`, `Role` or `Channel`.
        Without client checks their values go to the bot as they are.
        """
        return await self._settled(
            self._command_client.invoke(
                member, channel, name, options or {}, client_checks=client_checks
            )
        )

    async def invoke_menu(
        self, member: Member, channel: Channel, name: str, target: Message | Member
    ) -> Interaction:
        """Pick a command from the context menu of a message or a person."""
        return await self._settled(self._command_client.invoke_menu(member, channel, name, target))

    async def autocomplete(
        self,
        member: Member,
        channel: Channel,
        name: str,
        options: Mapping[str, Any],
        focused: str,
    ) -> Interaction:
        """Type in the focused option; the bot's suggestions are the interaction's `choices`."""
        return await self._settled(
            self._command_client.autocomplete(member, channel, name, options, focused)
        )

    async def press(self, member: Member, message: Message, custom_id: str) -> Interaction:
        """Press the button with that custom id."""
        return await self._settled(self._component_client.press(member, message, custom_id))

    async def choose(
        self, member: Member, message: Message, custom_id: str, values: Sequence[Any]
    ) -> Interaction:
        """Choose values from the select menu with that custom id."""
        return await self._settled(
            self._component_client.choose(member, message, custom_id, values)
        )

    async def submit_modal(self, asked: Interaction, values: Mapping[str, Any]) -> Interaction:
        """Fill in, by custom ids, the form that the bot answered `asked` with, and send it."""
        return await self._settled(self._component_client.submit_modal(asked, values))

    async def _settled(self, interaction: Interaction) -> Interaction:
        await self.wait_for(lambda: interaction.acknowledged or interaction.failed, timeout=60.0)
        return interaction

    def say(
        self,
        member: Member,
        channel: Channel,
        content: str = "",
        files: Sequence[Upload] = (),
        reply_to: Message | None = None,
    ) -> Message:
        """Post a message as a person; ClientRefusal where they may not, or not yet."""
        check_writing(channel, member, self.clock)
        needed = Permission.SEND_MESSAGES | (Permission.ATTACH_FILES if files else Permission(0))
        if not member.may(channel, needed):
            raise ClientRefusal("You do not have permission to send messages in this channel.")
        body = Body(files=dict(enumerate(files)))
        shown = self._parts.message_builder.new(
            {"content": content}, body, self.clock.now(), channel.id
        )
        kind = MessageType.DEFAULT if reply_to is None else MessageType.REPLY
        origin = MessageDetails(kind, reference=reply_to)
        return self._parts.chat.post(channel, member.user, shown, BY_DEFAULT_IN_CHANNELS, origin)

    @property
    def fetched(self) -> list[str]:
        """The paths of the files that were asked of the CDN, in order."""
        return self._parts.cdn.asked

    def set_avatar(self, user: User, name: str, picture: Upload) -> None:
        """Have an account show a picture, which the bot is told of from its next event on."""
        user.avatar = name
        self._parts.cdn.publish(f"avatars/{user.id}/{name}.png", picture)

    def add_sticker(self, message: Message, name: str, picture: Upload) -> None:
        """Have a message show a sticker as well, a PNG."""
        sticker_id = str(self._parts.snowflakes.next())
        self._parts.cdn.publish(f"stickers/{sticker_id}.png", picture)
        message.stickers.append({"id": sticker_id, "name": name, "format_type": 1})

    def unfurl(self, message: Message, title: str, picture: Upload) -> None:
        """Show the picture of a link in a message, as Discord's copy of it."""
        copy = self._parts.cdn.publish(f"external/{len(message.embeds)}-{message.id}.png", picture)
        shown = {"url": "https://elsewhere.example/picture.png", "proxy_url": copy}
        message.embeds.append({"type": "image", "title": title, "thumbnail": shown})

    def add_post(self, member: Member, forum: Channel, title: str, content: str) -> Channel:
        """Begin a post in a forum as a person; its first message has the id of the post."""
        if not member.may(forum, Permission.SEND_MESSAGES):
            raise ClientRefusal("You do not have permission to begin posts in this forum.")
        post = self.add_thread(title, forum, member)
        shown = self._parts.message_builder.new(
            {"content": content}, Body(files={}), self.clock.now(), post.id
        )
        origin = MessageDetails(id=post.id)
        self._parts.chat.post(post, member.user, shown, BY_DEFAULT_IN_CHANNELS, origin)
        return post

    def forward(self, member: Member, channel: Channel, message: Message) -> Message:
        """Forward a message to a channel as a person; here its text is that of the copy."""
        copy = {"content": message.content}
        shown = self._parts.message_builder.new(copy, Body(files={}), self.clock.now(), channel.id)
        origin = MessageDetails(MessageType.DEFAULT, reference=message)
        return self._parts.chat.post(channel, member.user, shown, BY_DEFAULT_IN_CHANNELS, origin)

    def visible(self, channel: Channel, viewer: Member) -> list[Message]:
        """The channel's messages that the viewer sees now, oldest first."""
        if channel.deleted or not viewer.may(channel, Permission.VIEW_CHANNEL):
            return []
        return [
            message
            for message in channel.messages.values()
            if not message.deleted and message.viewer in (None, viewer.user)
        ]

    # Events

    def hand_over_again(self, interaction: Interaction) -> None:
        """Tell the bot of an interaction once more, as a resumed connection may."""
        guild = interaction.channel.guild
        self.gateway.deliver("INTERACTION_CREATE", interaction.payload, guild)

    def expire_interaction(self, interaction: Interaction) -> None:
        """End the interaction's fifteen minutes now."""
        interaction.expired = True
        self._parts.changes.notify()

    async def drop_gateway(self, code: int | None = None, *, forget_sessions: bool = False) -> None:
        """Close the gateway connections with the code, or cut them without a word for None.

        Forgotten sessions cannot be resumed; the bot has to identify anew.
        """
        await self.gateway.drop(code, forget_sessions=forget_sessions)

    def delete_message(self, message: Message) -> None:
        """Delete a message as a moderator does."""
        self._parts.chat.delete(message)
