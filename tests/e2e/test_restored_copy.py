"""Yesterday's copy of the database, put back: nothing is paid twice or shown twice."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import PICTURE_FOLDER, Limit, Timeouts, write_picture
from bot.media.picture_decoder import PictureDecoder
from bot.media.pictures import decode_picture
from playground.discord import Permission
from tests.contracts import discord_violations
from tests.copies import Copies, asked_and_copied, copied_in, said
from tests.decided import decide
from tests.house import House, open_house, photo
from tests.orders import order_violations

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from bot.media.still import Still
    from playground.pika import WireName

STATES = ["queued", "submitting", "rendering", "rendered"]
HOURS = Timeouts.RESUBMIT_AGE.total_seconds() / 3600


@pytest.fixture
def copies(house: House, tmp_path: Path) -> Copies:
    return Copies(house, tmp_path / "copy.sqlite3")


@pytest.fixture(params=["pika", "fal"])
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House, None]:
    wire: WireName = request.param
    async with open_house(tmp_path / "data", wire) as house:
        yield house
    if "CONTRACTS_DIR" in os.environ:
        assert discord_violations(house.discord.exchanges) == []
        assert order_violations(house.pika.exchanges) == []


@pytest.mark.parametrize(
    ("state", "clips"), [*((state, "kept") for state in STATES), ("rendered", "emptied")]
)
async def test_a_clip_shown_since_the_copy_is_neither_paid_nor_shown_again(
    wired: House, tmp_path: Path, state: str, clips: str
) -> None:
    copies = Copies(wired, tmp_path / "copy.sqlite3")
    interaction = await asked_and_copied(wired, copies, state)
    if clips == "emptied":
        shutil.rmtree(wired.data_dir / "clips")
    assert interaction.original
    before, edits = said(wired), len(interaction.original.revisions)
    wired.pass_time(hours=HOURS * 2)
    async with wired.bot():
        await wired.settled()
        await wired.until("SELECT 1 FROM jobs WHERE picture_file IS NULL")
        await wired.swept()
    assert wired.pika.paid_submits == 1
    assert said(wired) == before
    assert len(interaction.original.revisions) == edits
    assert wired.kinds() == ["reserve", "settle"]
    assert wired.spent() == wired.paid() == (1, 200_000)
    assert wired.query("SELECT state, message_id FROM jobs") == [
        ("delivered", interaction.original.id)
    ]
    assert wired.pictures() == []


async def test_a_clip_withheld_since_the_copy_is_not_posted(house: House, copies: Copies) -> None:
    async with house.bot():
        interaction = await copied_in(house, copies, "rendering")
        assert interaction.original
        house.discord.delete_message(interaction.original)
        await house.settled()
    copies.put_back()
    house.pass_time(hours=HOURS * 2)
    async with house.bot():
        await house.settled()
    assert interaction.original.deleted
    alone = house.told_alone(interaction.original)
    assert [it.content for it in house.clips.messages.values() if not it.deleted] == alone
    assert house.query("SELECT state, failure FROM jobs") == [("notified", "message_deleted")]
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert house.paid() == (1, 200_000)


@pytest.mark.parametrize("state", ["queued", "submitting", "rendering"])
async def test_a_failure_told_since_the_copy_is_not_told_again(
    wired: House, tmp_path: Path, state: str
) -> None:
    copies = Copies(wired, tmp_path / "copy.sqlite3")
    wired.pika.behaviour.outcome = "content_moderation"
    async with wired.bot():
        interaction = await copied_in(wired, copies, state)
        await wired.told(interaction.original, "content rules")
        await wired.settled()
        # With its picture, the next bot calls off a clip whose message is gone.
        await wired.swept()
    copies.put_back()
    assert interaction.original
    before, edits = said(wired), len(interaction.original.revisions)
    wired.pass_time(hours=1)
    async with wired.bot():
        await wired.settled()
    assert wired.pika.paid_submits == 1
    assert said(wired) == before
    assert len(interaction.original.revisions) == edits
    # With its ticket Pika is asked; without one the chat alone says no more than that it ended.
    known = state == "rendering"
    # On fal its list of requests may have said so by now.
    kinds = [kind for kind in wired.kinds() if kind != "correction"]
    assert kinds == ["reserve", *(["refund"] if known else ["settle", "credit"])]


@pytest.mark.parametrize(
    ("state", "picture"), [("queued", "gone"), ("queued", "kept"), ("submitting", "gone")]
)
async def test_where_discord_cannot_tell_the_key_does(
    house: House, copies: Copies, state: str, picture: str
) -> None:
    """A queued job's picture is gone or, uploaded again, another body under the key it had."""
    interaction = await asked_and_copied(house, copies, state)
    if picture == "kept":
        name = write_picture(house.data_dir / PICTURE_FOLDER, decode_picture(photo()).data)
        assert house.query("SELECT picture_file FROM jobs") == [(name,)]
    house.discord.remove_bot_permissions(house.clips, Permission.READ_MESSAGE_HISTORY)
    async with house.bot():
        await house.settled()
    assert house.pika.paid_submits == 1
    assert interaction.original
    content = "".join([interaction.original.content, *house.told_alone(interaction.original)])
    if state == "submitting":
        assert house.kinds() == ["reserve", "settle"]
        assert "AI-generated" in content
    else:
        assert house.kinds() == ["reserve", "settle", "credit"]
        assert "connection to Pika broke" in content
        assert "only this server goes on counting it" in content
        assert house.query("SELECT kind FROM log_messages WHERE guild_id <> 0") == [
            ("may_be_billed",)
        ]


