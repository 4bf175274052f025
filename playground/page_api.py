"""The JSON API behind the page; `playground/README.md` documents it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import BodyPartReader, web

from playground.discord import Channel, ClientRefusal, Member, Upload
from playground.discord.message_payloads import message_json
from playground.discord.payloads import Json
from playground.stage import Stage

HEARTBEAT_SECONDS: Final = 15.0
"""How often a stream of events shows that it is alive."""

MAX_OPTIONS_BYTES: Final = 1_000_000
"""Of the JSON with a command's options."""

_PIECE_BYTES: Final = 256 * 1024


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
        options = await _read_options(request, member.upload_limit)
        name = request.match_info["name"].replace("-", " ")
        try:
            interaction = await self._discord.invoke(member, channel, name, options)
        except ClientRefusal as refusal:
            return _error(422, refusal.sentence)
        if interaction.failed:
            return _error(504, "The application did not respond.")
        return web.json_response({"interaction": str(interaction.id)})

    def _place(self, request: web.Request) -> tuple[Member, Channel]:
        member = self._stage.member(request.query.get("as", ""))
        channel = self._stage.channel(request.match_info["channel"])
        if member is None:
            raise _failure(web.HTTPNotFound, "There is nobody of that name: try ?as=mia.")
        if channel is None:
            raise _failure(web.HTTPNotFound, "There is no channel of that name.")
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


async def _read_options(request: web.Request, upload_limit: int) -> dict[str, Any]:
    """The parts `options` (a JSON object) and one file for each option that takes one."""
    if request.content_type != "multipart/form-data":
        raise _failure(web.HTTPBadRequest, "Send a multipart form: “options”, and files.")
    options: dict[str, Any] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or not part.name:
            raise _failure(web.HTTPBadRequest, "Every part of the form needs a name and one body.")
        if part.filename is not None:
            data = await _read_most(part, upload_limit + 1)
            claimed = part.headers.get("Content-Type")
            options[part.name] = Upload(part.filename, data, claimed)
        elif part.name == "options":
            options |= _parsed(await _read_most(part, MAX_OPTIONS_BYTES + 1))
    return options


async def _read_most(part: BodyPartReader, limit: int) -> bytes:
    """Read it all and keep its first bytes, enough to see that it was over the limit."""
    kept = bytearray()
    while piece := await part.read_chunk(_PIECE_BYTES):
        kept += piece[: limit - len(kept)]
    return bytes(kept)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise _failure(web.HTTPBadRequest, "The part “options” must be a JSON object.")
    return values


def _error(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


def _failure(kind: type[web.HTTPException], sentence: str) -> web.HTTPException:
    return kind(text=json.dumps({"error": sentence}), content_type="application/json")
