"""What moderators see of who made a clip and of what; pictures that they refuse from then on."""

from __future__ import annotations

import asyncio
import io
import random
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw, ImageOps

from playground.discord import ClientRefusal, Upload
from tests.e2e.clips_play import audit, clips, morgan, on_message, read
from tests.e2e.test_rights_of_channels import let_manage
from tests.reviewing import answer, asked, board, everyone_is_reviewed, press, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.discord import Interaction, Member, Message
    from tests.house import House

REFUSED = "The moderators do not allow this picture here, or one very like it."
NO_PICTURE = "Its picture is not kept any more"


def drawing(number: int) -> Image.Image:
    """One of many pictures that have little in common."""
    dice = random.Random(number)
    image = Image.new("RGB", (480, 320), (dice.randrange(256), 90, 160))
    pen = ImageDraw.Draw(image)
    for _ in range(14):
        x, y, r = dice.randrange(480), dice.randrange(320), dice.randrange(20, 110)
        colour = dice.randrange(256), dice.randrange(256), dice.randrange(256)
        pen.ellipse((x - r, y - r / 2, x + r, y + r / 2), fill=colour)
    return image


def upload(image: Image.Image, kind: str = "PNG", **save: Any) -> Upload:
    out = io.BytesIO()
    image.save(out, kind, **save)
    return Upload(f"photo.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")


async def shown(house: House, number: int = 1, member: Member | None = None) -> Message:
    message = await house.delivered(await house.animate(member, image=upload(drawing(number))))
    await house.settled()
    return message


async def asks(house: House, picture: Upload, member: str = "noah") -> Interaction:
    return await house.animate(house.member(member), image=picture)


def attached(interaction: Interaction) -> list[str]:
    message = interaction.original
    assert message is not None
    return [it.filename for it in message.attachments]


async def test_who_made_it_shows_the_picture_until_its_time_is_over(house: House) -> None:
    house.overrides["retention_days"] = 2
    async with house.bot():
        message = await shown(house)
        who = await on_message(house, "Who made this?", message)
        told = await read(house, who)
        ((reference, name),) = house.query("SELECT reference, picture_file FROM jobs")
        assert attached(who) == [f"SPOILER_picture-1-{reference}.jpg"]
        assert who.original
        assert who.original.attachments[0].data == house.picture(name)
        assert NO_PICTURE not in told
        await clips(house, "remove", clip="1")
        after = await house.ask(morgan(house), "clips who", clip="1")
        assert "removed" in after.content
        assert [it.data for it in after.attachments] == [house.picture(name)]
        await shown(house)
        assert house.query("SELECT picture_file FROM jobs") == [(name,), (name,)]
    house.execute("UPDATE jobs SET ended_at = ended_at - 172800000 WHERE id = 1")
    async with house.bot():
        await house.until("SELECT 1 FROM jobs WHERE id = 1 AND picture_file IS NULL")
        assert NO_PICTURE in await clips(house, "who", clip="1")
        assert name in house.pictures(), "shared by a clip whose time is not over"
    house.execute("UPDATE jobs SET ended_at = ended_at - 172800000 WHERE id = 2")
    async with house.bot():
        await house.swept()


async def test_who_made_it_counts_what_was_before(house: House) -> None:
    async with house.bot():
        for number in range(2):
            await shown(house, number)
        await clips(house, "remove", clip="1")
        house.pika.behaviour.outcome = "content_moderation"
        refused = await house.animate()
        await house.told(refused.original, "content rules")
        await house.settled()
        house.pika.behaviour.outcome = "completed"
        await shown(house, 3, house.member("noah"))
        message = await shown(house, 4)
        told = await read(house, await on_message(house, "Who made this?", message))
        assert (
            "Earlier clips here: 2 clips shown (1 removed by moderators), "
            "1 refused by Pika's content rules"
        ) in told
        house.discord.remove_member(house.mia)
        told = await clips(house, "who", clip="5")
        assert "not in this server any more" in told


