"""What the stories of the buttons under a clip share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playground.discord import Interaction, Member, Message
    from tests.house import House


def labels(message: Message) -> list[str]:
    return [one["label"] for row in message.components for one in row["components"]]


async def press(
    house: House, message: Message | None, label: str, member: Member | None = None
) -> Interaction:
    """Press a button by its label, once it is there."""
    assert message is not None
    await house.discord.wait_for(lambda: label in labels(message))
    found = [one for row in message.components for one in row["components"]]
    custom_id = next(str(one["custom_id"]) for one in found if one["label"] == label)
    return await house.discord.press(member or house.mia, message, custom_id)


async def shown(house: House, member: Member | None = None, **options: Any) -> Message:
    """A clip at the end of its life."""
    message = await house.delivered(await house.animate(member, **options))
    await house.settled()
    return message


async def private(house: House, pressed: Interaction) -> Message:
    """The answer to a press, which its presser alone sees, once it is there."""
    message = pressed.original
    assert message is not None, "no answer"
    await house.discord.wait_for(lambda: not message.loading)
    assert message.viewer is pressed.member.user
    return message
