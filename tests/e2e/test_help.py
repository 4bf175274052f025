"""`/help` and `/about`, as members read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot import __version__
from bot.base import Limit
from cogs.texts.markdown import CONTENT_LIMIT
from cogs.texts.providers import PROVIDER_TEXTS
from pika import PROVIDERS
from tests.decided import decide
from tests.house import open_house

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Message
    from playground.pika import WireName
    from tests.house import House


async def helped(house: House, command: str = "help") -> Message:
    """What a member reads, and nobody else."""
    message = await house.ask(house.mia, command)
    assert message not in house.discord.visible(house.clips, house.member("moderator"))
    assert len(message.content) < CONTENT_LIMIT, "cut"
    return message


async def test_help_says_the_steps_the_costs_and_the_rules(house: House) -> None:
    async with house.bot():
        text = (await helped(house)).content
        for words in (
            "1. Type `/animate`",
            "You pay nothing",
            "720p, 5 s for $0.20 · 720p, 10 s for ",
            "1080p, 10 s for ",
            "Your limit: 5 clips a day.",
            "- In every channel.",
            "- Clips of up to 1080p and 10 seconds.",
            "- At most 5 clips of yours in the making at a time.",
            "- This server blocks no words.",
            "- Clips are shown at once.",
            "`/about`",
        ):
            assert words in text
        assert "⛔" not in text
        assert "age-restricted" not in text


async def test_help_follows_what_moderators_decide(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("$1 a week")
    helper, moderator = house.member("helper"), house.member("moderator")
    await decide(
        house,
        highest_resolution="720p",
        longest_duration=5,
        member_at_once=1,
        review="newcomers",
        review_channel_id=house.clips.id,
        age_restricted="never",
    )
    async with house.bot():
        await house.ask(helper, "clips words add", words="poodle")
        await house.ask(moderator, "clips channels allow", channel=house.clips)
        await house.ask(helper, "clips block", who=house.mia, reason="spam")
        text = (await helped(house)).content
        for words in (
            "⛔ The moderators have blocked you from making clips here: spam",
            "Your limit: $1.00 a week.",
            f"- Only in <#{house.clips.id}>.",
            "- No age-restricted channels.",
            "- Clips of up to 720p and 5 seconds.",
            "- At most 1 clip of yours in the making at a time.",
            "- Some words are not allowed in prompts.",
            "- A moderator looks at clips of members who are new, for 7 days",
        ):
            assert words in text
        assert "720p, 5 s for $0.20\n" in text
        assert "1080p" not in text
        # Which words, would help those who want to get around them.
        assert "poodle" not in text
    await decide(house, review="everyone", review_channel_id=house.clips.id)
    house.mia.user.locale = "de"
    async with house.bot():
        german = (await helped(house)).content
        assert "Die Moderation sieht sich jeden Clip an" in german
        assert "You pay" not in german


async def test_about_without_the_owners_words(house: House) -> None:
    async with house.bot():
        message = await helped(house, "about")
    text = message.content
    assert [it.filename for it in message.attachments] == ["PRIVACY.md", "TERMS.md"]
    for words in (
        f"animate-bot {__version__}",
        "Clips are made by Pika 2.5, through Pika's own service.",
        "has not said how to reach them",
        "Pictures are deleted when they are needed no more, and your words a day after",
        "https://pika.art/terms-of-service",
        "https://pika.art/acceptable-use-policy",
    ):
        assert words in text
    assert "Privacy policy" not in text
    assert "source" not in text


async def test_about_with_the_owners_words(tmp_path: Path) -> None:
    own: dict[str, Any] = {
        "owner_contact": "Mia, mia@example.org",
        "privacy_url": "https://example.org/privacy",
        "terms_url": "https://example.org/terms",
        "source_url": "https://example.org/source",
        "retention_days": 30,
    }
    async with open_house(tmp_path, "fal") as house:
        house.overrides |= own
        async with house.bot():
            message = await helped(house, "about")
    text = message.content
    for words in (
        "Clips are made by Pika 2.2, through [fal.ai](https://fal.ai).",
        "Mia, mia@example.org",
        "Privacy policy: https://example.org/privacy",
        "Terms of this bot: https://example.org/terms",
        "The source of this bot: https://example.org/source",
        "Pictures and your words are deleted 30 days after their clip has ended.",
        "So do those of [fal.ai](https://fal.ai).",
    ):
        assert words in text
    assert "has not said" not in text
    assert not message.attachments


@pytest.mark.parametrize("wire", PROVIDERS)
def test_each_provider_says_through_whom_pictures_go(wire: WireName) -> None:
    assert wire in PROVIDER_TEXTS
