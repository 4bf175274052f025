"""The JSON API behind the page; `playground/README.md` documents it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiohttp import web

from playground.discord import Channel, ClientRefusal, Member
from playground.discord.message_payloads import message_json
from playground.discord.payloads import Json
from playground.page_form import FormError, read_form
from playground.stage import Stage

HEARTBEAT_SECONDS: Final = 15.0
"""How often a stream of events shows that it is alive."""


@dataclass(frozen=True, slots=True)
class _Version:
    """What changes whenever a member sees something else: message ids with their revisions."""

    messages: tuple[tuple[int, int], ...]


class PageApi:
    """Lets a page see what a member sees, and do what a member does."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._discord = stage.discord

    def mount(self, router: web.UrlDispatcher) -> None:
        """Add the routes."""
        channel = "/api/channels/{channel}"
        router.add_get("/api/state", self._state)
        router.add_get(f"{channel}/messages", self._messages)
        router.add_get(f"{channel}/events", self._events)
        router.add_get(f"{channel}/commands", self._commands)
        router.add_post(f"{channel}/commands/{{name}}", self._invoke)

    async def _state(self, _request: web.Request) -> web.Response:
        guild = self._discord.world.guild
        people = [_person(member) for member in guild.members.values() if not member.user.bot]
        channels = [{"id": str(c.id), "name": c.name} for c in guild.channels.values()]
        return web.json_response({"guild": guild.name, "channels": channels, "people": people})

    async def _commands(self, request: web.Request) -> web.Response:
        member, channel = self._place(request)
        return web.json_response(self._discord.offered(member, channel))

    async def _messages(self, request: web.Request) -> web.Response:
        member, channel = self._place(request)
        return web.json_response(self._seen(member, channel))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        member, channel = self._place(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with suppress(ConnectionError):  # how one learns that the page was closed
            await self._stream(response, member, channel)
        return response

    async def _stream(self, response: web.StreamResponse, member: Member, channel: Channel) -> None:
        shown: _Version | None = None
        while True:
            changed = partial(self._version_unlike, shown, member, channel)
            try:
                shown = await self._discord.wait_for(changed, HEARTBEAT_SECONDS)
                event = f"data: {json.dumps(self._seen(member, channel))}"
            except TimeoutError:
                event = ": still here"
            await response.write(f"{event}\n\n".encode())

    async def _invoke(self, request: web.Request) -> web.Response:
        member, channel = self._place(request)
        name = request.match_info["name"]
        try:
            options = await read_form(request, member.upload_limit)
            interaction = await self._discord.invoke(member, channel, name, options)
        except FormError as error:
            return _error(400, str(error))
        except ClientRefusal as refusal:
            return _error(422, refusal.sentence)
        if interaction.failed:
            return _error(504, "The application did not respond.")
        return web.json_response({"interaction": str(interaction.id)})

    def _place(self, request: web.Request) -> tuple[Member, Channel]:
        member = self._stage.member(request.query.get("as", ""))
        channel = self._stage.channel(request.match_info["channel"])
        if member is None:
            raise _not_found("There is nobody of that name: try ?as=mia.")
        if channel is None:
            raise _not_found("There is no channel of that name.")
        return member, channel

    def _seen(self, member: Member, channel: Channel) -> list[Json]:
        world = self._discord.world
        return [message_json(message, world) for message in self._discord.visible(channel, member)]

    def _version_unlike(
        self, shown: _Version | None, member: Member, channel: Channel
    ) -> _Version | None:
        messages = self._discord.visible(channel, member)
        now = _Version(tuple((message.id, len(message.revisions)) for message in messages))
        return None if now == shown else now


def _person(member: Member) -> Json:
    roles = [role.name for role in member.roles]
    return {
        "id": str(member.id),
        "username": member.user.username,
        "name": member.name,
        "roles": roles,
    }


def _error(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


def _not_found(sentence: str) -> web.HTTPNotFound:
    return web.HTTPNotFound(text=json.dumps({"error": sentence}), content_type="application/json")