async def test_where_neither_discord_nor_a_key_can_tell_nothing_is_sent(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", "fal") as house:
        copies = Copies(house, tmp_path / "copy.sqlite3")
        interaction = await asked_and_copied(house, copies, "queued")
        house.discord.remove_bot_permissions(house.clips, Permission.READ_MESSAGE_HISTORY)
        async with house.bot():
            await house.told(interaction.original, "connection to Pika broke")
            await house.settled()
        assert house.pika.paid_submits == 1
        assert house.kinds() == ["reserve", "settle", "credit"]


@pytest.mark.parametrize("state", ["queued", "rendering"])
async def test_a_clip_that_was_ordered_since_the_copy_and_is_not_shown_yet(
    wired: House, tmp_path: Path, state: str
) -> None:
    copies = Copies(wired, tmp_path / "copy.sqlite3")
    async with wired.bot():
        interaction = await copied_in(wired, copies, state)
        await wired.told(interaction.original, "ent to Pika")
    copies.put_back()
    async with wired.bot():
        await wired.settled()
    assert wired.pika.paid_submits == 1
    assert interaction.original
    if state == "queued":
        assert wired.kinds() == ["reserve", "settle", "credit"]
        await_told = wired.told_alone(interaction.original)
        assert "connection to Pika broke" in await_told[-1]
    else:
        assert wired.kinds() == ["reserve", "settle"]
        assert interaction.original.attachments


async def test_a_request_answered_since_the_copy_is_not_apologised_for(
    house: House, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = PictureDecoder.decode

    async def copied(*args: Any) -> Still:
        copies.take()
        return await take(*args)

    async with house.bot():
        monkeypatch.setattr(PictureDecoder, "decode", copied)
        interaction = await house.animate()
        await house.delivered(interaction)
        await house.settled()
    copies.put_back()
    assert len(house.query("SELECT * FROM unanswered_interactions")) == 1
    before = said(house)
    async with house.bot():
        assert house.query("SELECT * FROM unanswered_interactions") == []
    assert said(house) == before
    assert interaction.original
    assert "AI-generated" in interaction.original.content


async def test_limits_hold_by_what_the_copy_knows_and_the_owner_reads_of_it(
    house: House, copies: Copies, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    house.stay_in_one_month_for(hours=3)
    house.overrides["default_limit"] = Limit.parse("3 clips a month")
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        held = await copied_in(house, copies, "rendering")
        await house.delivered(held)
        await house.delivered(await house.animate())
        await house.settled()
    copies.put_back()
    house.pass_time(hours=2)
    caplog.clear()
    async with house.bot():
        await house.settled()
        assert house.spent() == (2, 400_000)
        await house.delivered(await house.animate())
        refused = await house.animate()
        await house.told(refused.original, "nothing left")
        await house.settled()
    found = [r.getMessage() for r in caplog.records if r.name == "bot.startup_check"]
    assert any("2 hours ago. If this is a copy that was put back" in line for line in found)
    assert "clips in the making: 1 rendering." in found
    assert house.spent() == (3, 600_000)
    assert house.pika.paid_submits == 4


@pytest.mark.parametrize("label", ["Approve", "Refuse and refund"])
async def test_a_verdict_since_the_copy_is_not_asked_for_again(
    house: House, copies: Copies, label: str
) -> None:
    """The clip waited for a moderator when the copy was made."""
    review = house.discord.world.guild.channel("mod-review")
    await decide(house, review="everyone", review_channel_id=review.id)
    async with house.bot():
        interaction = await house.animate(prompt="a kite")
        await house.told(interaction.original, "Waiting for a moderator")
        await house.until("SELECT 1 FROM reviews")
        copies.take()
        (question,) = review.messages.values()
        found = [one for row in question.components for one in row["components"]]
        pressed = next(str(one["custom_id"]) for one in found if one["label"] == label)
        await house.discord.press(house.member("moderator"), question, pressed)
        await house.settled()
    kinds = house.kinds()
    copies.put_back()
    before, asked = said(house), len(review.messages)
    house.pass_time(hours=HOURS * 2)
    async with house.bot():
        await house.settled()
    assert said(house) == before
    assert len(review.messages) == asked
    assert house.kinds() == kinds
    assert house.pika.paid_submits == 1
    assert interaction.original
    assert bool(interaction.original.attachments) is (label == "Approve")
