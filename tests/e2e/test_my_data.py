"""`/mydata`: what is kept about a member, given to them or deleted."""

from __future__ import annotations

import asyncio
import io
import json
import math
import zipfile
from typing import TYPE_CHECKING, Any

from playground.faults import Fault
from tests.decided import decide
from tests.e2e.buttons_play import private, shown
from tests.e2e.quota_play import button_ids
from tests.e2e.test_clip_reports import report
from tests.e2e.test_notices import UNTOLD, log_channel
from tests.reviewing import everyone_is_reviewed, press
from tests.reviewing import waiting as waits_for_review

if TYPE_CHECKING:
    from playground.discord import Interaction, Member, Message
    from tests.house import House

SECRET = "a heron named Gwendolyn"


def noah(house: House) -> Member:
    return house.member("noah")


async def clip(house: House, member: Member | None = None, **options: Any) -> Interaction:
    options.setdefault("prompt", SECRET)
    interaction = await house.animate(member or noah(house), **options)
    await house.delivered(interaction)
    return interaction


async def export(house: House, member: Member) -> tuple[str, dict[str, Any], list[str]]:
    """What is said, what is in the JSON, and the names of the pictures and stills."""
    message = await house.ask(member, "mydata export")
    (attached,) = message.attachments
    assert attached.filename == "my-data.zip"
    with zipfile.ZipFile(io.BytesIO(attached.data)) as archive:
        data = json.loads(archive.read("data.json"))
        return message.content, data, [it for it in archive.namelist() if it != "data.json"]


async def moderate(house: House, command: str, **options: Any) -> None:
    await house.ask(house.member("moderator"), command, **options)


async def question(house: House) -> tuple[Message, str]:
    message = await house.ask(noah(house), "mydata delete")
    (button,) = button_ids(message, "mydata:")
    return message, button


def tables_with(house: House, text: str) -> list[str]:
    """Where in the database a text is."""
    names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return [it for (it,) in house.query(names) if text in repr(house.query(f"SELECT * FROM {it}"))]


async def test_a_member_gets_what_is_kept_and_nobody_elses(house: House) -> None:
    house.overrides["retention_days"] = 30
    async with house.bot():
        posted = (await clip(house)).original
        assert posted is not None
        await clip(house, prompt=f"{SECRET}, again")
        await clip(house, house.member("helper"), prompt="somebody else's words")
        said, data, files = await export(house, noah(house))
        assert "in every server where you used me: 2 clips." in said
        jobs = data["jobs"]
        assert [it["options_json"]["prompt"] for it in jobs] == [SECRET, f"{SECRET}, again"]
        place = f"{house.discord.world.guild.id}/{house.clips.id}/{posted.id}"
        assert jobs[0]["link"] == f"https://discord.com/channels/{place}"
        assert [it["kind"] for it in data["ledger"]] == ["reserve", "settle"] * 2
        # One file, which both clips were made of, and one that both look like.
        assert files == [f"{kind}/clip-{jobs[0]['id']}.jpg" for kind in ("pictures", "stills")]
        written = json.dumps(data)
        assert "somebody else" not in written
        assert str(house.member("helper").id) not in written
        assert not {"token", "idempotency_key", "actor_id"} & {*jobs[0], *data["ledger"][0]}

        house.discord.advertised_upload_limit = 4096 + 4096
        said, data, left = await export(house, noah(house))
        assert f"pictures or stills of these clips are not in it: #{jobs[0]['id']}\n" in f"{said}\n"
        assert (data["left_out"], left) == (files, [])


async def test_stills_of_own_clips_that_were_shown_are_given(house: House) -> None:
    house.overrides["retention_days"] = 30
    async with house.bot():
        posted = (await clip(house)).original
        assert posted is not None
        await everyone_is_reviewed(house)
        await waits_for_review(house, noah(house), prompt=SECRET)
        ((name,),) = house.query("SELECT DISTINCT poster_file FROM jobs")
        kept = house.picture(name)
        message = await house.ask(noah(house), "mydata export")
        with zipfile.ZipFile(io.BytesIO(message.attachments[0].data)) as archive:
            assert archive.read("stills/clip-1.jpg") == kept
        # The one in review looks the same, so that it is given only where the first is not.
        await moderate(house, "clips remove", clip="1", refund=False)
        _, data, files = await export(house, noah(house))
        assert [it["poster_file"] for it in data["jobs"]] == [None, name]
        assert files == ["pictures/clip-1.jpg"]


