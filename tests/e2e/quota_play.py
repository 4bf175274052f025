"""What the stories of `/quota` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playground.discord import Member, Message
    from tests.house import House


async def quota(house: House, command: str, **options: Any) -> str:
    """What the moderator reads, after pressing the button of a question about everyone."""
    moderator = house.member("moderator")
    message = await house.ask(moderator, f"quota {command}", **options)
    return await confirmed(house, moderator, message)


async def confirmed(house: House, member: Member, message: Message) -> str:
    """Press the button of a question about everyone, if there is one; what is read then."""
    pressable = button_ids(message, "limit:")
    if pressable:
        await house.discord.press(member, message, pressable[0])
        await house.discord.wait_for(lambda: not message.components)
    return message.content


def button_ids(message: Message, prefix: str) -> list[str]:
    """The custom ids of the buttons of a kind that can be pressed."""
    found = [button for row in message.components for button in row.get("components", ())]
    return [
        it["custom_id"]
        for it in found
        if it["custom_id"].startswith(prefix) and not it.get("disabled")
    ]