async def test_the_question_shows_picture_and_history(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house, image=upload(drawing(1)))
        await press(house, "moderator", "Refuse and refund")
        await house.settled()
        await house.swept()
        first = await asked(house)
        interaction = await house.animate(image=upload(drawing(2)))
        await house.discord.wait_for(lambda: len(board(house).messages) > 1)
        question = await asked(house)
        assert question is not first
        video, picture = question.attachments
        assert video.filename == "animate-2.mp4"
        (name,) = house.pictures()
        assert picture.data == house.picture(name)
        assert "Account made <t:" in question.content
        assert "Earlier clips here: 0 clips shown, 1 refused in review" in question.content
        await press(house, "moderator", "Approve", question)
        await house.delivered(interaction)
        await house.settled()
        assert question.attachments == ()
        await house.swept()


NEAR_COPIES: dict[str, Callable[[Image.Image], Upload]] = {
    "the same": upload,
    "poor": lambda it: upload(it, "JPEG", quality=25),
    "small": lambda it: upload(it.resize((150, 100)), "WEBP"),
    "mirrored": lambda it: upload(ImageOps.mirror(it)),
    "grey": lambda it: upload(it.convert("L")),
    "cropped": lambda it: upload(it.crop((20, 12, 460, 308))),
    "cropped by a tenth": lambda it: upload(it.crop((48, 32, 432, 288))),
    "without its left": lambda it: upload(it.crop((48, 0, 480, 320))),
    "upside down": lambda it: upload(ImageOps.flip(it)),
    "turned": lambda it: upload(it.transpose(Image.Transpose.ROTATE_90)),
    "turned back and small": lambda it: upload(it.rotate(-90, expand=True).resize((160, 240))),
    "turned, mirrored and cropped": lambda it: upload(
        it.transpose(Image.Transpose.TRANSVERSE).crop((12, 20, 308, 460))
    ),
}


async def test_a_remembered_picture_and_near_copies_are_refused_until_it_is_forgotten(
    house: House,
) -> None:
    async with house.bot():
        message = await shown(house)
        form = await on_message(house, "Remove clip", message)
        values = {"refund": "no", "remember": "yes", "reason": "not ours"}
        told = await read(house, await house.discord.submit_modal(form, values))
        assert "Its picture is refused from now on" in told
        before = house.kinds()
        for name, copy in NEAR_COPIES.items():
            refused = await house.refused(await asks(house, copy(drawing(1))), REFUSED)
            assert "Nothing was charged." in refused.content, name
    async with house.bot():
        await house.refused(await asks(house, upload(drawing(1)), "mia"), REFUSED)
        assert house.kinds() == before
        assert house.query("SELECT count(*) FROM jobs") == [(1,)]
        assert house.pictures() == []
        for number in (2, 3):
            await shown(house, number, house.member("noah"))
        listed = await clips(house, "pictures list")
        assert f"clip **#1** of <@{house.mia.id}>, by <@{morgan(house).id}> <t:" in listed
        again = f"; sent again {len(NEAR_COPIES) + 1} times, last by <@{house.mia.id}> <t:"
        assert again in listed
        typed = await house.discord.autocomplete(
            morgan(house), house.clips, "clips pictures forget", {"clip": ""}, "clip"
        )
        assert typed.choices == [{"name": "#1 · Mia", "value": "1"}]
        assert "not refused any more" in await clips(house, "pictures forget", clip="1")
        assert "is not refused." in await clips(house, "pictures forget", clip="1")
        assert "No picture is refused here" in await clips(house, "pictures list")
        await shown(house, 1, house.member("noah"))
    assert [deed[:3] for deed in audit(house)] == [
        ("remove", "job", 1),
        ("pictures", "job", 1),
        ("pictures", "job", 1),
    ]


async def test_pictures_are_refused_also_of_clips_that_were_never_shown(house: House) -> None:
    async with house.bot():
        house.pika.behaviour.outcome = "content_moderation"
        failed = await asks(house, upload(drawing(1)))
        await house.told(failed.original, "content rules")
        await house.settled()
        assert "refused from now on" in await clips(house, "pictures refuse", clip="1")
        assert "refused from now on" in await clips(house, "pictures refuse", clip="1")
        await house.refused(await asks(house, upload(drawing(1))), REFUSED)
    assert [deed[:3] for deed in audit(house)] == [("pictures", "job", 1)]