async def test_deleting_leaves_sums_limits_and_blocks_alone(house: House) -> None:
    house.overrides["retention_days"] = 30
    noah_id = noah(house).id
    async with house.bot():
        await moderate(house, "clips words add", words="basilisk")
        await house.refused(await house.animate(noah(house), prompt="basilisk"), "does not allow")
        await clip(house)
        await clip(house)
        await moderate(house, "clips block", who=noah(house), reason="rude")
        await house.settled()
        message, button = await question(house)
        assert "in every server where you used me?" in message.content
        assert "This is about 2 clips." in message.content
        books = house.query("SELECT * FROM ledger"), house.query("SELECT * FROM member_totals")
    house.pika.faults.add(Fault("pika.delete", "reply", status=503, times=2))
    async with house.bot():
        # After a restart, and twice at once.
        presses = [house.discord.press(noah(house), message, button) for _ in range(2)]
        await asyncio.gather(*presses)
        await house.told(message, "What I kept about you is deleted, in every server.")
        assert "no limit begins anew" in message.content
        assert not message.components
        assert tables_with(house, SECRET) == []
        assert house.query("SELECT * FROM word_hits") == []
        assert books == (
            house.query("SELECT * FROM ledger"),
            house.query("SELECT * FROM member_totals"),
        )
        assert house.query("SELECT member_id, reason FROM blocks") == [(noah_id, "rude")]
        await house.swept()
        # What Pika did not delete at first is asked for again.
        await house.discord.wait_for(lambda: all(it.erased for it in house.pika.jobs.values()))
        await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM provider_erasures)")
        own = await house.ask(noah(house), "my-clips")
        assert "You have no clips here yet" in str(own.components)
        usage = await house.ask(noah(house), "usage")
        assert "3 of 5 clips left today" in usage.content
        assert "blocked" in usage.content
        _, data, _ = await export(house, noah(house))
        assert [it["options_json"] for it in data["jobs"]] == [
            {"resolution": "720p", "duration": 5}
        ] * 2
        assert [it["reason"] for it in data["blocks"]] == ["rude"]
        # What reads the emptied rows takes no harm.
        await moderate(house, "clips unblock", who=noah(house))
        await clip(house, prompt="anew")
        moderator = house.member("moderator")
        tried = await house.ask(moderator, "clips remove", clip="1", refund=True)
        assert "I no longer know where that clip is" in tried.content


async def test_clips_in_the_making_are_deleted_when_they_have_ended(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waits_for_review(house, noah(house), prompt=SECRET)
        house.pika.behaviour.render_seconds = math.inf
        rendering = await house.animate(noah(house), prompt=SECRET)
        await house.told(rendering.original, "Rendering")
        message, button = await question(house)
        await house.discord.press(noah(house), message, button)
        said = await house.told(message, "is deleted, in every server.")
        assert "2 clips of yours are still being made" in said
        assert tables_with(house, SECRET) == ["jobs"]
    async with house.bot():
        await press(house, "helper", "Approve")
        await house.until("SELECT 1 FROM jobs WHERE interaction_id < 0 AND state = 'delivered'")
        house.pika.behaviour.render_seconds = 0
        await moderate(house, "clips cancel", job="2")
        await house.settled()
        await house.until("SELECT 1 FROM jobs WHERE interaction_id < 0 AND state = 'notified'")
        assert tables_with(house, SECRET) == []
        assert house.kinds().count("reserve") == 2
        # A minute later nothing is left but the books, and in two months nobody's name is in them.
        house.pass_time(minutes=16)
        await house.until("SELECT 1 FROM erasures WHERE done")
        house.pass_time(days=63)
        await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM erasures)")
        assert tables_with(house, str(noah(house).id)) == ["audit"]


async def test_reports_lose_their_words_with_either_of_the_two(house: House) -> None:
    there, helper, words = log_channel(house), house.member("helper"), f"she wrote: {SECRET}"
    await decide(house, log_channel_id=there.id)
    closed = Fault("discord.create_message", "reply", status=503, times=None)
    async with house.bot():
        hers, theirs = await shown(house), await shown(house, noah(house), prompt=SECRET)
        # They wait, for Discord takes nothing.
        house.discord.faults.add(closed)
        forms = [
            await report(house, it, by)
            for it, by in ((hers, noah(house)), (theirs, house.mia), (theirs, helper))
        ]
        for form in forms:
            await house.discord.submit_modal(form, {"reason": words})
        await house.until("SELECT 1 FROM log_messages WHERE id = 3")
        _, given, _ = await export(house, noah(house))
        assert [it["data_json"]["reason"] for it in given["log_messages"]] == [words]
        assert str(helper.id) not in json.dumps(given)
        assert "log_messages" in tables_with(house, words)
        message, button = await question(house)
        await house.discord.press(noah(house), message, button)
        await house.told(message, "is deleted, in every server.")
        assert "log_messages" not in tables_with(house, words)
        house.discord.faults.clear(closed.operation)
        await house.until(f"SELECT 1 WHERE NOT EXISTS ({UNTOLD})")
        told = [it.content for it in there.messages.values()]
        assert len([it for it in told if f"reports a clip of <@{noah(house).id}>.**" in it]) == 2
        assert len([it for it in told if f"reports a clip of <@{house.mia.id}>.**" in it]) == 1
        # Still no second time, and in two months nobody's name is in them.
        again = await house.discord.submit_modal(forms[0], {"reason": words})
        assert "reported this clip already" in (await private(house, again)).content
        house.pass_time(minutes=16)
        await house.until("SELECT 1 FROM erasures WHERE done")
        house.pass_time(days=63)
        await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM erasures)")
        assert "log_messages" not in tables_with(house, str(noah(house).id))


async def test_nobody_confirms_for_another(house: House) -> None:
    async with house.bot():
        await clip(house)
        message, button = await question(house)
        message.viewer = None
        pressed = await house.discord.press(house.mia, message, button)
        await house.refused(pressed, "Only who asked for this may confirm it.")
        assert tables_with(house, SECRET) == ["jobs"]
