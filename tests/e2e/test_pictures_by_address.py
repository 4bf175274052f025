"""A wire that takes addresses gets that of the cleaned picture, in a message of the bot's."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from bot.base import Timeouts
from playground.discord import Permission, Upload
from playground.faults import Fault
from tests.contracts import discord_violations
from tests.copies import Copies
from tests.decided import decide
from tests.e2e.clips_play import CANCELLED, clips
from tests.house import House, open_house, photo, shows_clip
from tests.reviewing import board, everyone_is_reviewed, press, questions

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from playground.discord import Interaction, Message
    from playground.discord.state.messages import Revision
    from playground.pika import WireName

ORIENTATION, GPS, CAMERA = 0x0112, 0x8825, 0x0110
SHOWN = "so it is shown here until your clip is ready"
NOT_SHOWN = "I could not show it"
EDIT = "discord.edit_followup"
PASSING = {"code": 40333, "message": "internal network error"}
"""An answer that discord.py does not repeat by itself."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House, None]:
    async with open_house(tmp_path / "data", "comfy") as house:
        yield house
    if "CONTRACTS_DIR" in os.environ:
        assert discord_violations(house.discord.exchanges) == []


def snapshot() -> Upload:
    """As a phone held upright takes it: lying on its side, with the place and the camera."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[CAMERA] = "a phone of Mia's"
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    return Upload("home.jpg", photo(exif=exif, comment=b"at Mia's"), "image/jpeg")


def animation() -> Upload:
    frames = [Image.new("RGB", (180, 320), colour) for colour in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], comment=b"at Mia's")
    return Upload("waves.gif", out.getvalue(), "image/gif")


async def fetched(house: House) -> list[bytes]:
    """What Pika has got at the addresses it was given."""
    for job in house.pika.jobs.values():
        await job.made()
    orders = [job.order.render_input for job in house.pika.jobs.values()]
    return [it.picture.read_bytes() for it in orders if it is not None]


def addresses(house: House) -> list[str]:
    submits = [it for it in house.pika.exchanges if it.operation == "comfy.submit"]
    return [str(it.request_json["image"]) for it in submits]  # type: ignore[index] # an object


def pictures(messages: Sequence[Message]) -> list[Message]:
    return [m for m in messages if not m.deleted and m.attachments and not shows_clip(m)]


def status(interaction: Interaction) -> Message:
    assert interaction.original is not None
    return interaction.original


def revisions(interaction: Interaction) -> list[Revision]:
    return list(status(interaction).revisions)


async def rendering(house: House, **options: Any) -> Interaction:
    interaction = await house.animate(**options)
    await house.told(interaction.original, "Rendering")
    return interaction


async def in_line(house: House) -> Interaction:
    """A request of Noah's that waits while Mia's clip, which takes long, is rendered."""
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = 3600
    async with house.bot():
        await rendering(house)
        waits = await house.animate(house.member("noah"))
        await house.told(waits.original, "number 1 in line")
    return waits


@pytest.mark.parametrize("upload", [snapshot(), animation()], ids=["a snapshot", "an animation"])
async def test_pika_fetches_the_clean_picture_and_never_the_original(
    house: House, upload: Upload
) -> None:
    async with house.bot():
        await house.delivered(await house.animate(image=upload))
        await house.settled()
    (data,) = await fetched(house)
    got = Image.open(io.BytesIO(data))
    assert got.format == "JPEG"
    assert got.size == (180, 320), "upright"
    assert getattr(got, "n_frames", 1) == 1
    assert dict(got.getexif()) == {}
    assert all(mark not in data for mark in (b"Exif", b"Mia", b"GPS"))
    (address,) = addresses(house)
    assert "ephemeral-attachments" not in address


async def test_the_picture_is_shown_while_it_renders_and_the_clip_takes_its_place(
    house: House,
) -> None:
    house.pika.behaviour.render_seconds = 3600
    async with house.bot():
        interaction = await rendering(house, prompt="a kite")
        message = status(interaction)
        accepted = next(it for it in message.revisions if "Accepted" in it.content)
        assert SHOWN in accepted.content
        (shown,) = message.attachments
        assert [shown.data] == await fetched(house)
        house.pika.behaviour.render_seconds = 0
        await house.delivered(interaction)
        await house.settled()
    (clip,) = message.attachments
    assert clip.filename.endswith(".mp4")
    assert SHOWN not in message.content


@pytest.mark.parametrize("wire", ["pika", "fal", "comfy-proxy"])
async def test_where_bytes_are_taken_no_picture_is_shown(tmp_path: Path, wire: WireName) -> None:
    async with open_house(tmp_path / "data", wire) as house:
        async with house.bot():
            interaction = await house.animate(image=snapshot())
            await house.delivered(interaction)
            await house.settled()
        for revision in status(interaction).revisions:
            assert SHOWN not in revision.content
            assert all(it.filename.endswith(".mp4") for it in revision.attachments)


async def test_the_picture_goes_with_a_clip_that_fails(house: House) -> None:
    house.pika.behaviour.outcome = "content_moderation"
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "content rules")
        await house.settled()
    assert any(it.attachments for it in status(interaction).revisions)
    assert status(interaction).attachments == ()


async def test_an_order_waits_until_discord_takes_the_picture(house: House) -> None:
    async with house.bot():
        house.discord.faults.add(Fault(EDIT, "reply", times=3, status=403, body=PASSING))
        interaction = await house.animate()
        await house.discord.faults.wait_taken(EDIT, 3)
        await house.delivered(interaction)
        await house.settled()
    assert house.pika.paid_submits == len(await fetched(house)) == 1


async def test_without_a_place_for_the_picture_nothing_is_ordered(house: House) -> None:
    async with house.bot():
        house.discord.faults.add(Fault(EDIT, "reply", times=None, status=403, body=PASSING))
        interaction = await house.animate()
        await house.until("SELECT 1 FROM jobs WHERE state = 'failed'")
        house.discord.faults.clear()
        assert "Nothing was charged" in await house.failed(interaction, NOT_SHOWN)
        await house.settled()
    assert house.pika.paid_submits == 0
    assert house.kinds() == ["reserve", "refund"]


async def test_a_picture_over_discords_limit_is_not_ordered(house: House) -> None:
    async with house.bot():
        house.discord.upload_limit = 1000
        interaction = await house.animate()
        await house.told(interaction.original, NOT_SHOWN)
        await house.settled()
    assert house.pika.paid_submits == 0
    assert house.kinds() == ["reserve", "refund"]


async def test_a_message_deleted_in_line_is_not_posted_anew_with_the_picture(house: House) -> None:
    waits = await in_line(house)
    house.discord.delete_message(status(waits))
    house.pika.behaviour.render_seconds = 0
    async with house.bot():
        await house.settled()
    shown = [m for m in house.clips.messages.values() if not m.deleted and m.viewer is None]
    assert len(shown) == 2, "of the other"
    assert pictures(list(house.clips.messages.values())) == []
    assert house.pika.paid_submits == 1
    assert house.query("SELECT cancelled_by FROM jobs ORDER BY id") == [(None,), (0,)]
    assert house.kinds().count("refund") == 1


async def test_where_the_bot_may_attach_no_files_any_more_nothing_is_ordered(
    house: House,
) -> None:
    """By the interaction's token it always may, for a quarter of an hour."""
    waits = await in_line(house)
    house.pass_time(minutes=20)
    house.pika.behaviour.render_seconds = 0
    house.discord.remove_bot_permissions(house.clips, Permission.ATTACH_FILES)
    house.execute("UPDATE jobs SET ended_at = 1, state = 'delivered' WHERE id = 1")
    async with house.bot():
        await house.failed(waits, NOT_SHOWN)
        await house.settled()
    assert house.pika.paid_submits == 1


