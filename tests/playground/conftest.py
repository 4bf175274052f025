"""A real discord.py bot before the stand-in Discord; the playground in a real browser."""

import asyncio
import io
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from playwright.sync_api import Browser, Error, Page, expect

from playground.discord import DiscordStandIn, Interaction
from tests.contracts import discord_violations
from tests.playground.page_driver import WAIT_MS
from tests.playground.program import playground
from tools.browser import find_chromium, open_browser

Answering = Callable[[discord.Interaction, discord.Attachment | None], Awaitable[None]]


class SmallBot(commands.Bot):
    """A bot whose `/animate` does what a test sets as `answer`."""

    def __init__(self, *, intents: discord.Intents | None = None, sync: bool = True) -> None:
        super().__init__(
            command_prefix="!",
            help_command=None,
            intents=intents or discord.Intents.default(),
            allowed_mentions=None,
            guild_ready_timeout=0.05,
        )
        self._sync = sync
        self.answer: Answering = defer
        self.failures: list[Exception] = []
        self.answered = asyncio.Event()
        self.came_ready = asyncio.Event()
        self.came_back = asyncio.Event()

    async def setup_hook(self) -> None:
        @self.tree.command(name="animate", description="Make a clip")
        @app_commands.choices(
            resolution=[app_commands.Choice(name=r, value=r) for r in ("720p", "1080p")]
        )
        async def animate(
            interaction: discord.Interaction,
            image: discord.Attachment | None = None,
            prompt: app_commands.Range[str, 0, 100] = "",
            seed: app_commands.Range[int, 0, 9] = 0,
            resolution: str = "1080p",
        ) -> None:
            _ = prompt, seed, resolution
            try:
                await self.answer(interaction, image)
            except Exception as error:  # noqa: BLE001 - the test looks at what it was
                self.failures.append(error)
            finally:
                self.answered.set()

        self.tree.add_command(_moderators())
        if self._sync:
            await self.tree.sync()

    async def before_identify_hook(self, _shard_id: int | None, *, initial: bool = False) -> None:
        """Skip the five seconds that discord.py waits before it identifies again."""

    async def on_ready(self) -> None:
        self.came_ready.set()

    async def on_resumed(self) -> None:
        self.came_back.set()


def _moderators() -> app_commands.Group:
    permissions = discord.Permissions(manage_guild=True)
    group = app_commands.Group(
        name="quota", description="The purse", default_permissions=permissions, guild_only=True
    )

    @group.command(name="show", description="What is left")
    async def show(interaction: discord.Interaction, who: discord.Member) -> None:
        await interaction.response.send_message(f"{who.id} {who.name}", ephemeral=True)

    return group


async def defer(interaction: discord.Interaction, _image: discord.Attachment | None) -> None:
    await interaction.response.defer()


Connect = Callable[..., Awaitable[SmallBot]]


@pytest.fixture
async def stand_in(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordStandIn]:
    async with DiscordStandIn() as stand_in:
        monkeypatch.setattr(Route, "BASE", stand_in.api_base)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(stand_in.gateway_url))
        yield stand_in
        if "CONTRACTS_DIR" in os.environ:
            assert discord_violations(stand_in.exchanges) == []


class Api:
    """The bare REST API by bot token, for requests that discord.py would not send."""

    def __init__(self, stand_in: DiscordStandIn, session: aiohttp.ClientSession) -> None:
        self._base = stand_in.api_base
        self._session = session
        self.headers = {"Authorization": f"Bot {stand_in.token}"}

    async def __call__(
        self, method: str, path: str, body: object = None, files: tuple[bytes, ...] = ()
    ) -> tuple[int, Any]:
        """The status and JSON of the answer."""
        sent: dict[str, Any] = {} if body is None else {"json": body}
        if files:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(body))
            for index, data in enumerate(files):
                form.add_field(f"files[{index}]", io.BytesIO(data), filename=f"{index}.png")
            sent = {"data": form}
        url = self._base + path
        async with self._session.request(method, url, headers=self.headers, **sent) as response:
            return response.status, await response.json() if response.status != 204 else None


@pytest.fixture
async def api(stand_in: DiscordStandIn) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(stand_in, session)


@pytest.fixture
async def connect(stand_in: DiscordStandIn) -> AsyncIterator[Connect]:
    """Log in a bot and wait until people can use it."""
    async with AsyncExitStack() as leaving:

        async def connect(kind: type[SmallBot] = SmallBot, **options: Any) -> SmallBot:
            bot = kind(**options)
            running = asyncio.create_task(bot.start(stand_in.token))

            async def leave() -> None:
                await bot.close()
                await running

            leaving.push_async_callback(leave)
            await stand_in.wait_ready(60)
            # discord.py that is closed before its ready event leaves a coroutine behind.
            await bot.came_ready.wait()
            return bot

        yield connect


@pytest.fixture
async def bot(connect: Connect) -> SmallBot:
    return await connect()


@pytest.fixture
async def deferred(stand_in: DiscordStandIn, bot: SmallBot) -> Interaction:
    """`/animate` by mia in #clips, to which the bot has answered that it is thinking."""
    assert bot.answer is defer
    guild = stand_in.world.guild
    return await stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Generator[str, None, None]:
    temp = tmp_path_factory.mktemp("playground")
    with playground("--port", "0", temp=temp, module="tests.playground.quick_program") as running:
        found = re.search(r"http://\S+", running.line())
        assert found
        yield found[0]


@pytest.fixture(scope="module")
def browser() -> Generator[Browser, None, None]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium here: install Debian's `chromium`")
    expect.set_options(timeout=WAIT_MS)
    with open_browser(chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def one_page(browser: Browser) -> Page:
    # To open another takes longer than most tests. Dots that pulse for as long as a clip is made
    # cost more than all else that the browser draws.
    page = browser.new_page(reduced_motion="reduce")
    page.set_default_timeout(WAIT_MS)
    return page


@pytest.fixture
def page(one_page: Page, address: str) -> Generator[Page, None, None]:
    """The playground, as whoever opens it finds it."""
    page = one_page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")
    troubles: list[str] = []

    def note(error: Error) -> None:
        troubles.append(str(error))

    page.on("pageerror", note)
    page.goto(address, wait_until="domcontentloaded")
    yield page
    # It must not live on, nor know what was open.
    page.evaluate("localStorage.clear()")
    page.goto("about:blank")
    page.remove_listener("pageerror", note)
    assert troubles == []
