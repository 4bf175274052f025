"""Many at once: limits hold exactly, and everybody is answered.

How soon is measured by the benchmark `crowd`.
"""

from __future__ import annotations

import asyncio
import io
import os
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.base import Limit
from bot.requests import open_requests
from playground.discord import Upload

if TYPE_CHECKING:
    from playground.discord import Interaction
    from tests.house import House

PHOTO_BYTES = 8_000_000

pytestmark = pytest.mark.usefixtures("patient_discord")


@pytest.fixture(scope="module")
def big_photo() -> Upload:
    """A picture of at least 8 MB: 15 megapixels of noise."""
    side = (4800, 3200)
    noise = Image.frombytes("RGB", side, os.urandom(side[0] * side[1] * 3))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=70)
    data = out.getvalue()
    assert len(data) >= PHOTO_BYTES
    return Upload("holiday.jpg", data, "image/jpeg")


async def test_fifty_at_once_with_three_left_are_three(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_requests, "MEMBER_AT_ONCE", 50)
    monkeypatch.setattr(open_requests, "PROCESS_AT_ONCE", 50)
    house.overrides["default_limit"] = Limit.parse("3 clips a day")
    async with house.bot():
        asked = await asyncio.gather(*(house.animate() for _ in range(50)))
        decided = await asyncio.gather(*(decision(house, one) for one in asked))
        await house.settled()
    assert decided.count("accepted") == 3
    assert decided.count("refused") == 47
    assert house.pika.paid_submits == 3
    assert house.spent() == (3, 600_000)


async def decision(house: House, interaction: Interaction) -> str:
    message = interaction.original
    assert message is not None
    await house.discord.wait_for(lambda: bool(message.content), 60)
    if any("Accepted" in revision.content for revision in message.revisions):
        return "accepted"
    refusal = await house.refused(interaction, "nothing left")
    assert "3 clips a day" in refusal.content
    assert "renews <t:" in refusal.content
    return "refused"


async def test_a_crowd_with_big_photos_is_served(house: House, big_photo: Upload) -> None:
    """More than are decoded, and more than are rendered, at once."""
    house.overrides["renders_at_once"] = 4
    members = [house.discord.add_member(f"member{n}") for n in range(6)]
    async with house.bot():
        asked = await asyncio.gather(
            *(house.animate(member, image=big_photo) for member in members)
        )
        assert not [one for one in asked if one.failed]
        await asyncio.gather(*(house.delivered(one, 60) for one in asked))
        await house.settled()
    assert house.spent()[0] == 6
