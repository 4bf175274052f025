"""How much later another server's clip is shown while Discord or Pika keeps the bot waiting.

The real bot between the stand-ins, in the same run without any trouble and with each: a channel in
which Discord takes no message for half a minute, beside checks of renders that are not answered;
and as many channels in which nothing is answered as messages may be sent at once.
"""

from __future__ import annotations

import asyncio
import math
import time
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from bench.outcome import Outcome, table
from bot.base import Timeouts
from bot.jobs.step_places import SHOWN_AT_ONCE, SHOWN_AT_ONCE_IN_GUILD
from playground.faults import Fault
from tests.house import open_house, shows_clip

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from playground.discord import Channel, Guild, Message
    from tests.house import House

ROUNDS: Final = 3
LIMITED_SECONDS: Final = 35.0
HANGING_CHECKS: Final = 8
CLIPS_IN_CHANNEL: Final = 10
MOST_SECONDS_LATER: Final = 2.0
"""The target beside the limited channel and the hanging checks, which took 0.0 to 0.1 s."""
MOST_SECONDS_LATER_BESIDE_SILENCE: Final = Timeouts.PLACE_SECONDS + 2.0
"""The target beside silent channels, whose steps keep their places for so long at first."""
_WEBHOOK_EDIT: Final = "discord.edit_followup"
_TOO_MANY_REQUESTS: Final = 429
_numbers = count()


def run() -> Outcome:
    """Measure without trouble and with each, in turns."""
    took = asyncio.run(_measure())
    usual = took["no trouble"]
    later = {name: seconds - usual for name, seconds in took.items()}
    limits = {
        "a limited channel, hanging checks": MOST_SECONDS_LATER,
        "silent channels": MOST_SECONDS_LATER_BESIDE_SILENCE,
    }
    rows = [(name, f"{took[name]:.2f}", f"{later[name]:.2f}") for name in took]
    return Outcome(
        f"Another server's clip, from the request until it is shown; median of {ROUNDS} rounds.\n"
        f"{CLIPS_IN_CHANNEL} clips for a channel that takes no message for {LIMITED_SECONDS:g} s,"
        f" beside {HANGING_CHECKS} checks without an answer;\n"
        f"{SHOWN_AT_ONCE} clips for as many channels in which no message is answered.\n"
        f"Targets: shown at most {MOST_SECONDS_LATER:g} s and"
        f" {MOST_SECONDS_LATER_BESIDE_SILENCE:g} s later.\n\n"
        f"{table(('beside', 'shown after/s', 'later/s'), rows)}",
        tuple(
            f"beside {name} a clip is shown {later[name]:.1f} s later, target {most:g}"
            for name, most in limits.items()
            if later[name] > most
        ),
    )


async def _measure() -> dict[str, float]:
    troubles = {
        "no trouble": _no_trouble,
        "a limited channel, hanging checks": _limited_channel,
        "silent channels": _silent_channels,
    }
    took: dict[str, list[float]] = {name: [] for name in troubles}
    for _ in range(ROUNDS):
        for name, trouble in troubles.items():
            took[name].append(await _shown_beside(trouble))
    return {name: median(seconds) for name, seconds in took.items()}


async def _shown_beside(trouble: Callable[[House, Sequence[Channel]], Awaitable[None]]) -> float:
    with TemporaryDirectory(prefix="bench-slow-channel-") as folder:
        async with open_house(Path(folder) / "data") as house:
            # As many may be at Pika as are meant to wait here, and one more.
            most = SHOWN_AT_ONCE + HANGING_CHECKS + CLIPS_IN_CHANNEL
            house.overrides["renders_at_once"] = most + 1
            # Before the bot starts, which opens guilds to itself as it finds them then.
            here, there = _many_channels(house), _new_guild(house).channel("general")
            guest = house.discord.add_member("guest", guild=there.guild)
            async with house.bot():
                await trouble(house, here)
                began = time.perf_counter()
                clip = await house.animate(guest, channel=there)
                await house.delivered(clip, 2 * LIMITED_SECONDS)
                return time.perf_counter() - began


def _new_guild(house: House) -> Guild:
    return house.add_managed_guild(house.member("moderator").user)


def _many_channels(house: House) -> list[Channel]:
    """As many as may be posted to at once, in as few guilds as that takes."""
    guilds = [_new_guild(house) for _ in range(SHOWN_AT_ONCE // SHOWN_AT_ONCE_IN_GUILD)]
    return [
        house.discord.add_channel(f"channel{number}", guild=guild)
        for guild in guilds
        for number in range(SHOWN_AT_ONCE_IN_GUILD)
    ]


async def _rendering(house: House, channels: Sequence[Channel]) -> list[Message]:
    """Have a member of its own ask for a clip in each channel; return their messages."""
    house.pika.behaviour.render_seconds = math.inf
    messages = []
    for channel in channels:
        member = house.discord.add_member(f"member{next(_numbers)}", guild=channel.guild)
        interaction = await house.animate(member, channel=channel)
        await house.told(interaction.original, "Rendering")
        messages += [it for it in [interaction.original] if it is not None]
    return messages


async def _no_trouble(house: House, channels: Sequence[Channel]) -> None:
    """Have as many clips shown as wait for a channel."""
    shown = await _rendering(house, [channels[0]] * CLIPS_IN_CHANNEL)
    house.pika.behaviour.render_seconds = 0
    await house.discord.wait_for(lambda: all(map(shows_clip, shown)))


async def _limited_channel(house: House, channels: Sequence[Channel]) -> None:
    await _rendering(house, [channels[1]] * HANGING_CHECKS)
    house.pika.faults.add(Fault("pika.check", "hang", times=HANGING_CHECKS))
    await house.pika.faults.wait_taken("pika.check", HANGING_CHECKS)
    await _rendering(house, [channels[0]] * CLIPS_IN_CHANNEL)
    house.discord.limits.exhaust("discord.create_message", channels[0].id, LIMITED_SECONDS)
    house.pika.behaviour.render_seconds = 0
    await house.discord.wait_for(
        lambda: any(it.status == _TOO_MANY_REQUESTS for it in house.discord.exchanges)
    )


async def _silent_channels(house: House, channels: Sequence[Channel]) -> None:
    await _rendering(house, channels)
    house.discord.faults.add(Fault(_WEBHOOK_EDIT, "hang", times=len(channels)))
    house.pika.behaviour.render_seconds = 0
    await house.discord.faults.wait_taken(_WEBHOOK_EDIT, len(channels))
