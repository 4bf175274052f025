"""Few requests are decided at once, and whoever is refused is refused in private."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.media import picture_decoder
from bot.requests import open_requests
from playground.discord import Upload
from playground.faults import Fault

if TYPE_CHECKING:
    import pytest
    from aiohttp import web

    from playground.discord import Interaction
    from tests.house import House

LOOKING = "still looking at what you sent before"
MANY = "Very many people ask at this moment"
REFUSED = {"code": 50001, "message": "Missing Access"}
NO_PICTURE = Upload("photo.jpg", b"no picture at all", "image/jpeg")


async def test_a_member_has_two_open_requests_at_most(house: House) -> None:
    house.discord.faults.add(Fault("discord.cdn", "hold", times=2))
    async with house.bot():
        asked = [await house.animate() for _ in range(2)]
        await house.discord.faults.wait_taken("discord.cdn", 2)
        third = await house.animate()
        await house.refused(third, LOOKING)
        others = await house.animate(house.member("noah"))
        house.discord.faults.release("discord.cdn")
        for interaction in (*asked, others):
            await house.delivered(interaction)
        # The slots are free again.
        await house.delivered(await house.animate())
        await house.settled()
    assert house.query("SELECT count(*) FROM jobs") == [(4,)]


async def test_an_open_request_ends_when_it_is_refused(house: House) -> None:
    async with house.bot():
        for _ in range(open_requests.MEMBER_AT_ONCE + 1):
            await house.refused(await house.animate(image=NO_PICTURE), "not a picture I can read")
    assert house.query("SELECT * FROM unanswered_interactions") == []


async def test_of_a_crowd_the_rest_is_refused_at_once_and_in_private(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_requests, "PROCESS_AT_ONCE", 3)
    house.discord.faults.add(Fault("discord.cdn", "hold", times=3))
    members = [house.discord.add_member(f"member{n}") for n in range(12)]
    async with house.bot():
        asked = await asyncio.gather(*(house.animate(member) for member in members))
        # While the pictures of three are still being fetched.
        await house.discord.wait_for(lambda: sum(map(is_refused, asked)) == len(members) - 3)
        house.discord.faults.release("discord.cdn")
        for interaction in asked:
            if is_refused(interaction):
                await house.refused(interaction, MANY)
            else:
                await house.delivered(interaction)
        await house.settled()
    public = [it for it in house.clips.messages.values() if it.viewer is None and not it.deleted]
    assert not [it for it in public if MANY in it.content]
    assert house.query("SELECT count(*) FROM jobs") == [(3,)]


async def test_who_waits_when_clips_are_paused_is_refused_before_anything_is_fetched(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve, fetched, answering = house.discord.cdn.serve, asyncio.Semaphore(0), asyncio.Event()

    async def serve_late(request: web.Request) -> web.StreamResponse:
        fetched.release()
        await answering.wait()
        return await serve(request)

    monkeypatch.setattr(house.discord.cdn, "serve", serve_late)
    async with house.bot():
        asked = [await house.animate(house.discord.add_member(f"member{n}")) for n in range(5)]
        for _ in range(picture_decoder.AT_ONCE):
            await fetched.acquire()
        await house.ask(house.member("moderator"), "clips pause", reason="too many")
        answering.set()
        for interaction in asked:
            await house.refused(interaction, "The moderators have paused new clips here")
    assert fetched.locked(), "a picture was fetched for nothing"
    assert house.query("SELECT * FROM jobs") == []


def is_refused(interaction: Interaction) -> bool:
    assert interaction.original is not None
    return any(MANY in it.content for it in (interaction.original, *interaction.followups))


async def test_a_refusal_after_the_acknowledgement_leaves_nothing_in_the_channel(
    house: House,
) -> None:
    async with house.bot():
        asked = await house.animate(image=NO_PICTURE)
        refusal = await house.refused(asked, "not a picture I can read")
        # To its member alone, whom no mention need call.
        assert "<@" not in refusal.content
    assert asked.original is not None
    assert asked.original.deleted
    assert not any("not a picture" in it.content for it in asked.original.revisions)


async def test_a_refusal_that_cannot_be_private_says_only_that_it_is_one(house: House) -> None:
    house.discord.faults.add(Fault("discord.followup", "reply", status=403, body=REFUSED))
    async with house.bot():
        asked = await house.animate(image=NO_PICTURE)
        said = await house.told(asked.original, "I did not accept that")
        assert f"<@{house.mia.id}>" in said
        assert "picture" not in said
    assert house.query("SELECT * FROM unanswered_interactions") == []


async def test_an_acknowledgement_that_stays_says_nothing_of_anybody(house: House) -> None:
    gone = Fault("discord.delete_original", "reply", status=403, body=REFUSED)
    house.discord.faults.add(gone)
    async with house.bot():
        asked = await house.animate(image=NO_PICTURE)
        await house.discord.faults.wait_taken("discord.delete_original")
        assert len(asked.followups) == 1
        assert asked.original is not None
        assert "whoever asked has been told why" in asked.original.content
        assert "mia" not in asked.original.content
        await house.all_answered()
