"""The JSON API behind the page: what there is to see; `playground/README.md` documents it."""

from typing import Final

from aiohttp import web

from playground.page_server.actions import Actions
from playground.page_server.behind_the_scenes import BehindTheScenes
from playground.page_server.forms import read_object
from playground.page_server.knobs import Knobs, UnknownKnob
from playground.page_server.live import LiveUpdates
from playground.page_server.raid import Raid
from playground.page_server.requests import Handler, error_json, errors_as_json, member_and_channel
from playground.page_server.view import View
from playground.stack.stack import LocalStack

_CHANNEL: Final = "/api/channels/{channel}"
_ON: Final = frozenset({"1", "true"})


class PageApi:
    """Lets a page see what a member sees, and turn the knobs."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._view = View(stack)
        self._knobs = Knobs(stack, Raid(stack, self._view))
        self._behind = BehindTheScenes(stack)
        self._live = LiveUpdates(self._view, self._knobs, self._behind)
        self._actions = Actions(stack, self._view)

    def mount(self, app: web.Application) -> None:
        """Add the routes, and let go of the websockets when the application ends."""
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/api/state", self._state),
            ("GET", "/api/live", self._follow),
            ("GET", f"{_CHANNEL}/messages", self._messages),
            ("GET", f"{_CHANNEL}/commands", self._commands),
            ("GET", "/api/behind", self._behind_summary),
            ("GET", "/api/behind/{number:[0-9]+}", self._behind_entry),
            ("POST", "/api/knobs", self._turn),
            ("POST", "/api/acts/{name}", self._act),
            *self._actions.routes(),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, errors_as_json(handler))
        app.on_shutdown.append(self._live.close)

    async def _state(self, _request: web.Request) -> web.Response:
        knobs = {"knobs": self._knobs.state_json()}
        return web.json_response(self._view.state_json() | knobs)

    async def _follow(self, request: web.Request) -> web.StreamResponse:
        member, channel = member_and_channel(self._stack, request, request.query.get("channel", ""))
        show_behind = request.query.get("behind") in _ON
        return await self._live.serve(request, member, channel, show_behind=show_behind)

    async def _messages(self, request: web.Request) -> web.Response:
        member, channel = member_and_channel(self._stack, request)
        messages = self._view.messages(channel, member)
        return web.json_response([self._view.message_json(message, member) for message in messages])

    async def _commands(self, request: web.Request) -> web.Response:
        member, channel = member_and_channel(self._stack, request)
        return web.json_response(self._stack.discord.offered(member, channel))

    async def _behind_summary(self, _request: web.Request) -> web.Response:
        return web.json_response(await self._behind.summary())

    async def _behind_entry(self, request: web.Request) -> web.Response:
        entry = self._behind.find(int(request.match_info["number"]))
        if entry is None:
            return error_json(404, "That is forgotten by now.")
        return web.json_response(entry)

    async def _turn(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        try:
            for name, position in wanted.items():
                self._knobs.turn(name, str(position))
        except UnknownKnob as error:
            return error_json(404, str(error))
        return web.json_response(self._knobs.state_json())

    async def _act(self, request: web.Request) -> web.Response:
        try:
            await self._knobs.act(request.match_info["name"])
        except UnknownKnob as error:
            return error_json(404, str(error))
        return web.json_response(self._knobs.state_json())
