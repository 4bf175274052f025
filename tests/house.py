"""The real bot between the two stand-ins, over real sockets, in one event loop."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

from bot.__main__ import run
from bot.base import PICTURE_FOLDER, Limit, SteadyClock, to_ms
from bot.base.clock import seconds_since_boot, utc_now
from bot.config import Settings
from playground.discord import DiscordStandIn, Permission, Upload
from playground.pika import PikaStandIn
from tests import bystanders
from tests.crashes import no_crashes
from tests.new_database import make_database
from tests.timeouts import QUICK

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

    from bot.base import Timeouts
    from playground.discord import Channel, Guild, Interaction, Member, Message, User
    from playground.pika import WireName

DATABASE = "animate-bot.sqlite3"


def photo(width: int = 320, height: int = 180, kind: str = "JPEG", **save: Any) -> bytes:
    """A small picture with something in it."""
    image = Image.new("RGB", (width, height), (40, 90, 160))
    ImageDraw.Draw(image).ellipse(
        (width // 4, height // 4, width // 2, height // 2), (240, 200, 40)
    )
    out = io.BytesIO()
    image.save(out, kind, **save)
    return out.getvalue()


def shows_clip(message: Message) -> bool:
    """Whether the message has a video; on the wire "comfy" it shows the picture before."""
    return any(it.filename.endswith(".mp4") for it in message.attachments)


@dataclass
class House:
    discord: DiscordStandIn
    pika: PikaStandIn
    data_dir: Path
    patience: Timeouts = QUICK
    ahead: timedelta = field(default=timedelta())
    set_by: timedelta = field(default=timedelta())
    """By how much somebody has set the clock of the bot's machine, without any time passing."""
    overrides: dict[str, Any] = field(default_factory=dict)
    _beside_bot: sqlite3.Connection | None = None
    """A connection of our own while `bot` runs: tests ask hundreds of times, and to open a file
    and to prepare a statement takes longer than to run it."""

    @property
    def mia(self) -> Member:
        return self.member("mia")

    @property
    def clips(self) -> Channel:
        return next(c for c in self.discord.world.guild.channels.values() if c.name == "clips")

    def member(self, name: str) -> Member:
        members = self.discord.world.guild.members.values()
        return next(m for m in members if m.user.username == name)

    def clock(self) -> datetime:
        return utc_now() + self.ahead + self.set_by

    def elapsed(self) -> float:
        """Seconds by a clock that nobody can set."""
        return seconds_since_boot() + self.ahead.total_seconds()

    def pass_time(self, **span: float) -> None:
        """Move both the bot's and Discord's clock."""
        step = timedelta(**span)
        self.ahead += step
        self.discord.clock.advance(step.total_seconds())

    def stay_in_one_month_for(self, **span: float) -> None:
        """Begin in the next month where this one would end within the time, and renew limits."""
        now = self.clock()
        if (now + timedelta(**span)).month != now.month:
            self.pass_time(**span)

    def settings(self) -> Settings:
        chosen: dict[str, Any] = {
            "discord_token": self.discord.token,
            "discord_api_base": self.discord.api_base,
            "discord_gateway_url": self.discord.gateway_url,
            "pika_provider": self.pika.wire,
            "pika_api_key": self.pika.key,
            "pika_api_base": self.pika.origin,
            "pika_upload_base": self.pika.upload_origin,
            "pika_history_base": self.pika.upload_origin,
            "data_dir": self.data_dir,
            # Of many bots at once one alone gets the port.
            "health_address": "off",
            "default_limit": Limit.parse("5 clips a day"),
            # Tests are about the time that pictures are kept, or have none.
            "retention_days": 0,
            # Tests are about backups, or have none.
            "backups_kept": 0,
            # Tests are about the ceiling or have none.
            "owner_budget_usd_per_month": None,
            **self.overrides,
        }
        return Settings.of(chosen)

    @asynccontextmanager
    async def bot(self, *crashes: type[BaseException]) -> AsyncGenerator[None, None]:
        """Run the bot inside; whatever breaks it breaks the test.

        Args:
            crashes: Exceptions that the test provokes: they may be logged with a traceback.
        """
        database = self.data_dir / DATABASE
        if not database.exists():
            make_database(database)
        else:
            # A copy that was taken while the bot ran, and put back, has bystanders' open jobs.
            self._withdraw_bystanders()
        with no_crashes(*crashes):
            stop, steady = asyncio.Event(), SteadyClock(self.clock, self.elapsed)
            running = asyncio.create_task(
                run(self.settings(), stop, clock=steady, timeouts=self.patience)
            )
            ready = asyncio.create_task(self.discord.wait_ready())
            try:
                await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    running.result()
                await ready
                with self._bystanders():
                    yield
            finally:
                ready.cancel()
                stop.set()
                await running

    @contextmanager
    def _bystanders(self) -> Generator[None, None, None]:
        """Have others beside the members of the test, who must come out as they went in."""
        with self._connected("rw") as db:
            with db:
                bystanders.put(db, self.discord.world.guild.id, self.mia.id, to_ms(self.clock()))
                bystanders.lease(db)
            before = _bystanders_rows(db)
            self._beside_bot = db
            try:
                yield
            finally:
                # Closed before the bot is, whose last connection cleans up behind it.
                self._beside_bot = None
            assert _bystanders_rows(db) == before
            with db:
                bystanders.withdraw(db)

    def _withdraw_bystanders(self) -> None:
        with self._connected("rw") as db, db:
            bystanders.withdraw(db)

    def _connected(self, mode: str) -> closing[sqlite3.Connection]:
        path = self.data_dir / DATABASE
        connection = sqlite3.connect(f"file:{path}?mode={mode}", uri=True)
        # A test waits for no disk; the bot does, by its own connections.
        connection.execute("PRAGMA synchronous=OFF")
        return closing(connection)

    def add_managed_guild(self, owner: User) -> Guild:
        """A second guild, "Elsewhere", which the owner of the application manages by a role."""
        guild = self.discord.add_guild("Elsewhere", owner)
        staff = self.discord.add_role("Staff", guild=guild)
        staff.permissions = Permission.MANAGE_GUILD
        self.discord.world.join(guild, self.discord.world.application_owner, [staff])
        return guild

    async def animate(self, member: Member | None = None, **options: Any) -> Interaction:
        """One `/animate` in #clips, with a small photo unless told otherwise."""
        options.setdefault("image", Upload("photo.jpg", photo(), "image/jpeg"))
        options.setdefault("resolution", "720p")
        checks = options.pop("client_checks", True)
        channel = options.pop("channel", None) or self.clips
        return await self.discord.invoke(
            member or self.mia, channel, "animate", options, client_checks=checks
        )

    async def ask(
        self, member: Member, command: str, *, client_checks: bool = True, **options: Any
    ) -> Message:
        """A command in #clips whose answer is for its member's eyes alone, once it is there."""
        interaction = await self.discord.invoke(
            member, self.clips, command, options, client_checks=client_checks
        )
        message = interaction.original
        assert message is not None, "no answer"
        await self.discord.wait_for(lambda: not message.loading)
        assert message.viewer is member.user
        return message

    def told_to_owner(self, user: User | None = None) -> list[str]:
        """What the bot has written to the owner of the application, or a user of its team."""
        channel = self.discord.world.direct_channel(user or self.discord.world.application_owner)
        return [message.content for message in channel.messages.values()]

    async def owner_told(self, words: str, user: User | None = None) -> str:
        """Wait until a message to the owner says so; return that message."""
        try:
            return await self.discord.wait_for(
                lambda: next((it for it in self.told_to_owner(user) if words in it), "")
            )
        except TimeoutError:
            told = self.told_to_owner(user)
            raise AssertionError(f"never told {words!r}, but {told!r}") from None

    async def told(self, message: Message | None, words: str, seconds: float = 60.0) -> str:
        """Wait until the message says so, or a private answer beside it; return that text."""
        assert message is not None

        def said() -> str:
            texts = [message.content, *self.told_alone(message)]
            return next((it for it in texts if words in it), "")

        try:
            return await self.discord.wait_for(said, seconds)
        except TimeoutError:
            at_last = [message.content, *self.told_alone(message)]
            raise AssertionError(f"never said {words!r}; at last: {at_last!r}") from None

    async def failed(self, interaction: Interaction, words: str, seconds: float = 60.0) -> str:
        """Wait until the member can read why there is no clip, and nobody else; return the text.

        Beside the message while the token lives, which then goes; in `/usage` from then on.
        """
        message = interaction.original
        assert message is not None
        public = await self.told(message, "here is no clip this time", seconds)
        assert words not in public
        await self.discord.wait_for(
            lambda: self.told_alone(message) or interaction.token_expired, seconds
        )
        if not (alone := self.told_alone(message)):
            await self.settled()
            alone = [(await self.ask(interaction.member, "usage")).content]
        assert words in alone[-1]
        return alone[-1]

    def told_alone(self, message: Message) -> list[str]:
        """What the member of an interaction was told beside its first answer, to them alone."""
        asked = [it for it in self.discord.interactions if it.original is message]
        followups = [it for interaction in asked for it in interaction.followups]
        return [it.content for it in followups if it.viewer is not None]

    async def refused(self, interaction: Interaction, words: str, seconds: float = 60.0) -> Message:
        """Wait until the member is refused in these words; nobody else sees any message of it."""

        original = interaction.original
        assert original is not None

        def told() -> list[Message]:
            said = [*interaction.followups, original]
            return [it for it in said if words in it.content]

        (message,) = await self.discord.wait_for(told, seconds)
        assert message.viewer is interaction.member.user
        await self.discord.wait_for(lambda: message is original or original.deleted, seconds)
        return message

    async def delivered(self, interaction: Interaction, seconds: float = 60.0) -> Message:
        """Wait for the video in the status message."""
        message = interaction.original
        assert message is not None
        try:
            await self.discord.wait_for(lambda: shows_clip(message), seconds)
        except TimeoutError:
            raise AssertionError(f"no video; at last: {message.content!r}") from None
        return message

    async def settled(self, seconds: float = 60.0) -> None:
        """Wait until no job is alive."""
        async with asyncio.timeout(seconds):
            while self.query("SELECT 1 FROM jobs WHERE ended_at IS NULL"):
                # To open the file of a bot in another process each time takes milliseconds.
                await asyncio.sleep(0.02 if self._beside_bot else 0.05)

    def pictures(self) -> list[str]:
        """The names of the pictures that the bot has on disk."""
        return sorted(file.name for file in (self.data_dir / PICTURE_FOLDER).iterdir())

    def picture(self, name: str) -> bytes:
        """A picture that the bot has on disk."""
        return (self.data_dir / PICTURE_FOLDER / name).read_bytes()

    async def swept(self, seconds: float = 60.0) -> None:
        """Wait until the bot has deleted every picture."""
        async with asyncio.timeout(seconds):
            while self.pictures():
                await asyncio.sleep(0.02)

    async def all_answered(self) -> None:
        """Wait until nobody is left who saw the bot think and has no answer."""
        await self.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM unanswered_interactions)")

    async def until(self, sql: str) -> None:
        """Wait until the bot's database answers with a row."""
        async with asyncio.timeout(60):
            while not self.query(sql):
                await asyncio.sleep(0.01)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the bot's database from outside, without the bystanders' rows."""
        statement = f"{bystanders.HIDDEN} {sql}"
        if self._beside_bot is not None:
            return self._beside_bot.execute(statement).fetchall()
        with self._connected("ro") as db:
            return db.execute(statement).fetchall()

    def execute(self, sql: str) -> None:
        """Change the bot's database from outside, while the bot is stopped."""
        with self._connected("rw") as db, db:
            db.execute(sql)

    def spent(self) -> tuple[int, int]:
        """Clips and micro-USD that count against members, over all of them."""
        return self.query(
            "SELECT coalesce(sum(member_clips), 0), coalesce(sum(member_micro_usd), 0) FROM ledger"
        )[0]

    def paid(self) -> tuple[int, int]:
        """Clips and micro-USD that the server's purse has paid or reserved."""
        return self.query(
            "SELECT coalesce(sum(clips), 0), coalesce(sum(micro_usd), 0) FROM ledger"
        )[0]

    def kinds(self) -> list[str]:
        """The ledger's entries in order."""
        return [kind for (kind,) in self.query("SELECT kind FROM ledger ORDER BY id")]


def _bystanders_rows(db: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {table: db.execute(sql).fetchall() for table, sql in bystanders.selects()}


@asynccontextmanager
async def open_house(data_dir: Path, wire: WireName = "pika") -> AsyncGenerator[House, None]:
    async with DiscordStandIn() as discord, open_pika(wire, discord) as pika:
        yield House(discord, pika, data_dir)


@asynccontextmanager
async def open_pika(wire: WireName, discord: DiscordStandIn) -> AsyncGenerator[PikaStandIn, None]:
    """A stand-in that is quick, and to which this Discord's attachments are public."""
    async with PikaStandIn(wire=wire) as pika:
        pika.behaviour.result = "canned"
        pika.behaviour.queue_seconds = 0
        pika.behaviour.render_seconds = 0.02
        pika.public_origins.add(discord.api_base.removesuffix("/api/v10"))
        yield pika