async def test_a_restart_before_the_order_shows_the_picture_as_the_bot(house: House) -> None:
    house.discord.faults.add(Fault(EDIT, "reply", times=None, status=403, body=PASSING))
    async with house.bot():
        interaction = await house.animate(image=snapshot())
        await house.until("SELECT 1 FROM jobs WHERE attempts > 0")
    house.discord.faults.clear()
    # Its first address would have expired, and so has the token.
    house.pass_time(hours=11)
    async with house.bot():
        await house.delivered(interaction)
        await house.settled()
    assert house.pika.paid_submits == len(await fetched(house)) == 1
    assert house.kinds() == ["reserve", "settle"]


async def test_a_restart_takes_the_picture_for_no_clip(house: House) -> None:
    house.pika.behaviour.render_seconds = 3600
    async with house.bot():
        interaction = await rendering(house)
    async with house.bot():
        await house.until("SELECT 1 FROM jobs WHERE awaits_read_back = 0")
        assert house.kinds() == ["reserve"]
        house.pika.behaviour.render_seconds = 0
        await house.delivered(interaction)
        await house.settled()
    assert house.pika.paid_submits == 1


async def test_a_picture_that_was_shown_says_nothing_of_an_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It died right after that, and "accepted" had not been shown either."""
    monkeypatch.setattr(Timeouts, "STOP_GRACE_SECONDS", 0.1)
    house.discord.faults.add(Fault("discord.edit_original", "reply", status=403, body=PASSING))
    house.pika.faults.add(Fault("comfy.submit", "hang"))
    async with house.bot():
        interaction = await house.animate()
        await house.pika.faults.wait_taken("comfy.submit")
    assert status(interaction).attachments
    assert status(interaction).content == ""
    house.execute(
        "UPDATE jobs SET state = 'queued', order_json = NULL, idempotency_key = NULL,"
        " may_be_billed = 0, submitted_at = NULL WHERE id > 0"
    )
    async with house.bot():
        await house.delivered(interaction)
        await house.settled()
    assert house.pika.paid_submits == 1
    assert house.kinds() == ["reserve", "settle"]


async def test_a_copy_from_before_the_order_pays_it_no_second_time(
    house: House, tmp_path: Path
) -> None:
    copies = Copies(house, tmp_path / "copy.sqlite3")
    house.discord.faults.add(Fault(EDIT, "hold"))
    async with house.bot():
        interaction = await house.animate()
        await house.until("SELECT 1 FROM jobs WHERE claim > 0")
        copies.take()
        house.discord.faults.release(EDIT)
        await house.delivered(interaction)
        await house.settled()
    copies.put_back()
    assert house.query("SELECT state FROM jobs") == [("queued",)]
    house.discord.remove_bot_permissions(house.clips, Permission.READ_MESSAGE_HISTORY)
    async with house.bot():
        await house.settled()
    # The picture shown again has another address, so its key comes with another body.
    assert house.pika.paid_submits == 1
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert house.query("SELECT doubt FROM jobs") == [("open",)]


@pytest.mark.parametrize("label", ["Approve", "Refuse and refund"])
async def test_only_moderators_see_the_picture_of_a_clip_that_they_review(
    house: House, label: str
) -> None:
    await everyone_is_reviewed(house)
    house.pika.behaviour.render_seconds = 3600
    async with house.bot():
        interaction = await rendering(house, image=snapshot(), prompt="a kite")
        (picture,) = questions(board(house))
        assert "a kite" in picture.content
        assert [it.data for it in picture.attachments] == await fetched(house)
        house.pika.behaviour.render_seconds = 0
        await house.told(interaction.original, "Waiting for a moderator")
        await house.discord.wait_for(lambda: len(questions(board(house))) == 2)
        assert all(not it.attachments and SHOWN not in it.content for it in revisions(interaction))
        await press(house, "helper", label, questions(board(house))[1])
        await house.settled()
    assert picture.deleted
    assert pictures(list(house.clips.messages.values())) == []
    assert house.pika.paid_submits == 1


async def test_the_picture_goes_from_the_moderators_too_when_pika_refuses(house: House) -> None:
    await everyone_is_reviewed(house)
    await decide(house, language="de")
    house.pika.behaviour.outcome = "content_moderation"
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "content rules")
        await house.settled()
    (picture,) = board(house).messages.values()
    assert picture.deleted
    assert picture.content.startswith("🖼️ Pika holt dieses Bild von hier.")


async def test_without_a_review_channel_to_show_it_in_nothing_is_ordered(house: House) -> None:
    await everyone_is_reviewed(house)
    house.discord.remove_bot_permissions(board(house), Permission.ATTACH_FILES)
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, NOT_SHOWN)
        await house.settled()
    assert revisions(interaction)
    assert all(not it.attachments for it in revisions(interaction))
    assert house.pika.paid_submits == 0
    assert house.kinds() == ["reserve", "refund"]
    assert house.query("SELECT kind FROM log_messages") == [("review_closed",)]


async def test_a_picture_shown_to_moderators_again_takes_the_earlier_one_away(
    house: House,
) -> None:
    await everyone_is_reviewed(house)
    house.pika.behaviour.refuse_at_submit = "insufficient_balance"
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "takes no orders from this bot now")
        (earlier,) = questions(board(house))
    house.pika.behaviour.refuse_at_submit = None
    # Longer than Discord brings the first message back for.
    house.pass_time(minutes=10)
    async with house.bot():
        await house.told(interaction.original, "Waiting for a moderator")
        await house.discord.wait_for(lambda: len(board(house).messages) == 3)
        assert earlier.deleted
        await press(house, "helper", "Approve", questions(board(house))[-1])
        await house.settled()
    assert pictures(list(board(house).messages.values())) == []


async def test_a_cancel_while_the_picture_is_shown_to_moderators_takes_it_away(
    house: House,
) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        house.discord.faults.add(Fault("discord.create_message", "hold"))
        interaction = await house.animate()
        await house.discord.faults.wait_taken("discord.create_message")
        assert "I cancelled" in await clips(house, "cancel", job="1")
        await house.told(interaction.original, CANCELLED)
        house.discord.faults.release("discord.create_message")
        (picture,) = await house.discord.wait_for(lambda: list(board(house).messages.values()))
        await house.discord.wait_for(lambda: picture.deleted)
        await house.settled()
    assert house.pika.paid_submits == 0
    assert house.kinds() == ["reserve", "refund"]


async def test_a_cancel_while_the_picture_is_shown_takes_it_off(house: House) -> None:
    async with house.bot():
        house.discord.faults.add(Fault(EDIT, "hold"))
        interaction = await house.animate()
        await house.discord.faults.wait_taken(EDIT)
        assert "I cancelled" in await clips(house, "cancel", job="1")
        house.discord.faults.release(EDIT)
        await house.told(interaction.original, CANCELLED)
        await house.settled()
        await house.discord.wait_for(lambda: any(it.attachments for it in revisions(interaction)))
    assert status(interaction).attachments == ()
    assert house.pika.paid_submits == 0
