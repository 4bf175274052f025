"""What people do on the page: write, send commands, press, choose, fill in, change roles."""

from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from playground.discord import Interaction, Upload
from playground.discord.rules.component_types import SELECTS
from playground.page_server.forms import read_form, read_object
from playground.page_server.requests import (
    Handler,
    channel_of,
    error_json,
    member_and_channel,
    message_in,
    person,
)
from playground.page_server.values import flat, menu_values, option_values
from playground.page_server.view import View
from playground.stack.stack import LocalStack

SILENT_COMMAND: Final = "The application did not respond."
SILENT_COMPONENT: Final = "This interaction failed."
SILENT_MODAL: Final = "Something went wrong. Try again."
"""What Discord's client says when a bot does not answer in time."""

TIMEOUT: Final = timedelta(minutes=10)
"""For how long moderators time a person out here."""

MAX_SLOWMODE_SECONDS: Final = 21_600

_CHANNEL: Final = "/api/channels/{channel}"
_MESSAGE: Final = f"{_CHANNEL}/messages/{{message}}"


class Actions:
    """Each action answers once the bot has acknowledged it or failed to."""

    def __init__(self, stack: LocalStack, view: View) -> None:
        self._stack = stack
        self._discord = stack.discord
        self._view = view

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Method, path and handler of each."""
        return [
            ("POST", f"{_CHANNEL}/messages", self._say),
            ("POST", f"{_CHANNEL}/commands/{{name}}", self._invoke),
            ("POST", f"{_CHANNEL}/commands/{{name}}/suggestions", self._suggest),
            ("POST", f"{_CHANNEL}/menus/{{name}}", self._pick),
            ("POST", f"{_MESSAGE}/press", self._press),
            ("POST", f"{_MESSAGE}/choose", self._choose),
            ("POST", f"{_MESSAGE}/dismiss", self._dismiss),
            ("POST", "/api/modals/{interaction:[0-9]+}", self._fill_in),
            ("POST", "/api/people/{username}", self._change),
            ("POST", _CHANNEL, self._change_place),
        ]

    async def _say(self, request: web.Request) -> web.Response:
        member, channel = member_and_channel(self._stack, request)
        form = await read_form(request, member.upload_limit)
        files = [value for value in _listed(form.get("files")) if isinstance(value, Upload)]
        if any(len(file.data) > member.upload_limit for file in files):
            return error_json(422, "Your files are too powerful. The upload limit was exceeded.")
        answered = form.get("reply_to")
        reply_to = None if answered is None else message_in(channel, answered)
        content = str(form.get("content", ""))
        message = self._discord.say(member, channel, content, files, reply_to)
        return web.json_response({"message": str(message.id)})

    async def _invoke(self, request: web.Request) -> web.Response:
        member, channel = member_and_channel(self._stack, request)
        name = request.match_info["name"]
        given = await read_form(request, member.upload_limit)
        offered = self._discord.offered(member, channel)
        options = option_values(offered, name, given, channel.guild)
        interaction = await self._discord.invoke(member, channel, name, options)
        return _answer(interaction, SILENT_COMMAND)

    async def _suggest(self, request: web.Request) -> web.Response:
        member, channel = member_and_channel(self._stack, request)
        name = request.match_info["name"]
        body = await read_object(request)
        given, focused = body.get("options"), str(body.get("focused", ""))
        offered = self._discord.offered(member, channel)
        options = option_values(
            offered, name, given if isinstance(given, dict) else {}, channel.guild
        )
        asked = await self._discord.autocomplete(member, channel, name, options, focused)
        if asked.failed:
            return error_json(504, "Loading options failed.")
        return web.json_response({"choices": asked.choices or []})

    async def _pick(self, request: web.Request) -> web.Response:
        member, channel = member_and_channel(self._stack, request)
        body = await read_object(request)
        if "person" in body:
            found = self._account(body["person"])
            target = found if found is not None else person(self._stack, str(body["person"]))
        else:
            target = message_in(channel, body.get("message"))
        name = request.match_info["name"]
        interaction = await self._discord.invoke_menu(member, channel, name, target)
        return _answer(interaction, SILENT_COMMAND)

    async def _press(self, request: web.Request) -> web.Response:
        member, channel = member_and_channel(self._stack, request)
        message = message_in(channel, request.match_info["message"])
        custom_id = str((await read_object(request)).get("custom_id", ""))
        return _answer(await self._discord.press(member, message, custom_id), SILENT_COMPONENT)

    async def _choose(self, request: web.Request) -> web.Response:
        member, channel = member_and_channel(self._stack, request)
        message = message_in(channel, request.match_info["message"])
        body = await read_object(request)
        custom_id = str(body.get("custom_id", ""))
        kind = _kind(message.components, custom_id)
        values = menu_values(kind, _listed(body.get("values")), channel.guild)
        chosen = await self._discord.choose(member, message, custom_id, values)
        return _answer(chosen, SILENT_COMPONENT)

    async def _dismiss(self, request: web.Request) -> web.Response:
        member, channel = member_and_channel(self._stack, request)
        message = message_in(channel, request.match_info["message"])
        if message.viewer is not member.user:
            return error_json(422, "Only a message that nobody else sees can be dismissed.")
        self._view.dismiss(message)
        return web.json_response({})

    async def _fill_in(self, request: web.Request) -> web.Response:
        member = person(self._stack, request.query.get("as", ""))
        number = int(request.match_info["interaction"])
        asked = next((i for i in self._discord.interactions if i.id == number), None)
        if asked is None or asked.member is not member or asked.modal is None:
            return error_json(404, "There is no such form for you.")
        given = await read_form(request, member.upload_limit)
        components = asked.modal["components"]
        values = {
            key: menu_values(kind, _listed(value), member.guild)
            if (kind := _kind(components, key)) in SELECTS
            else value
            for key, value in given.items()
        }
        return _answer(await self._discord.submit_modal(asked, values), SILENT_MODAL)

    async def _change(self, request: web.Request) -> web.Response:
        member = person(self._stack, request.match_info["username"])
        wanted = await read_object(request)
        if "roles" in wanted:
            roles = member.guild.roles
            given = [str(role) for role in _listed(wanted["roles"])]
            if not all(role.isdecimal() and int(role) in roles for role in given):
                return error_json(404, "There is no such role.")
            self._discord.set_roles(member, [roles[int(role)] for role in given])
        if "locale" in wanted:
            member.user.locale = str(wanted["locale"])
        if "timed_out" in wanted:
            until = self._discord.clock.now() + TIMEOUT if wanted["timed_out"] else None
            self._discord.time_out(member, until)
        return web.json_response(self._view.state_json())

    async def _change_place(self, request: web.Request) -> web.Response:
        channel = channel_of(self._stack, request)
        wanted = await read_object(request)
        discord = self._discord
        if channel.kind.is_thread:
            given = {key: bool(wanted[key]) for key in ("archived", "locked") if key in wanted}
            discord.set_thread(channel, **given)
            if wanted.get("bot_sees"):
                discord.join_thread(channel, channel.guild.members[discord.world.bot.id])
        elif "bot_sees" in wanted:
            discord.hide_from_bot(channel, hidden=not wanted["bot_sees"])
        if "slowmode_seconds" in wanted:
            seconds = wanted["slowmode_seconds"]
            if not isinstance(seconds, int) or not 0 <= seconds <= MAX_SLOWMODE_SECONDS:
                return error_json(422, "Slow mode takes 0 to 21600 seconds.")
            discord.set_slowmode(channel, seconds)
        return web.json_response(self._view.state_json())

    def _account(self, given: object) -> Any:  # noqa: ANN401 - a Member or None
        known = isinstance(given, str) and given.isdecimal()
        return self._discord.world.guild.members.get(int(str(given))) if known else None


def _answer(interaction: Interaction, silence: str) -> web.Response:
    if interaction.failed:
        return error_json(504, silence)
    return web.json_response({"interaction": str(interaction.id), "modal": interaction.modal})


def _kind(components: list[dict[str, Any]], custom_id: str) -> int:
    found = [part for part in flat(components) if part.get("custom_id") == custom_id]
    return int(found[0]["type"]) if found else 0


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
