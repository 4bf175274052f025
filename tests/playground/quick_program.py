"""The playground in a hurry, for stories that are not about how long a clip takes.

Pika is done at once, the bot looks often, clips are canned ones, and a raid is smaller.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from playground.__main__ import main
from playground.page_server import knobs, raid
from playground.pika.jobs import render_pool
from playground.pika.video.canned import canned_clip
from playground.pika.video.picture import upright_size
from playground.stack import bot_process

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from playground.pika.video.renderer import ClipOrder

RAIDERS, RAID_SECONDS = 60, 1.5
"""As close as those of the page, and more than the bot decides about at once."""


def render_canned(order: ClipOrder, path: Path, stop: threading.Event) -> None:
    del stop  # it takes no time
    path.write_bytes(canned_clip(*upright_size(order.picture), order.seconds))


def in_a_hurry() -> None:
    knobs._PACES = {**knobs._PACES, "normal": (0.1, 0.2)}  # type: ignore[misc] # in a hurry
    render_pool.render = render_canned  # type: ignore[attr-defined] # as it is called there
    raid.MEMBERS, raid.SECONDS = RAIDERS, RAID_SECONDS  # type: ignore[misc] # fewer, as close
    # By its name alone: to import it takes as long as the start of a bot.
    quick_bot = ModuleType("tests.playground.quick_bot")
    bot_process.bot_program = quick_bot  # type: ignore[attr-defined] # the same, in a hurry


if __name__ == "__main__":
    in_a_hurry()
    sys.exit(main())
