"""What members should not send, through the real bot: told, unpaid and never sent on."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from bot.base import Limit, Timeouts
from bot.base.checked_text import MAX_CHARACTERS
from playground.discord import ClientRefusal, Upload
from playground.faults import Fault
from tests.bot.media import hostile_pictures, odd_pictures, sample_pictures
from tests.bot.media.sample_pictures import encode, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.discord import Interaction, Message
    from tests.house import House


def picture(data: bytes, name: str = "photo.png", kind: str = "image/png") -> dict[str, Any]:
    return {"image": Upload(name, data, kind)}


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("photo.png", encode(plain(), "PNG"))
    return out.getvalue()


@dataclass(frozen=True)
class Refused:
    """A request that is refused, by words that its member reads.

    `raw` ones are sent as no client of Discord's own would.
    """

    name: str
    words: str
    options: Callable[[], dict[str, Any]]
    raw: bool = False


BAD = [
    Refused("empty", "is empty", lambda: picture(b"")),
    Refused("one byte", "not a picture I can read", lambda: picture(b"\xff")),
    Refused(
        "truncated",
        "damaged or incomplete",
        lambda: picture(encode(sample_pictures.noise(), "PNG")[:-9000]),
    ),
    Refused("zip named png", "not a picture I can read", lambda: picture(zipped())),
    Refused(
        "page named jpeg",
        "not a picture I can read",
        lambda: picture(b"<!doctype html>", "photo.jpg", "image/jpeg"),
    ),
    Refused("1 by 1", "too small", lambda: picture(encode(plain(1, 1), "PNG"))),
    Refused("thin", "long and thin", lambda: picture(encode(plain(64, 4000), "PNG"))),
    Refused(
        "giant png",
        "over 40 megapixels",
        lambda: picture(hostile_pictures.png_header(30_000, 30_000)),
    ),
    Refused(
        "giant jpeg",
        "over 64 megapixels",
        lambda: picture(hostile_pictures.jpeg_header(30_000, 30_000), "photo.jpg", "image/jpeg"),
    ),
    Refused(
        "giant gif",
        "over 40 megapixels",
        lambda: picture(hostile_pictures.gif_header(30_000, 30_000)),
    ),
    Refused(
        "solid giant",
        "over 40 megapixels",
        lambda: picture(hostile_pictures.solid_png(12_000, 6_000)),
    ),
    Refused(
        "too few rows",
        "damaged or incomplete",
        lambda: picture(odd_pictures.rows(sample_pictures.quarters(), height=90)),
    ),
    Refused(
        "half a jpeg",
        "damaged or incomplete",
        lambda: picture(encode(sample_pictures.noise(), "JPEG")[:-3000]),
    ),
    Refused(
        "too many frames",
        "over 1,000 frames",
        lambda: picture(hostile_pictures.gif_of_tiny_frames(1001)),
    ),
    Refused("60 MB", "over 32 MB", lambda: picture(bytes(60_000_000)), raw=True),
    Refused(
        "address for a file",
        "not a picture I can read",
        lambda: {"image": "https://example.com/photo.png"},
        raw=True,
    ),
    Refused("long prompt", "4,000 characters", lambda: {"prompt": "x" * 4000}, raw=True),
    Refused(
        "long negative prompt",
        "negative prompt has 4,000",
        lambda: {"negative_prompt": "x" * 4000},
        raw=True,
    ),
    Refused("controls", "prompt contains invisible", lambda: {"prompt": "a\x1b[31mb"}),
    Refused("override", "prompt contains invisible", lambda: {"prompt": "abc\u202egpj.exe"}),
    Refused(
        "override to avoid",
        "negative prompt contains invisible",
        lambda: {"negative_prompt": "\u2066abc"},
    ),
    Refused("negative seed", "could not read these options", lambda: {"seed": -1}, raw=True),
    Refused("large seed", "could not read these options", lambda: {"seed": 2**32}, raw=True),
    Refused("worded seed", "could not read these options", lambda: {"seed": "seven"}, raw=True),
    Refused("4k", "could not read these options", lambda: {"resolution": "4k"}, raw=True),
    Refused("7 seconds", "could not read these options", lambda: {"duration": 7}, raw=True),
]


async def answer_to(house: House, case: Refused) -> tuple[Interaction, Message]:
    interaction = await house.animate(client_checks=not case.raw, **case.options())
    message = await house.discord.wait_for(lambda: final_answer(interaction))
    assert message is not None
    return interaction, message


def final_answer(interaction: Interaction) -> Message | None:
    messages = [interaction.original, *interaction.followups]
    told = (m for m in messages if m is not None and m.viewer is interaction.member.user)
    return next((m for m in told if m.content and not m.loading), None)


async def test_what_cannot_be_used_is_told_and_costs_nothing(house: House) -> None:
    wrong: list[str] = []
    async with house.bot():
        for case in BAD:
            interaction, message = await answer_to(house, case)
            if case.words not in message.content:
                wrong.append(f"{case.name}: {message.content!r}")
            if "Nothing was charged" not in message.content and "options" not in message.content:
                wrong.append(f"{case.name}: does not say that it was free")
            if interaction.failed:
                wrong.append(f"{case.name}: was not acknowledged in time")
            if "Traceback" in message.content or "reference" in message.content:
                wrong.append(f"{case.name}: was not foreseen: {message.content!r}")
    left = {
        t: house.query(f"SELECT count(*) FROM {t}") for t in ("unanswered_interactions", "jobs")
    }
    assert wrong == []
    assert left == {"unanswered_interactions": [(0,)], "jobs": [(0,)]}
    assert house.pictures() == []
    assert_untouched(house)
    assert house.discord.unknown_routes == []


def assert_untouched(house: House) -> None:
    assert house.kinds() == []
    assert house.pika.paid_submits == 0
    for operation in ("pika.upload", "pika.put", "pika.submit"):
        assert house.pika.counters.requests[operation] == 0


@pytest.mark.parametrize(
    "options",
    [
        {"prompt": "x" * (MAX_CHARACTERS + 1)},
        {"prompt": "x" * 4000},
        {"negative_prompt": "x" * 4000},
        {"seed": -1},
        {"seed": 2**32},
        {"resolution": "4k"},
        {"duration": 7},
        {"image": "https://example.com/photo.png"},
    ],
    ids=lambda options: f"{next(iter(options))} {str(next(iter(options.values())))[:8]}",
)
async def test_discords_own_client_knows_the_bounds(house: House, options: dict[str, Any]) -> None:
    async with house.bot():
        with pytest.raises(ClientRefusal):
            await house.animate(**options)
    assert_untouched(house)


@dataclass(frozen=True)
class Taken:
    name: str
    data: Callable[[], bytes]
    note: str | None
    file: str = "photo.png"


GOOD = [
    Taken("animated gif", lambda: sample_pictures.animation("GIF"), "first frame", "party.gif"),
    Taken("animated webp", lambda: sample_pictures.animation("WEBP"), "first frame"),
    Taken(
        "cmyk",
        lambda: encode(plain(colour=(0, 80, 80, 0), mode="CMYK"), "JPEG"),
        "CMYK",
        "print.jpg",
    ),
    Taken("16-bit gray", sample_pictures.deep_gray_png, "16-bit"),
    Taken("16-bit colour", sample_pictures.deep_rgb_png, "16-bit"),
    Taken("jpeg named png", lambda: encode(sample_pictures.quarters(), "JPEG"), None),
    Taken(
        "avif named zip", lambda: encode(sample_pictures.quarters(), "AVIF"), None, "archive.zip"
    ),
    Taken("heic", lambda: encode(sample_pictures.quarters(), "HEIF"), None, "IMG_0001.HEIC"),
    Taken(
        "turned",
        lambda: encode(sample_pictures.quarters(), "JPEG", exif=sample_pictures.exif(6)),
        None,
        "x.jpg",
    ),
    Taken("unended", odd_pictures.unended, None),
    Taken("empty first frame", lambda: odd_pictures.empty_first("WEBP"), "first frame"),
    Taken(
        "swelling chunk",
        lambda: hostile_pictures.png_with_packed_chunk(b"zTXt", 64_000_000),
        None,
    ),
    Taken("nameless", lambda: encode(sample_pictures.quarters(), "PNG"), None, "unknown"),
]


async def test_what_can_be_used_is_taken_and_told_what_was_done(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("100")
    house.pika.behaviour.render_seconds = 0
    told: dict[str, str] = {}
    async with house.bot():
        for case in GOOD:
            interaction = await house.animate(image=Upload(case.file, case.data(), None))
            message = await house.delivered(interaction)
            told[case.name] = "\n".join(revision.content for revision in message.revisions)
        await house.settled()
    for case in GOOD:
        assert "Accepted" in told[case.name]
        # It stays, with every edit.
        noted = {line for line in told[case.name].splitlines() if "Your picture" in line}
        if case.note is None:
            assert not noted, case.name
        else:
            assert len(noted) == 1, case.name
            assert case.note in noted.pop()
    assert house.pika.paid_submits == len(GOOD)
    for job in house.pika.jobs.values():
        assert job.order.clip is not None
        with Image.open(job.order.clip.picture) as sent:
            assert (sent.format, sent.mode) == ("JPEG", "RGB")
            assert not sent.getexif()
            assert "icc_profile" not in sent.info


async def test_words_that_try_to_break_out_ping_and_break_nothing(house: House) -> None:
    evil = "\n# big\n@everyone @here <@{0}> <@&{0}> ```x``` [a](https://evil.example) discord.gg/x"
    words = evil.format(house.member("noah").user.id)
    async with house.bot():
        interaction = await house.animate(prompt=words, negative_prompt=words)
        message = await house.delivered(interaction)
        await house.settled()
    for revision in message.revisions:
        lines = revision.content.splitlines()
        assert not any(line.startswith("#") for line in lines)
        quoted = [line for line in lines if "everyone" in line]
        assert all(line.startswith("> ") for line in quoted)
        assert "```" not in revision.content
    assert {note.user.username for note in house.discord.notifications} == {"mia"}
    (job,) = house.pika.jobs.values()
    assert "@everyone" in str(job.body["prompt"])


async def test_a_picture_that_never_arrives_is_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Timeouts, "DOWNLOAD_SECONDS", 0.2)
    house.discord.faults.add(Fault("discord.cdn", "hang", times=2))
    async with house.bot():
        for interaction in [await house.animate() for _ in range(2)]:
            await house.refused(interaction, "could not fetch your picture")
        await house.delivered(await house.animate())
