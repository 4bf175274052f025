"""A raid: many new members ask for clips within seconds, each as if they had typed it."""

import asyncio
from pathlib import Path
from typing import Final

from playground import samples
from playground.discord import ClientRefusal, Upload
from playground.page_server.view import View
from playground.stack.stack import LocalStack

MEMBERS: Final = 200
SECONDS: Final = 5.0
"""In which they ask, one after the other."""

CHANNEL: Final = "clips"
_COMMAND: Final = "animate"
_SAMPLES: Final = sorted(Path(samples.__file__).parent.glob("*.jpg"))


class Raid:
    """Members come anew each time; the page counts them and does not let one play them."""

    def __init__(self, stack: LocalStack, view: View) -> None:
        self._stack = stack
        self._view = view

    async def run(self) -> None:
        """Have them ask; wait until the bot has acknowledged the last, or failed to.

        Raises ClientRefusal where there is no such command or channel.
        """
        channel = self._stack.channel(CHANNEL)
        if channel is None:
            raise ClientRefusal(f"There is no channel #{CHANNEL}.")
        discord = self._stack.discord
        pictures = [Upload(it.name, it.read_bytes(), "image/jpeg") for it in _SAMPLES]
        asking = []
        for number in range(MEMBERS):
            member = discord.add_member(f"raider{self._view.crowd + 1}")
            self._view.count_in_crowd(member)
            # The size that Pika's stand-in renders soonest, since it does so on this machine.
            options = {"image": pictures[number % len(pictures)], "resolution": "720p"}
            asking.append(asyncio.create_task(discord.invoke(member, channel, _COMMAND, options)))
            await asyncio.sleep(SECONDS / MEMBERS)
        # All have to end before the first that was refused is told of.
        for outcome in await asyncio.gather(*asking, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
