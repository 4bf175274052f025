"""The websocket behind the page: what one person sees in one channel, at each change."""

import asyncio
from contextlib import suppress
from typing import Final

from aiohttp import WSCloseCode, web

from playground.discord import Channel, Member
from playground.json_types import Json
from playground.page_server.behind_the_scenes import BehindTheScenes
from playground.page_server.knobs import Knobs
from playground.page_server.view import Version, View

LOOK_SECONDS: Final = 0.4
"""How often is looked at what changes without telling: Pika's jobs, the bot's database."""

_PAUSE_TIMES: Final = 3
"""The least pause between two looks, as times of how long a look and its telling took."""

_PING_SECONDS: Final = 20.0


class LiveUpdates:
    """Sends frames as `playground/README.md` says, each only when it has something new."""

    def __init__(self, view: View, knobs: Knobs, behind: BehindTheScenes) -> None:
        self._view = view
        self._knobs = knobs
        self._behind = behind
        self._open: set[web.WebSocketResponse] = set()

    async def serve(
        self, request: web.Request, member: Member, channel: Channel, *, show_behind: bool
    ) -> web.WebSocketResponse:
        """One connection to its end; with `show_behind` also what passes behind the scenes."""
        socket = web.WebSocketResponse(heartbeat=_PING_SECONDS)
        await socket.prepare(request)
        self._open.add(socket)
        frames = _Frames(self._view, self._knobs, member, channel)
        telling = asyncio.create_task(self._tell(socket, frames, show_behind=show_behind))
        try:
            async for _ in socket:
                pass  # the page has nothing to say; this waits for its end
        finally:
            self._open.discard(socket)
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        return socket

    async def close(self, _app: web.Application) -> None:
        """Let go of everybody, as the playground ends."""
        for socket in list(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _tell(
        self, socket: web.WebSocketResponse, frames: "_Frames", *, show_behind: bool
    ) -> None:
        shown: Json = {}
        with suppress(ConnectionError):  # how one learns that the page was closed
            time = asyncio.get_running_loop().time
            while True:
                began = time()
                news = frames.new()
                if show_behind and (scenes := await self._behind.summary()) != shown:
                    shown = scenes
                    news.append({"type": "behind", **scenes})
                for frame in news:
                    await socket.send_json(frame)
                # In a raid something changes at every moment, and the bot shares this machine.
                await asyncio.sleep(_PAUSE_TIMES * (time() - began))
                with suppress(TimeoutError):
                    await self._view.discord.wait_for(frames.stale, LOOK_SECONDS)


class _Frames:
    """What one page was told last, and from that what is new to it."""

    def __init__(self, view: View, knobs: Knobs, member: Member, channel: Channel) -> None:
        self._view = view
        self._knobs = knobs
        self._member = member
        self._channel = channel
        self._versions: dict[int, Version] | None = None
        self._state: Json = {}

    def stale(self) -> bool:
        """Whether the messages are no longer as they were told."""
        return self._seen() != self._versions

    def new(self) -> list[Json]:
        """The frames that bring the page up to date."""
        self._view.mark_read(self._channel, self._member)
        frames = [] if not self.stale() else [self._messages()]
        state = self._view.state_json() | {"knobs": self._knobs.state_json()}
        if state != self._state:
            self._state = state
            frames.insert(0, {"type": "state", "state": state})
        return frames

    def _seen(self) -> dict[int, Version]:
        messages = self._view.messages(self._channel, self._member)
        return {message.id: self._view.version(message) for message in messages}

    def _messages(self) -> Json:
        before, self._versions = self._versions or {}, self._seen()
        changed = [
            self._view.message_json(message, self._member)
            for message in self._view.messages(self._channel, self._member)
            if before.get(message.id) != self._versions[message.id]
        ]
        return {
            "type": "messages",
            "channel": str(self._channel.id),
            "ids": [str(key) for key in self._versions],
            "changed": changed,
        }
