"""What `/animate` suggests while a member types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playground.discord import Channel, Member
    from tests.house import House


async def suggested(
    house: House,
    focused: str,
    typed: object = "",
    member: Member | None = None,
    channel: Channel | None = None,
) -> list[dict[str, Any]]:
    asked = await house.discord.autocomplete(
        member or house.mia, channel or house.clips, "animate", {focused: typed}, focused
    )
    assert asked.choices is not None
    return list(asked.choices)


async def clip(house: House, prompt: str, seed: int, member: Member | None = None) -> None:
    asked = await house.animate(member, prompt=prompt, seed=seed)
    await house.told(asked.original, "<@")
    await house.delivered(asked)


async def test_own_prompts_and_seeds_are_suggested_and_nobody_elses(house: House) -> None:
    there = house.add_managed_guild(house.mia.user)
    noah = house.member("noah")
    async with house.bot():
        assert await suggested(house, "prompt") == []
        await clip(house, "Waves roll in", 7)
        await clip(house, "the moon", 8)
        await clip(house, "Waves roll in", 9)
        await clip(house, "", 10)
        await clip(house, "x" * 101, 11)
        await clip(house, "noah's secret", 12, noah)
        await house.settled()
        # The newest first, each once; what Discord could not take as a choice is left out.
        names = [it["name"] for it in await suggested(house, "prompt")]
        assert names == ["Waves roll in", "the moon"]
        assert [it["value"] for it in await suggested(house, "prompt", "WAVES")] == [names[0]]
        assert await suggested(house, "prompt", "secret") == []
        assert [it["value"] for it in await suggested(house, "prompt", "", noah)] == [
            "noah's secret"
        ]
        elsewhere = there.members[house.mia.id]
        assert await suggested(house, "prompt", "", elsewhere, there.channel("general")) == []

        seeds = await suggested(house, "seed")
        assert [it["value"] for it in seeds] == [11, 10, 9, 8, 7]
        assert [it["name"] for it in seeds[1:]] == [
            "10",
            "9 · Waves roll in",
            "8 · the moon",
            "7 · Waves roll in",
        ]
        assert len(seeds[0]["name"]) == 100
        assert [it["value"] for it in await suggested(house, "seed", "moon")] == [8]
        assert [it["value"] for it in await suggested(house, "seed", "9")] == [9]


async def test_what_was_refused_is_not_suggested_again(house: House) -> None:
    helper = house.member("helper")
    async with house.bot():
        house.pika.behaviour.outcome = "content_moderation"
        refused = await house.animate(prompt="a fight", seed=1)
        await house.told(refused.original, "content rules")
        house.pika.behaviour.outcome = "completed"
        await clip(house, "removed later", 2)
        await clip(house, "still fine", 3)
        await house.settled()
        house.pika.behaviour.render_seconds = 60
        cancelled = await house.animate(prompt="stopped", seed=4)
        await house.told(cancelled.original, "Rendering")
        assert len(await suggested(house, "prompt")) == 3
        await house.ask(helper, "clips cancel", job="4")
        house.pika.behaviour.render_seconds = 0
        await house.told(cancelled.original, "A moderator cancelled")
        await house.ask(helper, "clips remove", clip="2")
        await house.settled()
        assert [it["name"] for it in await suggested(house, "prompt")] == ["still fine"]
        assert [it["value"] for it in await suggested(house, "seed")] == [3]


async def test_nothing_is_suggested_where_the_server_is_closed(house: House) -> None:
    async with house.bot():
        await clip(house, "waves", 7)
        await house.settled()
    house.overrides["allowed_guilds"] = frozenset({1})
    async with house.bot():
        assert await suggested(house, "prompt") == []
