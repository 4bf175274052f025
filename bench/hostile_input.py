"""What the worst pictures and patterns cost that anybody may send, beside everyday ones.

A picture is held against an ordinary photo of twelve megapixels, a search for blocked words
against plain lower case and `in`. Both ratios say the same on a slow machine. How long a member
waits beside another who floods the bot is what that member is promised, in seconds.
"""

from __future__ import annotations

import asyncio
import io
import random
import string
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from PIL import Image

from bench.outcome import Outcome, table
from bot.base.checked_text import MAX_CHARACTERS
from bot.media.errors import PictureError
from bot.media.pictures import decode_picture
from bot.moderation.blocked_words import MAX_WORDS, BlockedWord, check
from playground.discord import Upload
from tests.bot.media import hostile_pictures
from tests.bot.moderation.hostile_patterns import HARDEST, first_match, many_words
from tests.house import open_house

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROUNDS: Final = 3
MOST_TIMES_A_PHOTO: Final = 8.0
"""The target for every hostile picture. What its header tells is refused at next to no cost; a PNG
of as many pixels as may be, the slowest that is taken, took 4 times as long as a photo."""
MOST_TIMES_PLAIN: Final = 100.0
"""The target for a search with the hardest pattern, or with as many words as a server may have.

The latter took 6 to 36 times as long, a hard pattern 2 times. One that backtracks never ends.
"""
FLOOD: Final = 60
"""Pictures of 64 megapixels in 38 bytes, which one member sends at once."""
MOST_SECONDS_BESIDE_FLOOD: Final = 3.0
"""The target for another member's decision, which took 0.5 to 1.2 s."""
_PHOTO: Final = (4000, 3000)
_PLAIN_SEARCHES: Final = MAX_WORDS


def run() -> Outcome:
    """Measure everyday input, then the worst."""
    photo = _seconds(partial(decode_picture, _photo()))
    plain = _seconds(_plain_search)
    pictures = {name: _seconds(work) / photo for name, work in _pictures().items()}
    searches = {name: _seconds(work) / plain for name, work in _searches().items()}
    rows = [(name, f"{ratio:.2f}") for name, ratio in (*pictures.items(), *searches.items())]
    missed = [(name, it, MOST_TIMES_A_PHOTO) for name, it in pictures.items()]
    missed += [(name, it, MOST_TIMES_PLAIN) for name, it in searches.items()]
    beside = asyncio.run(_decided_beside_flood())
    too_late = f"a member was decided after {beside:.1f} s, target {MOST_SECONDS_BESIDE_FLOOD:g}"
    return Outcome(
        f"A photo of twelve megapixels takes {photo * 1000:.0f} ms, a plain search for"
        f" {_PLAIN_SEARCHES} words {plain * 1000:.2f} ms; best of {ROUNDS}.\n"
        f"Targets: a picture at most {MOST_TIMES_A_PHOTO:g} times a photo,"
        f" a search at most {MOST_TIMES_PLAIN:g} times a plain one.\n"
        f"While one member sends {FLOOD} pictures of 64 megapixels in 38 bytes, another is decided"
        f" after {beside:.2f} s; target {MOST_SECONDS_BESIDE_FLOOD:g}.\n\n"
        f"{table(('input', 'times'), rows)}",
        (
            *(
                f"{name}: {it:.1f} times as long as everyday input, target {most:g}"
                for name, it, most in missed
                if it > most
            ),
            *((too_late,) if beside > MOST_SECONDS_BESIDE_FLOOD else ()),
        ),
    )


async def _decided_beside_flood() -> float:
    """How long a member waits for the decision on a photo, in seconds."""
    tiny = Upload("tiny.webp", hostile_pictures.TINY_WEBP, "image/webp")
    with TemporaryDirectory(prefix="bench-hostile-input-") as folder:
        async with open_house(Path(folder) / "data") as house, house.bot():
            flood = [asyncio.create_task(house.animate(image=tiny)) for _ in range(FLOOD)]
            await house.discord.wait_for(lambda: any(task.done() for task in flood))
            began = time.perf_counter()
            await house.animate(house.member("noah"))
            await house.until("SELECT 1 FROM jobs")
            took = time.perf_counter() - began
            await asyncio.gather(*flood)
            await house.settled(120)
    return took


def _seconds(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def _photo() -> bytes:
    draw = random.Random(1)  # noqa: S311 - a picture, no secret
    small = Image.frombytes("RGB", (400, 300), draw.randbytes(400 * 300 * 3))
    out = io.BytesIO()
    small.resize(_PHOTO).save(out, "JPEG", quality=90)
    return out.getvalue()


def _pictures() -> Mapping[str, Callable[[], None]]:
    many_passes = hostile_pictures.jpeg_of_many_scans(8_000, 6_000, extra=3_000)
    packed = {
        f"PNG: {name.decode()}": hostile_pictures.png_with_packed_chunk(name, 64_000_000)
        for name in (b"iCCP", b"zTXt", b"iTXt")
    }
    files = {
        **{f"GIF: {name}": make() for name, make in hostile_pictures.SLOW_GIFS.items()},
        **packed,
        "JPEG: thousands of passes": many_passes,
        "PNG: as large as may be": hostile_pictures.solid_png(8_000, 5_000),
    }
    return {name: partial(_decode, data) for name, data in files.items()}


def _decode(data: bytes) -> None:
    with suppress(PictureError):
        decode_picture(data)


def _searches() -> Mapping[str, Callable[[], object]]:
    draw = random.Random(7)  # noqa: S311 - texts, no secret
    works: dict[str, Callable[[], object]] = {}
    for letters in (f"{string.ascii_lowercase}  ", "абвгд  "):
        text = "".join(draw.choices(letters, k=MAX_CHARACTERS))
        for kind in ("words", "patterns"):
            words = many_words(MAX_WORDS, patterns=kind == "patterns")
            first_match(words, text)
            works[f"{MAX_WORDS} {kind} in {letters[:3]}…"] = partial(first_match, words, text)
    for pattern in HARDEST:
        words = [check(BlockedWord(pattern, is_pattern=True))]
        text = "".join(draw.choices("ab", k=MAX_CHARACTERS))
        works[pattern] = partial(first_match, words, text)
    return works


def _plain_search() -> bool:
    text = "nothing of the kind " * (MAX_CHARACTERS // 20)
    return any(f"word {number}" in text.lower() for number in range(_PLAIN_SEARCHES))