async def test_the_list_has_pages(house: House) -> None:
    async with house.bot():
        for number in range(16):
            await shown(
                house, number, house.member(("mia", "noah", "helper", "moderator")[number % 4])
            )
            await clips(house, "pictures refuse", clip=str(number + 1))
        page = await house.ask(morgan(house), "clips pictures list")
        assert "16 refused pictures" in page.content
        assert "#1**" not in page.content
        await house.discord.press(morgan(house), page, "pictures:1")
        await house.told(page, "clip **#1** of")


@pytest.mark.parametrize("colour", ["white", (200, 30, 90)])
async def test_a_plain_picture_is_not_remembered_and_its_clip_stays(
    house: House, colour: str | tuple[int, int, int]
) -> None:
    plain = upload(Image.new("RGB", (400, 300), colour))
    async with house.bot():
        message = await house.delivered(await asks(house, plain))
        await house.settled()
        told = await clips(house, "remove", clip="1", remember=True)
        assert "cannot tell the picture of that clip from others" in told
        assert not message.deleted
        assert audit(house) == []
        assert "cannot tell" in await clips(house, "pictures refuse", clip="1")


async def test_of_one_channel_they_neither_remember_nor_look_elsewhere(house: House) -> None:
    house.overrides["retention_days"] = 1
    noah = let_manage(house.clips, house.member("noah"))
    general = house.discord.world.guild.channel("general")
    async with house.bot():
        message = await shown(house)
        there = await house.delivered(await house.animate(channel=general))
        await house.settled()
        told = await house.ask(noah, "clips remove", clip="1", remember=True)
        assert "in this channel alone" in told.content
        assert not message.deleted
        elsewhere = await house.ask(noah, "clips who", clip=str(there.id))
        assert "That clip is in another channel" in elsewhere.content
        assert elsewhere.attachments == ()
        assert len((await house.ask(noah, "clips who", clip="1")).attachments) == 1
        form = await on_message(house, "Remove clip", message, noah)
        with pytest.raises(ClientRefusal):
            await house.discord.submit_modal(form, {"refund": "no", "remember": "yes"})
        # A form that was opened with the right is sent in without it.
        form = await on_message(house, "Remove clip", message, house.member("helper"))
        house.discord.set_roles(house.member("helper"), [])
        let_manage(house.clips, house.member("helper"))
        sent = await house.discord.submit_modal(form, {"refund": "no", "remember": "yes"})
        assert "in this channel alone" in await answer(house, sent)
        assert not message.deleted
    assert house.query("SELECT * FROM remembered_pictures") == audit(house) == []


async def test_a_helper_does_not_forget_the_picture_of_their_own_clip(house: House) -> None:
    helper = house.member("helper")
    async with house.bot():
        await shown(house, 1, helper)
        await clips(house, "remove", clip="1", remember=True)
        told = await house.ask(helper, "clips pictures forget", clip="1")
        assert "your own clip" in told.content
        await house.refused(await asks(house, upload(drawing(1)), "helper"), REFUSED)


async def test_two_who_remove_it_at_once_do_it_once(house: House) -> None:
    async with house.bot():
        await shown(house)
        options: dict[str, Any] = {"clip": "1", "remember": True, "refund": True}
        both = await asyncio.gather(
            *(
                house.ask(house.member(it), "clips remove", **options)
                for it in ("moderator", "helper")
            )
        )
        direct = house.discord.world.direct_channel(house.mia.user)
        assert len(direct.messages) == 1
    assert sum("I removed clip" in it.content for it in both) == 1
    assert sum("removed already" in it.content for it in both) == 1
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert len(audit(house)) == 2


async def test_closed_direct_messages_are_told_and_usage_has_the_reason(house: House) -> None:
    house.mia.user.takes_direct_messages = False
    async with house.bot():
        await shown(house)
        told = await clips(house, "remove", clip="1", reason="too wild")
        assert "Their direct messages are closed to me" in told
        usage = await house.ask(house.mia, "usage")
        assert "A moderator removed your clip in" in usage.content
        assert ": too wild." in usage.content
        house.pass_time(days=2)
        usage = await house.ask(house.mia, "usage")
        assert "removed your clip" not in usage.content


async def test_who_removes_their_own_clip_is_not_told_of_it(house: House) -> None:
    async with house.bot():
        await shown(house, 1, morgan(house))
        told = await clips(house, "remove", clip="1")
        assert "direct message" not in told
        assert "removed your clip" not in (await house.ask(morgan(house), "usage")).content
