"""A refusal offers what fits as buttons, and the buttons make it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.base import Limit
from bot.media.picture_decoder import PictureDecoder

if TYPE_CHECKING:
    import pytest

    from bot.media.still import Still
    from playground.discord import Interaction, Member, Message
    from tests.house import House


def labels(message: Message) -> list[str]:
    return [one["label"] for row in message.components for one in row["components"]]


def custom_id(message: Message, label: str) -> str:
    found = [one for row in message.components for one in row["components"]]
    return next(str(one["custom_id"]) for one in found if one["label"].startswith(label))


async def budget(house: House, amount: float) -> None:
    moderator = house.member("moderator")
    await house.ask(moderator, "quota budget", amount=amount, unit="usd", window="month")


async def refused(house: House, member: Member | None = None) -> Message:
    """The refusal of the dearest clip there is."""
    asked = await house.animate(member, resolution="1080p", duration=10, prompt="waves")
    await house.told(asked.original, "this server's budget")
    assert asked.original is not None
    return asked.original


async def press(house: House, message: Message, label: str) -> Interaction:
    return await house.discord.press(house.mia, message, custom_id(message, label))


async def test_a_refusal_offers_what_fits_and_the_button_makes_it(house: House) -> None:
    async with house.bot():
        await budget(house, 0.45)
        refusal = await refused(house)
        assert "This clip would cost $0.60" in refusal.content
        assert "only $0.45 left" in refusal.content
        assert labels(refusal) == [
            "1080p, 5 s for $0.45",
            "720p, 10 s for $0.40",
            "720p, 5 s for $0.20",
        ]
        clip = await house.delivered(await press(house, refusal, "720p, 10 s"))
        await house.settled()
        assert "720p · 10 s" in clip.content
        assert "waves" in clip.content
    assert house.paid() == (1, 400_000)


async def test_where_nothing_fits_nothing_is_offered(house: House) -> None:
    async with house.bot():
        await budget(house, 0.19)
        refusal = await refused(house)
        assert labels(refusal) == []
        assert "fits" not in refusal.content


async def test_pressed_twice_it_makes_one_clip(house: House) -> None:
    async with house.bot():
        await budget(house, 0.45)
        refusal = await refused(house)
        pressed = await asyncio.gather(*(press(house, refusal, "720p, 5 s") for _ in range(2)))
        await house.discord.wait_for(lambda: any("offer is over" in told(one) for one in pressed))
        later = await press(house, refusal, "720p, 10 s")
        await house.told(later.original, "offer is over")
        await house.settled()
        assert sum("AI-generated" in told(one) for one in pressed) == 1
    assert house.paid() == (1, 200_000)


def told(interaction: Interaction) -> str:
    said = [interaction.original, *interaction.followups]
    return "\n".join(it.content for it in said if it is not None)


async def test_somebody_elses_offer_is_not_taken(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        await budget(house, 0.45)
        refusal = await refused(house)
        # As one is that Discord did not let be private.
        refusal.viewer = None
        pressed = await house.discord.press(noah, refusal, custom_id(refusal, "720p, 5 s"))
        await house.told(pressed.original, "over or not yours")
        assert pressed.original is not None
        assert pressed.original.viewer is noah.user
        await house.delivered(await press(house, refusal, "720p, 5 s"))
        await house.settled()
    assert house.query("SELECT member_id FROM jobs") == [(house.mia.id,)]


async def test_an_offer_outlives_a_restart_and_then_its_hour(house: House) -> None:
    async with house.bot():
        await budget(house, 0.45)
        refusal = await refused(house)
    async with house.bot():
        await house.delivered(await press(house, refusal, "720p, 5 s"))
        await house.settled()
        refusal = await refused(house)
        assert labels(refusal) == ["720p, 5 s for $0.20"]
        house.pass_time(minutes=61)
        late = await press(house, refusal, "720p, 5 s")
        await house.told(late.original, "offer is over")
    assert house.paid() == (1, 200_000)


async def test_an_offer_that_fits_no_more_is_refused_with_what_does(house: House) -> None:
    async with house.bot():
        await budget(house, 0.45)
        refusal = await refused(house)
        await house.delivered(await house.animate(house.member("noah")))
        await house.settled()
        again = await press(house, refusal, "1080p, 5 s")
        assert again.original is not None
        await house.told(again.original, "only $0.25 left")
        assert labels(again.original) == ["720p, 5 s for $0.20"]
        await house.delivered(await press(house, again.original, "720p, 5 s"))
        await house.settled()
    assert house.paid() == (2, 400_000)


async def test_who_loses_the_race_for_a_budget_is_offered_what_is_left(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were let through before either was decided: one is refused after all."""
    both = asyncio.Barrier(2)
    decode = PictureDecoder.decode

    async def decode_together(*args: Any) -> Still:
        await both.wait()
        return await decode(*args)

    monkeypatch.setattr(PictureDecoder, "decode", decode_together)
    size: dict[str, Any] = {"resolution": "1080p", "duration": 10}
    async with house.bot():
        await budget(house, 0.85)
        asked = await asyncio.gather(
            house.animate(**size), house.animate(house.member("noah"), **size)
        )
        await house.discord.wait_for(
            lambda: any("this server's budget" in told(it) for it in asked)
        )
        (loser,) = (it for it in asked if "this server's budget" in told(it))
        (winner,) = (it for it in asked if it is not loser)
        await house.delivered(winner)
        refusal = await house.refused(loser, "this server's budget")
        assert labels(refusal) == ["720p, 5 s for $0.20"]
        monkeypatch.undo()
        pressed = await house.discord.press(loser.member, refusal, custom_id(refusal, "720p"))
        await house.delivered(pressed)
        await house.settled()
    assert house.paid() == (2, 800_000)


async def test_a_members_own_limit_offers_too_and_grants_count(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("$0.20 a day")
    moderator = house.member("moderator")
    async with house.bot():
        await house.ask(moderator, "quota grant", who=house.mia, amount=0.2, unit="usd")
        asked = await house.animate(resolution="1080p", duration=10)
        text = await house.told(asked.original, "$0.20 granted")
        assert "the limit of $0.20 a day for everyone" in text
        assert asked.original is not None
        assert labels(asked.original) == ["720p, 10 s for $0.40", "720p, 5 s for $0.20"]
        await house.delivered(await press(house, asked.original, "720p, 10 s"))
        await house.settled()
    assert house.query("SELECT sum(member_micro_usd), sum(grant_micro_usd) FROM ledger") == [
        (200_000, 0)
    ]
