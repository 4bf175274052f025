"""`/clips words automod`: the server's own rules, which Discord does not hold against bots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.discord import Permission
from playground.faults import Fault

if TYPE_CHECKING:
    import pytest

    from playground.discord import Role
    from tests.house import House

REFUSED = "does not allow"


def grant(house: House) -> Role:
    """Give the bot *Manage Server*, as a moderator does by a role."""
    guild = house.discord.world.guild
    role = house.discord.add_role("Filter")
    house.discord.set_role_permissions(role, Permission.MANAGE_GUILD, guild)
    house.discord.set_roles(guild.members[house.discord.world.bot.id], [role])
    return role


async def automod(house: House, **options: Any) -> str:
    moderator = house.member("moderator")
    return (await house.ask(moderator, "clips words automod", **options)).content


def rule(house: House, name: str = "Rude words", **changes: Any) -> dict[str, Any]:
    return house.discord.add_automod_rule(name, **changes)


def words(*keywords: str, allowed: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {"keyword_filter": [*keywords], "allow_list": [*allowed], **more}


async def refused(house: House, **options: Any) -> str:
    return await house.told((await house.animate(**options)).original, REFUSED)


def held(house: House) -> list[Any]:
    return [row for (row,) in house.query("SELECT rules_json FROM automod_rules")]


async def test_without_the_right_the_command_says_what_to_grant(house: House) -> None:
    rule(house, trigger_metadata=words("rude"))
    async with house.bot():
        told = await automod(house, rules="on")
        assert "**Manage Server**" in told
        assert "Server Settings → Roles" in told
        assert "do not hold for prompts here" in await automod(house)
        await house.delivered(await house.animate(prompt="a rude dog"))
    assert held(house) == []


async def test_rules_hold_once_switched_on_and_no_longer_once_off(house: House) -> None:
    grant(house)
    rule(house, trigger_metadata=words("rude", "ug*", "*ass*", allowed=("grass*", "rude boy")))
    patterns = [r"gr[ae]y\s+(?:cat|dog)", r"(?<=a)b", r"\p{Greek}{3}"]
    rule(house, "Patterns", trigger_metadata={"regex_patterns": patterns})
    async with house.bot():
        await house.delivered(await house.animate(prompt="a rude dog"))
        told = await automod(house, rules="on")
        assert "**2 AutoMod rules** held" in told
        assert "“Rude words”: 3 keywords, 0 patterns, 2 on its allow list" in told
        assert "“Patterns”: 0 keywords, 2 patterns" in told
        assert "which I cannot search for" in told
        for prompt in ("RUDE!", "an ugly dog", "a classy dog", "two grey  dogs", "αβγ"):
            await refused(house, prompt=prompt)
        sentence = await refused(house, prompt="a dog", negative_prompt="rude")
        assert "Nothing was charged" in sentence
        tested = await house.ask(house.member("helper"), "clips words test", text="so rude")
        assert "**Refused**: it breaks the AutoMod rule “Rude words”" in tested.content
        await house.delivered(await house.animate(prompt="crude grassland, rude boy, a shug"))
        assert "not hold for prompts any more" in await automod(house, rules="off")
        await house.delivered(await house.animate(prompt="a rude dog"))
        log = await house.ask(house.member("moderator"), "clips audit")
        assert "AutoMod holds for prompts" in str(log.components)
        assert "AutoMod holds no longer for prompts" in str(log.components)
    moderator = house.member("moderator").id
    audit = house.query("SELECT actor_id, action, before_json, after_json FROM audit ORDER BY id")
    assert audit == [
        (moderator, "words", '{"automod": false}', '{"automod": true}'),
        (moderator, "words", '{"automod": true}', '{"automod": false}'),
    ]


async def test_exempt_roles_and_channels_are_exempt(house: House) -> None:
    grant(house)
    guild = house.discord.world.guild
    vip, general = str(guild.role("VIP").id), str(guild.channel("general").id)
    rule(house, trigger_metadata=words("rude"), exempt_roles=[vip], exempt_channels=[general])
    async with house.bot():
        assert "with 2 exemptions" in await automod(house, rules="on")
        await refused(house, prompt="rude")
        await house.delivered(await house.animate(house.member("vera"), prompt="rude"))
        channel = guild.channel("general")
        await house.delivered(await house.animate(prompt="rude", channel=channel))


async def test_what_is_not_held_is_said(house: House) -> None:
    grant(house)
    alert = [{"type": 2, "metadata": {"channel_id": str(house.clips.id)}}]
    rule(house, "Alerts", trigger_metadata=words("rude"), actions=alert)
    rule(house, "Off", trigger_metadata=words("rude"), enabled=False)
    listed = house.discord.world.guild.automod_rules
    preset = rule(house, "Slurs", trigger_type=4)
    preset["trigger_metadata"] = {"presets": [1, 3], "allow_list": ["rude"]}
    async with house.bot():
        told = await automod(house, rules="on")
        assert "no rule here with words or patterns of its own" in told
        assert "**not** held: “Alerts”" in told
        assert "**not** held: “Slurs”" in told
        assert "Off" not in told
        assert "Discord does not tell me the words of its own lists" in told
        await house.delivered(await house.animate(prompt="rude"))
        assert len(listed) == 3


async def test_changes_are_heard_of_and_the_last_rules_hold_without_the_right(
    house: House,
) -> None:
    role = grant(house)
    async with house.bot():
        await automod(house, rules="on")
        await house.delivered(await house.animate(prompt="rude"))
        added = rule(house, trigger_metadata=words("rude"))
        await house.discord.wait_for(lambda: "rude" in held(house)[0])
        await refused(house, prompt="rude")
        house.discord.delete_automod_rule(added)
        await house.discord.wait_for(lambda: "rude" not in held(house)[0])
        await house.delivered(await house.animate(prompt="rude"))
    # While the bot is away, no event reaches it.
    rule(house, trigger_metadata=words("rude"))
    async with house.bot():
        await house.discord.wait_for(lambda: "rude" in held(house)[0])
        await refused(house, prompt="rude")
        guild = house.discord.world.guild
        house.discord.set_role_permissions(role, Permission.VIEW_CHANNEL, guild)
        assert "by the rules that I read last" in await automod(house)
    async with house.bot():
        await refused(house, prompt="rude")


async def test_rules_are_read_again_now_and_then(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(house)
    monkeypatch.setattr("bot.moderation.automod_refresher.REFRESH_SECONDS", 0.05)
    async with house.bot():
        await automod(house, rules="on")
        refusal = {"code": 50013, "message": "Missing Permissions"}
        house.discord.faults.add(Fault("discord.automod", "reply", status=403, body=refusal))
        await house.discord.faults.wait_taken("discord.automod")
        added = rule(house, trigger_metadata=words("rude"))
        # As if the event had been lost.
        added["trigger_metadata"]["keyword_filter"] = ["other"]
        await house.discord.wait_for(lambda: "other" in held(house)[0])


async def test_only_who_manages_the_server_may(house: House) -> None:
    grant(house)
    async with house.bot():
        told = await house.ask(house.member("helper"), "clips words automod", rules="on")
        assert "Manage Server" in told.content
    assert held(house) == []
