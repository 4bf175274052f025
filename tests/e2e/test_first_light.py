from __future__ import annotations

import io
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from tests.house import House


async def test_a_picture_becomes_a_delivered_video(house: House) -> None:
    async with house.bot():
        interaction = await house.animate(prompt="the *sun* rises, hi @everyone", seed=7)
        message = await house.delivered(interaction)
        await house.settled()
    contents = [revision.content for revision in message.revisions]
    for content, words in zip(contents, ("", "Accepted", "Rendering", "AI-generated"), strict=True):
        assert words in content
    with av.open(io.BytesIO(message.attachments[0].data)) as video:
        assert video.streams.video[0].codec_context.name == "h264"
    assert house.kinds() == ["reserve", "settle"]
    assert house.spent() == (1, 200_000)
    assert [note.user.username for note in house.discord.notifications] == ["mia"]
    assert house.discord.unknown_routes == []
