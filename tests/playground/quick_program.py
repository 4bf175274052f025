"""The playground in a hurry, for stories that are not about how long a clip takes.

Pika is done at once, the bot looks often, only clips above 720p are really rendered, and a raid
is smaller.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from playground.__main__ import main
from playground.page_server import knobs, raid
from playground.pika.jobs import render_pool
from playground.pika.video.canned import canned_clip
from playground.pika.video.picture import upright_size
from playground.pika.video.renderer import render
from playground.stack import bot_process
from tests.playground import quick_bot

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from playground.pika.video.renderer import ClipOrder

RENDERED_FROM = 1080
"""The short side, in pixels, of the smallest clips that are rendered; others are canned."""
RAIDERS, RAID_SECONDS = 60, 1.5
"""As close as those of the page, and more than the bot decides about at once."""


def render_large(order: ClipOrder, path: Path, stop: threading.Event) -> None:
    if order.short_side < RENDERED_FROM:
        path.write_bytes(canned_clip(*upright_size(order.picture), order.seconds))
    else:
        render(order, path, stop)


def in_a_hurry() -> None:
    knobs._PACES = {**knobs._PACES, "normal": (0.1, 0.2)}  # type: ignore[misc] # in a hurry
    render_pool.render = render_large  # type: ignore[attr-defined] # as it is called there
    raid.MEMBERS, raid.SECONDS = RAIDERS, RAID_SECONDS  # type: ignore[misc] # fewer, as close
    bot_process.bot_program = quick_bot  # type: ignore[attr-defined] # the same, in a hurry


if __name__ == "__main__":
    in_a_hurry()
    sys.exit(main())
